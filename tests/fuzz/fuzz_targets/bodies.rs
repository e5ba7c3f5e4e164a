//! Any bytes as request and response body of any family, in both directions: no panic, and what decodes encodes again or is refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use outcrop_runtime::{Call, Kind};
use outcrop_tests::families::{self, Loaded};

static FAMILIES: LazyLock<Vec<Loaded>> = LazyLock::new(families::all);

fuzz_target!(|data: &[u8]| {
    let Some((&pick, body)) = data.split_first() else { return };
    let Some(family) = FAMILIES.get(usize::from(pick >> 1) % FAMILIES.len()) else { return };
    let kind = if pick & 1 == 0 { Kind::Request } else { Kind::Response };
    let call = Call { model: &family.model, ..Call::default() };
    if let Ok(out) = family.codec.decode(kind, &call, body) {
        let _ = family.codec.encode(kind, &call, &out.body);
    }
    let _ = family.codec.encode(kind, &call, body);
    let _ = family.codec.check(kind, &call, body);
});
