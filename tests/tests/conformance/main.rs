//! Every example of every spec, in every direction that it claims. Generated: a failure names family, direction and example.

// One rule for names of one word and of ten.
#[allow(clippy::pedantic)]
#[rustfmt::skip]
mod generated;
