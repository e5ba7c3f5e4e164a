//! Codes and texts of errors, and what they mean: one table.
//!
//! Sources: the service's model (codes and statuses), its user guide ("Troubleshooting Amazon Bedrock API Error Codes")
//! and texts quoted in public issue trackers. Texts wander between codes and statuses from one year to the next, so a row
//! names no more of these than it needs.

use super::class::{Barrier, Class, Credential, Scope, Wait};

/// One line: an error that has all of it is of the class. The first line that fits decides.
pub(crate) struct Row {
    /// One of these codes; none named: any.
    pub(crate) codes: &'static [&'static str],
    /// One of these statuses; none named: any. Exceptions in streams have the status of their code.
    pub(crate) statuses: &'static [u16],
    /// How the text begins, in lower case and with `'` for U+2019.
    pub(crate) starts: &'static str,
    /// What stands in the text, each of it; spelt like `starts`.
    pub(crate) has: &'static [&'static str],
    /// What it is.
    pub(crate) class: Class,
    /// What to do, if that is more than the class says.
    pub(crate) remedy: Option<&'static str>,
}

/// The exceptions of the service and their statuses. In streams there is no other way to know a status.
pub(crate) const STATUSES: &[(&str, u16)] = &[
    ("ValidationException", 400),
    ("ServiceQuotaExceededException", 400),
    ("ConflictException", 400),
    ("AccessDeniedException", 403),
    ("ResourceNotFoundException", 404),
    ("ModelTimeoutException", 408),
    ("ModelErrorException", 424),
    ("ModelStreamErrorException", 424),
    ("ThrottlingException", 429),
    ("ModelNotReadyException", 429),
    ("InternalServerException", 500),
    ("ServiceUnavailableException", 503),
];

macro_rules! rows {
    ($({ $($field:ident: $value:expr),+ } $class:expr $(=> $remedy:literal)?;)*) => {
        pub(crate) const ROWS: &[Row] = &[$(
            Row { class: $class, $($field: $value,)+ $(remedy: Some($remedy),)? ..EMPTY },
        )*];
    };
}

const EMPTY: Row = Row { codes: &[], statuses: &[], starts: "", has: &[], class: Class::Other, remedy: None };

/// Codes of rejected credentials: of this service, and of what stands before every service.
const REJECTED: &[&str] = &[
    "UnrecognizedClientException",
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "AuthFailure",
    "OptInRequired",
];

/// Codes that say the same as `ThrottlingException` elsewhere.
const THROTTLING: &[&str] =
    &["ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"];

