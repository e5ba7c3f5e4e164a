//! Bodies with a few changes, for tests of what is refused.

use outcrop_runtime::tree::Tree;

/// An input with so many changes, and inputs that have a part of them each: none, or one of them.
pub fn mutated(original: &Tree, changes: usize, rng: &mut fastrand::Rng) -> (Tree, Vec<Tree>) {
    let (mut whole, mut parts) = (original.clone(), vec![original.clone()]);
    for _ in 0..changes {
        let mutation = Mutation::draw(&whole, rng);
        mutation.apply(&mut whole);
        let mut part = original.clone();
        mutation.apply(&mut part);
        parts.push(part);
    }
    whole.forget_source();
    parts.iter_mut().for_each(Tree::forget_source);
    (whole, parts)
}

/// A change of one place.
struct Mutation {
    path: Vec<Step>,
    change: Change,
}

enum Step {
    Member(String),
    Element(usize),
}

enum Change {
    Remove(Step),
    /// The member or element comes twice; a member under another name.
    Repeat(Step, String),
    /// The member changes places with the last one.
    Move(String),
    Replace(Tree),
}

impl Mutation {
    fn draw(tree: &Tree, rng: &mut fastrand::Rng) -> Self {
        let (mut path, mut tree) = (Vec::new(), tree);
        loop {
            let count = match tree {
                Tree::Obj(o) => o.len(),
                Tree::Arr(a) => a.items().len(),
                _ => 0,
            };
            if count == 0 || rng.u8(..6) == 0 {
                return Self { path, change: Change::Replace(other(rng)) };
            }
            let at = rng.usize(..count);
            // By name, so that it is the same place in a body without the changes before.
            let (step, inner) = match tree {
                Tree::Obj(o) => (Step::Member(o.members()[at].0.clone()), &o.members()[at].1),
                Tree::Arr(a) => (Step::Element(at), &a.items()[at]),
                leaf => (Step::Element(at), leaf),
            };
            let change = match (rng.u8(..10), step) {
                (0, step) => Change::Remove(step),
                (1, step) => Change::Repeat(step, format!("x{}", rng.u8(..))),
                (2, Step::Member(name)) => Change::Move(name),
                (_, step) => {
                    path.push(step);
                    tree = inner;
                    continue;
                }
            };
            return Self { path, change };
        }
    }

    /// Does nothing where the place is not there.
    fn apply(&self, tree: &mut Tree) {
        let place = self.path.iter().try_fold(tree, |tree, step| match (tree, step) {
            (Tree::Obj(o), Step::Member(name)) => o.get_mut(name),
            (Tree::Arr(a), Step::Element(at)) => a.items_mut().get_mut(*at),
            _ => None,
        });
        match (&self.change, place) {
            (Change::Replace(value), Some(place)) => *place = value.clone(),
            (Change::Remove(Step::Member(name)), Some(Tree::Obj(o))) => drop(o.remove(name)),
            (Change::Remove(Step::Element(at)), Some(Tree::Arr(a))) if *at < a.items().len() => {
                drop(a.items_mut().remove(*at));
            }
            (Change::Repeat(Step::Member(name), other), Some(Tree::Obj(o))) => {
                if let Some(value) = o.get(name).cloned() {
                    o.set(other.as_str(), value);
                }
            }
            (Change::Repeat(Step::Element(at), _), Some(Tree::Arr(a))) if *at < a.items().len() => {
                let item = a.items()[*at].clone();
                a.items_mut().push(item);
            }
            (Change::Move(name), Some(Tree::Obj(o))) => {
                let last = o.len().saturating_sub(1);
                if let Some(at) = o.members().iter().position(|(n, _)| n == name) {
                    o.members_mut().swap(at, last);
                }
            }
            _ => {}
        }
    }
}

/// A value that is perhaps none of the right form.
fn other(rng: &mut fastrand::Rng) -> Tree {
    match rng.u8(..8) {
        0 => Tree::Bool(true),
        1 => Tree::Num("28.0".into()),
        2 => Tree::Num("-3.5".into()),
        3 => Tree::str("a \"q\"\n<x> é"),
        4 => Tree::list(Vec::new()),
        5 => Tree::object(Vec::new()),
        6 => Tree::str("system"),
        _ => Tree::str("user"),
    }
}
