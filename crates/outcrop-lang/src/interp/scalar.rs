//! Scalars: JSON type and spelling on both sides.

use outcrop_runtime::{Code, Error, Tree, base64, json_text};

use crate::ir::{JsonKind, Letters, Ty};

/// What a type holds, for messages.
#[must_use]
pub(crate) fn name(ty: &Ty) -> &'static str {
    match ty.json_kind() {
        JsonKind::Text if matches!(ty, Ty::Base64 { .. } | Ty::Media(_)) => "base64 text",
        JsonKind::Text => "a string",
        JsonKind::Int => "an integer",
        JsonKind::Float => "a number",
        JsonKind::Bool => "a boolean",
        JsonKind::Any => "a JSON value",
        JsonKind::Named | JsonKind::Object => "an object",
        JsonKind::List | JsonKind::OneOrList => "a list",
    }
}

/// The spelling of a number as an integer, if it is one.
#[must_use]
pub(crate) fn integer(text: &str) -> Option<String> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        return Some(if text == "-0" { "0".to_owned() } else { text.to_owned() });
    }
    Tree::Num(text.to_owned()).as_int().map(|n| n.to_string())
}

fn wrong(ty: &Ty, tree: &Tree) -> Error {
    Error::new(Code::WrongType, format!("the format has {} here, not {}; send {}", name(ty), tree.kind(), name(ty)))
}

fn base64_error() -> Error {
    Error::new(Code::BadEncoding, "this is not base64; send the bytes as standard base64")
}

fn bytes_to_text(text: &str) -> Result<String, Error> {
    let bytes = base64::decode(text).ok_or_else(base64_error)?;
    String::from_utf8(bytes).map_err(|_| Error::new(Code::BadEncoding, "the bytes are not UTF-8 text; send text"))
}

fn runtime(letters: &Letters) -> outcrop_runtime::Letters {
    outcrop_runtime::Letters::of(letters.bits, letters.mark)
}

/// A façade scalar as a native one.
pub(crate) fn to_native(ty: &Ty, tree: &Tree) -> Result<Tree, Error> {
    match (ty, tree) {
        (Ty::JsonText, Tree::Str(text)) => Ok(Tree::str(json_text::of_string(text))),
        (Ty::JsonText, other) => Ok(Tree::Str(other.to_string())),
        (Ty::Spelt(_, letters), Tree::Str(text)) => Ok(Tree::str(runtime(letters).spell(text))),
        (Ty::Base64 { wrap: true }, Tree::Str(text)) => bytes_to_text(text).map(Tree::Str),
        _ => checked(ty, tree),
    }
}

/// A native scalar as a façade one. `empty`: what empty JSON text reads as.
pub(crate) fn to_facade(ty: &Ty, tree: &Tree, empty: Option<Tree>) -> Result<Tree, Error> {
    match (ty, tree) {
        (Ty::JsonText, Tree::Str(text)) => {
            Ok(json_text::value(text).or(empty).unwrap_or_else(|| Tree::object(Vec::new())))
        }
        (Ty::Spelt(_, letters), Tree::Str(text)) => Ok(Tree::str(runtime(letters).read(text))),
        (Ty::Base64 { wrap: true }, Tree::Str(text)) => Ok(Tree::Str(base64::encode(text.as_bytes()))),
        _ => checked(ty, tree),
    }
}

/// A scalar that is the same on both sides.
pub(crate) fn checked(ty: &Ty, tree: &Tree) -> Result<Tree, Error> {
    match (ty, tree) {
        (Ty::Bool, Tree::Bool(_)) | (Ty::Float(_), Tree::Num(_)) | (Ty::Json, _) => Ok(tree.clone()),
        (Ty::Int(_), Tree::Num(n)) => integer(n).map(Tree::Num).ok_or_else(|| {
            Error::new(Code::WrongType, format!("the format has an integer here, not {n}; send a whole number"))
        }),
        (Ty::Base64 { wrap }, Tree::Str(s)) => {
            if *wrap || base64::is_valid(s) {
                Ok(tree.clone())
            } else {
                Err(base64_error())
            }
        }
        (text, Tree::Str(_)) if text.is_text() => Ok(tree.clone()),
        _ => Err(wrong(ty, tree)),
    }
}