rows! {
    // The model's checks of a body quote names that the caller chose: what begins so is nothing else.
    { starts: "malformed input request", has: &["#/texts/", "expected maxlength"] } Class::ContextOverflow
        => "shorten the texts that the violations name";
    { starts: "malformed input request" } Class::InvalidRequest;

    // Too much.
    { codes: &["ModelNotReadyException"] } Class::ModelNotReady;
    { codes: &["ServiceQuotaExceededException"] } Class::Quota;
    { statuses: &[429], has: &["tokens per day"] } Class::Throttled(Scope::TokensPerDay);
    { statuses: &[429], has: &["model is not ready"] } Class::ModelNotReady;
    { statuses: &[429], has: &["too many tokens"] } Class::Throttled(Scope::Tokens);
    { statuses: &[429], has: &["too many requests"] } Class::Throttled(Scope::Requests);
    { codes: THROTTLING } Class::Throttled(Scope::Unknown);

    // Which model, by which id, in which region.
    { has: &["with on-demand throughput isn't supported"] } Class::NeedsInferenceProfile;
    { has: &["model doesn't support on-demand throughput"] } Class::NeedsInferenceProfile
        => "this variant is for provisioned throughput alone: leave out the end of the id, or call a profile or a provisioned model";
    { has: &["provided model identifier is invalid"] } Class::UnknownModel;
    { has: &["could not resolve the foundation model"] } Class::UnknownModel;
    { starts: "model not found" } Class::UnknownModel;
    { has: &["reached the end of its life"] } Class::ModelRetired;
    { has: &["marked by provider as legacy"] } Class::ModelRetired;
    { has: &["this action doesn't support the model"] } Class::InvalidRequest
        => "the model has no such operation: call it by InvokeModel in its own format, or take a chat model";
    { has: &["model is unsupported for streaming"] } Class::InvalidRequest
        => "the model does not stream: call it without streaming";

    // Who may.
    { has: &["is not authorized to perform:"] } Class::IamDenied;
    { has: &["use case details have not been submitted"] } Class::NoAccess(Barrier::Form);
    { has: &["required use-case form"] } Class::NoAccess(Barrier::Form);
    { has: &["aws marketplace actions"] } Class::NoAccess(Barrier::Marketplace);
    { statuses: &[403], has: &["aws-marketplace:"] } Class::NoAccess(Barrier::Marketplace);
    { statuses: &[403], has: &["agreement"] } Class::NoAccess(Barrier::Marketplace);
    { has: &["don't have access to the model"] } Class::NoAccess(Barrier::Grant);
    { has: &["account is not authorized to invoke this api operation"] } Class::NoAccess(Barrier::Grant)
        => "ask for access to the model in the Bedrock console of this region: access in another region does not count";
    { starts: "operation not allowed" } Class::NoAccess(Barrier::Account)
        => "AWS restricts this account, as it does new or unverified ones: only AWS support can lift it";
    { has: &["not available for this account"] } Class::NoAccess(Barrier::Account);
    { has: &["data retention mode"] } Class::NoAccess(Barrier::Account)
        => "choose for the account a data retention mode that the model takes";
    { has: &["unsupported countries, regions, or territories"] } Class::NoAccess(Barrier::Location);

    // Whose credentials.
    { codes: &["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"] } Class::Auth(Credential::Clock);
    { statuses: &[400, 401, 403], has: &["signature expired"] } Class::Auth(Credential::Clock);
    { statuses: &[400, 401, 403], has: &["signature not yet current"] } Class::Auth(Credential::Clock);
    { statuses: &[401, 403], has: &["api key"] } Class::Auth(Credential::ApiKey);
    { statuses: &[401, 403], has: &["bearer token"] } Class::Auth(Credential::ApiKey);
    { codes: &["invalid_api_key"] } Class::Auth(Credential::ApiKey);
    { codes: REJECTED } Class::Auth(Credential::Keys);
    { statuses: &[401, 403], has: &["security token included in the request"] } Class::Auth(Credential::Keys);
    { statuses: &[401, 403], has: &["missing authentication token"] } Class::Auth(Credential::Keys);

    // Too long.
    { statuses: &[400], has: &["too many input tokens"] } Class::ContextOverflow;
    { statuses: &[400], has: &["input is too long for requested model"] } Class::ContextOverflow;
    { statuses: &[400], has: &["prompt is too long"] } Class::ContextOverflow;
    { statuses: &[400], has: &["exceed context limit"] } Class::ContextOverflow;
    { statuses: &[400], has: &["maximum context length is"] } Class::ContextOverflow;
    { statuses: &[400], has: &["maximum tokens you requested exceed the model limit"] } Class::ContextOverflow
        => "lower `maxTokens` to the limit that the message names";
    { statuses: &[413] } Class::ContextOverflow
        => "the body is larger than something on the way takes (the service takes 25,000,000 bytes): send less";

    // What failed on the other side.
    { codes: &["ModelTimeoutException"] } Class::ModelTimeout;
    { statuses: &[408, 424, 500], has: &["model has timed out"] } Class::ModelTimeout;
    { codes: &["ModelErrorException", "ModelStreamErrorException"] } Class::ModelError;
    { codes: &["ServiceUnavailableException"] } Class::Unavailable;
    { codes: &["InternalServerException", "InternalFailure"] } Class::Internal;
    { codes: &["RequestTimeout", "RequestTimeoutException"] } Class::Timeout(Wait::Gateway);

    // Codes whose texts nobody has met yet.
    { codes: &["AccessDeniedException"] } Class::NoAccess(Barrier::Unknown);
    { codes: &["ResourceNotFoundException"] } Class::UnknownModel;
    { codes: &["ValidationException", "ConflictException", "SerializationException"] } Class::InvalidRequest;

    // Statuses alone: something between caller and service answered, or took the code away.
    { statuses: &[400, 405, 406, 411, 415, 422] } Class::InvalidRequest;
    { statuses: &[401] } Class::Auth(Credential::Keys);
    { statuses: &[403] } Class::NoAccess(Barrier::Unknown);
    { statuses: &[404] } Class::InvalidRequest
        => "the endpoint has no such path: check its URL and the model id";
    { statuses: &[408, 504] } Class::Timeout(Wait::Gateway);
    { statuses: &[424] } Class::ModelError;
    { statuses: &[429] } Class::Throttled(Scope::Unknown);
    { statuses: &[500] } Class::Internal;
    { statuses: &[502, 503, 529] } Class::Unavailable;
}

/// Texts of failures on this side, from the SDK and its parts: they have neither code nor status.
pub(crate) const LOCAL: &[(&str, Class, Option<&str>)] = &[
    ("minimum throughput", Class::Timeout(Wait::Stalled), None),
    ("credential provider was not enabled", Class::Auth(Credential::Keys), None),
    ("no providers in chain provided credentials", Class::Auth(Credential::Keys), None),
    ("loading credentials", Class::Auth(Credential::Keys), None),
    ("credentials provider", Class::Auth(Credential::Keys), None),
    ("failed to select an auth scheme", Class::Auth(Credential::Keys), None),
    ("no auth options are available", Class::Auth(Credential::Keys), None),
    ("failed to resolve endpoint", Class::InvalidRequest, Some("set a region, or an endpoint URL")),
    ("missing region", Class::InvalidRequest, Some("set a region, or an endpoint URL")),
];
