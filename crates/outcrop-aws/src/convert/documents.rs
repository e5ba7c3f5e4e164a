//! Free JSON, which the SDK keeps as a tree: objects without order, numbers of 64 bits.

use std::io::Write as _;

use aws_smithy_types::{Document as SdkDocument, Number};
use outcrop_runtime::json::write;
use outcrop_runtime::tree::same_number;
use outcrop_runtime::{Code, Error, Tree};

use super::scalars::finite;
use super::{FromSdk, ToSdk, to};
use crate::types::Document;
use crate::types::owned::within;

impl ToSdk<SdkDocument> for Document {
    fn to_sdk(self) -> Result<SdkDocument, Error> {
        self.tree().to_sdk()
    }
}
/// The SDK keeps no order of members; that of the alphabet is as good as any, and always the same.
impl FromSdk<SdkDocument> for Document {
    fn from_sdk(value: SdkDocument) -> Result<Self, Error> {
        let mut json = Vec::new();
        print(&value, &mut json)?;
        // Nothing but texts, which are UTF-8, and ASCII has been written.
        Document::parse(&String::from_utf8(json).unwrap_or_default())
    }
}

/// What does not fit is refused.
impl ToSdk<SdkDocument> for Tree {
    fn to_sdk(self) -> Result<SdkDocument, Error> {
        Ok(match self {
            Tree::Null => SdkDocument::Null,
            Tree::Bool(value) => SdkDocument::Bool(value),
            Tree::Num(text) => SdkDocument::Number(number(&text)?),
            Tree::Str(text) => SdkDocument::String(text),
            Tree::Arr(list) => SdkDocument::Array(list.into_items().to_sdk()?),
            Tree::Obj(object) => {
                let member = |(name, value): (String, Tree)| to(value, &name).map(|value| (name, value));
                SdkDocument::Object(object.into_members().into_iter().map(member).collect::<Result<_, _>>()?)
            }
        })
    }
}

fn number(text: &str) -> Result<Number, Error> {
    if let Ok(n) = text.parse() {
        return Ok(Number::PosInt(n));
    }
    if let Ok(n) = text.parse() {
        return Ok(Number::NegInt(n));
    }
    let n = text.parse::<f64>().ok().filter(|n| n.is_finite() && same_number(&format!("{n:?}"), text));
    let why = || format!("the SDK keeps numbers as 64 bits, which {text} does not fit; give it fewer digits");
    n.map(Number::Float).ok_or_else(|| Error::new(Code::OutOfRange, why()))
}

fn print(value: &SdkDocument, json: &mut Vec<u8>) -> Result<(), Error> {
    let put = |json: &mut Vec<u8>, args: std::fmt::Arguments<'_>| {
        json.write_fmt(args).map_err(|e| Error::new(Code::WrongType, format!("{e}; please report it")))
    };
    match value {
        SdkDocument::Null => write::raw(json, "null"),
        SdkDocument::Bool(value) => put(json, format_args!("{value}"))?,
        SdkDocument::Number(Number::PosInt(n)) => put(json, format_args!("{n}"))?,
        SdkDocument::Number(Number::NegInt(n)) => put(json, format_args!("{n}"))?,
        SdkDocument::Number(Number::Float(n)) => put(json, format_args!("{:?}", finite(*n)?))?,
        SdkDocument::String(text) => write::string(json, text),
        SdkDocument::Array(list) => {
            json.push(b'[');
            for (i, item) in list.iter().enumerate() {
                write::separator(json);
                print(item, json).map_err(|e| within(&format!("[{i}]"), e))?;
            }
            json.push(b']');
        }
        SdkDocument::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            json.push(b'{');
            for (name, value) in members {
                write::separator(json);
                write::string(json, name);
                json.push(b':');
                print(value, json).map_err(|e| within(name, e))?;
            }
            json.push(b'}');
        }
    }
    Ok(())
}
