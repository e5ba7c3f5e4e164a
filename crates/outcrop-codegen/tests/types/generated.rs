//! The bodies of the format as types.
#![allow(clippy::large_enum_variant, unused_imports)]
use ::outcrop_runtime::json::*;
/// `Request` of the format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request<'a> {
    /// Required text.
    pub model: Str<'a>,
    /// The member `count`.
    pub count: Option<i64>,
    /// The member `share`.
    pub share: Option<Num<'a>>,
    /// The member `quiet`.
    pub quiet: Option<bool>,
    /// The member `note`.
    pub note: Option<Str<'a>>,
    /// Kept byte for byte.
    pub any: Option<Json<'a>>,
    /// The member `names`.
    pub names: Option<List<'a, Str<'a>>>,
    /// The member `stops`.
    pub stops: Option<List<'a, Str<'a>>>,
    /// The member `labels`.
    pub labels: Option<Map<'a, Str<'a>>>,
    /// The member `choice`.
    pub choice: Option<Choice<'a>>,
    /// The member `body`.
    pub body: Option<Body<'a>>,
    /// The member `one`.
    pub one: Option<List<'a, RequestOne<'a>>>,
    /// The member `maybe`.
    pub maybe: Option<List<'a, RequestMaybe<'a>>>,
    /// The member `reason`.
    pub reason: Option<Reason<'a>>,
    /// The member `size`.
    pub size: Option<Size>,
    /// The member `next`.
    pub next: Option<Link<'a>>,
    /// The member `parts`.
    pub parts: Option<List<'a, Part<'a>>>,
    /// The member `tools`.
    pub tools: Option<List<'a, Tool<'a>>>,
    /// The member `piece`.
    pub piece: Option<Piece<'a>>,
    /// A keyword that cannot be raw.
    pub self_: Option<Str<'a>>,
    /// A keyword.
    pub r#type: Option<Str<'a>>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for Request<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut model = None;
        let mut count = None;
        let mut share = None;
        let mut quiet = None;
        let mut note = None;
        let mut any = None;
        let mut names = None;
        let mut stops = None;
        let mut labels = None;
        let mut choice = None;
        let mut body = None;
        let mut one = None;
        let mut maybe = None;
        let mut reason = None;
        let mut size = None;
        let mut next_ = None;
        let mut parts = None;
        let mut tools = None;
        let mut piece = None;
        let mut self_ = None;
        let mut r#type = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "model" => member::set(&mut model, c),
                "count" => member::set(&mut count, c),
                "share" => member::set(&mut share, c),
                "quiet" => member::set_nullable(&mut quiet, c),
                "note" => member::set_nullable(&mut note, c),
                "any" => member::set(&mut any, c),
                "names" => member::set(&mut names, c),
                "stops" | "stop" => member::set_with(&mut stops, c, member::one_or_list),
                "labels" => member::set(&mut labels, c),
                "choice" => member::set(&mut choice, c),
                "body" => member::set(&mut body, c),
                "one" => member::set(&mut one, c),
                "maybe" => member::set(&mut maybe, c),
                "reason" => member::set(&mut reason, c),
                "size" => member::set(&mut size, c),
                "next" => member::set(&mut next_, c),
                "parts" => member::set(&mut parts, c),
                "tools" => member::set(&mut tools, c),
                "piece" => member::set(&mut piece, c),
                "self" => member::set(&mut self_, c),
                "type" => member::set(&mut r#type, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            model: member::required(
                model,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "model",
                    unsaid: false,
                },
            )?,
            count,
            share,
            quiet: quiet.flatten(),
            note: member::required(
                note,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "note",
                    unsaid: false,
                },
            )?,
            any,
            names,
            stops,
            labels,
            choice,
            body,
            one,
            maybe,
            reason,
            size,
            next: next_,
            parts,
            tools,
            piece,
            self_,
            r#type,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"model\":");
        self.model.write(out);
        if let Some(value) = &self.count {
            out.extend_from_slice(b",\"count\":");
            value.write(out);
        }
        if let Some(value) = &self.share {
            out.extend_from_slice(b",\"share\":");
            value.write(out);
        }
        if let Some(value) = &self.quiet {
            out.extend_from_slice(b",\"quiet\":");
            value.write(out);
        }
        out.extend_from_slice(b",\"note\":");
        match &self.note {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
        if let Some(value) = &self.any {
            out.extend_from_slice(b",\"any\":");
            value.write(out);
        }
        if let Some(value) = &self.names {
            out.extend_from_slice(b",\"names\":");
            value.write(out);
        }
        if let Some(value) = &self.stops {
            out.extend_from_slice(b",\"stops\":");
            value.write(out);
        }
        if let Some(value) = &self.labels {
            out.extend_from_slice(b",\"labels\":");
            value.write(out);
        }
        if let Some(value) = &self.choice {
            out.extend_from_slice(b",\"choice\":");
            value.write(out);
        }
        if let Some(value) = &self.body {
            out.extend_from_slice(b",\"body\":");
            value.write(out);
        }
        if let Some(value) = &self.one {
            out.extend_from_slice(b",\"one\":");
            value.write(out);
        }
        if let Some(value) = &self.maybe {
            out.extend_from_slice(b",\"maybe\":");
            value.write(out);
        }
        if let Some(value) = &self.reason {
            out.extend_from_slice(b",\"reason\":");
            value.write(out);
        }
        if let Some(value) = &self.size {
            out.extend_from_slice(b",\"size\":");
            value.write(out);
        }
        if let Some(value) = &self.next {
            out.extend_from_slice(b",\"next\":");
            value.write(out);
        }
        if let Some(value) = &self.parts {
            out.extend_from_slice(b",\"parts\":");
            value.write(out);
        }
        if let Some(value) = &self.tools {
            out.extend_from_slice(b",\"tools\":");
            value.write(out);
        }
        if let Some(value) = &self.piece {
            out.extend_from_slice(b",\"piece\":");
            value.write(out);
        }
        if let Some(value) = &self.self_ {
            out.extend_from_slice(b",\"self\":");
            value.write(out);
        }
        if let Some(value) = &self.r#type {
            out.extend_from_slice(b",\"type\":");
            value.write(out);
        }
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// Contains itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Link<'a> {
    /// The member `value`.
    pub value: i64,
    /// The member `next`.
    pub next: Option<One<'a, Link<'a>>>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for Link<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut value = None;
        let mut next_ = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "value" => member::set(&mut value, c),
                "next" => member::set(&mut next_, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            value: member::required(
                value,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "value",
                    unsaid: false,
                },
            )?,
            next: next_,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"value\":");
        self.value.write(out);
        if let Some(value) = &self.next {
            out.extend_from_slice(b",\"next\":");
            value.write(out);
        }
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `tool` of `Choice`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChoiceTool<'a> {
    /// The member `name`.
    pub name: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for ChoiceTool<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut name = None;
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "type" => member::tag(&mut tagged, c),
                "name" => member::set(&mut name, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            name: member::required(
                name,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "name",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"tool\",\"name\":");
        self.name.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Choice` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice<'a> {
    /// `tool`.
    Tool(ChoiceTool<'a>),
    /// The bare string `none`.
    None,
    /// The bare string `any`.
    Any,
    /// A value that the format does not list, kept whole.
    Unknown(Json<'a>),
}
impl<'a> Value<'a> for Choice<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        if c.peek()? == b'"' {
            let start = c.mark();
            return match c.plain_str()? {
                "none" => Ok(Self::None),
                "any" => Ok(Self::Any),
                _ => {
                    c.rewind(start);
                    c.json().map(Self::Unknown)
                }
            };
        }
        match member::find_tag(c, "type")? {
            Some("tool") => Value::parse(c).map(Self::Tool),
            _ => c.json().map(Self::Unknown),
        }
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Tool(value) => value.write(out),
            Self::None => out.extend_from_slice(b"\"none\""),
            Self::Any => out.extend_from_slice(b"\"any\""),
            Self::Unknown(value) => value.write(out),
        }
    }
}
/// `Body` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'a> {
    /// A bare text.
    Text(Str<'a>),
    /// Elements.
    List(List<'a, Block<'a>>),
}
impl<'a> Value<'a> for Body<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        if c.peek()? == b'"' {
            c.str().map(Self::Text)
        } else {
            member::one_or_list(c).map(Self::List)
        }
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => text.write(out),
            Self::List(list) => list.write(out),
        }
    }
}
/// `text` of `Block`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockText<'a> {
    /// The member `text`.
    pub text: Str<'a>,
    /// The member `mark`.
    pub mark: Option<MarkType<'a>>,
    /// The member `schema`.
    pub schema: Option<Json<'a>>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for BlockText<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut text = None;
        let mut mark = None;
        let mut schema = None;
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "type" => member::tag(&mut tagged, c),
                "text" => member::set(&mut text, c),
                "mark" => member::set_nullable(&mut mark, c),
                "schema" => member::set(&mut schema, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            text: member::required(
                text,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "text",
                    unsaid: false,
                },
            )?,
            mark: mark.flatten(),
            schema,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
        self.text.write(out);
        if let Some(value) = &self.mark {
            out.extend_from_slice(b",\"mark\":");
            value.write(out);
        }
        if let Some(value) = &self.schema {
            out.extend_from_slice(b",\"schema\":");
            value.write(out);
        }
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `image` of `Block`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockImage<'a> {
    /// The member `url`.
    pub url: Str<'a>,
    /// The member `width`.
    pub width: Option<i64>,
    /// The member `mark`.
    pub mark: Option<MarkType<'a>>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for BlockImage<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut url = None;
        let mut width = None;
        let mut mark = None;
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "type" => member::tag(&mut tagged, c),
                "url" => member::set(&mut url, c),
                "width" => member::set(&mut width, c),
                "mark" => member::set_nullable(&mut mark, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            url: member::required(
                url,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "url",
                    unsaid: false,
                },
            )?,
            width,
            mark: mark.flatten(),
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"image\",\"url\":");
        self.url.write(out);
        if let Some(value) = &self.width {
            out.extend_from_slice(b",\"width\":");
            value.write(out);
        }
        if let Some(value) = &self.mark {
            out.extend_from_slice(b",\"mark\":");
            value.write(out);
        }
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `pause` of `Block`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockPause<'a> {
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for BlockPause<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "type" => member::tag(&mut tagged, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self { extra: unknown.finish() })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"pause\"");
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Block` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Block<'a> {
    /// `text`.
    Text(BlockText<'a>),
    /// `image`.
    Image(BlockImage<'a>),
    /// `pause`.
    Pause(BlockPause<'a>),
    /// A value that the format does not list, kept whole.
    Unknown(Json<'a>),
}
impl<'a> Value<'a> for Block<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        match member::find_tag(c, "type")? {
            Some("text") => Value::parse(c).map(Self::Text),
            Some("image") => Value::parse(c).map(Self::Image),
            Some("pause") => Value::parse(c).map(Self::Pause),
            _ => c.json().map(Self::Unknown),
        }
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(value) => value.write(out),
            Self::Image(value) => value.write(out),
            Self::Pause(value) => value.write(out),
            Self::Unknown(value) => value.write(out),
        }
    }
}
/// `Mark` of the format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkType<'a> {
    /// The member `kind`.
    pub kind: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for MarkType<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut kind = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "kind" => member::set(&mut kind, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            kind: member::required(
                kind,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "kind",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"kind\":");
        self.kind.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `custom` of `Tool`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ToolCustom<'a> {
    /// The member `name`.
    pub name: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for ToolCustom<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut name = None;
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "kind" => member::tag(&mut tagged, c),
                "name" => member::set(&mut name, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            name: member::required(
                name,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "name",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":");
        self.name.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `builtin` of `Tool`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ToolBuiltin<'a> {
    /// The member `name`.
    pub name: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for ToolBuiltin<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut name = None;
        let mut tagged = false;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "kind" => member::tag(&mut tagged, c),
                "name" => member::set(&mut name, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            name: member::required(
                name,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "name",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"kind\":\"builtin\",\"name\":");
        self.name.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Tool` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Tool<'a> {
    /// `custom`.
    Custom(ToolCustom<'a>),
    /// `builtin`.
    Builtin(ToolBuiltin<'a>),
}
impl<'a> Value<'a> for Tool<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        match member::find_tag(c, "kind")? {
            Some("custom") | None => Value::parse(c).map(Self::Custom),
            Some("builtin") => Value::parse(c).map(Self::Builtin),
            _ => Err(c.error(&Fault::UNKNOWN_TAG)),
        }
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Custom(value) => value.write(out),
            Self::Builtin(value) => value.write(out),
        }
    }
}
/// `image` of `Part`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartImage<'a> {
    /// The member `url`.
    pub url: Str<'a>,
    /// The member `width`.
    pub width: Option<i64>,
}
impl<'a> Value<'a> for PartImage<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut url = None;
        let mut width = None;
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "url" => member::set(&mut url, c),
                "width" => member::set(&mut width, c),
                _ => c.skip(),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            url: member::required(
                url,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "url",
                    unsaid: false,
                },
            )?,
            width,
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"url\":");
        self.url.write(out);
        if let Some(value) = &self.width {
            out.extend_from_slice(b",\"width\":");
            value.write(out);
        }
        out.push(b'}');
    }
}
/// `file` of `Part`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartFile<'a> {
    /// The member `url`.
    pub url: Str<'a>,
    /// The member `name`.
    pub name: Str<'a>,
}
impl<'a> Value<'a> for PartFile<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut url = None;
        let mut name = None;
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "url" => member::set(&mut url, c),
                "name" => member::set(&mut name, c),
                _ => c.skip(),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            url: member::required(
                url,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "url",
                    unsaid: false,
                },
            )?,
            name: member::required(
                name,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "name",
                    unsaid: false,
                },
            )?,
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"url\":");
        self.url.write(out);
        out.extend_from_slice(b",\"name\":");
        self.name.write(out);
        out.push(b'}');
    }
}
/// `Part` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Part<'a> {
    /// `bare`.
    Bare(Str<'a>),
    /// `row`.
    Row(List<'a, i64>),
    /// `image`.
    Image(PartImage<'a>),
    /// `file`.
    File(PartFile<'a>),
    /// A value that the format does not list, kept whole.
    Unknown(Json<'a>),
}
impl<'a> Value<'a> for Part<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        if matches!(c.peek() ?, 34u8) {
            return Value::parse(c).map(Self::Bare);
        }
        if matches!(c.peek() ?, 91u8) {
            return Value::parse(c).map(Self::Row);
        }
        if member::has_shape(c, &["url"], &["width"])? {
            return Value::parse(c).map(Self::Image);
        }
        if member::has_shape(c, &["url", "name"], &[])? {
            return Value::parse(c).map(Self::File);
        }
        c.json().map(Self::Unknown)
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bare(value) => value.write(out),
            Self::Row(value) => value.write(out),
            Self::Image(value) => value.write(out),
            Self::File(value) => value.write(out),
            Self::Unknown(value) => value.write(out),
        }
    }
}
/// `image` of `Piece`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PieceImage<'a> {
    /// The member `url`.
    pub url: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for PieceImage<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut url = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "url" => member::set(&mut url, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            url: member::required(
                url,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "url",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"url\":");
        self.url.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// An object with one member.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// `text`.
    Text(Str<'a>),
    /// `image`.
    Image(PieceImage<'a>),
    /// `raw`.
    Raw(Json<'a>),
    /// A value that the format does not list, kept whole.
    Unknown(Json<'a>),
}
impl<'a> Value<'a> for Piece<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let start = c.mark();
        let mut arm = None;
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "text" if arm.is_none() => member::arm(&mut arm, c, Self::Text),
                "image" if arm.is_none() => member::arm(&mut arm, c, Self::Image),
                "raw" if arm.is_none() => member::arm_json(&mut arm, c, Self::Raw),
                _ => {
                    c.rewind(start);
                    return Ok(Self::Unknown(c.json()?));
                }
            };
            read?;
            next = c.next_key()?;
        }
        member::one_arm(arm, c)
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(value) => {
                out.extend_from_slice(b"{\"text\":");
                value.write(out);
                out.push(b'}');
            }
            Self::Image(value) => {
                out.extend_from_slice(b"{\"image\":");
                value.write(out);
                out.push(b'}');
            }
            Self::Raw(value) => {
                out.extend_from_slice(b"{\"raw\":");
                value.write(out);
                out.push(b'}');
            }
            Self::Unknown(value) => value.write(out),
        }
    }
}
/// `Reason` of the format.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason<'a> {
    /// `done`.
    Done,
    /// `length`.
    Length,
    /// `5 min`.
    V5Min,
    /// A word that this version does not know.
    Other(Str<'a>),
}
impl<'a> Reason<'a> {
    /// The word, if it is a known one.
    #[must_use]
    pub const fn as_known(&self) -> Option<&'static str> {
        match self {
            Self::Done => Some("done"),
            Self::Length => Some("length"),
            Self::V5Min => Some("5 min"),
            Self::Other(_) => None,
        }
    }
    /// The word as text that borrows from this value.
    #[must_use]
    pub fn to_str(&'a self) -> Str<'a> {
        match self {
            Self::Done => Str::plain("done"),
            Self::Length => Str::plain("length"),
            Self::V5Min => Str::plain("5 min"),
            Self::Other(text) => text.share(),
        }
    }
}
impl<'a> From<Str<'a>> for Reason<'a> {
    fn from(text: Str<'a>) -> Self {
        match &*text.text() {
            "done" => return Self::Done,
            "length" => return Self::Length,
            "5 min" => return Self::V5Min,
            _ => {}
        }
        Self::Other(text)
    }
}
impl<'a> From<&'a str> for Reason<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(Str::plain(text))
    }
}
impl<'a> Value<'a> for Reason<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.str().map(Self::from)
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let word: &[u8] = match self {
            Self::Done => b"\"done\"",
            Self::Length => b"\"length\"",
            Self::V5Min => b"\"5 min\"",
            Self::Other(text) => return text.write(out),
        };
        out.extend_from_slice(word);
    }
}
/// `Size` of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// `small`.
    Small,
    /// `big`.
    Big,
}
impl Size {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Big => "big",
        }
    }
}
impl<'a> Value<'a> for Size {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let start = c.mark();
        match c.plain_str()? {
            "small" => Ok(Self::Small),
            "big" => Ok(Self::Big),
            _ => {
                c.rewind(start);
                Err(c.error(&Fault::UNKNOWN_VALUE))
            }
        }
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let word: &[u8] = match self {
            Self::Small => b"\"small\"",
            Self::Big => b"\"big\"",
        };
        out.extend_from_slice(word);
    }
}
/// `start` of `Chunk`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChunkStart<'a> {
    /// The member `role`.
    pub role: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for ChunkStart<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut role = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "role" => member::set(&mut role, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            role: member::required(
                role,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "role",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"role\":");
        self.role.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Chunk` of the format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chunk<'a> {
    /// The member `start`.
    pub start: Option<ChunkStart<'a>>,
    /// The member `delta`.
    pub delta: Option<Block<'a>>,
    /// The member `ping`.
    pub ping: Option<Json<'a>>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for Chunk<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut start = None;
        let mut delta = None;
        let mut ping = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "start" => member::set(&mut start, c),
                "delta" => member::set(&mut delta, c),
                "ping" => member::set(&mut ping, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            start,
            delta,
            ping,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(value) = &self.start {
            out.extend_from_slice(b"\"start\":");
            value.write(out);
        }
        if let Some(value) = &self.delta {
            write::separator(out);
            out.extend_from_slice(b"\"delta\":");
            value.write(out);
        }
        if let Some(value) = &self.ping {
            write::separator(out);
            out.extend_from_slice(b"\"ping\":");
            value.write(out);
        }
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Request.one` of the format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestOne<'a> {
    /// The member `text`.
    pub text: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for RequestOne<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut text = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "text" => member::set(&mut text, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            text: member::required(
                text,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "text",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"text\":");
        self.text.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
/// `Request.maybe` of the format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestMaybe<'a> {
    /// The member `text`.
    pub text: Str<'a>,
    /// Members that the format does not list.
    pub extra: Extra<'a>,
}
impl<'a> Value<'a> for RequestMaybe<'a> {
    #[inline]
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut text = None;
        let mut unknown = ExtraBuilder::new(c);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key {
                "text" => member::set(&mut text, c),
                _ => unknown.take(key, c),
            };
            read?;
            next = c.next_key()?;
        }
        Ok(Self {
            text: member::required(
                text,
                c,
                &Fault {
                    code: Fault::MISSING,
                    what: "text",
                    unsaid: false,
                },
            )?,
            extra: unknown.finish(),
        })
    }
    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"text\":");
        self.text.write(out);
        self.extra.write_members(out);
        out.push(b'}');
    }
}
