//! What the tests in `tests/tests` share.

#![allow(clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

pub mod canon;
pub mod compare;
pub mod conformance;
pub mod explained;
pub mod families;
pub mod fuzzing;
pub mod fuzzing_prompts;
pub mod leaves;
pub mod mutations;
pub mod pages;
pub mod random;
pub mod random_native;
pub mod recordings;
pub mod side_by_side;
pub mod snippets;
pub mod there_and_back;
