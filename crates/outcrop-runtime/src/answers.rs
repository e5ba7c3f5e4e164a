//! Which call a tool result answers, in formats whose results repeat their call and whose calls have no ids.

use std::collections::BTreeMap;

use crate::Tree;

/// The calls of a conversation so far. Encoding asks it what decoding will find.
#[derive(Debug, Default)]
pub struct Answers {
    count: usize,
    /// By what a result repeats of a call: the calls, and how many of them have a result.
    same: BTreeMap<String, (Vec<usize>, usize)>,
}

impl Answers {
    /// How many calls there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// One more call; gives its position.
    pub fn call(&mut self, call: &Tree) -> usize {
        let at = self.count;
        self.count += 1;
        self.same.entry(repeated(call)).or_default().0.push(at);
        at
    }

    /// The position of the call that the next result with this copy answers: the first one that has no result yet, or the
    /// last one if all have: it has several. None if there is no such call.
    pub fn answered(&mut self, copy: &Tree) -> Option<usize> {
        let (calls, used) = self.same.get_mut(&repeated(copy))?;
        let next = calls.get(*used).or(calls.last()).copied();
        *used = calls.len().min(*used + 1);
        next
    }
}

/// What is the same in a call and its copy.
fn repeated(call: &Tree) -> String {
    let part = |member| call.get(member).map_or_else(|| "null".to_owned(), Tree::by_meaning);
    format!("{} {}", part("name"), part("input"))
}

#[cfg(test)]
mod tests {
    use super::Answers;
    use crate::Tree;

    #[test]
    fn a_result_answers_the_first_open_call_that_is_the_same() {
        let call = |text: &str| Tree::parse_text(text).unwrap();
        let (north, south) = (r#"{"name":"tide","input":{"a":1,"b":"n"}}"#, r#"{"name":"tide","input":{"b":"s"}}"#);
        let mut answers = Answers::default();
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
}
