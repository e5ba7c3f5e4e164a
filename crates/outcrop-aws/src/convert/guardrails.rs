//! Guardrails: the SDK has settings for streams and settings for the rest, and assessments as types of their own.

use aws_sdk_bedrockruntime::operation::converse::{Converse, ConverseOutput};
use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse as _, SharedResponseDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use outcrop_runtime::{Code, Error, Tree};

use super::assessments::assessment;
use super::{FromSdk, ToSdk, from, none, nothing, to};
use crate::types::owned::within;
use crate::types::{Document, GuardrailConfiguration, GuardrailTraceAssessment, Map};

/// The SDK makes no difference between an absent text and an empty one, which is no id of anything.
fn id(value: Option<String>, name: &str) -> Result<Option<String>, Error> {
    none(value.as_ref().filter(|value| value.is_empty()), name)?;
    Ok(value)
}

/// A text of the SDK, where it is absent if it is empty.
fn text(value: String) -> Option<String> {
    Some(value).filter(|value| !value.is_empty())
}

impl ToSdk<sdk::GuardrailConfiguration> for GuardrailConfiguration {
    fn to_sdk(self) -> Result<sdk::GuardrailConfiguration, Error> {
        nothing(&self.extra)?;
        none(self.stream_processing_mode, "streamProcessingMode")?;
        let builder = sdk::GuardrailConfiguration::builder()
            .set_guardrail_identifier(id(self.guardrail_identifier, "guardrailIdentifier")?)
            .set_guardrail_version(id(self.guardrail_version, "guardrailVersion")?)
            .set_trace(to(self.trace, "trace")?);
        Ok(builder.build())
    }
}
impl FromSdk<sdk::GuardrailConfiguration> for GuardrailConfiguration {
    fn from_sdk(value: sdk::GuardrailConfiguration) -> Result<Self, Error> {
        Ok(Self {
            guardrail_identifier: text(value.guardrail_identifier),
            guardrail_version: text(value.guardrail_version),
            trace: from(value.trace, "trace")?,
            stream_processing_mode: None,
            extra: Map::default(),
        })
    }
}

impl ToSdk<sdk::GuardrailStreamConfiguration> for GuardrailConfiguration {
    fn to_sdk(self) -> Result<sdk::GuardrailStreamConfiguration, Error> {
        nothing(&self.extra)?;
        let builder = sdk::GuardrailStreamConfiguration::builder()
            .set_guardrail_identifier(id(self.guardrail_identifier, "guardrailIdentifier")?)
            .set_guardrail_version(id(self.guardrail_version, "guardrailVersion")?)
            .set_trace(to(self.trace, "trace")?)
            .set_stream_processing_mode(to(self.stream_processing_mode, "streamProcessingMode")?);
        Ok(builder.build())
    }
}
impl FromSdk<sdk::GuardrailStreamConfiguration> for GuardrailConfiguration {
    fn from_sdk(value: sdk::GuardrailStreamConfiguration) -> Result<Self, Error> {
        Ok(Self {
            guardrail_identifier: text(value.guardrail_identifier),
            guardrail_version: text(value.guardrail_version),
            trace: from(value.trace, "trace")?,
            stream_processing_mode: from(value.stream_processing_mode, "streamProcessingMode")?,
            extra: Map::default(),
        })
    }
}

/// Assessments are read by the SDK's own parser; what it passes over is refused.
impl ToSdk<sdk::GuardrailTraceAssessment> for GuardrailTraceAssessment {
    fn to_sdk(self) -> Result<sdk::GuardrailTraceAssessment, Error> {
        nothing(&self.extra)?;
        let json = String::from_utf8(self.to_json()).unwrap_or_default();
        let body =
            format!(r#"{{"output":{{"message":{{"role":"assistant","content":[]}}}},"trace":{{"guardrail":{json}}}}}"#);
        let read = parsed(body)
            .and_then(|output| output.trace?.guardrail)
            .ok_or_else(|| Error::new(Code::WrongType, "the SDK cannot read the assessment; leave it out"))?;
        let again = Self::from_sdk(read.clone())?;
        let said = Tree::parse_text(&json)?;
        let kept = Tree::parse(&again.to_json())?;
        match lost(&said, &kept) {
            Some(path) => Err(super::only_here(&path)),
            None => Ok(read),
        }
    }
}
impl FromSdk<sdk::GuardrailTraceAssessment> for GuardrailTraceAssessment {
    fn from_sdk(value: sdk::GuardrailTraceAssessment) -> Result<Self, Error> {
        let document = |a: &sdk::GuardrailAssessment| Document::parse(&assessment(a)?.to_string());
        let input = value.input_assessment.map(|map| {
            let mut all: Vec<_> = map.into_iter().collect();
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
            all.into_iter().map(|(id, a)| Ok((id, document(&a)?))).collect::<Result<Map<Document>, Error>>()
        });
        let outputs = value.output_assessments.map(|map| {
            let mut all: Vec<_> = map.into_iter().collect();
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
            let list = |list: Vec<_>| list.iter().map(document).collect::<Result<Vec<Document>, Error>>();
            all.into_iter().map(|(id, a)| Ok((id, list(a)?))).collect::<Result<Map<Vec<Document>>, Error>>()
        });
        Ok(Self {
            model_output: value.model_output,
            input_assessment: input.transpose().map_err(|e| within("inputAssessment", e))?,
            output_assessments: outputs.transpose().map_err(|e| within("outputAssessments", e))?,
            action_reason: value.action_reason,
            extra: Map::default(),
        })
    }
}

/// A Converse response as the SDK reads it.
fn parsed(body: String) -> Option<ConverseOutput> {
    let layer = Converse::new().config()?;
    let reader = layer.load::<SharedResponseDeserializer>()?;
    let response = HttpResponse::new(200.try_into().ok()?, SdkBody::from(body));
    let output = reader.deserialize_nonstreaming_with_config(&response, &ConfigBag::base()).ok()?;
    output.downcast().ok()
}

/// Path of the first value of `said` that is not in `kept`.
fn lost(said: &Tree, kept: &Tree) -> Option<String> {
    let below = |name: String, path: String| match path.as_str() {
        "" => name,
        path if path.starts_with('[') => name + path,
        path => format!("{name}.{path}"),
    };
    match (said, kept) {
        (Tree::Obj(said), kept @ Tree::Obj(_)) => said.members().iter().find_map(|(name, value)| {
            let found = kept.get(name).unwrap_or(&Tree::Null);
            lost(value, found).map(|path| below(name.clone(), path))
        }),
        (Tree::Arr(said), Tree::Arr(kept)) if said.items().len() == kept.items().len() => {
            let pairs = said.items().iter().zip(kept.items()).enumerate();
            pairs.into_iter().find_map(|(i, (a, b))| lost(a, b).map(|path| below(format!("[{i}]"), path)))
        }
        (said, kept) => (said != kept).then(String::new),
    }
}
