//! The forms of a file and of its sections other than types.

use super::{DOC, Form, Key, Kind, TEXTS, WAY, may, need};

static PATCH_KIND: Kind = Kind::Form(&PATCH);
static PROMPT_KIND: Kind = Kind::Form(&PROMPT);
const SPEC: Key = need("spec", Kind::Int, "Version of the language: 1.");
const OPERATIONS: Key = may("operations", Kind::Form(&CHATS), "Root types by operation.");
const TYPES: Key = may("types", Kind::Map(&Kind::AnyType), "Named types.");
const PROMPTS: Key = may("prompts", Kind::Map(&PROMPT_KIND), "Named prompt grammars; the first is the default.");
const TOOL_IDS: Key = may(
    "tool_ids",
    Kind::Word(&["wire", "positional"]),
    "`positional`: the wire has no tool-call ids; they are made in order of appearance.",
);
const UNSUPPORTED: Key = may("unsupported", TEXTS, "Patterns of façade paths that encoding refuses.");
const DROPPED: Key = may(
    "dropped",
    Kind::Map(&Kind::Text),
    "Patterns of façade paths that encoding drops and reports, with the reason.",
);
static RULE_KIND: Kind = Kind::Form(&RULE);
const RULES: Key = may("rules", Kind::Map(&RULE_KIND), "Named rules on the requests of single models.");
const VALIDATOR: Key = may(
    "validator",
    Kind::Word(&["schema", "dotted"]),
    "Who judges native requests: the service's schema validator (the default), or a vendor's own with dotted places.",
);
const EXTENDS: Key = may("extends", Kind::Text, "Start from the content of this dialect.");
const PATCHES: Key = may("patch", Kind::List(&PATCH_KIND), "Changes to the dialect, before this file's own keys.");

/// The top level of a family file.
pub static FAMILY: Form = Form {
    name: "family",
    doc: "One model family.",
    keys: &[
        SPEC,
        need("family", Kind::Text, "Name of the family, in kebab-case."),
        may("title", Kind::Text, "One line for tables."),
        may("source", Kind::Text, "URL of the documentation."),
        DOC,
        EXTENDS,
        PATCHES,
        OPERATIONS,
        TYPES,
        PROMPTS,
        TOOL_IDS,
        UNSUPPORTED,
        DROPPED,
        RULES,
        VALIDATOR,
        may("models", Kind::List(&Kind::Form(&MODEL)), "Catalogue entries."),
        may("examples", Kind::List(&Kind::Form(&EXAMPLE)), "Executable examples."),
    ],
};

/// The top level of a dialect file.
pub static DIALECT: Form = Form {
    name: "dialect",
    doc: "Parts that several families share.",
    keys: &[
        SPEC,
        need("dialect", Kind::Text, "Name of the dialect, in kebab-case."),
        may("title", Kind::Text, "One line."),
        may("source", Kind::Text, "URL of the documentation."),
        DOC,
        EXTENDS,
        PATCHES,
        OPERATIONS,
        TYPES,
        PROMPTS,
        TOOL_IDS,
        UNSUPPORTED,
        DROPPED,
        RULES,
        VALIDATOR,
    ],
};

/// `operations:`.
pub static CHATS: Form = Form {
    name: "operations",
    doc: "Operations.",
    keys: &[need("chat", Kind::Form(&OPERATION), "The chat operation.")],
};

/// Root types of an operation.
pub static OPERATION: Form = Form {
    name: "operation",
    doc: "Root types of an operation.",
    keys: &[
        need("request", Kind::Type, "The InvokeModel request body."),
        may("response", Kind::Type, "The InvokeModel response body; `list<T>` if it is a list of one."),
        may("stream", Kind::Type, "One chunk of InvokeModelWithResponseStream."),
    ],
};

/// One step of `patch:`.
pub static PATCH: Form = Form {
    name: "patch",
    doc: "A change to the dialect: one of `rename`, `remove`, `set`, `add`.",
    keys: &[
        may("rename", Kind::Text, "Path of the key to rename; with `to:`."),
        may("to", Kind::Text, "The new key."),
        may("remove", Kind::Text, "Path of what to remove."),
        may("set", Kind::Text, "Path of what to replace; with `value:`."),
        may("add", Kind::Text, "Path of what to add, or of the list or mapping to extend; with `value:`."),
        may("value", Kind::Any, "The new content."),
    ],
};

/// A prompt grammar.
pub static PROMPT: Form = Form {
    name: "prompt",
    doc: "The grammar of a prompt string.",
    keys: &[
        may("like", Kind::Text, "Start from another grammar of the file, whose keys the own ones replace."),
        may("begin", Kind::Text, "Literal at the very start."),
        may("elide", Kind::Text, "Leading literal left out at position 0."),
        may("turns", Kind::Map(&Kind::Form(&TURN)), "Literals by role: `system`, `user`, `assistant`."),
        may("cue", Kind::Text, "Role of the turn left open at the end."),
        may("markers", TEXTS, "Strings that content must never contain: all of the tokenizer's."),
        may("on_marker", Kind::Word(&["reject", "escape"]), "What to do with content that contains one."),
        may("holes", Kind::Form(&HOLES), "Placeholders for what is not text."),
        may("way", Kind::Word(&["decode"]), "Only read."),
        DOC,
    ],
};

