//! Parsed values borrow from the input and the arena; this makes them independent of both.

use super::{Json, List, Map, Num, One, Str};

/// Values that can be made to own all they hold.
pub trait IntoOwned {
    /// The same type without borrows.
    type Owned: 'static;
    /// The value, owning everything.
    fn into_owned(self) -> Self::Owned;
}

macro_rules! already_owned {
    ($($name:ty),*) => {$(
        impl IntoOwned for $name {
            type Owned = $name;
            fn into_owned(self) -> $name {
                self
            }
        }
    )*};
}
already_owned!(bool, i64);

impl IntoOwned for Str<'_> {
    type Owned = Str<'static>;
    fn into_owned(self) -> Str<'static> {
        Str::from(self.text().into_owned())
    }
}
impl IntoOwned for Num<'_> {
    type Owned = Num<'static>;
    fn into_owned(self) -> Num<'static> {
        self.owned()
    }
}
impl IntoOwned for Json<'_> {
    type Owned = Json<'static>;
    fn into_owned(self) -> Json<'static> {
        self.owned()
    }
}
impl<T: IntoOwned + Clone> IntoOwned for Map<'_, T> {
    type Owned = Map<'static, T::Owned>;
    fn into_owned(self) -> Self::Owned {
        Map(self.0.into_owned())
    }
}
impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;
    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}
impl<A: IntoOwned, B: IntoOwned> IntoOwned for (A, B) {
    type Owned = (A::Owned, B::Owned);
    fn into_owned(self) -> Self::Owned {
        (self.0.into_owned(), self.1.into_owned())
    }
}
impl<T: IntoOwned + Clone> IntoOwned for List<'_, T> {
    type Owned = List<'static, T::Owned>;
    fn into_owned(self) -> List<'static, T::Owned> {
        List::Owned(match self {
            List::Owned(list) => list.into_iter().map(T::into_owned).collect(),
            List::Borrowed(list) => list.iter().cloned().map(T::into_owned).collect(),
        })
    }
}
impl<T: IntoOwned + Clone> IntoOwned for One<'_, T> {
    type Owned = One<'static, T::Owned>;
    fn into_owned(self) -> One<'static, T::Owned> {
        One::from(match self {
            One::Owned(value) => value.into_owned(),
            One::Borrowed(value) => value.clone().into_owned(),
        })
    }
}
