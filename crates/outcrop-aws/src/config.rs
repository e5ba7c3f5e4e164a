//! Configuration of the SDK that fits Bedrock: region and credentials as everywhere, with the retries and timeouts that long
//! generations need.
//!
//! ```no_run
//! # async fn run() {
//! let sdk = outcrop_aws::config::load().await;
//! let client = aws_sdk_bedrockruntime::Client::from_conf(outcrop_aws::config::builder(&sdk).build());
//! # let _ = client;
//! # }
//! ```
//!
//! # What it sets, and why
//!
//! | setting | value | because |
//! |---|---|---|
//! | connect timeout | [`CONNECT`] | the SDK's own |
//! | read timeout | [`READ`] | recent models may work for 60 minutes on one answer, and the SDK alone waits for ever if none comes |
//! | operation and attempt timeout | none | they end streams only before their headers; [`crate::idle`] watches what follows |
//! | TCP keep-alive | [`KEEP_ALIVE`] (feature `default-https-client`) | NAT gateways, interface endpoints and load balancers cut connections that are silent for 350 seconds, and tell nobody |
//! | retries | [`Policy`] around what `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE` and profiles say | see [`crate::retry`] |
//!
//! # Bearer tokens
//!
//! Bedrock API keys are bearer tokens. The SDK's rules, measured with `aws-sdk-bedrockruntime` 1.153:
//!
//! - `AWS_BEARER_TOKEN_BEDROCK` is read where a client is made from an `SdkConfig`, and then beats AWS credentials. [`builder`]
//!   does that, so the variable works. A client from `Config::builder()` alone ignores it.
//! - In code, `.bearer_token(Token::new(key, None))` counts only if there are no AWS credentials, unless
//!   `.auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID])` is set as well. No profile has a key for it.
//! - Short-term keys last at most 12 hours and are good in the region in which they were made. Keys do not work for
//!   bidirectional streams. `bedrock:CallWithBearerToken` must be allowed.

use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;

use crate::retry::Policy;

/// How long a connection may take.
pub const CONNECT: Duration = Duration::from_millis(3_100);

/// How long an answer may take to begin: the service's own limit for recent models.
pub const READ: Duration = Duration::from_hours(1);

/// After how long a silence the system asks whether the other side is still there.
pub const KEEP_ALIVE: Duration = Duration::from_mins(1);

/// The timeouts of this module.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build()
}

/// A loader with the timeouts of this module, to be changed and loaded.
#[must_use]
pub fn loader() -> ConfigLoader {
    let loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts());
    #[cfg(feature = "default-https-client")]
    let loader = match keep_alive_client(KEEP_ALIVE) {
        Ok(client) => loader.http_client(client),
        Err(error) => {
            tracing::warn!(%error, "no HTTP client with TCP keep-alive: the SDK's own is used");
            loader
        }
    };
    loader
}

/// Region, credentials and all else as every program of AWS finds them, with the timeouts of this module.
pub async fn load() -> SdkConfig {
    loader().load().await
}

/// The configuration of a client of Bedrock, with the retries of [`Policy::of`] what `sdk` says.
#[must_use]
pub fn builder(sdk: &SdkConfig) -> Builder {
    let policy = Policy::of(sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard));
    policy.apply(Builder::from(sdk))
}

/// The SDK's HTTP client, with TCP keep-alive after so long a silence. Proxies are those of the environment, as usual.
#[cfg(feature = "default-https-client")]
pub fn keep_alive_client(
    after: Duration,
) -> Result<impl aws_sdk_bedrockruntime::config::HttpClient + 'static, aws_sdk_bedrockruntime::error::BoxError> {
    use aws_smithy_http_client::pool::{Client, ConnectionPool};
    use aws_smithy_http_client::proxy::ProxyConfig;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    let pool = ConnectionPool::builder()
        .tcp_nodelay(true)
        .tcp_keepalive(after)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https()?;
    Ok(Client::new(&pool)?)
}
