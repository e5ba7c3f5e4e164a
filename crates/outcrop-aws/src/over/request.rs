//! The request: Converse becomes InvokeModel.
//!
//! It is encoded when the SDK serialises it, once a call: what cannot be said then fails the construction of the call.
//!
//! Where there are other interceptors ([`super::direct`]), the SDK serialises it, and it stays Converse for them until it is
//! about to be signed, which is once an attempt, and there takes what was encoded. Some interceptors replace the body in
//! between; then it is encoded there. Where there are none, it is one of InvokeModel from the first.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{SerializeRequest, SharedRequestSerializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use bytes::Bytes;
use outcrop::runtime::{Code, Error, Kind, Output, cx};
use tracing::Span;

use super::Settings;
use super::direct;
use super::going::Going;
use super::operation::{Operation, unknown};
use super::watch::{self, Watched};
use crate::codec;
use crate::observe::Asked;
use crate::select::Format;
use crate::types::ConverseRequest;

const CONTENT_TYPE: &str = "content-type";
const JSON: &str = "application/json";

/// A call that is an interceptor's. Clones are of the same call. It lives in the SDK's bag of the call, where whatever else
/// is known of the call would cost a place of its own.
#[derive(Clone)]
pub(super) struct Claim(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    operation: &'static Operation,
    /// The SDK's own serialiser.
    original: SharedRequestSerializer,
    /// Whether the request may be encoded as the SDK's types.
    direct: bool,
    /// Current where the call was claimed: further inside there are spans of steps, which are over before the call is.
    parent: Span,
    state: Mutex<State>,
}

/// How far a call is.
#[derive(Default)]
struct State {
    /// None if nobody listens.
    watched: Option<Watched>,
    /// None before it is encoded, and if it stays as it is.
    encoded: Option<Encoded>,
    /// Whether the answer to the attempt that is under way has been taken.
    answered: bool,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("operation", self.0.operation).finish_non_exhaustive()
    }
}

impl Storable for Claim {
    type Storer = StoreReplace<Self>;
}

/// A request as it goes out.
#[derive(Debug)]
struct Encoded {
    going: Arc<Going>,
    /// None if there is no Converse request.
    source: Option<Source>,
    native: Bytes,
    headers: Vec<(String, String)>,
}

impl Encoded {
    /// Puts body and headers into a request.
    fn fill(&self, request: &mut HttpRequest) -> Result<(), BoxError> {
        let headers = request.headers_mut();
        if headers.get(CONTENT_TYPE) != Some(JSON) {
            headers.try_insert(CONTENT_TYPE, JSON)?;
        }
        headers.try_insert("content-length", self.native.len().to_string())?;
        for (name, value) in &self.headers {
            headers.try_insert(name.clone(), value.clone())?;
        }
        *request.body_mut() = SdkBody::from(self.native.clone());
        Ok(())
    }
}

/// The Converse request of which a native one was made.
#[derive(Debug)]
struct Source {
    /// The path that was serialised, which names the model.
    uri: Box<str>,
    body: SdkBody,
}

impl Source {
    fn is(&self, uri: &str, converse: &[u8]) -> bool {
        // The endpoint is put before it after serialisation.
        uri.ends_with(&*self.uri) && self.body.bytes().is_some_and(|b| std::ptr::eq(b, converse) || b == converse)
    }
}

/// Claims a Converse call. Of several interceptors, the last has it.
pub(super) fn claim(
    settings: &Arc<Settings>,
    components: &RuntimeComponents,
    cfg: &mut ConfigBag,
) -> Result<(), BoxError> {
    let Some(operation) = cfg.load::<Metadata>().and_then(Operation::of) else { return Ok(()) };
    let before = cfg.interceptor_state().load::<Claim>().map(|claim| claim.0.original.clone());
    let original = before.or_else(|| cfg.load::<SharedRequestSerializer>().cloned());
    let original = original.ok_or("the SDK has no serialiser in its configuration; use another release of it")?;
    let (direct, parent) = (direct::is_open(components), Span::current());
    let (settings, state) = (settings.clone(), Mutex::default());
    let claim = Claim(Arc::new(Inner { settings, operation, original, direct, parent, state }));
    cfg.interceptor_state().store_put(SharedRequestSerializer::new(claim.clone())).store_put(claim);
    Ok(())
}

/// The call, if it is this interceptor's.
pub(super) fn claimed(settings: &Arc<Settings>, cfg: &mut ConfigBag) -> Option<Claim> {
    let claim = cfg.interceptor_state().load::<Claim>();
    claim.filter(|claim| Arc::ptr_eq(&claim.0.settings, settings)).cloned()
}

impl SerializeRequest for Claim {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let Inner { settings, parent, original, .. } = &*self.0;
        let asked = watch::asked(&input).map(|asked| {
            let format = settings.select.format(asked.model_id);
            let family = format.as_ref().ok().and_then(Option::as_ref).map(|format| format.entry.spec.family);
            self.state().watched = watch::start(Asked { family, ..asked }, settings, parent, cfg);
            (Arc::<str>::from(asked.model_id), format)
        });
        let input = match &asked {
            Some((id, Ok(Some(format)))) if self.0.direct => match direct::body(input) {
                Ok(body) => return self.serialize_types(id, format, body),
                Err(input) => input,
            },
            _ => input,
        };
        let request = original.serialize_input(input, cfg)?;
        // Who asks nothing at all puts the body in later.
        if request.body().bytes() != Some(b"{}") {
            let mut state = self.state();
            state.encoded = match asked {
                Some((id, format)) => self.encode(id, format, &request, &state)?,
                None => self.encode_anew(&request, &state)?,
            };
        }
        Ok(request)
    }
}

