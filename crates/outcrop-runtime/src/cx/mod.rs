//! What generated codecs call: the state of a translation, and the helpers that their straight-line code is made of.
//!
//! Decoders read from a [`crate::json::Cursor`] and give the typed Converse values; encoders write native JSON onto a
//! byte vector. Where they stand is an [`At`] on the stack; nothing is rendered or allocated for it unless it is said.

mod at;
mod bare;
mod beside;
mod bodies;
mod calls;
mod decode;
mod encode;
mod events;
mod fates;
mod heads;
mod held;
mod left;
mod memo;
mod merge;
mod prompts;
mod read;
mod read_text;
mod regions;
mod schemas;
mod spec;
mod verify;
mod write_list;
mod write_value;

pub use crate::Letters;
pub use crate::answers::Repeats;
pub use crate::json::member::has_shape as fits;
pub use crate::model_id::Resource;
pub use crate::rules::{Form, Member, Rule};
pub use crate::tracker::{Block, Blocks};
pub use crate::usage::Source;
pub use at::At;
pub use beside::{Beside, Words, reads_back};
pub use bodies::{checked, decoded, encoded, obeying, translated};
pub use calls::{link_calls, read_back, settle_calls};
pub use decode::Decode;
pub use encode::{Encode, Reads};
pub use events::{EventPlan, EventState, Input, Variants, event_path};
pub use heads::join_heads;
pub use held::Held;
pub use left::{Left, Members, bit, write_extra, write_some};
pub use memo::Memo;
pub use prompts::{Prompt, Prompts, ReadTurn, read_prompt};
pub use read::{
    Run, agrees, arm_key, empty_string, expect_items, expect_kind, extend, first, gather, has, has_in, is_kind,
    is_said, is_string, is_there, is_value, items, items_or_object, missing, object, once, one, one_or_items, only,
    peek, skip_tagged, string, tag, unknown_tag, unknown_value,
};
pub use read_text::{base64, data_url, json_as_text, json_text, media, spell, spelt, whole, wrap};
pub use regions::{RegionPart, led, regions, write_plain, write_regions};
pub use schemas::{close_schema, close_view, is_json, is_null, open_schema, view, write_view};
pub use spec::{Bodies, FateRule, Keys, Model, Spec, Validator, Watch};
use write_list::bare;
pub use write_list::{Ended, NONE, SystemTurn, Texts, WORD, Written, attach, kept, member, said, sep};
pub use write_value::{
    Measure, absent, equals, json_of_text, not_single, number, plain_string, says, single, text_of_json, unknown_flag,
    unknown_of, unknown_word, write_base64, write_data_url, write_media, write_whole,
};

use std::borrow::Cow;

use crate::json::{Cursor, Json, Num, Value};
use crate::{Code, Error, Fate, Place, Report, Tree};

/// A JSON constant of the spec.
#[must_use]
pub const fn fixed_json(text: &'static str) -> Json<'static> {
    Json::checked(text)
}

/// A numeric constant of the spec.
#[must_use]
pub const fn fixed_num(text: &'static str) -> Num<'static> {
    Num::checked(text)
}

/// The error for a body that the family does not describe.
#[cold]
#[must_use]
pub fn no_operation(spec: &Spec) -> Error {
    let why = format!("the {} format describes no such body; use another kind", spec.family);
    Error::new(Code::NoOperation, why)
}

/// Room for the native body of a value whose size nobody knows. Allocators keep blocks of less than 1 KiB at hand; larger
/// ones can cost more than the body.
pub const ROOM: usize = 1000;

/// A façade value as JSON in the arena.
pub fn as_json<'a>(c: &Cursor<'a>, value: &impl Value<'a>) -> Json<'a> {
    Json::checked(c.arena().str(&String::from_utf8(value.to_json()).unwrap_or_default()))
}

/// The error for a conversation whose last turn is not the user's.
#[cold]
#[must_use]
pub fn turn_order(at: &At<'_>) -> Error {
    let why = "the format ends with the user's turn; end the conversation with a user message";
    Error::new(Code::TurnOrder, why).at(at.to_string())
}

/// A façade value as the text of a header.
pub fn header_json<'v>(value: &impl Value<'v>) -> String {
    String::from_utf8(value.to_json()).unwrap_or_default()
}

/// A total: as given, else the sum of its parts if there is any.
#[must_use]
pub fn total(given: Option<i64>, parts: &[Option<i64>]) -> Option<i64> {
    given.or_else(|| parts.iter().flatten().copied().reduce(i64::saturating_add))
}

/// Whether two numbers mean the same.
#[must_use]
pub fn same_number(a: &str, b: &str) -> bool {
    crate::tree::same_number(a, b)
}

/// The key of a block on the wire; keys are small integers wherever there are any.
#[must_use]
pub fn block_key(key: &Json<'_>) -> Option<i64> {
    Tree::parse_text(key.as_str()).ok()?.as_int()
}

/// Reports a loss once.
pub fn lose(report: &mut Report, fate: Fate, path: impl Into<Place>, why: impl Into<Cow<'static, str>>) {
    report.add(fate, path, why);
}

/// Steps as a JSON pointer.
fn pointer(steps: &[&str]) -> String {
    let mut out = String::new();
    for step in steps {
        out.push('/');
        out.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    out
}
