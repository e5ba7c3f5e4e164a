//! The request: Converse becomes InvokeModel.
//!
//! It is encoded when the SDK has serialised it, once a call: what cannot be said then fails the construction of the call.
//! The request stays Converse for other interceptors until it is about to be signed, which is once an attempt, and there
//! takes what was encoded. Some interceptors replace the body in between; then it is encoded there.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::ser_de::{SerializeRequest, SharedRequestSerializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use bytes::Bytes;
use outcrop::runtime::{Code, Error, Kind, cx};

use tracing::Span;

use super::going::Going;
use super::watch::{self, Watched};
use super::{Settings, TranslationError};
use crate::observe::Asked;
use crate::select::Format;

/// The service whose operations these are, as the SDK names it.
const SERVICE: &str = "Bedrock Runtime";

const CONTENT_TYPE: &str = "content-type";
const JSON: &str = "application/json";

/// An operation of Converse.
#[derive(Debug)]
struct Operation {
    name: &'static str,
    /// Last segment of its path.
    path: &'static str,
    /// Last segment of the path of its counterpart.
    invoke: &'static str,
    streams: bool,
}

static OPERATIONS: [Operation; 2] = [
    Operation { name: "Converse", path: "converse", invoke: "invoke", streams: false },
    Operation { name: "ConverseStream", path: "converse-stream", invoke: "invoke-with-response-stream", streams: true },
];

/// A call that is an interceptor's.
#[derive(Clone)]
struct Claim {
    settings: Arc<Settings>,
    operation: &'static Operation,
    /// The SDK's own serialiser.
    original: SharedRequestSerializer,
    /// Current where the call was claimed: further inside there are spans of steps, which are over before the call is.
    parent: Span,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("operation", self.operation)
            .field("original", &self.original)
            .finish_non_exhaustive()
    }
}

impl Storable for Claim {
    type Storer = StoreReplace<Self>;
}

/// A request as it goes out.
#[derive(Debug)]
struct Encoded {
    going: Going,
    /// The path that was serialised, which names the model.
    uri: Box<str>,
    /// What was encoded.
    converse: SdkBody,
    native: Bytes,
    headers: Vec<(String, String)>,
}

impl Storable for Encoded {
    type Storer = StoreReplace<Self>;
}

impl Encoded {
    fn is_of(&self, uri: &str, converse: &[u8]) -> bool {
        // The endpoint is put before it after serialisation.
        uri.ends_with(&*self.uri) && self.converse.bytes().is_some_and(|b| std::ptr::eq(b, converse) || b == converse)
    }
}

/// Claims a Converse call. Of several interceptors, the last has it.
pub(super) fn claim(settings: &Arc<Settings>, cfg: &mut ConfigBag) -> Result<(), BoxError> {
    let of_service = cfg.load::<Metadata>().filter(|metadata| metadata.service() == SERVICE);
    let Some(operation) = of_service.and_then(|m| OPERATIONS.iter().find(|op| op.name == m.name())) else {
        return Ok(());
    };
    let before = cfg.load::<Claim>().map(|claim| claim.original.clone());
    let original = before.or_else(|| cfg.load::<SharedRequestSerializer>().cloned());
    let original = original.ok_or("the SDK has no serialiser in its configuration; use another release of it")?;
    let claim = Claim { settings: settings.clone(), operation, original, parent: Span::current() };
    cfg.interceptor_state().store_put(SharedRequestSerializer::new(claim.clone())).store_put(claim);
    Ok(())
}

/// What goes out, if the call is this interceptor's and over InvokeModel.
pub(super) fn going<'c>(settings: &Arc<Settings>, cfg: &'c ConfigBag) -> Option<&'c Going> {
    cfg.load::<Encoded>().map(|encoded| &encoded.going).filter(|going| Arc::ptr_eq(&going.settings, settings))
}

/// Makes the request of a claimed call one of InvokeModel.
pub(super) fn rewrite(
    settings: &Arc<Settings>,
    request: &mut HttpRequest,
    cfg: &mut ConfigBag,
) -> Result<(), BoxError> {
    let claim = cfg.load::<Claim>().filter(|claim| Arc::ptr_eq(&claim.settings, settings)).cloned();
    // One interceptor may be there twice.
    let claim = claim.filter(|claim| !request.uri().ends_with(claim.operation.invoke));
    let Some(claim) = claim else { return Ok(()) };
    let converse = claim.body(request)?;
    if !cfg.load::<Encoded>().is_some_and(|encoded| encoded.is_of(request.uri(), converse)) {
        let id = claim.id(request.uri())?;
        let encoded = claim.encode(&id, claim.settings.select.format(&id), request, cfg)?;
        match encoded {
            Some(encoded) => cfg.interceptor_state().store_put(encoded),
            None => cfg.interceptor_state().unset::<Encoded>(),
        };
    }
    let Some(Encoded { going, native, headers, .. }) = cfg.load::<Encoded>() else { return Ok(()) };
    let to_invoke = claim.to_model(request.uri()).map(|to_model| [to_model, claim.operation.invoke].concat())?;
    if request.headers().get(CONTENT_TYPE) != Some(JSON) {
        request.headers_mut().try_insert(CONTENT_TYPE, JSON)?;
    }
    request.headers_mut().try_insert("content-length", native.len().to_string())?;
    for (name, value) in headers {
        request.headers_mut().try_insert(name.clone(), value.clone())?;
    }
    *request.body_mut() = SdkBody::from(native.clone());
    request
        .set_uri(to_invoke)
        .map_err(|_| going.error(Kind::Request, Error::new(Code::Unsupported, "the path is no URI")))?;
    Ok(())
}

