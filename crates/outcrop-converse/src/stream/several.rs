//! Arms of one value that a chunk says all at once, such as a text and its seal.

use outcrop_runtime::json::{Arena, Cursor, Json, ListBuilder, Str, Value};
use outcrop_runtime::{Error, Tree};

use crate::converse::{ContentBlockDelta, ReasoningContentBlockDelta};

/// What holds several arms has no name; each is a member of its value.
const SEVERAL: &str = "";

/// The one arm that is there, or a value that holds all that are.
pub fn several<'a, T: Value<'a> + Clone>(
    c: &Cursor<'a>,
    arms: ListBuilder<'a, T>,
    whole: fn(Str<'a>, Json<'a>) -> T,
) -> Option<T> {
    match arms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        all => {
            let mut json = Vec::new();
            for arm in all {
                let start = json.len();
                arm.write(&mut json);
                // The objects of one arm each become one object.
                if let Some(open) = json.get_mut(start) {
                    *open = if start == 0 { b'{' } else { b',' };
                }
                json.pop();
            }
            json.push(b'}');
            let json = c.arena().str(&String::from_utf8(json).unwrap_or_default());
            Some(whole(Str::plain(SEVERAL), Json::new(json).unwrap_or_default()))
        }
    }
}

/// The arms of a delta that holds several, and the arm that these are in.
fn arms<'d>(delta: &'d ContentBlockDelta<'_>) -> Option<(&'d str, Option<&'static str>)> {
    match delta {
        ContentBlockDelta::Unknown { name, value } if *name == SEVERAL => Some((value.as_str(), None)),
        ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Unknown { name, value })
            if *name == SEVERAL =>
        {
            Some((value.as_str(), Some("reasoningContent")))
        }
        _ => None,
    }
}

/// Whether a delta holds several arms that add nothing.
pub(super) fn is_blank(delta: &ContentBlockDelta<'_>) -> bool {
    arms(delta).and_then(|(json, _)| Tree::parse_text(json).ok()).is_some_and(|arms| arms.is_blank())
}

/// The arms of a delta that holds several, as deltas of their own.
pub(super) fn each<'a>(
    delta: &ContentBlockDelta<'_>,
    arena: &'a Arena,
) -> Result<Option<Vec<ContentBlockDelta<'a>>>, Error> {
    let Some((json, outer)) = arms(delta) else { return Ok(None) };
    let Tree::Obj(arms) = Tree::parse_text(json)? else { return Ok(None) };
    let one = |(name, value)| {
        let arm = Tree::object(vec![(name, value)]);
        let delta = if let Some(outer) = outer { Tree::arm(outer, arm) } else { arm };
        ContentBlockDelta::from_json(arena.str(&delta.to_string()).as_bytes(), arena)
    };
    arms.into_members().into_iter().map(one).collect::<Result<_, _>>().map(Some)
}
