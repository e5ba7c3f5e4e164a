//! Every example of every spec, in every direction that it claims. Generated: a failure names family, direction and example.

#[rustfmt::skip]
mod generated;
