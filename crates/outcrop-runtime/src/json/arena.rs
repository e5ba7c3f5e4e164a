//! Where parsed lists live: a few growing chunks instead of an allocation per list.

use std::cell::Cell;
use std::mem;

use base64_simd::AsOut as _;
use bumpalo::Bump;
use bumpalo::collections::{String as BumpString, Vec as BumpVec};

use super::List;

/// Memory for parsed values; empty until the first list is parsed into it. Values in it are never dropped, so lists
/// built in an arena must hold nothing that owns heap memory: borrowed or arena text only.
///
/// What a dropped arena of an ordinary body had is used again by the next one of the same thread.
#[derive(Debug, Default)]
pub struct Arena(Bump);

/// A thread keeps no more than this from one body to the next.
const SPARE: usize = 256 << 10;
thread_local! {
    static SPARE_BUMP: Cell<Option<Bump>> = const { Cell::new(None) };
}

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// An arena with room for a body of so many bytes.
    #[must_use]
    pub fn for_input(bytes: usize) -> Self {
        let spare = SPARE_BUMP.try_with(Cell::take).ok().flatten();
        match spare.filter(|spare| spare.allocated_bytes() >= bytes) {
            Some(spare) => Self(spare),
            None => Self(Bump::with_capacity(bytes + 1024)),
        }
    }
    /// Keeps a text.
    pub fn str(&self, text: &str) -> &str {
        self.0.alloc_str(text)
    }
    /// Keeps the standard base64 of bytes.
    pub fn base64(&self, bytes: &[u8]) -> &str {
        let room: &mut [u8] = self.0.alloc_slice_fill_default(base64_simd::STANDARD.encoded_length(bytes.len()));
        base64_simd::STANDARD.encode_as_str(bytes, room.as_out())
    }
    /// Starts a text of about so many bytes.
    pub(crate) fn text(&self, room: usize) -> BumpString<'_> {
        BumpString::with_capacity_in(room, &self.0)
    }
    /// Keeps a value.
    pub fn value<T>(&self, value: T) -> &T {
        self.0.alloc(value)
    }
    /// Starts a list; nothing is allocated before its first element.
    pub fn list<T>(&self) -> ListBuilder<'_, T> {
        ListBuilder(BumpVec::new_in(&self.0))
    }
    /// Starts a list with room for some elements.
    pub(crate) fn list_of<T>(&self, room: usize) -> ListBuilder<'_, T> {
        ListBuilder(BumpVec::with_capacity_in(room, &self.0))
    }
    /// Forgets everything and keeps the largest chunk for the next body.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if matches!(self.0.allocated_bytes(), 1..=SPARE) {
            let mut bump = mem::take(&mut self.0);
            bump.reset();
            // A thread that ends keeps nothing.
            let _ = SPARE_BUMP.try_with(|spare| {
                let other = spare.take().filter(|other| other.allocated_bytes() > bump.allocated_bytes());
                spare.set(Some(other.unwrap_or(bump)));
            });
        }
    }
}

/// A list that is being parsed.
#[derive(Debug)]
pub struct ListBuilder<'a, T>(BumpVec<'a, T>);

impl<'a, T> ListBuilder<'a, T> {
    /// Adds an element.
    pub fn push(&mut self, item: T) {
        self.0.push(item);
    }
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Those so far.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
    /// The last one.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.0.last_mut()
    }
    /// The elements, which stay in the arena.
    pub(crate) fn into_slice(self) -> &'a [T] {
        self.0.into_bump_slice()
    }
    /// The list.
    #[must_use]
    pub fn finish(self) -> List<'a, T> {
        List::Borrowed(self.0.into_bump_slice())
    }
}
