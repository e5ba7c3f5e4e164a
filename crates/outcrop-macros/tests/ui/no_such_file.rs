outcrop::family!("specs/nowhere.yaml");

fn main() {}