impl SerializeRequest for Claim {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let asked = watch::asked(&input);
        let format = asked.map(|asked| self.settings.select.format(asked.model_id));
        if let Some(asked) = asked {
            let format = format.as_ref().and_then(|format| format.as_ref().ok()?.as_ref());
            let family = format.map(|format| format.entry.spec.family);
            watch::start(Asked { family, ..asked }, &self.settings, &self.parent, cfg);
        }
        let request = self.original.serialize_input(input, cfg)?;
        // Who asks nothing at all puts the body in later.
        if request.body().bytes() != Some(b"{}") {
            let id = self.id(request.uri())?;
            let format = format.unwrap_or_else(|| self.settings.select.format(&id));
            if let Some(encoded) = self.encode(&id, format, &request, cfg)? {
                cfg.interceptor_state().store_put(encoded);
            }
        }
        Ok(request)
    }
}

impl Claim {
    /// Encodes a Converse request in the format of its model; none if it stays as it is.
    fn encode(
        &self,
        id: &str,
        format: Result<Option<Format>, Error>,
        request: &HttpRequest,
        cfg: &ConfigBag,
    ) -> Result<Option<Encoded>, BoxError> {
        let Some(format) = format.map_err(|e| unknown(id, e))? else {
            tracing::debug!(model_id = id, "no InvokeModel format for this model: the call goes to Converse");
            return Ok(None);
        };
        let Operation { streams, .. } = *self.operation;
        let watched = cfg.load::<Watched>().cloned();
        let going = Going { settings: self.settings.clone(), id: id.into(), format, streams, watched };
        let failed = |error| BoxError::from(going.error(Kind::Request, error));
        let entry = going.format.entry;
        if streams && entry.streams.is_none() {
            return Err(failed(cx::no_operation(entry.spec)));
        }
        let converse = self.body(request)?;
        let native = entry.codec.encode(Kind::Request, &going.call(&[]), converse).map_err(failed)?;
        for (name, value) in &native.headers {
            http::HeaderValue::from_str(value).map_err(|_| {
                let why = format!("its value cannot be sent as the header `{name}`; use printable ASCII alone");
                failed(Error::new(Code::BadEncoding, why).native(name))
            })?;
        }
        going.tell(Kind::Request, &native.report);
        let converse = request.body().try_clone().unwrap_or_else(|| SdkBody::from(converse.to_vec()));
        Ok(Some(Encoded {
            going,
            uri: request.uri().into(),
            converse,
            native: native.body.into(),
            headers: native.headers,
        }))
    }

    /// The body of a request, which the SDK keeps in memory.
    fn body<'r>(&self, request: &'r HttpRequest) -> Result<&'r [u8], BoxError> {
        request.body().bytes().ok_or_else(|| {
            let why = format!("the body of a {} request is not in memory; give it as bytes", self.operation.name);
            let id = self.id(request.uri()).unwrap_or_default();
            unknown(&id, Error::new(Code::Unsupported, why))
        })
    }

    /// The URI without the operation, its last segment.
    fn to_model<'u>(&self, uri: &'u str) -> Result<&'u str, BoxError> {
        let to_model = uri.strip_suffix(self.operation.path).filter(|to_model| to_model.ends_with('/'));
        to_model.ok_or_else(|| self.no_path(uri))
    }

    /// The model's id, which stays encoded as it was in the URI.
    fn id<'u>(&self, uri: &'u str) -> Result<Cow<'u, str>, BoxError> {
        let segment = self.to_model(uri)?.strip_suffix('/').and_then(|to_model| to_model.rsplit_once('/'));
        let id = segment.and_then(|(_, id)| percent_encoding::percent_decode_str(id).decode_utf8().ok());
        id.ok_or_else(|| self.no_path(uri))
    }

    #[cold]
    fn no_path(&self, uri: &str) -> BoxError {
        let why = format!("`{uri}` is no path of a {} call; is another interceptor at work?", self.operation.name);
        unknown("", Error::new(Code::Unsupported, why))
    }
}

fn unknown(id: &str, error: Error) -> BoxError {
    TranslationError { model_id: id.to_owned(), family: String::new(), kind: Kind::Request, error }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nothing;
    impl SerializeRequest for Nothing {
        fn serialize_input(&self, _: Input, _: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
            Err("never asked".into())
        }
    }

    #[test]
    fn an_id_is_one_segment_of_the_path_and_stays_encoded_there() {
        let original = SharedRequestSerializer::new(Nothing);
        let claim = Claim { original, operation: &OPERATIONS[1], settings: Arc::default(), parent: Span::none() };
        let uri = "http://h:1/base/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/converse-stream";
        assert_eq!(claim.id(uri).unwrap(), "arn:aws:bedrock:::x/y");
        assert_eq!(claim.to_model(uri).unwrap(), "http://h:1/base/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/");
        assert!(claim.id("/model/x/converse").is_err());
        assert!(claim.id("/model/%ff/converse-stream").is_err());
    }
}
