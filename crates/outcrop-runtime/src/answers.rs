//! Which call a tool result answers, in formats whose calls have no ids: their results repeat the call or a part of it, or stand
//! in the order of the calls.

use std::collections::BTreeMap;

use crate::Tree;
use crate::tree::Object;

/// What results repeat of the call that they answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repeats {
    /// The name of the tool.
    pub name: bool,
    /// The input of the call.
    pub input: bool,
}

impl Repeats {
    /// Nothing: order decides.
    pub const NOTHING: Self = Self { name: false, input: false };
    /// The whole call.
    pub const ALL: Self = Self { name: true, input: true };

    /// Whether there is anything that results repeat.
    #[must_use]
    pub fn any(self) -> bool {
        self.name || self.input
    }

    /// What of a call the format tells results apart by.
    fn of(self, call: &Tree) -> String {
        let part = |wanted: bool, member| match call.get(member) {
            _ if !wanted => String::new(),
            Some(value) => value.by_meaning(),
            None => "null".to_owned(),
        };
        format!("{} {}", part(self.name, "name"), part(self.input, "input"))
    }

    /// Whether two calls are the same but for their ids.
    #[must_use]
    pub fn are_same(one: &Tree, other: &Tree) -> bool {
        Self::ALL.of(one) == Self::ALL.of(other)
    }

    /// Why a result reads back as the answer of another call than its own.
    #[must_use]
    pub fn confused(self, other: &str) -> String {
        let by = match (self.name, self.input) {
            (false, false) => "their order",
            (true, false) => "the name of their tool",
            (false, true) => "the input of their call",
            (true, true) => "their call",
        };
        format!(
            "the format tells results apart by {by}; it reads back as the answer to `{other}`, so send results in the order of their calls"
        )
    }
}

/// The calls of a conversation so far. Encoding asks it what decoding will find.
#[derive(Debug, Default)]
pub struct Answers {
    repeats: Repeats,
    count: usize,
    /// By what a result repeats of a call: the calls, and how many of them have a result.
    same: BTreeMap<String, (Vec<usize>, usize)>,
}

impl Answers {
    /// Of a format whose results repeat this.
    #[must_use]
    pub fn new(repeats: Repeats) -> Self {
        Self { repeats, ..Self::default() }
    }

    /// How many calls there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// One more call; gives its position.
    pub fn call(&mut self, call: &Tree) -> usize {
        let at = self.count;
        self.count += 1;
        self.same.entry(self.repeats.of(call)).or_default().0.push(at);
        at
    }

    /// The position of the call that the next result with this copy answers: the first one that has no result yet, or the
    /// last one if all have: it has several. None if there is no such call.
    pub fn answered(&mut self, copy: &Tree) -> Option<usize> {
        let (calls, used) = self.same.get_mut(&self.repeats.of(copy))?;
        let next = calls.get(*used).or(calls.last()).copied();
        *used = calls.len().min(*used + 1);
        next
    }
}

/// Why a call is made up.
pub const MADE_UP: &str = "the call that a tool result repeats was not in the history";

/// Why an additional field is gone whose turn has moved.
pub const DISPLACED: &str = "a call that a result repeats was not in the history and stands there now, so the place of this member is another one";

/// Takes the additional fields that lead into lists of turns (`lists`: pointers to them) once a turn has been put in between:
/// their positions are those of other turns now. Gives the places of what was taken.
pub fn displaced(extras: &mut Object, lists: &[&str]) -> Vec<String> {
    let leads = |name: &str| lists.iter().any(|list| name.strip_prefix(list).is_some_and(|rest| rest.starts_with('/')));
    let names: Vec<String> =
        extras.members().iter().map(|(name, _)| name).filter(|name| leads(name)).cloned().collect();
    for name in &names {
        extras.remove(name);
    }
    names.iter().map(|name| place(name)).collect()
}

/// The place that a pointer leads to, as reports say it.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for step in pointer.split('/').skip(1) {
        let is_index = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
        match (is_index, place.is_empty()) {
            (true, _) => place.extend(["[", step, "]"]),
            (false, first) => place.extend([if first { "" } else { "." }, &step.replace("~1", "/").replace("~0", "~")]),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::{Answers, Repeats};
    use crate::Tree;

    #[test]
    fn a_result_answers_the_first_open_call_that_is_the_same() {
        let call = |text: &str| Tree::parse_text(text).unwrap();
        let (north, south) = (r#"{"name":"tide","input":{"a":1,"b":"n"}}"#, r#"{"name":"tide","input":{"b":"s"}}"#);
        let mut answers = Answers::new(Repeats::ALL);
        for text in [north, south, north] {
            answers.call(&call(text));
        }
        let copy = call(r#"{"toolUseId":"x","input":{"b":"n","a":1.0},"name":"tide"}"#);
        let found: Vec<_> = (0..4).map(|_| answers.answered(&copy)).collect();
        assert_eq!(found, [Some(0), Some(2), Some(2), Some(2)], "one call may have several results");
        assert_eq!(answers.answered(&call(south)), Some(1));
        assert_eq!(answers.answered(&call(r#"{"name":"tide"}"#)), None);
        assert_eq!(answers.count(), 3);
    }

    #[test]
    fn a_part_of_a_call_tells_it_as_far_as_it_goes_and_nothing_means_order() {
        let call = |text: &str| Tree::parse_text(text).unwrap();
        let calls =
            [r#"{"name":"tide","input":{"a":1}}"#, r#"{"name":"moon","input":{}}"#, r#"{"name":"tide","input":{}}"#];
        let found = |repeats, copies: &[&str]| {
            let mut answers = Answers::new(repeats);
            for text in calls {
                answers.call(&call(text));
            }
            copies.iter().map(|copy| answers.answered(&call(copy))).collect::<Vec<_>>()
        };
        let (tide, moon) = (r#"{"name":"tide"}"#, r#"{"name":"moon","input":{"b":2}}"#);
        let by_name = Repeats { name: true, input: false };
        assert_eq!(found(by_name, &[moon, tide, tide, tide]), [Some(1), Some(0), Some(2), Some(2)]);
        assert_eq!(found(by_name, &[r#"{"name":"sun"}"#]), [None]);
        let by_input = Repeats { name: false, input: true };
        assert_eq!(found(by_input, &[r#"{"input":{}}"#, r#"{"input":{}}"#]), [Some(1), Some(2)]);
        assert_eq!(found(Repeats::NOTHING, &["null", tide, moon, tide]), [Some(0), Some(1), Some(2), Some(2)]);
        assert_eq!(Answers::new(Repeats::NOTHING).answered(&Tree::Null), None);
    }

    #[test]
    fn what_leads_into_turns_is_told_by_its_place() {
        let Tree::Obj(mut extras) =
            Tree::parse_text(r#"{"/turns/1/a~1b/0":1,"/turnstile/0":2,"seed":3,"/log/0":4}"#).unwrap()
        else {
            panic!("an object")
        };
        assert_eq!(super::displaced(&mut extras, &["/turns", "/old/log"]), ["turns[1].a/b[0]"]);
        assert_eq!(Tree::Obj(extras).to_string(), r#"{"/turnstile/0":2,"seed":3,"/log/0":4}"#);
    }
}
