//! The registry of diagnostic codes. `docs/spec-language.md` carries the table made from it.
//!
//! To add a code: take the next free number of its hundred (1 reading, 2 names, 3 paths and coverage, 4 maps and unions,
//! 5 streams, 6 prompts, 7 catalogue, 8 examples, 9 generated code), say cause and cure in one sentence each, and put the smallest spec that
//! raises it under `tests/diagnostics`. A number is never used again: when a check goes, its line goes and the number
//! joins [`RETIRED`].

use std::fmt::{self, Write as _};

/// Numbers that once were codes.
pub const RETIRED: &[u16] = &[];

macro_rules! codes {
    ($($name:ident = $number:literal, $title:literal, $cause:literal, $cure:literal;)*) => {
        /// Stable code of a diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code { $(#[doc = $cause] $name = $number,)* }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// A few words, for tables.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What is wrong with the spec.
            #[must_use]
            pub fn cause(self) -> &'static str {
                match self { $(Code::$name => $cause,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn cure(self) -> &'static str {
                match self { $(Code::$name => $cure,)* }
            }
        }
    };
}

codes! {
    NotYaml = 101, "not YAML", "The file is no well-formed YAML.",
        "Mend the syntax at the place shown; quote anything with `[`, `{`, `#` or `: ` in it.";
    DuplicateKey = 102, "duplicate key", "A mapping has the same key twice.", "Remove one of them.";
    UnknownKey = 103, "unknown key", "The language has no such key at this place.",
        "Correct the spelling, or move the key to the form that has it.";
    MissingKey = 104, "missing key", "A form lacks a key that it cannot do without.", "Add the key.";
    WrongKind = 105, "wrong kind of value", "A value is a mapping, list or scalar where another kind belongs.",
        "Write the kind of value that the message names.";
    Version = 106, "language version", "`spec:` is missing or names a version that this crate does not read.",
        "Start the file with `spec: 1`.";
    BadName = 107, "badly formed name", "A name is empty or has characters that names must not have.",
        "Use kebab-case for families and dialects, CamelCase for types, snake_case for examples.";
    BadType = 108, "badly formed type", "A type expression cannot be read.",
        "Write a base type, then a range in round brackets, then `!`, then `|null`, each but the first optional.";
    BadPath = 109, "badly formed path", "A path cannot be read.",
        "Write member names with dots between, `[only]` for the single element of a list, or `.` alone.";
    BadWord = 110, "unknown word", "A key takes one of a few words, and this is none of them.",
        "Choose one of the words that the message lists.";
    Conflict = 111, "keys that exclude each other", "Two keys of one form contradict each other.", "Keep one of them.";
    BadRange = 112, "empty range", "The least value of a range is above its greatest.", "Exchange the two ends.";
    TooDeep = 113, "nesting too deep", "The file nests deeper than any sensible spec.",
        "Name the inner types instead of writing them in place.";

    BadLetters = 114, "bad letters", "`letters:` is no set of visible ASCII characters in which all others can be spelt.",
        "Write characters and ranges, such as `A-Za-z0-9_-`, with `x`, the digits, `a` to `f` and a mark among them.";
    UnknownType = 201, "unknown type", "A type name is not declared.", "Declare it under `types:`, or correct it.";
    UnknownDialect = 202, "unknown dialect", "`extends:` names a dialect that does not exist.",
        "Correct the name, or add the dialect's file.";
    PatchTarget = 203, "patch path not found", "A patch names a place that the dialect does not have.",
        "Correct the path; a patch never does nothing silently.";
    PatchExists = 204, "patch would overwrite", "A patch adds or renames to something that is there already.",
        "Use `set:` to replace it.";
    UnknownView = 205, "unknown view", "`view:` names a type that the façade does not have.", "Correct the name.";
    ExtendsLoop = 206, "dialects extend each other", "A dialect extends itself, directly or through others.",
        "Break the circle.";
    TypeLoop = 207, "type without end", "A type contains itself with nothing in between that could end.",
        "Put a list, a map or an optional member between.";
    NoOperation = 208, "no operation", "The file declares no root type.", "Add `operations: {chat: {request: …}}`.";
    UnknownFamily = 209, "unknown family", "No file of that name or path is a family.",
        "Correct the name, or add the family's file.";
    UnknownSibling = 210, "unknown sibling", "`with:`, `when:` or `has:` names a member that the struct does not have.",
        "Name a member of the same struct.";
    UnknownCase = 211, "unknown case", "`text:`, `absent:` or `after:` names a case that the union does not have.",
        "Name a case of that union.";
    UnusedType = 212, "unused type", "No body holds values of this type.", "Use it, or remove it.";

    UnknownPath = 301, "unknown façade path", "A path leads to nothing in its view.",
        "Correct the path; it is relative to the `view:` of the struct or to the payload of the case's arm.";
    TypeMismatch = 302, "types do not fit", "A native type cannot hold the values of its façade place.",
        "Change the type, put a `map:` between, or map another place.";
    OnlyOnScalar = 303, "`[only]` on no list", "`[only]` follows something that is no list.", "Remove `[only]`.";
    NotAnArm = 304, "not an arm", "`arm:`, `take:` or `each:` names something that is no arm of the façade union.",
        "Name an arm of the view.";
    LiteralMismatch = 305, "literal does not fit", "A literal has not the type of the place it is for.",
        "Write a literal of that type.";
    Unmapped = 311, "façade leaf not covered",
        "No member maps this façade leaf, and it is neither unsupported nor dropped: its value would be lost silently.",
        "Map it with `as:`, or list it under `unsupported:` or, with a reason, `dropped:`.";
    EmptyPattern = 312, "pattern matches nothing", "A pattern under `unsupported:` or `dropped:` matches no façade leaf.",
        "Correct or remove it.";
    DuplicateFate = 313, "two fates", "The same pattern is listed twice.", "Keep one.";
    NoReason = 314, "dropped without a reason", "A pattern under `dropped:` gives no reason.",
        "Say why; the text appears in the report of every translation that drops it.";

    NativeTwice = 401, "native value twice", "A native value stands in two rows of a map.",
        "Keep one row; decoding could not choose.";
    FacadeTwice = 402, "not a bijection", "Two rows of a map lead to the same façade value.",
        "Keep the canonical row under `map:` and move the others to `reads:`.";
    ClosedMap = 403, "closed map in a response",
        "A response member has a map that says nothing of other values; models gain new values without notice.",
        "Add `unknown: other` to keep them, or `unknown: refuse` to say that they are errors.";
    BadCallRow = 404, "bad row for calls", "`with_calls:` stands where it can mean nothing.",
        "Use it where the stop reason is mapped, for native values that `map:` has, and for reasons that `map:` has not.";
    AmbiguousTag = 411, "ambiguous tag", "Two cases have the same tag value, and nothing tells them apart when decoding.",
        "Give one of them `has:`, or `way: encode`.";
    Unreachable = 412, "unreachable case", "An earlier case always matches first.",
        "Put the narrower case first, or tell them apart with `where:`, `has:` or `way:`.";
    CannotKeep = 413, "nothing to keep it in", "In a list, `unknown: keep` needs a façade union with the arm `native`.",
        "Use `unknown: skip` or `unknown: refuse`.";
    BadTrailing = 414, "bad trailing member", "A trailing member cannot be written as said.",
        "Its key must be free in every case that can carry it.";
    BadRegions = 415, "bad regions", "The regions of a string cannot be told apart.",
        "Give every region but the last its own tags, and the last none.";
    BadTextOrList = 416, "bad text form", "The case that a bare string stands for is not made of one text.",
        "Name a case with exactly one required string over the text.";
    MemberTwice = 417, "member twice", "A native member name or alias is declared twice in one object.", "Keep one.";

    NoSignal = 501, "missing signal", "The stream type never says something that every stream needs.",
        "Map a member to the signal path that the message names.";
    NoKey = 502, "block without key", "A chunk opens or closes a block, and no member says which.",
        "Map its index to `key` (or `open.key`, `delta.key`, `close.key`), or use `blocks: implicit`.";
    BadJoin = 503, "bad join", "`join:` names a signal that no chunk carries together with the others.",
        "Remove it, or map the signal in the same chunk type.";
    NotASignal = 504, "stream form outside a stream", "`signal:`, `blocks:` or `join:` stand where the view is no signal.",
        "Remove the key.";

    NoMarker = 601, "delimiter without a marker", "A literal that ends content contains none of the markers, so content can forge it.",
        "Add the literal, or a part of it, to `markers:`.";
    SplitMarker = 602, "literal that content can complete",
        "Where content meets a literal, the two can form a marker or make a literal begin too early.",
        "Choose literals and markers so that none starts or ends within another.";
    BadTurns = 603, "bad turns", "A grammar lacks a role that it needs, or names one that does not exist.",
        "Roles are `system`, `user` and `assistant`; user and assistant are needed, and `cue` must be one of the turns.";
    SameOpen = 604, "turns that look alike", "Where both may stand, one turn opens with the literal of the other, or goes on as its content could.",
        "Give each role its own opening.";
    SameGrammar = 605, "grammar never tried", "A grammar reads exactly what an earlier one reads.", "Remove one of the two.";
    NoPrompt = 606, "no grammar", "A member has type `prompt`, and the family has no grammar that writes.",
        "Add one under `prompts:`.";
    BadMarker = 607, "useless marker", "A marker is empty or listed twice.", "Remove it.";

    AmbiguousGlob = 701, "ambiguous model patterns",
        "Two patterns of equal weight match the same model id.", "Make one more specific.";
    UnknownPrompt = 702, "unknown prompt", "`prompt:` names a grammar that the family does not have.", "Correct the name.";
    MissingLimit = 703, "missing limit", "A member falls back on a limit that a model does not state.",
        "Add the limit to the model.";
    BadGlob = 704, "badly formed pattern", "A model pattern has characters that no model id has.",
        "Use letters, digits, `.`, `-`, `:` and `*`.";
    BadBodyRule = 705, "bad body rule",
        "The conditions of `body:` do not tell this family's bodies from those of the others with its ids.",
        "Give conditions for every kind of body that the family has, and none that contradict each other.";
    BadRule = 706, "bad rule", "A rule on requests can do nothing, or is about something that no request has.",
        "Give the rule one form and members of the request, and use it for a model.";
    UnknownRule = 707, "unknown rule", "A model names a rule that the family does not have.", "Correct the name.";

    DuplicateExample = 801, "example id twice", "Two examples have the same id.", "Rename one.";
    ExampleFails = 802, "example does not hold", "Running the example gives something else than it says.",
        "Correct the example or the mapping; the message shows where they part.";
    NotExercised = 803, "not exercised", "No example uses this member, case or map row.",
        "Add it to an example, so that the mapping is proved.";
    BadExample = 804, "incomplete example", "An example lacks a side that its direction needs, or shows an operation that the family has not.",
        "Give `native` and `converse` (or `error`), or restrict the example with `way:`.";
    UnknownModel = 805, "unknown model", "The model id of an example matches no catalogue entry.",
        "Correct the id, or add the model.";
    NotGenerated = 901, "no code for this form", "The form is sound and the interpreter runs it, but the generator has no code for it: a compiled codec would refuse the whole body.",
        "Say it in another form, or leave the spec to the interpreter.";
}

impl Code {
    /// The number, without the letter.
    #[must_use]
    pub fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{}", self.number())
    }
}

/// The table of all codes for the language reference.
#[must_use]
pub fn codes_markdown() -> String {
    let mut out = String::from("| code | | cause | cure |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let [title, cause, cure] = [code.title(), code.cause(), code.cure()].map(|text| text.replace('|', "\\|"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| `{code}` | {title} | {cause} | {cure} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_no_retired_number_returns() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(Code::ALL.iter().all(|code| !RETIRED.contains(&code.number())));
    }

    #[test]
    fn cause_and_cure_are_sentences() {
        for code in Code::ALL {
            assert!(code.cause().ends_with('.') && code.cure().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn the_table_has_a_row_per_code() {
        assert_eq!(codes_markdown().lines().count(), Code::ALL.len() + 2);
    }
}
