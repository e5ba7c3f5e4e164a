//! The text form of faults: `throttle;attempts=2, latency=250`.

use std::time::Duration;

use super::StreamFault;
use crate::failure::{Failure, Kind};

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    /// How many attempts of a call meet it; none: all.
    pub(crate) attempts: Option<u64>,
    /// What attempts are counted by, in place of the id of the call.
    pub(crate) key: Option<String>,
    /// As it was written, so that unlike faults are counted apart.
    pub(crate) text: String,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// An exception; `in_stream`: streams begin, and it is their first frame.
    Failure { failure: Failure, in_stream: bool },
    /// Within the answer.
    Stream(StreamFault),
    /// Time before the answer.
    Latency(Duration),
    /// No answer at all, and the connection stays open.
    Stall,
    /// No answer at all, and the connection is closed.
    Reset,
}

/// Exceptions by name: the kind and the text that the service gives with it.
const EXCEPTIONS: &[(&str, Kind, &str)] = &[
    ("throttle", Kind::Throttling, "Too many requests, please wait before trying again."),
    ("throttle-tokens", Kind::Throttling, "Too many tokens, please wait before trying again."),
    ("throttle-daily", Kind::Throttling, "Too many tokens per day, please wait before trying again."),
    ("timeout", Kind::ModelTimeout, "Model has timed out in processing the request. Try your request again."),
    (
        "model-error",
        Kind::ModelError,
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    ("not-ready", Kind::ModelNotReady, "Model is not ready to serve inference requests."),
    ("unavailable", Kind::ServiceUnavailable, "Bedrock is unable to process your request."),
    (
        "internal",
        Kind::InternalServer,
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    ("access-denied", Kind::AccessDenied, "You don't have access to the model with the specified model ID."),
    ("wrong-region", Kind::Validation, "The provided model identifier is invalid."),
    (
        "needs-profile",
        Kind::Validation,
        "Invocation of model ID with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of \
         an inference profile that contains this model.",
    ),
    ("validation", Kind::Validation, "Malformed input request, please reformat your input and try again."),
    ("too-long", Kind::Validation, "Input is too long for requested model."),
    // The exception is documented, its text is not.
    ("quota", Kind::ServiceQuotaExceeded, "The number of requests exceeds the service quota for this account."),
    (
        "retired",
        Kind::ResourceNotFound,
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
    ),
    ("not-found", Kind::ResourceNotFound, "Model not found."),
    ("expired-token", Kind::ExpiredToken, "The security token included in the request is expired"),
    ("bad-token", Kind::UnrecognizedClient, "The security token included in the request is invalid."),
];

/// Makes a fault that begins after so many frames.
type Make = fn(usize) -> StreamFault;

/// Faults within answers, which begin after so many frames.
const WITHIN: &[(&str, Make)] = &[
    ("stream-error-after", |after| StreamFault::Error { after, failure: broke_off() }),
    ("stream-cut-after", |after| StreamFault::Cut { after }),
    ("frame-cut-after", |after| StreamFault::CutInside { after }),
    ("stream-end-after", |after| StreamFault::End { after }),
    ("corrupt-crc-after", |after| StreamFault::CorruptCrc { after }),
    ("corrupt-prelude-after", |after| StreamFault::CorruptPrelude { after }),
    ("unknown-event-after", |after| StreamFault::UnknownEvent { after }),
    ("stall-after", |after| StreamFault::Stall { after }),
];

const OTHERS: &[&str] = &["status", "latency", "trickle", "stall", "reset"];
const PARAMETERS: &str = "`once`, `attempts=N`, `key=TEXT`, `as=frame`, `type=FAULT`, `message=TEXT`, `retry-after=MS`, \
                          `bare` and `every=MS`";

fn broke_off() -> Failure {
    Failure::new(
        Kind::ModelStreamError,
        "The system encountered an unexpected error during processing. Try your request again.",
    )
}

fn exception(name: &str) -> Option<(&'static str, Failure)> {
    let (name, kind, text) = EXCEPTIONS.iter().find(|(known, ..)| *known == name)?;
    Some((name, Failure::new(*kind, *text)))
}

/// Reads faults. The error is one sentence.
pub(crate) fn parse(text: &str) -> Result<Vec<Fault>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let faults: Vec<Fault> = parts.map(fault).collect::<Result<_, _>>()?;
    if faults.is_empty() {
        return Err(format!("no fault is named; there is {}", names()));
    }
    Ok(faults)
}

fn names() -> String {
    let within = WITHIN.iter().map(|(name, _)| *name);
    EXCEPTIONS.iter().map(|(name, ..)| *name).chain(within).chain(OTHERS.iter().copied()).collect::<Vec<_>>().join(", ")
}

/// `name`, `name=argument`, each perhaps with parameters behind semicolons.
fn fault(text: &str) -> Result<Fault, String> {
    let mut parts = text.split(';').map(str::trim);
    let (name, argument) = pair(parts.next().unwrap_or_default());
    let number = |what: &str, text: Option<&str>| {
        let number = text.and_then(|text| text.parse::<u64>().ok()).filter(|n| *n <= 86_400_000);
        number.ok_or_else(|| format!("`{what}` needs a number, as in `{what}=3`"))
    };
    let ms = |what: &str, text| number(what, text).map(Duration::from_millis);
    let (name, mut what) = if let Some((name, failure)) = exception(name) {
        (name, What::Failure { failure, in_stream: false })
    } else if let Some((name, make)) = WITHIN.iter().find(|(known, _)| *known == name) {
        (*name, What::Stream(make(usize::try_from(number(name, argument)?).unwrap_or(usize::MAX))))
    } else {
        match name {
            "latency" => ("latency", What::Latency(ms(name, argument)?)),
            "stall" => ("stall", What::Stall),
            "reset" => ("reset", What::Reset),
            "trickle" => {
                let bytes = argument.map_or(Ok(1), |_| number(name, argument))?.max(1);
                let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                ("trickle", What::Stream(StreamFault::Trickle { bytes, pause: Duration::from_millis(100) }))
            }
            "status" => {
                let status = u16::try_from(number(name, argument)?).ok().filter(|s| (400..600).contains(s));
                let status = status.ok_or("`status` is from 400 to 599, as in `status=502`")?;
                let failure = Failure { bare: true, status, ..Failure::invalid("a fault that was asked for") };
                ("status", What::Failure { failure, in_stream: false })
            }
            other => return Err(format!("there is no fault `{other}`; there is {}", names())),
        }
    };
    let (mut attempts, mut key) = (None, None);
    for part in parts.filter(|part| !part.is_empty()) {
        let (parameter, argument) = pair(part);
        let failure = match &mut what {
            What::Failure { failure, .. } | What::Stream(StreamFault::Error { failure, .. }) => Some(failure),
            _ => None,
        };
        match (parameter, argument, failure) {
            ("once", None, _) => attempts = Some(1),
            ("attempts", number_text, _) => attempts = Some(number("attempts", number_text)?),
            ("key", Some(text), _) => key = Some(text.to_owned()),
            ("message", Some(text), Some(failure)) => text.clone_into(&mut failure.message),
            ("retry-after", time, Some(failure)) => failure.retry_after = Some(ms("retry-after", time)?),
            ("bare", None, Some(failure)) => failure.bare = true,
            ("type", Some(kind), Some(failure)) => {
                *failure = exception(kind).ok_or_else(|| format!("there is no exception `{kind}`"))?.1;
            }
            ("as", Some("frame"), _) => match &mut what {
                What::Failure { in_stream, .. } => *in_stream = true,
                _ => return Err(format!("`as=frame` is for exceptions, and `{name}` is none")),
            },
            ("every", time, _) => match &mut what {
                What::Stream(StreamFault::Trickle { pause, .. }) => *pause = ms("every", time)?,
                _ => return Err("`every` is for `trickle`".to_owned()),
            },
            _ => return Err(format!("`{part}` is no parameter of `{name}`; there is {PARAMETERS}")),
        }
    }
    Ok(Fault { name, what, attempts, key, text: text.to_owned() })
}

fn pair(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_with_their_parameters() {
        let faults =
            parse("throttle;attempts=2;retry-after=50, latency=250 ,stream-error-after=3;type=throttle;once").unwrap();
        let [throttle, latency, error] = faults.as_slice() else { panic!("{faults:?}") };
        assert_eq!((throttle.name, throttle.attempts), ("throttle", Some(2)));
        let What::Failure { failure, in_stream: false } = &throttle.what else { panic!() };
        assert_eq!((failure.status, failure.retry_after), (429, Some(Duration::from_millis(50))));
        assert_eq!(latency.what, What::Latency(Duration::from_millis(250)));
        assert_eq!(error.attempts, Some(1));
        let What::Stream(StreamFault::Error { after: 3, failure }) = &error.what else { panic!() };
        assert_eq!(failure.event, "throttlingException");
    }

    #[test]
    fn what_is_no_fault_is_refused_with_those_there_are() {
        for (text, why) in [
            ("", "no fault is named"),
            ("throtle", "there is no fault `throtle`; there is throttle, "),
            ("stream-cut-after", "`stream-cut-after` needs a number"),
            ("latency=-1", "`latency` needs a number"),
            ("latency=99999999999999999999", "`latency` needs a number"),
            ("throttle;twice", "`twice` is no parameter of `throttle`"),
            ("latency=1;as=frame", "`as=frame` is for exceptions"),
            ("status=200", "from 400 to 599"),
        ] {
            let got = parse(text).unwrap_err();
            assert!(got.starts_with(why) || got.contains(why), "{text}: {got}");
        }
        for (name, ..) in EXCEPTIONS {
            assert_eq!(parse(name).unwrap().len(), 1);
        }
    }
}
