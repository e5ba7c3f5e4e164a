//! The forms of a type and of its parts.

use super::{DOC, Form, Kind, TEXTS, WAY, may, need};

const PATHS: Kind = Kind::List(&Kind::Path);
pub(super) static FIELD_KIND: Kind = Kind::Either(&[Kind::Type, Kind::Form(&FIELD)]);
const SCALARS: Kind = Kind::Map(&Kind::Any);
const ONE_WAY: Kind = Kind::Word(&["decode", "encode"]);
const SIGNALS: Kind = Kind::List(&Kind::Word(&["start", "open", "delta", "close", "stop", "usage", "fail", "end"]));
const BLOCKS: Kind = Kind::Word(&["explicit", "implicit", "merge"]);

/// The forms of a type, each known by its keys.
pub static TYPE_FORMS: &[(&str, &Form)] =
    &[("fields", &STRUCT), ("cases", &UNION), ("text_or_list", &TEXT_OR_LIST), ("map", &MAP), ("regions", &REGIONS)];

/// A native object.
pub static STRUCT: Form = Form {
    name: "struct",
    doc: "A native object, over one façade type.",
    keys: &[
        may(
            "view",
            Kind::Text,
            "Façade type that the paths inside are relative to; for types written in place, that of the place.",
        ),
        need("fields", Kind::Map(&FIELD_KIND), "Members in the order they are written."),
        may(
            "assume",
            SCALARS,
            "Façade values that the wire never says: set when decoding, reported when encoding differs.",
        ),
        may("blocks", BLOCKS, "Streams: how blocks are delimited."),
        may("join", SIGNALS, "Streams: signals that share one chunk when encoding."),
        DOC,
    ],
};

/// A union.
pub static UNION: Form = Form {
    name: "union",
    doc: "One of several native shapes, each standing for an arm of the façade type.",
    keys: &[
        may("view", Kind::Text, "Façade type of the whole; for types written in place, that of the place."),
        may("tag", Kind::Either(&[Kind::Text, Kind::Form(&TAG)]), "Member that holds the tag; or `external`, `shape`."),
        may("cases", Kind::Map(&Kind::Form(&CASE)), "Cases by tag value; a union of `words:` only needs none."),
        may("words", Kind::Map(&Kind::Path), "Bare strings that stand for an arm with an empty payload."),
        may("unknown", Kind::Word(&["keep", "skip", "refuse"]), "What becomes of unknown tags."),
        may(
            "trailing",
            Kind::Map(&Kind::Form(&TRAILING)),
            "Façade blocks that become members of the element before them.",
        ),
        may("blocks", BLOCKS, "Streams: how blocks are delimited."),
        may("join", SIGNALS, "Streams: signals that share one chunk when encoding."),
        DOC,
    ],
};

/// `tag: {key, absent}`.
pub static TAG: Form = Form {
    name: "tag",
    doc: "A tag that may be missing.",
    keys: &[
        need("key", Kind::Text, "Member that holds the tag."),
        may("absent", Kind::Text, "Case that a missing tag means, and that is written without one."),
    ],
};

/// A case of a union.
pub static CASE: Form = Form {
    name: "case",
    doc: "One shape of a union.",
    keys: &[
        may("arm", Kind::Path, "Façade arm that the case stands for; without it the case keeps the view."),
        may("fields", Kind::Map(&FIELD_KIND), "Members beside the tag, relative to the arm's payload."),
        may("type", Kind::AnyType, "A single value over the arm's payload."),
        may("value", Kind::Text, "Tag value on the wire, if it is not the case's name."),
        may("way", WAY, "Directions in which the case takes part."),
        may("where", SCALARS, "Façade members of the payload that must, and will, have these values."),
        may("has", TEXTS, "Native members that must be there for decoding to choose the case."),
        may("each", Kind::Path, "One native element per block of this arm."),
        may(
            "signal",
            Kind::Word(&["start", "end", "none"]),
            "Streams: the message starts, the last chunk, or one that is ignored.",
        ),
        may("assume", SCALARS, "Façade values that the wire never says."),
        DOC,
    ],
};

/// A trailing member.
pub static TRAILING: Form = Form {
    name: "trailing member",
    doc: "A façade block that becomes a member of the element before it.",
    keys: &[
        need("type", Kind::Type, "Its type, over the arm's payload."),
        need("arm", Kind::Path, "The façade arm."),
        may("after", TEXTS, "Cases that can carry it; all if absent."),
    ],
};

