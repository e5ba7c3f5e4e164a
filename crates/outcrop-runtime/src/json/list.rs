//! Lists and boxes that are either owned or parsed into an arena.

use std::fmt;
use std::ops::Deref;

/// A list: owned, or borrowed from an arena. Derefs to a slice.
pub enum List<'a, T> {
    /// Owned elements.
    Owned(Vec<T>),
    /// Elements that live elsewhere.
    Borrowed(&'a [T]),
}

impl<T> List<'_, T> {
    /// No elements.
    pub const EMPTY: Self = Self::Borrowed(&[]);
    /// The elements.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Owned(list) => list,
            Self::Borrowed(list) => list,
        }
    }
}

impl<T: Clone> List<'_, T> {
    /// The elements to change; borrowed ones are copied first.
    pub fn to_mut(&mut self) -> &mut Vec<T> {
        loop {
            match self {
                Self::Owned(list) => return list,
                Self::Borrowed(list) => *self = Self::Owned(list.to_vec()),
            }
        }
    }
    /// Adds an element at the end.
    pub fn push(&mut self, item: T) {
        self.to_mut().push(item);
    }
    /// The elements as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::Owned(list) => list,
            Self::Borrowed(list) => list.to_vec(),
        }
    }
}

impl<T> Deref for List<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}
impl<'l, T> IntoIterator for &'l List<'_, T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}
impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
impl<T: Clone> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Owned(list) => Self::Owned(list.clone()),
            Self::Borrowed(list) => Self::Borrowed(list),
        }
    }
}
impl<T: PartialEq> PartialEq for List<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}
impl<T: fmt::Debug> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}
impl<T> From<Vec<T>> for List<'_, T> {
    fn from(list: Vec<T>) -> Self {
        Self::Owned(list)
    }
}
impl<T, const N: usize> From<[T; N]> for List<'_, T> {
    fn from(list: [T; N]) -> Self {
        Self::Owned(list.into())
    }
}
impl<'a, T> From<&'a [T]> for List<'a, T> {
    fn from(list: &'a [T]) -> Self {
        Self::Borrowed(list)
    }
}
impl<T> FromIterator<T> for List<'_, T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Owned(items.into_iter().collect())
    }
}

/// A single value behind a pointer, for types that contain themselves. Derefs to the value.
pub enum One<'a, T> {
    /// An owned value.
    Owned(Box<T>),
    /// A value that lives elsewhere.
    Borrowed(&'a T),
}

impl<T> Deref for One<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Self::Owned(value) => value,
            Self::Borrowed(value) => value,
        }
    }
}
impl<T: Default> Default for One<'_, T> {
    fn default() -> Self {
        Self::Owned(Box::default())
    }
}
impl<T: Clone> Clone for One<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Owned(value) => Self::Owned(value.clone()),
            Self::Borrowed(value) => Self::Borrowed(value),
        }
    }
}
impl<T: PartialEq> PartialEq for One<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl<T: fmt::Debug> fmt::Debug for One<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
impl<T> From<T> for One<'_, T> {
    fn from(value: T) -> Self {
        Self::Owned(Box::new(value))
    }
}
