//! The client of the SDK that typed clients call, and what goes in and out with each call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::provider::future;
use aws_sdk_bedrockruntime::Client as Sdk;
use aws_sdk_bedrockruntime::config::{Credentials, ProvideCredentials};
use outcrop::runtime::usage::Source;
use outcrop_aws::Client;
use outcrop_aws::types::{ConverseRequest, ServiceTier, ServiceTierType};

use super::loopback::{Answer, Loopback};
use super::support::client;

/// A model whose answers count no tokens, so that headers do.
const MISTRAL: &str = "mistral.mistral-7b-instruct-v0:2";

/// Counts how often it is asked.
#[derive(Debug, Clone, Default)]
struct Vault(Arc<AtomicUsize>);

impl ProvideCredentials for Vault {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.fetch_add(1, Ordering::Relaxed);
        future::ProvideCredentials::ready(Ok(Credentials::new("id", "secret", None, None, "vault")))
    }
}

/// An endpoint whose answers tell the size of the request in a header.
async fn measuring() -> Loopback {
    Loopback::start(|request| {
        let answer = Answer::json(r#"{"outputs":[{"text":"Tin","stop_reason":"stop"}]}"#);
        answer.with("x-amzn-bedrock-input-token-count", &request.body.len().to_string())
    })
    .await
}

async fn told(client: &Client, text: &str) -> u64 {
    let answer = client.converse(MISTRAL, ConverseRequest::user(text)).await.unwrap();
    let count = answer.usage().input.unwrap();
    assert_eq!(count.source, Source::Header);
    count.tokens
}

#[tokio::test]
async fn calls_that_run_together_have_their_own_headers() {
    let endpoint = measuring().await;
    let client = client(&endpoint);
    // The first calls find out what the later ones go through.
    for _ in 0..3 {
        let (short, long) = tokio::join!(told(&client, "a"), told(&client, "a and so on"));
        assert_eq!(long - short, 10);
    }
    let flex =
        ConverseRequest { service_tier: Some(ServiceTier::new(ServiceTierType::Flex)), ..ConverseRequest::user("x") };
    let (_, plain) =
        tokio::join!(client.converse(MISTRAL, flex), client.converse(MISTRAL, ConverseRequest::user("yy")));
    plain.unwrap();
    let sent = endpoint.requests();
    let tiers = |body: &str| -> Vec<&str> {
        let of = sent.iter().filter(|request| request.text().contains(body));
        of.map(|request| request.header("x-amzn-bedrock-service-tier")).collect()
    };
    assert_eq!((tiers("[INST] x [/INST]"), tiers("[INST] yy [/INST]")), (vec!["flex"], vec![""]));
}

#[tokio::test]
async fn identities_are_asked_for_once() {
    let (endpoint, vault) = (measuring().await, Vault::default());
    let sdk = Sdk::from_conf(endpoint.config().credentials_provider(vault.clone()).build());
    let client = Client::new(sdk.clone());
    for _ in 0..3 {
        told(&client, "a").await;
    }
    sdk.invoke_model().model_id(MISTRAL).body(b"{}".to_vec().into()).send().await.unwrap();
    told(&Client::new(sdk), "a").await;
    assert_eq!(vault.0.load(Ordering::Relaxed), 1);
}
