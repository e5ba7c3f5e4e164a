//! Tokens and what they cost, by the prices of the catalogue.

use outcrop::catalogue::{self, Tokens};
use outcrop::runtime::usage::{Source, Sources};
use outcrop_aws::usage::{Cost, Count, Tier, Usage};

fn usage(input: u64, output: u64, read: u64, written: u64) -> Usage {
    let count = |tokens| Some(Count { tokens, source: Source::Body });
    Usage {
        input: count(input),
        output: count(output),
        total: count(input + output + read + written),
        cache_read: count(read),
        cache_write: count(written),
        cache_write_hour: None,
    }
}

/// A chat model with prices for caches by its plain id and by some geography, at different rates.
fn priced() -> (&'static catalogue::Model, &'static str) {
    let complete = |price: &catalogue::Price| {
        [Tokens::CacheRead, Tokens::CacheWrite, Tokens::CacheWriteHour]
            .map(|kind| price.picodollars(kind))
            .iter()
            .all(Option::is_some)
    };
    catalogue::models()
        .iter()
        .find_map(|model| {
            let plain = model.price(None, None).filter(|price| complete(price))?;
            let other = model.prices.iter().find(|price| {
                complete(price) && price.picodollars(Tokens::Input) != plain.picodollars(Tokens::Input)
            })?;
            let geography = other.scopes.iter().find(|scope| **scope != "-" && !scope.contains('-'))?;
            Some((model, *geography))
        })
        .expect("the catalogue has such a model")
}

#[test]
fn a_cost_is_the_sum_of_its_tokens() {
    let (model, geography) = priced();
    for (id, geography) in [(model.id.to_owned(), None), (format!("{geography}.{}", model.id), Some(geography))] {
        let price = model.price(geography, None).unwrap();
        let rate = |kind| u128::from(price.picodollars(kind).unwrap());
        let mut used = usage(1_000_003, 20_001, 7, 11);
        used.cache_write_hour = Some(4);
        let wanted = 1_000_003 * rate(Tokens::Input)
            + 20_001 * rate(Tokens::Output)
            + 7 * rate(Tokens::CacheRead)
            + 7 * rate(Tokens::CacheWrite)
            + 4 * rate(Tokens::CacheWriteHour);
        let cost = Cost::of(&id, None, &used, Tier::Default).unwrap();
        assert_eq!(cost.picodollars, wanted, "{id}");
        let dollars = used.input.unwrap().tokens as f64 * price.usd_per_million(Tokens::Input).unwrap() / 1e6;
        assert!(cost.usd() > dollars && cost.usd() < dollars * 2.0);
    }
}

#[test]
fn a_known_price_by_hand() {
    // 0.06 and 0.24 dollars a million.
    let cost = Cost::of("amazon.nova-lite-v1:0", Some("us-east-1"), &usage(1000, 500, 0, 0), Tier::Default).unwrap();
    assert_eq!((cost.picodollars, cost.to_string()), (180_000_000, "$0.00018".to_owned()));
    let cost =
        Cost::of("eu.amazon.nova-lite-v1:0", Some("eu-west-1"), &usage(1_000_000, 0, 0, 0), Tier::Default).unwrap();
    assert_eq!(cost.to_string(), "$0.078");
    let sum: Cost = [cost, cost].into_iter().sum();
    assert_eq!(
        (sum.to_string(), Cost { picodollars: 2_000_000_000_000 }.to_string()),
        ("$0.156".to_owned(), "$2".to_owned())
    );
    let flex = Cost::of("us.amazon.nova-2-lite-v1:0", None, &usage(1_000_000, 0, 0, 0), Tier::of("flex")).unwrap();
    assert_eq!(flex.to_string(), "$0.165");
}

#[test]
fn a_cost_is_complete_or_not_there() {
    let of = |id: &str, region, used: &Usage, tier| Cost::of(id, region, used, tier);
    let used = usage(10, 10, 0, 0);
    let lite = "amazon.nova-lite-v1:0";
    assert!(of(lite, None, &used, Tier::Default).is_some());
    assert_eq!(of("no.such-model-v1:0", None, &used, Tier::Default), None);
    assert_eq!(of("xy.amazon.nova-lite-v1:0", None, &used, Tier::Default), None, "a geography without a price");
    assert_eq!(
        of("arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdefghijkl", None, &used, Tier::Default),
        None
    );
    assert_eq!(of(lite, None, &used, Tier::of("reserved")), None);
    assert_eq!(of(lite, None, &used, Tier::Priority), None, "a tier without a price");
    assert_eq!(of(lite, None, &Usage { output: None, ..used }, Tier::Default), None, "nobody counted the answer");
    assert_eq!(of(lite, None, &Usage { input: None, ..used }, Tier::Default), None);
    assert_eq!(of(lite, None, &usage(10, 10, 0, 5), Tier::Default), None, "no price for cache writes");
    assert_eq!(
        of("us.amazon.nova-2-lite-v1:0", None, &usage(1, 1, 1, 0), Tier::Flex),
        None,
        "nor for caches in a tier"
    );
    let embedding = Usage { output: None, total: None, ..usage(10, 0, 0, 0) };
    assert!(of("amazon.titan-embed-text-v2:0", None, &embedding, Tier::Default).is_some(), "it has no answer to count");
}

#[test]
fn cached_tokens_are_paid_once_wherever_they_are_counted() {
    let beside = usage(100, 10, 40, 0);
    let count = |tokens| Some(Count { tokens, source: Source::Body });
    let within = Usage { input: count(140), total: count(150), ..beside };
    let of = |used: &Usage| Cost::of("amazon.nova-lite-v1:0", None, used, Tier::Default);
    assert_eq!(of(&beside), of(&within));
    assert_eq!((beside.prompt(), within.prompt()), (Some(140), Some(140)));
    let strange = Usage { total: count(9), ..beside };
    assert_eq!((of(&strange), strange.prompt()), (None, None), "nobody knows how these add up");
}

#[test]
fn every_count_has_its_source() {
    let counts = [Some(31), Some(2), Some(33), None, Some(-1)];
    let said = [Some((31, Source::Header)), Some((2, Source::Body)), Some((33, Source::Sum)), None, None];
    let used = Usage::new(counts, &Sources::of(said));
    assert_eq!(used.input, Some(Count { tokens: 31, source: Source::Header }));
    assert_eq!(used.output, Some(Count { tokens: 2, source: Source::Body }));
    assert_eq!(used.total, Some(Count { tokens: 33, source: Source::Sum }));
    assert_eq!((used.cache_read, used.cache_write), (None, None));
    assert_eq!(used.prompt(), Some(31));
}
