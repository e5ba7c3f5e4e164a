//! The forms of a façade file.

use super::types::FIELD_KIND;
use super::{DOC, Form, Kind, TEXTS, may, need};

static MEMBER_KIND: Kind = Kind::Either(&[Kind::Type, Kind::Form(&FACADE_MEMBER)]);

/// The top level of a façade file.
pub static FACADE: Form = Form {
    name: "façade",
    doc: "The Converse side: types without mapping.",
    keys: &[
        need("spec", Kind::Int, "Version of the language: 1."),
        need("facade", Kind::Text, "Name of the façade."),
        may("title", Kind::Text, "One line."),
        may("source", Kind::Text, "URL of the documentation."),
        DOC,
        need("types", Kind::Map(&Kind::Form(&FACADE_TYPE)), "Named types."),
        may("transport", Kind::Form(&TRANSPORT), "What travels beside a family's own members."),
        may("unsupported", TEXTS, "Patterns of façade paths that no family can express."),
        may("dropped", Kind::Map(&Kind::Text), "Patterns that every family drops and reports, with the reason."),
    ],
};

/// A façade type.
pub static FACADE_TYPE: Form = Form {
    name: "façade type",
    doc: "An object, or a union: an object with exactly one member.",
    keys: &[
        may("fields", Kind::Map(&MEMBER_KIND), "Members of an object, in the order they are printed."),
        may("arms", Kind::Map(&MEMBER_KIND), "Arms of a union."),
        may("virtual", Kind::Map(&MEMBER_KIND), "Members that are not in the JSON but made from others."),
        may("view_of", Kind::Type, "The type that this is another way to look at."),
        DOC,
    ],
};

/// A façade member.
pub static FACADE_MEMBER: Form = Form {
    name: "façade member",
    doc: "A member or arm.",
    keys: &[
        need("type", Kind::Type, "Its type."),
        may("sum_of", TEXTS, "Siblings whose sum it is when it is absent."),
        DOC,
    ],
};

/// `transport:`.
pub static TRANSPORT: Form = Form {
    name: "transport section",
    doc: "What travels beside a family's own members, for every family.",
    keys: &[
        may("request_headers", Kind::Map(&Kind::Form(&HEADER)), "Request members that travel as InvokeModel headers."),
        may(
            "response_headers",
            Kind::Map(&Kind::Form(&HEADER)),
            "Headers that fill what the response body left empty.",
        ),
        may("side_keys", Kind::Form(&SIDE_KEYS), "Members that the service adds to bodies."),
    ],
};

/// A header.
pub static HEADER: Form = Form {
    name: "header",
    doc: "An HTTP header that carries a façade member.",
    keys: &[
        need("type", Kind::Type, "Type of its text."),
        need("as", Kind::Path, "Façade path from the root."),
        may("map", Kind::Map(&Kind::Any), "Rows `header: façade`, a bijection."),
        may("unknown", Kind::Word(&["other", "refuse"]), "Values in no row: `other` keeps them, `refuse` is an error."),
        may("reads", Kind::Map(&Kind::Any), "Further readings."),
        DOC,
    ],
};

/// `side_keys:`.
pub static SIDE_KEYS: Form = Form {
    name: "side key section",
    doc: "Members that the service adds to the bodies of every family.",
    keys: &[
        may("request", Kind::Map(&FIELD_KIND), "In request bodies, over `ConverseRequest`."),
        may("response", Kind::Map(&FIELD_KIND), "In response bodies, over `ConverseResponse`."),
        may("stream", Kind::Map(&FIELD_KIND), "In chunks, over `Signal`."),
        may("wins", TEXTS, "Side keys that replace what the body says; the others fill what the body left empty."),
    ],
};
