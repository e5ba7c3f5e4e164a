//! Streams that are opened again until their first event, and limits between events.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use aws_sdk_bedrockruntime as br;
use futures_core::Stream;
use futures_util::{StreamExt as _, stream};
use outcrop_aws::Error;
use outcrop_aws::error::{Class, Scope, Wait};
use outcrop_aws::idle::{self, Timed};
use outcrop_aws::retry::{Policy, Streams};
use tokio::time::{Instant, sleep};

use super::canned::{Answer, MODEL, Script, Then, chunk, exception};

type Item = Result<u32, Error>;

fn busy() -> Item {
    Err(Error::new(Class::Throttled(Scope::Tokens), "busy"))
}

/// What comes of streams that are opened one after the other, and how many were.
async fn open(policy: Policy, streams: Vec<Vec<Item>>) -> (Result<Vec<Item>, Error>, u32) {
    let opened = Cell::new(0);
    let mut streams = streams.into_iter();
    let begun = Streams::new(policy)
        .open(|| {
            opened.set(opened.get() + 1);
            let items = streams.next().unwrap();
            async { Ok::<_, Error>(stream::iter(items)) }
        })
        .await;
    match begun {
        Ok(begun) => (Ok(begun.collect().await), opened.get()),
        Err(error) => (Err(error), opened.get()),
    }
}

