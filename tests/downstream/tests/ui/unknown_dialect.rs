outcrop::family! { name = lost, text = "spec: 1\nfamily: lost\nextends: no-such-dialect\n" }

fn main() {}
