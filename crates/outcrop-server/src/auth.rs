//! Who may ask: anybody, or those who have the key.

use http::{HeaderMap, header::AUTHORIZATION};
use subtle::ConstantTimeEq as _;

use crate::failure::{Failure, Kind};

/// What callers must show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Auth {
    /// The bearer token, or the access key id of a signature.
    pub(crate) key: Option<String>,
    /// Whether anything at all must be shown.
    pub(crate) required: bool,
}

impl Auth {
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(credential);
        match (&self.key, shown) {
            (None, Some(_)) => Ok(()),
            (None, None) if !self.required => Ok(()),
            (_, None) => Err(Failure::new(Kind::MissingAuthenticationToken, "Missing Authentication Token")),
            (Some(key), Some(shown)) if bool::from(key.as_bytes().ct_eq(shown.text().as_bytes())) => Ok(()),
            (Some(_), Some(Shown::Bearer(_))) => {
                Err(Failure::new(Kind::AccessDenied, "Authentication failed: Please make sure your API Key is valid."))
            }
            (Some(_), Some(Shown::AccessKey(_))) => {
                Err(Failure::new(Kind::UnrecognizedClient, "The security token included in the request is invalid."))
            }
        }
    }
}

enum Shown<'h> {
    Bearer(&'h str),
    AccessKey(&'h str),
}

impl<'h> Shown<'h> {
    fn text(&self) -> &'h str {
        match self {
            Self::Bearer(text) | Self::AccessKey(text) => text,
        }
    }
}

/// The token, or the access key id in `AWS4-HMAC-SHA256 Credential=ID/date/region/service/aws4_request, …`.
fn credential(header: &str) -> Option<Shown<'_>> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim()).filter(|token| !token.is_empty()).map(Shown::Bearer);
    }
    if !scheme.starts_with("AWS4-") {
        return None;
    }
    let (_, credential) = rest.split_once("Credential=")?;
    credential.split(['/', ',']).next().filter(|id| !id.is_empty()).map(Shown::AccessKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(auth: &Auth, value: Option<&str>) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        headers.extend(value.map(|value| (AUTHORIZATION, value.parse().unwrap())));
        auth.admit(&headers).map_err(|failure| failure.name.into_owned())
    }

    #[test]
    fn keys_are_bearer_tokens_or_access_key_ids() {
        let auth = Auth { key: Some("k-1".to_owned()), required: false };
        let signed = |id: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential={id}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        assert_eq!(admit(&auth, Some("Bearer k-1")), Ok(()));
        assert_eq!(admit(&auth, Some("bearer  k-1")), Ok(()));
        assert_eq!(admit(&auth, Some(&signed("k-1"))), Ok(()));
        assert_eq!(admit(&auth, Some("Bearer k-2")), Err("AccessDeniedException".to_owned()));
        assert_eq!(admit(&auth, Some(&signed("k-12"))), Err("UnrecognizedClientException".to_owned()));
        for none in [None, Some("Basic k-1"), Some("k-1"), Some("Bearer "), Some("AWS4-HMAC-SHA256 Signature=k-1")] {
            assert_eq!(admit(&auth, none), Err("MissingAuthenticationTokenException".to_owned()), "{none:?}");
        }
    }

    #[test]
    fn without_a_key_anything_will_do() {
        let auth = Auth { key: None, required: true };
        assert_eq!(admit(&auth, Some("Bearer whatever")), Ok(()));
        assert!(admit(&auth, None).is_err());
        assert_eq!(admit(&Auth::default(), None), Ok(()));
    }
}
