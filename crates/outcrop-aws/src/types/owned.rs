//! Between values that own and the core's values that borrow.

use outcrop_runtime::Error;
use outcrop_runtime::json::{self, Arena, List, Num, One, Str};

use super::Map;

/// A plain value, which can be seen as the core's value that borrows, and made of one.
pub trait Owned: Sized {
    /// The core's value.
    type View<'v>
    where
        Self: 'v;

    /// The core's value, borrowing the texts of this one; lists and encoded bytes go into the arena.
    fn view<'v>(&'v self, arena: &'v Arena) -> Self::View<'v>;

    /// The value that owns what the core's value borrows. The error is `bad-encoding`, for bytes that are not base64.
    fn own(view: &Self::View<'_>) -> Result<Self, Error>;
}

/// The member `name` of a value.
pub(crate) fn member<T: Owned>(view: &T::View<'_>, name: &str) -> Result<T, Error> {
    T::own(view).map_err(|e| within(name, e))
}

/// The same error as one of the member `name` of a value.
#[cold]
pub(crate) fn within(name: &str, mut e: Error) -> Error {
    e.path = match e.path.as_str() {
        "" => name.to_owned(),
        path if path.starts_with('[') => format!("{name}{path}"),
        path => format!("{name}.{path}"),
    };
    e
}

impl Owned for String {
    type View<'v> = Str<'v>;
    fn view<'v>(&'v self, _: &'v Arena) -> Str<'v> {
        Str::plain(self)
    }
    fn own(view: &Str<'_>) -> Result<Self, Error> {
        Ok(view.text().into_owned())
    }
}

impl Owned for i64 {
    type View<'v> = i64;
    fn view<'v>(&'v self, _: &'v Arena) -> i64 {
        *self
    }
    fn own(view: &i64) -> Result<Self, Error> {
        Ok(*view)
    }
}

impl Owned for bool {
    type View<'v> = bool;
    fn view<'v>(&'v self, _: &'v Arena) -> bool {
        *self
    }
    fn own(view: &bool) -> Result<Self, Error> {
        Ok(*view)
    }
}

impl Owned for f64 {
    type View<'v> = Num<'v>;
    fn view<'v>(&'v self, arena: &'v Arena) -> Num<'v> {
        Num::in_arena(*self, arena)
    }
    fn own(view: &Num<'_>) -> Result<Self, Error> {
        Ok(view.as_f64())
    }
}

impl<T: Owned> Owned for Option<T> {
    type View<'v>
        = Option<T::View<'v>>
    where
        T: 'v;
    fn view<'v>(&'v self, arena: &'v Arena) -> Self::View<'v> {
        self.as_ref().map(|value| value.view(arena))
    }
    fn own(view: &Self::View<'_>) -> Result<Self, Error> {
        view.as_ref().map(T::own).transpose()
    }
}

impl<T: Owned> Owned for Box<T> {
    type View<'v>
        = One<'v, T::View<'v>>
    where
        T: 'v;
    fn view<'v>(&'v self, arena: &'v Arena) -> Self::View<'v> {
        One::Borrowed(arena.value((**self).view(arena)))
    }
    fn own(view: &Self::View<'_>) -> Result<Self, Error> {
        T::own(view).map(Box::new)
    }
}

impl<T: Owned> Owned for Vec<T> {
    type View<'v>
        = List<'v, T::View<'v>>
    where
        T: 'v;
    fn view<'v>(&'v self, arena: &'v Arena) -> Self::View<'v> {
        let mut list = arena.list();
        for item in self {
            list.push(item.view(arena));
        }
        list.finish()
    }
    fn own(view: &Self::View<'_>) -> Result<Self, Error> {
        let own = |(i, item)| T::own(item).map_err(|e| within(&format!("[{i}]"), e));
        view.iter().enumerate().map(own).collect()
    }
}

impl<T: Owned> Owned for Map<T> {
    type View<'v>
        = json::Map<'v, T::View<'v>>
    where
        T: 'v;
    fn view<'v>(&'v self, arena: &'v Arena) -> Self::View<'v> {
        if self.is_empty() {
            return json::Map::EMPTY;
        }
        let mut list = arena.list();
        for (name, value) in self {
            list.push((Str::plain(name), value.view(arena)));
        }
        json::Map(list.finish())
    }
    fn own(view: &Self::View<'_>) -> Result<Self, Error> {
        let own = |(name, value): &(Str<'_>, T::View<'_>)| {
            let name = name.text().into_owned();
            let value = member(value, &name)?;
            Ok((name, value))
        };
        view.iter().map(own).collect()
    }
}
