//! The operations that are translated, and their paths.

use std::borrow::Cow;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use outcrop::runtime::{Code, Error, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::TranslationError;

/// The service whose operations these are, as the SDK names it.
const SERVICE: &str = "Bedrock Runtime";

/// What the SDK encodes in a segment of a path: all that RFC 3986 does not call unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An operation of Converse.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// Last segment of its path.
    path: &'static str,
    /// Last segment of the path of its counterpart.
    pub(super) invoke: &'static str,
    pub(super) streams: bool,
}

static OPERATIONS: [Operation; 2] = [
    Operation { name: "Converse", path: "converse", invoke: "invoke", streams: false },
    Operation { name: "ConverseStream", path: "converse-stream", invoke: "invoke-with-response-stream", streams: true },
];

impl Operation {
    /// The operation of a call, if it is one of Converse.
    pub(super) fn of(call: &Metadata) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| call.service() == SERVICE && call.name() == operation.name)
    }

    /// The path of its counterpart for a model.
    pub(super) fn path(&self, id: &str) -> String {
        format!("/model/{}/{}", percent_encoding::utf8_percent_encode(id, SEGMENT), self.invoke)
    }

    /// The URI without the operation, its last segment.
    pub(super) fn to_model<'u>(&self, uri: &'u str) -> Result<&'u str, BoxError> {
        let to_model = uri.strip_suffix(self.path).filter(|to_model| to_model.ends_with('/'));
        to_model.ok_or_else(|| self.no_path(uri))
    }

    /// The model's id, which stays encoded as it was in the URI.
    pub(super) fn id<'u>(&self, uri: &'u str) -> Result<Cow<'u, str>, BoxError> {
        let segment = self.to_model(uri)?.strip_suffix('/').and_then(|to_model| to_model.rsplit_once('/'));
        let id = segment.and_then(|(_, id)| percent_encoding::percent_decode_str(id).decode_utf8().ok());
        id.ok_or_else(|| self.no_path(uri))
    }

    #[cold]
    fn no_path(&self, uri: &str) -> BoxError {
        let why = format!("`{uri}` is no path of a {} call; is another interceptor at work?", self.name);
        unknown("", Error::new(Code::Unsupported, why))
    }
}

/// The error of a call of which no family is known.
pub(super) fn unknown(id: &str, error: Error) -> BoxError {
    TranslationError { model_id: id.to_owned(), family: String::new(), kind: Kind::Request, error }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_of_the_path_and_stays_encoded_there() {
        let [whole, stream] = &OPERATIONS;
        let uri = "http://h:1/base/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/converse-stream";
        assert_eq!(stream.id(uri).unwrap(), "arn:aws:bedrock:::x/y");
        assert_eq!(stream.to_model(uri).unwrap(), "http://h:1/base/model/arn%3Aaws%3Abedrock%3A%3A%3Ax%2Fy/");
        assert!(whole.id(uri).is_err() && stream.id("/model/x/converse").is_err());
        assert!(stream.id("/model/%ff/converse-stream").is_err());
    }
}