impl Claim {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call as observers hear of it.
    pub(super) fn watched(&self) -> Option<Watched> {
        self.state().watched.clone()
    }

    /// The translation that the answer goes through, if any.
    pub(super) fn going(&self) -> Option<Arc<Going>> {
        self.state().encoded.as_ref().map(|encoded| encoded.going.clone())
    }

    /// Takes the answer to an attempt; false if it has been taken, for one interceptor may be there twice.
    pub(super) fn take_answer(&self) -> bool {
        !std::mem::replace(&mut self.state().answered, true)
    }

    /// Makes the request one of InvokeModel. On a retry the SDK has put the Converse request back.
    pub(super) fn rewrite(&self, request: &mut HttpRequest) -> Result<(), BoxError> {
        let mut state = self.state();
        state.answered = false;
        // One interceptor may be there twice.
        if request.uri().ends_with(self.0.operation.invoke) {
            return Ok(());
        }
        let converse = self.body(request)?;
        let source = state.encoded.as_ref().and_then(|encoded| encoded.source.as_ref());
        if !source.is_some_and(|source| source.is(request.uri(), converse)) {
            state.encoded = self.encode_anew(request, &state)?;
        }
        state.encoded.as_ref().map_or(Ok(()), |encoded| self.put(encoded, request))
    }

    /// Makes a Converse request what was encoded.
    fn put(&self, encoded: &Encoded, request: &mut HttpRequest) -> Result<(), BoxError> {
        let operation = self.0.operation;
        let to_invoke = operation.to_model(request.uri()).map(|to_model| [to_model, operation.invoke].concat())?;
        encoded.fill(request)?;
        let going = &encoded.going;
        request
            .set_uri(to_invoke)
            .map_err(|_| going.error(Kind::Request, Error::new(Code::Unsupported, "the path is no URI")))?;
        Ok(())
    }

    /// Encodes a request as the SDK's types.
    fn serialize_types(
        &self,
        id: &Arc<str>,
        format: &Format,
        body: Result<ConverseRequest, Error>,
    ) -> Result<HttpRequest, BoxError> {
        let mut state = self.state();
        let going = self.going_to(id.clone(), format.clone(), &state)?;
        let failed = |error| BoxError::from(going.error(Kind::Request, error));
        let native = codec::encode_request(format, &going.call(&[]), &body.map_err(failed)?).map_err(failed)?;
        let encoded = state.encoded.insert(sendable(going, native, None)?);
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_method("POST")?;
        request.set_uri(self.0.operation.path(id))?;
        encoded.fill(&mut request)?;
        Ok(request)
    }

    /// Encodes a request of which nothing is known but what it says.
    fn encode_anew(&self, request: &HttpRequest, state: &State) -> Result<Option<Encoded>, BoxError> {
        let id = self.0.operation.id(request.uri())?;
        let format = self.0.settings.select.format(&id);
        self.encode(id.into(), format, request, state)
    }

    /// Encodes a Converse request in the format of its model; none if it stays as it is.
    fn encode(
        &self,
        id: Arc<str>,
        format: Result<Option<Format>, Error>,
        request: &HttpRequest,
        state: &State,
    ) -> Result<Option<Encoded>, BoxError> {
        let Some(format) = format.map_err(|e| unknown(&id, e))? else {
            tracing::debug!(model_id = &*id, "no InvokeModel format for this model: the call goes to Converse");
            return Ok(None);
        };
        let going = self.going_to(id, format, state)?;
        let converse = self.body(request)?;
        let native = going.format.entry.codec.encode(Kind::Request, &going.call(&[]), converse);
        let native = native.map_err(|e| going.error(Kind::Request, e))?;
        let body = request.body().try_clone().unwrap_or_else(|| SdkBody::from(converse.to_vec()));
        sendable(going, native, Some(Source { uri: request.uri().into(), body })).map(Some)
    }

    /// A call that is translated, if its operation is one of its family's.
    fn going_to(&self, id: Arc<str>, format: Format, state: &State) -> Result<Arc<Going>, BoxError> {
        let (settings, streams, watched) = (self.0.settings.clone(), self.0.operation.streams, state.watched.clone());
        let going = Arc::new(Going { settings, id, format, streams, watched });
        let entry = going.format.entry;
        if streams && entry.streams.is_none() {
            return Err(going.error(Kind::Request, cx::no_operation(entry.spec)).into());
        }
        Ok(going)
    }

    /// The body of a request, which the SDK keeps in memory.
    fn body<'r>(&self, request: &'r HttpRequest) -> Result<&'r [u8], BoxError> {
        request.body().bytes().ok_or_else(|| {
            let why = format!("the body of a {} request is not in memory; give it as bytes", self.0.operation.name);
            let id = self.0.operation.id(request.uri()).unwrap_or_default();
            unknown(&id, Error::new(Code::Unsupported, why))
        })
    }
}

/// A request as it goes out, told to whoever hears of losses, if its headers can be sent.
fn sendable(going: Arc<Going>, native: Output, source: Option<Source>) -> Result<Encoded, BoxError> {
    for (name, value) in &native.headers {
        http::HeaderValue::from_str(value).map_err(|_| {
            let why = format!("its value cannot be sent as the header `{name}`; use printable ASCII alone");
            going.error(Kind::Request, Error::new(Code::BadEncoding, why).native(name))
        })?;
    }
    going.tell(Kind::Request, &native.report);
    Ok(Encoded { going, source, native: native.body.into(), headers: native.headers })
}
