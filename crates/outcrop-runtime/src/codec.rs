//! What every family offers, generated or interpreted: bytes in, bytes out.

use crate::{Error, Report};

/// Which body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// InvokeModel or Converse request body.
    Request,
    /// InvokeModel or Converse response body.
    Response,
    /// Chunks of InvokeModelWithResponseStream, or events of ConverseStream.
    Stream,
}

/// The circumstances of one call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'a> {
    /// Model id, inference profile or ARN; selects prompt grammar and limits.
    pub model: &'a str,
    /// HTTP headers that came with the body; names in any case.
    pub headers: &'a [(String, String)],
    /// Refuse what would otherwise be reported as dropped or approximated.
    pub strict: bool,
    /// Escape markers of the prompt grammar in content instead of refusing them.
    pub escape: bool,
}

/// A translated body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// JSON bytes.
    pub body: Vec<u8>,
    /// HTTP headers that go with it (encoding a request), lower case.
    pub headers: Vec<(String, String)>,
    /// What did not go through unchanged.
    pub report: Report,
}

/// One family's codecs on bytes.
pub trait Codec: Send + Sync {
    /// The family's name.
    fn family(&self) -> &str;
    /// Converse body to InvokeModel body. `kind` is not `Stream`.
    fn encode(&self, kind: Kind, call: &Call<'_>, converse: &[u8]) -> Result<Output, Error>;
    /// InvokeModel body to Converse body. `kind` is not `Stream`.
    fn decode(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error>;
    /// Native body (or one chunk) to the same: parsed, checked, printed.
    fn check(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error>;
    /// Chunks to ConverseStream events. Each event is a JSON object with one member named after the event type.
    fn stream_decoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error>;
    /// ConverseStream events to chunks.
    fn stream_encoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error>;
}

/// A stream being translated. It may move between threads, as the tasks that serve streams do.
pub trait StreamCodec: Send {
    /// Takes one chunk or event (JSON bytes) and gives any number of the other to `out`.
    fn push(&mut self, item: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Error>;
    /// Ends the stream: gives what was held back, and the report. An incomplete stream is an error.
    fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<Report, Error>;
}

impl<T: Codec + ?Sized> Codec for &T {
    fn family(&self) -> &str {
        (**self).family()
    }
    fn encode(&self, kind: Kind, call: &Call<'_>, converse: &[u8]) -> Result<Output, Error> {
        (**self).encode(kind, call, converse)
    }
    fn decode(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error> {
        (**self).decode(kind, call, native)
    }
    fn check(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error> {
        (**self).check(kind, call, native)
    }
    fn stream_decoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error> {
        (**self).stream_decoder(call)
    }
    fn stream_encoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error> {
        (**self).stream_encoder(call)
    }
}