fn numbers(items: &[Item]) -> Vec<u32> {
    items.iter().filter_map(|item| item.as_ref().ok().copied()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_opened_again_until_its_first_event() {
    let (items, opened) = open(Policy::default(), vec![vec![busy()], vec![busy()], vec![Ok(1), Ok(2)]]).await;
    assert_eq!((numbers(&items.unwrap()), opened), (vec![1, 2], 3));
}

#[tokio::test(start_paused = true)]
async fn and_never_after_it() {
    let begin = Instant::now();
    let (items, opened) = open(Policy::default(), vec![vec![Ok(1), busy(), Ok(3)]]).await;
    let items = items.unwrap();
    assert_eq!((items.len(), opened), (3, 1));
    assert_eq!(items[1].as_ref().unwrap_err().class(), Class::Throttled(Scope::Tokens));
    assert!(begin.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn only_what_is_worth_it_and_as_often_as_the_policy_says() {
    let begin = Instant::now();
    let (outcome, opened) = open(Policy::default(), vec![vec![busy()], vec![busy()], vec![busy()]]).await;
    assert_eq!((outcome.unwrap_err().class(), opened), (Class::Throttled(Scope::Tokens), 3));
    assert!(!begin.elapsed().is_zero() && begin.elapsed() <= Duration::from_secs(3), "{:?}", begin.elapsed());
    let day = || vec![Err(Error::new(Class::Throttled(Scope::TokensPerDay), "too much"))];
    let (outcome, opened) = open(Policy::default(), vec![day()]).await;
    assert_eq!((outcome.unwrap_err().class(), opened), (Class::Throttled(Scope::TokensPerDay), 1));
    let (outcome, opened) = open(Policy::default().budget(5), vec![vec![busy()], vec![busy()]]).await;
    assert!(outcome.is_err() && opened == 2, "the budget has one retry");
    let (items, opened) = open(Policy::default(), vec![vec![]]).await;
    assert!(items.unwrap().is_empty() && opened == 1, "an empty stream is no error here");
}

#[tokio::test(start_paused = true)]
async fn errors_of_opening_come_back_at_once() {
    let opened = Cell::new(0);
    let outcome = Streams::new(Policy::default())
        .open(|| {
            opened.set(opened.get() + 1);
            async { Err::<stream::Iter<std::vec::IntoIter<Item>>, _>(busy().unwrap_err()) }
        })
        .await;
    assert!(outcome.is_err() && opened.get() == 1, "the SDK has sent it again already");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_does_not_send_it_again_and_this_does() {
    let throttled = || Answer::stream(&[exception("throttlingException", r#"{"message":"Too many requests"}"#)]);
    let script = Script::new([throttled(), throttled(), Answer::stream(&[chunk(), chunk()])]);
    let policy = Policy::default().budget(500);
    let client = br::Client::from_conf(policy.apply(script.config()).build());
    let send = || client.invoke_model_with_response_stream().model_id(MODEL).send();
    let mut first = send().await.unwrap().body;
    assert!(first.recv().await.is_err() && script.attempts() == 1, "the SDK alone");
    let begun = Streams::new(policy)
        .open(|| async {
            let receiver = send().await.map_err(Error::from)?.body;
            Ok(stream::unfold(receiver, |mut receiver| async {
                let next = receiver.recv().await.map_err(Error::from).transpose()?;
                Some((next, receiver))
            }))
        })
        .await
        .unwrap();
    assert_eq!((begun.count().await, script.attempts()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn dropping_it_ends_the_attempts() {
    let opened = Cell::new(0);
    let policy = Policy::default().attempts(1000);
    let streams = Streams::new(policy);
    let opening = streams.open(|| {
        opened.set(opened.get() + 1);
        async { Ok(stream::iter(vec![busy()])) }
    });
    assert!(tokio::time::timeout(Duration::from_secs(30), opening).await.is_err());
    let then = opened.get();
    sleep(Duration::from_mins(10)).await;
    assert!(then > 1 && opened.get() == then);
}

/// Gives an event after each of these times, then nothing for ever.
fn paced(seconds: &'static [u64]) -> impl Stream<Item = Item> {
    let events = stream::iter(seconds).then(|seconds| async {
        sleep(Duration::from_secs(*seconds)).await;
        Ok(1)
    });
    events.chain(stream::pending())
}

#[tokio::test(start_paused = true)]
async fn an_event_that_does_not_come_in_time_is_an_error_and_the_end() {
    let begin = Instant::now();
    let mut timed = pin!(Timed::new(paced(&[119, 119, 5]), Some(idle::DEFAULT)));
    for _ in 0..3 {
        assert!(timed.next().await.unwrap().is_ok());
    }
    let error = timed.next().await.unwrap().unwrap_err();
    assert_eq!((error.class(), begin.elapsed()), (Class::Timeout(Wait::Idle), Duration::from_secs(363)));
    assert!(error.is_retryable() && error.to_string().contains("120s"), "{error}");
    assert!(timed.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_late_finds_what_has_come() {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Item>(4);
    let source = stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) });
    let mut timed = pin!(Timed::new(source, Some(Duration::from_secs(10))));
    sender.send(Ok(1)).await.unwrap();
    assert!(timed.next().await.unwrap().is_ok());
    sleep(Duration::from_hours(1)).await;
    let pending = poll_fn(|cx| Poll::Ready(timed.as_mut().poll_next(cx).is_pending())).await;
    assert!(pending, "time without waiting does not count");
    sleep(Duration::from_hours(1)).await;
    sender.send(Ok(2)).await.unwrap();
    assert!(timed.next().await.unwrap().is_ok(), "what is there is given, however late it is asked for");
}

#[tokio::test(start_paused = true)]
async fn it_can_be_switched_off_and_used_for_single_waits() {
    let mut endless = pin!(Timed::new(paced(&[100_000]), None));
    assert!(endless.next().await.unwrap().is_ok());
    assert!(tokio::time::timeout(Duration::from_hours(100), endless.next()).await.is_err());

    let stalled = Answer::stream(&[chunk()]).then(Then::Stall);
    let client = br::Client::from_conf(Script::new([stalled]).config().build());
    let sent = client.invoke_model_with_response_stream().model_id(MODEL).send().await.unwrap();
    let mut receiver = sent.body;
    let limit = Some(idle::DEFAULT);
    assert!(idle::within(limit, receiver.recv()).await.unwrap().is_some());
    let begin = Instant::now();
    let error = idle::within(limit, receiver.recv()).await.unwrap_err();
    assert_eq!((error.class(), begin.elapsed()), (Class::Timeout(Wait::Idle), idle::DEFAULT));
    let slow = async {
        sleep(Duration::from_hours(9)).await;
        Ok::<_, Error>(7)
    };
    assert_eq!(idle::within(None, slow).await.unwrap(), 7);
}
