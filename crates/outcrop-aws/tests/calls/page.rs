//! The page on errors says what the code does: it is written from the same table.
//!
//! `BLESS=1 cargo test -p outcrop-aws --test calls page` writes it anew; read the difference.

use std::fmt::Write as _;

use outcrop_aws::error::{Class, Scope};

const HEAD: &str = "\
# Errors of calls

Written by a test from the table in `crates/outcrop-aws/src/error/about.rs`; do not edit.

`outcrop_aws::Error` has one of these classes. `Class::as_str` is the word, `Class::more` what stands in parentheses; both are
stable, for metrics and logs. *Status* is the HTTP status that says the same to the client of a gateway (`Class::status`); the
error has the status of the answer as well, and in streams, where exceptions come after HTTP 200, that of the exception.

*Again* says whether the same request may well succeed if it is sent as it is (`Error::is_retryable`), and the shortest sensible
wait; what the server asks for (`Retry-After`, `x-amz-retry-after`) comes first. Clients with `outcrop_aws::retry::Policy` send
answers of these classes again by themselves, with exponential backoff, full jitter and a budget, and open a stream again until
its first event has been handed out. Nothing that was handed out is asked for twice.

| Class | Status | Again | What it means | What Outcrop does | What to do |
|---|---|---|---|---|---|
";

fn does(class: Class) -> &'static str {
    match class {
        Class::Throttled(Scope::TokensPerDay) => "Keeps the SDK from sending it again.",
        Class::Throttled(_) => "Sends it again, not sooner than the server asks.",
        Class::ModelNotReady => "Asks again for 5 minutes, whatever the number of attempts (`Policy::not_ready`).",
        Class::ModelError | Class::ModelTimeout => "Sends it again; the SDK alone does not.",
        Class::InvalidRequest | Class::ContextOverflow => "Takes apart what the service lists (`Error::violations`).",
        Class::IamDenied => "Names action and resource (`Error::denied`).",
        Class::WrongRegion => "Finds it out by the catalogue; names regions and profiles (`Error::elsewhere`).",
        Class::NeedsInferenceProfile => "Names the profiles that may be called from the region (`Error::elsewhere`).",
        Class::UnknownModel => "Looks in the catalogue whether the model is elsewhere; then it is `wrong-region`.",
        Class::ModelRetired => {
            "Names the last day, and where the model can still be called, as far as the catalogue knows."
        }
        Class::StreamBroken => "Gives what came before it, then the error; opens it again only if nothing came.",
        Class::Timeout(outcrop_aws::error::Wait::Idle) => {
            "Watches the time between events (`idle::Timed`, 120 seconds); opens it again only if nothing came."
        }
        Class::Auth(_) => "Advises what to renew (`Advice::Refresh`).",
        Class::Refused => {
            "Sends nothing, or gives no half-read answer; carries the refusal with its code and both paths (`Error::refusal`)."
        }
        Class::InputSpike => "Sends nothing.",
        class if class.is_retryable() => "Sends it again.",
        _ => "Gives the error at once.",
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for class in Class::all() {
        let wait = class.least_wait().map_or_else(|| "no".to_owned(), |wait| format!("after {} s", wait.as_secs_f64()));
        let (means, does, remedy) = (class.means(), does(class), class.remedy());
        let mut letters = remedy.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        let remedy = format!("{first}{}.", letters.as_str());
        writeln!(page, "| `{class}` | {} | {wait} | {means} | {does} | {remedy} |", class.status()).unwrap();
    }
    page
}

#[test]
fn the_page_has_every_class() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let wanted = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "docs/errors.md is not what the table says: run with BLESS=1 and read the difference");
}

#[test]
fn no_two_classes_are_told_alike() {
    let words: Vec<String> = Class::all().map(|class| class.to_string()).collect();
    let once: std::collections::BTreeSet<&String> = words.iter().collect();
    assert_eq!(words.len(), once.len());
    for class in Class::all() {
        assert!(class.means().ends_with('.') && !class.remedy().ends_with('.'), "{class}");
        assert!(!class.as_str().contains("service"), "{class}");
        assert!((400..600).contains(&class.status()), "{class}");
    }
}
