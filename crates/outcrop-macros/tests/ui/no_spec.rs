outcrop::family! { vis = pub(crate) }

fn main() {}