/// The literals of one role.
pub static TURN: Form = Form {
    name: "turn",
    doc: "The literals of one role.",
    keys: &[
        may("open", Kind::Text, "Before the text."),
        may("bare", Kind::Text, "In place of `open` when the turn is the cue and has no text."),
        may("open_after", Kind::Map(&Kind::Text), "Before the text when the turn follows one of that role."),
        may("close", Kind::Text, "After the text."),
        may("at", Kind::Word(&["start"]), "`start`: only at the very start."),
        may("into", Kind::Text, "The text goes to the head of the next turn of this role, with `close` between."),
    ],
};

/// `holes:`.
pub static HOLES: Form =
    Form { name: "holes", doc: "Placeholders.", keys: &[may("image", Kind::Text, "Stands for an image.")] };

/// A catalogue entry.
pub static MODEL: Form = Form {
    name: "model",
    doc: "A catalogue entry.",
    keys: &[
        may("match", Kind::Text, "Glob on the base model id; the most specific wins."),
        may("resource", Kind::Word(RESOURCES), "A kind of ARN, in place of `match:`: all of them speak this format."),
        need("name", Kind::Text, "Display name."),
        may("body", Kind::Form(&BODIES), "Which bodies are this family's, where others share the ids."),
        may("preferred", Kind::Bool, "Converse values for shared ids are written in this format."),
        may("prompt", Kind::Text, "Prompt grammar, if not the first."),
        may("limits", Kind::Map(&Kind::Int), "`context_tokens`, `max_output_tokens` and others that `$model.` names."),
        may("capabilities", TEXTS, "Feature words."),
        may("rules", TEXTS, "Names of the rules that hold for it."),
    ],
};

/// A rule on the requests of single models.
pub static RULE: Form = Form {
    name: "rule",
    doc: "A rule on requests: one of `one_of`, `none_of`, `needs`, `refuses`, `at_most`, `ignores`.",
    keys: &[
        may("one_of", TEXTS, "At most one of these members."),
        may("none_of", TEXTS, "None of these members."),
        may("needs", TEXTS, "All of these members."),
        may("refuses", Kind::Map(&Kind::List(&Kind::Any)), "One member, and values that it must not have."),
        may("at_most", Kind::Map(&Kind::Text), "One member, and the limit of the model that it must not exceed."),
        may("ignores", TEXTS, "Members that are taken without any effect: encoding reports them as dropped."),
        may(
            "when",
            Kind::Map(&Kind::List(&Kind::Any)),
            "The rule holds if each of these members has one of its values.",
        ),
        may("why", Kind::Text, "Reason, for the error or report."),
    ],
};

/// The kinds of ARN that say nothing of their model.
pub const RESOURCES: &[&str] = &[
    "application-inference-profile",
    "provisioned-model",
    "custom-model",
    "custom-model-deployment",
    "imported-model",
    "prompt",
    "prompt-router",
    "default-prompt-router",
    "marketplace",
    "endpoint",
    "hub-content",
];

/// `body:` of a catalogue entry.
pub static BODIES: Form = Form {
    name: "body rule",
    doc: "Which bodies are a family's.",
    keys: &[
        may("request", Kind::Form(&BODY_KEYS), "Requests."),
        may("response", Kind::Form(&BODY_KEYS), "Responses."),
        may("stream", Kind::Form(&BODY_KEYS), "Chunks of streams; the first one decides."),
    ],
};

/// The members that tell a body.
pub static BODY_KEYS: Form = Form {
    name: "body members",
    doc: "Members of a body, by dotted paths; `[last]` is the last element of a list, and null is as good as absent.",
    keys: &[may("has", TEXTS, "It has all of these."), may("lacks", TEXTS, "It has none of these.")],
};

/// An executable example.
pub static EXAMPLE: Form = Form {
    name: "example",
    doc: "An executable example: the same thing on both sides.",
    keys: &[
        need("id", Kind::Text, "Unique identifier; names the test."),
        DOC,
        may("model", Kind::Text, "Model id of the call."),
        may("way", WAY, "Directions that it claims."),
        may("request", Kind::Form(&SIDES), "A request body."),
        may("response", Kind::Form(&SIDES), "A response body."),
        may("stream", Kind::Form(&SIDES), "Chunks and events."),
    ],
};

/// The sides of an example.
pub static SIDES: Form = Form {
    name: "example body",
    doc: "The native and the Converse side.",
    keys: &[
        may("native", Kind::Any, "Native side; a list of chunks for streams."),
        may("converse", Kind::Any, "Converse side; a list of events for streams."),
        may("headers", Kind::Map(&Kind::Text), "HTTP headers of the native side."),
        may("error", Kind::Form(&REFUSAL), "The refusal that is expected instead of the other side."),
        may("report", TEXTS, "Paths that the report must name."),
    ],
};

/// An expected refusal.
pub static REFUSAL: Form = Form {
    name: "expected error",
    doc: "An expected refusal.",
    keys: &[need("code", Kind::Text, "Code of the refusal."), may("at", Kind::Text, "Path that it names.")],
};