/// A string or a list.
pub static TEXT_OR_LIST: Form = Form {
    name: "text or list",
    doc: "A native string that stands for a list with one text.",
    keys: &[
        need("text_or_list", Kind::Type, "Element type, a union."),
        need("text", Kind::Text, "Case that the string stands for."),
        may("emit", Kind::Word(&["list", "text_if_single"]), "The form that is written; `list` if absent."),
        DOC,
    ],
};

/// A value map.
pub static MAP: Form = Form {
    name: "map",
    doc: "A table of native and façade values.",
    keys: &[
        need("map", SCALARS, "Rows `native: façade`, a bijection."),
        may("unknown", Kind::Word(&["other", "refuse"]), "Values in no row: `other` keeps them, `refuse` is an error."),
        may("reads", SCALARS, "Further readings `native: façade`."),
        may("when", Kind::List(&Kind::Form(&WHEN)), "Rows that depend on a sibling."),
        may("with_calls", SCALARS, "At a stop reason: what native values mean in answers that hold calls."),
        DOC,
    ],
};

/// Rows that depend on a sibling.
pub static WHEN: Form = Form {
    name: "when",
    doc: "Rows that depend on a sibling: looked at first when decoding and last when encoding.",
    keys: &[
        need("field", Kind::Text, "The sibling."),
        may("is", Kind::Any, "What it must be; `present` or absent: there, not null, not empty."),
        need("map", SCALARS, "Rows `native: façade`."),
    ],
};

/// Regions of a string.
pub static REGIONS: Form = Form {
    name: "regions",
    doc: "A native string that holds several kinds of façade blocks.",
    keys: &[need("regions", Kind::List(&Kind::Form(&REGION)), "The regions; plain text comes last."), DOC],
};

/// One region.
pub static REGION: Form = Form {
    name: "region",
    doc: "A part of a string between tags.",
    keys: &[
        need("arm", Kind::Path, "Façade arm in a content block."),
        may("delta", Kind::Path, "Arm in a content block delta, for streams."),
        may("open", Kind::Text, "Opening tag."),
        may("close", Kind::Text, "Closing tag."),
        may("at", Kind::Word(&["start"]), "Only before any plain text."),
        may("implied", Kind::Bool, "The opening tag is already in the prompt."),
        may("lead", Kind::Text, "What the plain text begins with on the wire, and Converse does not have."),
    ],
};

/// A member of a native object.
pub static FIELD: Form = Form {
    name: "field",
    doc: "A member of a native object.",
    keys: &[
        may("type", Kind::AnyType, "Native type."),
        may("as", Kind::Path, "Façade place; without it the member lives in the additional fields."),
        may("fields", Kind::Map(&FIELD_KIND), "A nested native object over the same view."),
        may(
            "only",
            Kind::Either(&[Kind::Type, Kind::Map(&FIELD_KIND)]),
            "A list that holds exactly one such object, or one value of that type.",
        ),
        may("optional", Kind::Bool, "With `only:`: the list may be empty."),
        may("more", Kind::Word(&["keep"]), "With `only:`: further elements stay in the additional fields."),
        may("take", PATHS, "Arms whose blocks are taken out of the view's `content` (or the list at `as:`)."),
        may("join", Kind::Text, "With `take:` and a string: what stands between several texts."),
        may("map", SCALARS, "Rows `native: façade`, a bijection."),
        may("unknown", Kind::Word(&["other", "refuse"]), "Values in no row: `other` keeps them, `refuse` is an error."),
        may("reads", SCALARS, "Further readings `native: façade`."),
        may("when", Kind::List(&Kind::Form(&WHEN)), "Rows that depend on a sibling."),
        may("with_calls", SCALARS, "At a stop reason: what native values mean in answers that hold calls."),
        may("const", Kind::Any, "Always written; a differing value that is read is kept."),
        may("else", Kind::Any, "Written when the façade has nothing: a literal, `$model.id` or `$model.<limit>`."),
        may("aliases", TEXTS, "Other names read."),
        may("way", ONE_WAY, "One-way."),
        may("with", Kind::Text, "Written only when that sibling is."),
        may("empty", Kind::Any, "What an empty string reads as."),
        may("absent", Kind::Any, "What an absent member reads as; that value is written by leaving the member out."),
        may(
            "letters",
            Kind::Text,
            "With `string`: the ASCII characters that it may hold, as `A-Za-z0-9_-`; others are spelt with them.",
        ),
        may("wrap", Kind::Bool, "With `base64`: the façade holds the base64 of the native text."),
        may(
            "media",
            Kind::Map(&Kind::Text),
            "With `data_url`: media type and format; with `base64`: how the text begins and the format.",
        ),
        DOC,
        may("since", Kind::Text, "Since when the service knows it."),
    ],
};
