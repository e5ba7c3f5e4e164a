//! The shortest way from a text to a body.

use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output, Tree};

use crate::registry;

/// The InvokeModel body that asks a model one thing: a single turn of the user, rendered by the model's own template where
/// its format has one.
///
/// `of` is a model id, an inference profile, an ARN that names its model, or the name of a family. An id is the better of
/// them: members that the format requires and nobody gives, such as a limit of tokens, come from the model's entry in the
/// spec, and the report names each as synthesised. Nothing is asked of any service.
///
/// ```
/// use outcrop::runtime::Code;
///
/// for entry in outcrop::registry::FAMILIES {
///     match outcrop::prompt(entry.codec.family(), "Name a metal.") {
///         Ok(output) => assert!(String::from_utf8_lossy(&output.body).contains("Name a metal.")),
///         // The format wants more than a text, or a limit that belongs to a model.
///         Err(e) => assert_eq!(e.code, Code::MissingMember),
///     }
/// }
/// ```
///
/// # Errors
///
/// `unresolved` if `of` leads to no family that is compiled in; `missing-member` if the format does not do with a text alone
/// (a film to speak about, or a limit that no model was named for); `reserved-marker` if the text would forge a turn.
pub fn prompt(of: &str, text: &str) -> Result<Output, Error> {
    if let Some(entry) = registry::by_name(of) {
        return prompt_with(entry.codec, &Call::default(), text);
    }
    let found = registry::resolve(of)?;
    let family = found.to_write()?.family;
    let entry = registry::by_name(family).ok_or_else(|| {
        Error::new(Code::Unresolved, format!("the family `{family}` is not compiled in; enable its feature"))
    })?;
    prompt_with(entry.codec, &Call { model: found.model, ..Call::default() }, text)
}

/// The same with a codec of your own (a spec of yours, or an interpreted one) and the circumstances of the call.
///
/// # Errors
///
/// Those of [`prompt`], but `unresolved`.
pub fn prompt_with(codec: &dyn Codec, call: &Call<'_>, text: &str) -> Result<Output, Error> {
    let block = Tree::arm("text", Tree::str(text));
    let role = ("role".to_owned(), Tree::str("user"));
    let message = Tree::object(vec![role, ("content".to_owned(), Tree::list(vec![block]))]);
    let request = Tree::arm("messages", Tree::list(vec![message]));
    codec.encode(Kind::Request, call, request.to_string().as_bytes()).map_err(|e| told(e, call))
}

/// A refusal for want of something, with what a caller who has only a text can do.
fn told(mut e: Error, call: &Call<'_>) -> Error {
    if e.code == Code::MissingMember {
        let model = if call.model.is_empty() { ", or name a model, whose limits may say it" } else { "" };
        e.message = format!("a text alone is not enough: {}{model}", e.message);
    }
    e
}
