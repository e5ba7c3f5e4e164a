//! The request: a serialiser around the SDK's own.
//!
//! The SDK serialises once a call and keeps the result for its retries, so this is the place that sees each request once;
//! what fails here is a construction failure. Endpoint, signature and transmission come later and see InvokeModel alone.

use std::borrow::Cow;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, Metadata};
use aws_smithy_runtime_api::client::ser_de::{SerializeRequest, SharedRequestSerializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use outcrop::runtime::{Code, Error, Kind, cx};

use super::{Going, Settings, TranslationError};

/// The service whose operations these are, as the SDK names it.
const SERVICE: &str = "Bedrock Runtime";

/// An operation of Converse.
#[derive(Debug, Clone, Copy)]
struct Operation {
    name: &'static str,
    /// Last segment of its path.
    path: &'static str,
    /// Last segment of the path of its counterpart.
    invoke: &'static str,
    streams: bool,
}

const OPERATIONS: [Operation; 2] = [
    Operation { name: "Converse", path: "converse", invoke: "invoke", streams: false },
    Operation { name: "ConverseStream", path: "converse-stream", invoke: "invoke-with-response-stream", streams: true },
];

/// The SDK's own serialiser, which an interceptor of this kind has replaced in this call.
#[derive(Debug, Clone)]
struct Original(SharedRequestSerializer);

impl Storable for Original {
    type Storer = StoreReplace<Self>;
}

/// Puts the translation around the serialiser of a Converse call. Of several interceptors, the last has the call.
pub(super) fn prepare(settings: &Arc<Settings>, cfg: &mut ConfigBag) {
    let of_service = cfg.load::<Metadata>().filter(|metadata| metadata.service() == SERVICE);
    let Some(operation) = of_service.and_then(|m| OPERATIONS.iter().find(|op| op.name == m.name())) else { return };
    let before = cfg.load::<Original>().map(|original| original.0.clone());
    let Some(original) = before.or_else(|| cfg.load::<SharedRequestSerializer>().cloned()) else { return };
    let translating = Translating { original: original.clone(), operation: *operation, settings: settings.clone() };
    cfg.interceptor_state().store_put(Original(original)).store_put(SharedRequestSerializer::new(translating));
}

/// Serialises as the SDK does, then translates.
struct Translating {
    original: SharedRequestSerializer,
    operation: Operation,
    settings: Arc<Settings>,
}

impl std::fmt::Debug for Translating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Translating").field("original", &self.original).finish_non_exhaustive()
    }
}

impl SerializeRequest for Translating {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let mut request = self.original.serialize_input(input, cfg)?;
        if let Some(going) = self.translate(&mut request)? {
            cfg.interceptor_state().store_put(going);
        }
        Ok(request)
    }
}

impl Translating {
    /// Makes a Converse request one of InvokeModel; none if it stays as it is.
    fn translate(&self, request: &mut HttpRequest) -> Result<Option<Going>, BoxError> {
        let Some((id, path)) = self.path(request.uri()) else {
            let why = "the path of the request is not that of a Converse call; is another interceptor at work on it?";
            return Err(unknown("", Error::new(Code::Unsupported, why)));
        };
        let Some(format) = self.settings.select.format(&id).map_err(|e| unknown(&id, e))? else {
            tracing::debug!(model_id = &*id, "no InvokeModel format for this model: the call goes to Converse");
            return Ok(None);
        };
        let streams = self.operation.streams;
        let going = Going { settings: self.settings.clone(), id: id.as_ref().into(), format, streams };
        let failed = |error| BoxError::from(going.error(Kind::Request, error));
        let entry = going.format.entry;
        if streams && entry.streams.is_none() {
            return Err(failed(cx::no_operation(entry.spec)));
        }
        let converse = request.body().bytes().ok_or_else(|| {
            failed(Error::new(Code::Unsupported, "the body of the request is not in memory; give it as bytes"))
        })?;
        let native = entry.codec.encode(Kind::Request, &going.call(&[]), converse).map_err(failed)?;
        going.tell(Kind::Request, &native.report);
        let headers = request.headers_mut();
        let ours = [
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), native.body.len().to_string()),
        ];
        for (name, value) in ours.into_iter().chain(native.headers) {
            headers.try_insert(name.clone(), value).map_err(|_| {
                let why = format!("its value cannot be sent as the header `{name}`; use printable ASCII alone");
                failed(Error::new(Code::BadEncoding, why).native(name))
            })?;
        }
        *request.body_mut() = SdkBody::from(native.body);
        request.set_uri(path).map_err(|_| failed(Error::new(Code::Unsupported, "the path is no URI")))?;
        Ok(Some(going))
    }

    /// The model's id, decoded, and the path of InvokeModel, where the id stays encoded as it was.
    fn path<'u>(&self, uri: &'u str) -> Option<(Cow<'u, str>, String)> {
        let to_model = uri.strip_suffix(self.operation.path)?;
        let (_, segment) = to_model.strip_suffix('/')?.rsplit_once('/')?;
        let id = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
        Some((id, format!("{to_model}{}", self.operation.invoke)))
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
        let translating = Translating { original, operation: OPERATIONS[1], settings: Arc::default() };
        let path = translating.path("/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/converse-stream");
        let (id, path) = path.unwrap();
        assert_eq!(id, "arn:aws:bedrock:::x/y");
        assert_eq!(path, "/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/invoke-with-response-stream");
        assert_eq!(translating.path("/model/x/converse"), None);
        assert_eq!(translating.path("/model/%ff/converse-stream"), None);
    }
}
