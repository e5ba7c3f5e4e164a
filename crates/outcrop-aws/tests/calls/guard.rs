//! Inputs far above the usual size.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime as br;
use br::primitives::Blob;
use outcrop_aws::Error;
use outcrop_aws::error::Class;
use outcrop_aws::guard::{Size, SpikeGuard};

use super::canned::{Answer, MODEL, Script};

#[test]
fn a_spike_needs_a_usual_size() {
    let guard = SpikeGuard::refusing().after(3).factor(4.0).never_below(0);
    let check = |bytes| guard.check("job", Size::bytes(bytes));
    for bytes in [100_000, 10, 100] {
        assert!(check(bytes).unwrap().is_none(), "nothing is usual yet");
    }
    // The mean of these is 33 370.
    assert!(check(4 * 33_370 - 1).unwrap().is_none());
    let error = check(10_000_000).unwrap_err();
    assert_eq!((error.class(), error.is_retryable()), (Class::InputSpike, false));
    assert!(error.to_string().contains("`job` has 10000000 bytes"), "{error}");
    assert!(guard.check("other", Size::bytes(10_000_000)).unwrap().is_none(), "another label is another story");
    guard.forget("job");
    assert!(check(10_000_000).unwrap().is_none(), "it is forgotten");
}

#[test]
fn what_is_refused_is_not_learnt_and_what_is_reported_is() {
    let spikes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&spikes);
    let told = move |spike: &outcrop_aws::guard::Spike| seen.lock().unwrap().push(spike.size.bytes);
    let rule = |guard: SpikeGuard| guard.after(1).factor(2.0).never_below(0).on_spike(told.clone());
    let refusing = rule(SpikeGuard::refusing());
    refusing.check("a", Size::bytes(100)).unwrap();
    for _ in 0..1000 {
        assert!(refusing.check("a", Size::bytes(1000)).is_err());
    }
    assert_eq!(spikes.lock().unwrap().len(), 1000);
    let reporting = rule(SpikeGuard::reporting());
    reporting.check("a", Size::bytes(100)).unwrap();
    let reported = (0..1000).take_while(|_| reporting.check("a", Size::bytes(1000)).unwrap().is_some()).count();
    assert!((1..10).contains(&reported), "{reported}: the new size becomes usual");
}

#[test]
fn small_inputs_are_never_spikes_and_tokens_count_where_they_are_known() {
    let guard = SpikeGuard::refusing().after(1);
    guard.check("a", Size::bytes(1)).unwrap();
    assert!(guard.check("a", Size::bytes(16 * 1024)).unwrap().is_none());
    let guard = SpikeGuard::refusing().after(1).never_below(0);
    guard.check("a", Size::bytes(1000)).unwrap();
    guard.learn_tokens("a", 10);
    let size = |tokens| Size { bytes: 1000, tokens: Some(tokens) };
    assert!(guard.check("a", size(100)).unwrap().is_none());
    let error = guard.check("a", size(101)).unwrap_err();
    assert!(error.message().contains("101 tokens, and usually 10"), "{error}");
}

#[test]
fn its_memory_has_bounds() {
    let guard = SpikeGuard::refusing().after(1).never_below(0).labels(10);
    for label in 0..10_000 {
        guard.check("kept", Size::bytes(10)).unwrap();
        guard.check(&format!("label {label}"), Size::bytes(10)).unwrap();
    }
    assert!(guard.check("kept", Size::bytes(1000)).is_err(), "it is in use");
    assert!(guard.check("label 9999", Size::bytes(1000)).is_err());
    assert!(guard.check("label 3", Size::bytes(1000)).is_ok(), "it was pushed out");
    let long = "é".repeat(10_000);
    guard.check(&long, Size::bytes(10)).unwrap();
    assert!(guard.check(&long, Size::bytes(1000)).unwrap_err().message().len() < 400);
}

#[tokio::test(start_paused = true)]
async fn as_an_interceptor_it_stops_calls_before_they_are_sent() {
    let guard = SpikeGuard::refusing().after(2).never_below(0);
    let script = Script::new([Answer::ok()]);
    let client = br::Client::from_conf(script.config().interceptor(guard.clone()).build());
    let call = |bytes: usize| client.invoke_model().model_id(MODEL).body(Blob::new(vec![b' '; bytes])).send();
    for bytes in [100, 120] {
        call(bytes).await.unwrap();
    }
    let error = Error::from(call(1101).await.unwrap_err());
    assert_eq!((error.class(), script.attempts()), (Class::InputSpike, 2), "{error}");
    assert!(
        error.to_string().starts_with("input-spike: the input of `amazon.titan-text-lite-v1` has 1101 bytes"),
        "{error}"
    );
    // The answers said 40 tokens.
    let size = Size { bytes: 100, tokens: Some(401) };
    assert!(guard.check(MODEL, size).is_err());
    // A label of one's own, for one call.
    for _ in 0..3 {
        let labelled = call(5000);
        drop(labelled);
        let sent = client.invoke_model().model_id(MODEL).body(Blob::new(vec![b' '; 5000]));
        let config = br::Config::builder().interceptor(guard.labelled("big"));
        let outcome = sent.customize().config_override(config).send().await;
        // The client's own guard goes by the model, and still refuses.
        assert_eq!(Error::from(outcome.unwrap_err()).class(), Class::InputSpike);
    }
}
