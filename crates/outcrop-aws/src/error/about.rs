//! What classes mean, and what to do about them: one table.

use super::class::{Barrier, Class, Credential, Scope, Wait};

/// A class in words; `docs/errors.md` is made of these.
pub(crate) struct About {
    /// The class.
    pub(crate) class: Class,
    /// Its word.
    pub(crate) word: &'static str,
    /// What else the class says.
    pub(crate) more: &'static str,
    /// What it means.
    pub(crate) means: &'static str,
    /// What to do.
    pub(crate) remedy: &'static str,
    /// The HTTP status that says the same to a client of a gateway.
    pub(crate) status: u16,
    /// The shortest sensible wait in milliseconds before the same request is sent again; none if that is in vain.
    pub(crate) retry: Option<u64>,
}

macro_rules! about {
    ($($class:expr, $word:literal, $more:literal, $status:literal, $retry:expr, $means:literal, $remedy:literal;)*) => {
        /// Every class with every addition, in the order in which they are documented.
        pub(crate) const ABOUT: &[About] = &[$(About {
            class: $class, word: $word, more: $more, status: $status, retry: $retry, means: $means, remedy: $remedy,
        },)*];
    };
}

about! {
    Class::Throttled(Scope::Requests), "throttled", "requests", 429, Some(1_000),
        "The account's requests per minute for the model are used up.",
        "wait some seconds, send fewer requests at a time, or ask for a higher quota";
    Class::Throttled(Scope::Tokens), "throttled", "tokens", 429, Some(5_000),
        "The account's tokens per minute for the model are used up. A request reserves its input and its `maxTokens` at the start.",
        "wait up to a minute, lower `maxTokens` to what is needed, or use a profile of a wider geography";
    Class::Throttled(Scope::TokensPerDay), "throttled", "tokens per day", 429, None,
        "The account's tokens per day for the model are used up. Accounts with a quota of zero get the same.",
        "waiting for seconds is in vain: look up the daily quota of the model in Service Quotas, and ask for more";
    Class::Throttled(Scope::Unknown), "throttled", "", 429, Some(1_000),
        "Too many requests, and nobody says which limit; gateways do so.",
        "wait some seconds and send fewer requests at a time";
    Class::Quota, "quota", "", 400, None,
        "A fixed quota of the account is used up, such as jobs at a time.",
        "wait until something running ends, or ask for a higher quota";
    Class::ModelError, "model-error", "", 424, Some(1_000),
        "The model's own container failed on this request.",
        "send it again; if it fails every time, something in the request upsets the model";
    Class::ModelTimeout, "model-timeout", "", 408, Some(1_000),
        "The model worked longer than the service lets it.",
        "send it again, ask for less at once (`maxTokens`, shorter prompts), or stream";
    Class::ModelNotReady, "model-not-ready", "", 429, Some(5_000),
        "An imported model is being restored, or provisioned throughput is starting; this takes minutes.",
        "go on asking for about five minutes; a call now and then keeps an imported model loaded";
    Class::Unavailable, "unavailable", "", 503, Some(1_000),
        "The region has no capacity for the model now; this is no quota of the account.",
        "wait, or call through a profile of a wider geography or in another region";
    Class::Internal, "internal", "", 500, Some(1_000),
        "The service failed.",
        "send it again; give AWS support the request id if it goes on";
    Class::InvalidRequest, "invalid-request", "", 400, None,
        "The service or the model does not take this request.",
        "mend what the message names; the violations say where in the body";
    Class::ContextOverflow, "context-overflow", "", 400, None,
        "The prompt, the answer asked for, or both are longer than the model takes.",
        "shorten the prompt, lower `maxTokens`, or take a model with a longer context";
    Class::NoAccess(Barrier::Grant), "no-access", "grant", 403, None,
        "The account was not granted access to the model in this region.",
        "ask for access to the model in the Bedrock console of this region";
    Class::NoAccess(Barrier::Form), "no-access", "form", 403, None,
        "The vendor's form on the use case was not filled in for this account.",
        "fill in the form in the Bedrock console once for the account, then wait about 15 minutes";
    Class::NoAccess(Barrier::Marketplace), "no-access", "marketplace", 403, None,
        "The subscription to the model in AWS Marketplace is missing or not through yet; the first call makes it.",
        "allow the caller `aws-marketplace:Subscribe` and `aws-marketplace:ViewSubscriptions` once, and try again after 5 to 15 minutes";
    Class::NoAccess(Barrier::Account), "no-access", "account", 403, None,
        "The account as a whole, or one of its settings, keeps it from the model.",
        "only AWS support can lift restrictions of an account; check the account's state and settings";
    Class::NoAccess(Barrier::Location), "no-access", "location", 403, None,
        "The vendor does not serve the country that the call comes from; the AWS region does not matter.",
        "call from a supported country";
    Class::NoAccess(Barrier::Unknown), "no-access", "", 403, None,
        "The service denies access and does not say why.",
        "check model access in the Bedrock console, then the caller's policies";
    Class::IamDenied, "iam-denied", "", 403, None,
        "A policy does not allow the caller the action, or denies it. A profile needs permission on the profile and on the model in every destination region.",
        "allow the action on the resource, and look for explicit denials and service control policies";
    Class::Auth(Credential::Keys), "auth", "keys", 403, None,
        "There are no AWS credentials, or they are wrong or expired.",
        "get new credentials (`aws sso login`, a new session) and check which of them the SDK finds";
    Class::Auth(Credential::ApiKey), "auth", "API key", 403, None,
        "The Bedrock API key is wrong, expired (short-term keys last at most 12 hours) or of another region.",
        "make a new key in this region, and set it as `AWS_BEARER_TOKEN_BEDROCK`";
    Class::Auth(Credential::Clock), "auth", "clock", 403, None,
        "The signature's time is too far from the service's clock.",
        "set the machine's clock";
    Class::WrongRegion, "wrong-region", "", 400, None,
        "The model cannot be called from this region by this id.",
        "call it in a region, or by a profile, that has it";
    Class::NeedsInferenceProfile, "needs-inference-profile", "", 400, None,
        "The model is served through inference profiles here, not by its plain id.",
        "call it by the id of a profile instead";
    Class::UnknownModel, "unknown-model", "", 404, None,
        "No model has this id in this region.",
        "check the id: vendor, name, version and the profile's geography";
    Class::ModelRetired, "model-retired", "", 404, None,
        "The model has reached its end of life, or is legacy and was not used by this account lately.",
        "move to a model that is not on its way out";
    Class::StreamBroken, "stream-broken", "", 502, Some(500),
        "A stream was cut, damaged or ended before it was complete; what came is not the whole answer.",
        "ask again from the start; what has been handed out cannot be taken back, so nothing does it for you";
    Class::Timeout(Wait::Connect), "timeout", "connect", 504, Some(500),
        "No connection to the endpoint in the time given.",
        "check the network, the proxy and the region; then send it again";
    Class::Timeout(Wait::Answer), "timeout", "answer", 504, Some(500),
        "No answer in the time given (read, attempt or operation timeout).",
        "give long answers more time, or stream; the model may still work on, and be paid, after the caller gave up";
    Class::Timeout(Wait::Idle), "timeout", "idle", 504, Some(500),
        "No event of a stream in the time given.",
        "allow more time between events for models that think long, or ask again";
    Class::Timeout(Wait::Stalled), "timeout", "stalled", 504, Some(500),
        "A body came more slowly than the SDK's protection against stalled streams allows.",
        "send it again; behind a proxy that trickles, widen or switch off stalled-stream protection";
    Class::Timeout(Wait::Gateway), "timeout", "gateway", 504, Some(1_000),
        "A gateway or proxy gave up waiting.",
        "send it again, stream, or raise the gateway's time limit";
    Class::Connection, "connection", "", 502, Some(500),
        "The endpoint could not be reached, or hung up before it answered.",
        "check the endpoint, the network and the proxy; then send it again";
    Class::Refused, "refused", "", 400, None,
        "The translation cannot say this request in the model's format, or cannot read the model's answer. Nothing was lost silently.",
        "do what the message says at the place that it names";
    Class::InputSpike, "input-spike", "", 400, None,
        "The input is far above the usual size of its label, and the guard is set to refuse that.",
        "look whether the input is meant to be that large; if so, raise the guard's factor or let it forget the label";
    Class::Other, "other", "", 500, None,
        "An answer that is nothing of the kind that the service sends.",
        "look at the status and the body: something between caller and service may have answered";
}
