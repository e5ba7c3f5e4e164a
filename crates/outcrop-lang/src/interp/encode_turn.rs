//! Converse to native: turns, each of which may be several elements.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::at::At;
use super::encode_union::take_role;
use super::node::Node;
use super::patch::Patch;
use super::{Cx, Item};
use crate::ir::{Case, Lens, Path, Step, Struct, Ty, TypeKind, Union, Unknown, Way};

impl<'a> Cx<'a> {
    /// A turn where the format has room for one element.
    pub(crate) fn encode_one_turn(
        &mut self,
        u: &'a Union,
        turn: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let mut out = Vec::new();
        let mut part = Patch::of_element(std::mem::take(patch));
        let place = turn.at.clone();
        self.encode_turn(u, turn, &mut part, &At::One(at), None, &mut out)?;
        self.no_rest(&mut part, at)?;
        if out.len() > 1 {
            return Err(Error::new(
                Code::NotSingle,
                format!("the format has room for one message and this turn is {}; send less in it", out.len()),
            )
            .at(place)
            .native(at.path()));
        }
        Ok(out.pop())
    }

    /// One turn as several elements: each block of some arms alone, the rest together.
    pub(crate) fn encode_turn(
        &mut self,
        u: &'a Union,
        turn: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
        before_turn: Option<usize>,
        out: &mut Vec<Tree>,
    ) -> Result<Option<usize>, Error> {
        if u.unknown == Unknown::Keep
            && let Some(native) = self.encode_kept(u, turn, at)?
        {
            out.push(native);
            return Ok(None);
        }
        let role = turn.role().unwrap_or_default().to_owned();
        let of_role = |c: &Case| c.way != Way::Decode && c.arm.as_ref().is_some_and(|a| is_member(a, &role));
        let cases: Vec<(usize, &'a Case)> = u.cases.iter().enumerate().filter(|(_, c)| of_role(c)).collect();
        if cases.is_empty() {
            return self.judge(turn).map(|()| None);
        }
        let empty = turn.list_at(&content_path()).is_none_or(|items| items.is_empty());
        let last_whole = cases.iter().rev().find(|(_, c)| c.each.is_none()).map(|(i, _)| *i);
        let mut seen: Vec<usize> = Vec::new();
        // The first and the last case that wrote something.
        let mut run = (usize::MAX, 0);
        for (index, case) in cases {
            let before = out.len();
            let orders = if case.each.is_some() {
                self.encode_each(u, (index, case), turn, patch, at, out)?
            } else {
                // Of the cases that share blocks, those before the last need what they require.
                if last_whole != Some(index) && !self.has_blocks(case, turn) {
                    continue;
                }
                let orders = self.blocks_of(case, turn);
                if orders.is_empty() && !(empty && last_whole == Some(index)) || !self.matches(case, turn) {
                    continue;
                }
                let place = at.index(out.len());
                let mut part = patch.element(out.len());
                let native = self.encode_case(u, index, case, turn, &mut part, &place)?;
                self.no_rest(&mut part, &place)?;
                out.push(native);
                orders
            };
            if out.len() > before {
                run = (run.0.min(index), index);
            }
            seen.extend(orders);
        }
        take_role(turn, &[Step::Member(role)]);
        if !seen.is_sorted() {
            let place = turn.member("content").map_or(&turn.at, |c| &c.at).clone();
            self.lose(Fate::Approximated, &place, "the format groups blocks by kind; they read back in another order");
        }
        if run.0 == usize::MAX {
            // That blocks have no place says more than that the turn is missing.
            return self.judge(turn).map(|()| None);
        }
        if !empty
            && before_turn.is_some_and(|before| {
                u.cases.get(before).zip(u.cases.get(run.0)).is_some_and(|(last, first)| {
                    let (before, now) = (self.family.rank(u, before), self.family.rank(u, run.0));
                    last.arm == first.arm && (before < now || before == now && first.each.is_some())
                })
            })
        {
            let place = turn.at.clone();
            self.lose(Fate::Approximated, &place, "this turn and the one before it read back as one");
        }
        Ok((!empty).then_some(run.1))
    }

    /// One element per block of an arm; gives the positions of the blocks.
    fn encode_each(
        &mut self,
        u: &'a Union,
        (index, case): (usize, &'a Case),
        turn: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
        out: &mut Vec<Tree>,
    ) -> Result<Vec<usize>, Error> {
        let Some(arm) = &case.each else { return Ok(Vec::new()) };
        let mut orders = Vec::new();
        let mut blocks = Vec::new();
        if let Some(items) = turn.member_mut("content").and_then(Node::items_mut) {
            let (mine, others) = std::mem::take(items).into_iter().partition(|n| n.has_arm(arm));
            *items = others;
            blocks = mine;
        }
        for mut block in blocks {
            let place = at.index(out.len());
            orders.push(block.order);
            let mut part = patch.element(out.len());
            if let Some(payload) = block.find(&arm.0)? {
                self.cover(Some(case.span));
                let native = self.encode_tagged(u, index, case, payload, &mut part, &place)?;
                self.no_rest(&mut part, &place)?;
                payload.settle();
                out.push(native);
            }
            self.left.push(block);
        }
        Ok(orders)
    }

    /// Whether a turn has the blocks that fields of a case cannot do without.
    fn has_blocks(&self, case: &'a Case, turn: &Node) -> bool {
        let blocks = turn.list_at(&content_path()).unwrap_or_default();
        let there = |arms: &[Path]| blocks.iter().any(|n| !n.is_spent() && arms.iter().any(|arm| n.has_arm(arm)));
        self.case_struct(case).is_none_or(|s| s.needed_blocks().all(there))
    }

    /// Positions of the blocks of a turn that the fields of a case take.
    fn blocks_of(&self, case: &'a Case, turn: &Node) -> Vec<usize> {
        let blocks = turn.list_at(&content_path()).unwrap_or_default();
        let Some(s) = self.case_struct(case) else { return Vec::new() };
        let fields = self.taking(s);
        let mine = blocks.iter().filter(|n| {
            !n.is_spent() && fields.as_ref().is_none_or(|all| all.iter().any(|(ty, arms)| self.takes(ty, arms, n)))
        });
        mine.map(|n| n.order).collect()
    }

    /// The types and arms of the fields that take blocks of the turn; none if one takes the list as a whole.
    fn taking(&self, s: &'a Struct) -> Option<Vec<(&'a Ty, &'a [Path])>> {
        let mut all: Vec<(&'a Ty, &'a [Path])> = Vec::new();
        for field in s.fields.iter().filter(|f| f.way != Way::Decode) {
            match &field.lens {
                Lens::Take { arms, .. } => all.push((&field.ty, arms)),
                Lens::Path(path) if path.0 == content_path() => return None,
                Lens::Group => all.extend(self.taking(self.group_struct(field)?)?),
                _ => {}
            }
        }
        Some(all)
    }

    /// Whether a field takes a block: one of its arms, or one that was kept whole if its type keeps such.
    pub(crate) fn takes(&self, ty: &'a Ty, arms: &[Path], block: &Node) -> bool {
        let kept = |item: Item<'_>| {
            let id = match &item {
                Item::Id(id) | Item::Type(Ty::Named(id)) => self.family.types.get(*id),
                Item::Type(_) => None,
            };
            let keeps = matches!(id.map(|t| &t.kind), Some(TypeKind::Union(u)) if u.unknown == Unknown::Keep);
            keeps && self.views_block(&item, arms)
        };
        arms.iter().any(|arm| block.has_arm(arm))
            || block.member("native").is_some_and(Node::is_present) && self.item_type(ty).is_some_and(kept)
    }
}

fn content_path() -> Vec<Step> {
    vec![Step::Member("content".to_owned())]
}

fn is_member(path: &Path, name: &str) -> bool {
    matches!(path.0.as_slice(), [Step::Member(m)] if m == name)
}
