//! What may be absent here and is always there in the SDK, which has a value of its own for it.

use aws_sdk_bedrockruntime::types as sdk;
use outcrop_runtime::Error;

use super::{FromSdk, ToSdk, from, to};
use crate::types::{
    Citation, CitationSourceContent, DocumentFormat, GuardrailConfigurationTrace, Map, PerformanceConfigurationLatency,
    StreamProcessingMode,
};

macro_rules! always {
    ($($word:ident: $sdk:ident),* $(,)?) => {$(
        impl FromSdk<sdk::$sdk> for Option<$word> {
            fn from_sdk(value: sdk::$sdk) -> Result<Self, Error> {
                $word::from_sdk(value).map(Some)
            }
        }
    )*};
}
always! {
    DocumentFormat: DocumentFormat,
    GuardrailConfigurationTrace: GuardrailTrace,
    PerformanceConfigurationLatency: PerformanceConfigLatency,
    StreamProcessingMode: GuardrailStreamProcessingMode,
}

/// A citation in a stream is another type of the SDK, with the same members.
impl ToSdk<sdk::CitationsDelta> for Citation {
    fn to_sdk(self) -> Result<sdk::CitationsDelta, Error> {
        super::nothing(&self.extra)?;
        super::none(self.native.as_ref(), "native")?;
        let builder = sdk::CitationsDelta::builder()
            .set_title(self.title)
            .set_source(self.source)
            .set_source_content(to(self.source_content, "sourceContent")?)
            .set_location(to(self.location, "location")?);
        Ok(builder.build())
    }
}
impl FromSdk<sdk::CitationsDelta> for Citation {
    fn from_sdk(value: sdk::CitationsDelta) -> Result<Self, Error> {
        Ok(Self {
            title: value.title,
            source: value.source,
            source_content: from(value.source_content, "sourceContent")?,
            location: from(value.location, "location")?,
            native: None,
            extra: Map::default(),
        })
    }
}

impl ToSdk<sdk::CitationSourceContentDelta> for CitationSourceContent {
    fn to_sdk(self) -> Result<sdk::CitationSourceContentDelta, Error> {
        match self {
            Self::Text(text) => Ok(sdk::CitationSourceContentDelta::builder().text(text).build()),
            Self::Unknown { name, .. } => Err(super::only_here(&name)),
        }
    }
}
impl FromSdk<sdk::CitationSourceContentDelta> for CitationSourceContent {
    fn from_sdk(value: sdk::CitationSourceContentDelta) -> Result<Self, Error> {
        value.text.map(Self::Text).ok_or_else(super::unknown)
    }
}
