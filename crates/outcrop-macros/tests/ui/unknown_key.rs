outcrop::family! { file = "specs/acme.yaml" }

fn main() {}
