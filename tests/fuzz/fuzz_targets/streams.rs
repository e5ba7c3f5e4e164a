//! Any bytes, cut at line breaks, as chunks and as events of any family's stream.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use outcrop_runtime::Call;
use outcrop_tests::families::{self, Loaded};

static FAMILIES: LazyLock<Vec<Loaded>> = LazyLock::new(families::all);

fuzz_target!(|data: &[u8]| {
    let Some((&pick, body)) = data.split_first() else { return };
    let Some(family) = FAMILIES.get(usize::from(pick) % FAMILIES.len()) else { return };
    let call = Call { model: &family.model, ..Call::default() };
    let items: Vec<Vec<u8>> = body.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    if let Ok(events) = family.stream_decode(&call, &items) {
        let _ = family.stream_encode(&call, &events);
    }
    let _ = family.stream_encode(&call, &items);
});
