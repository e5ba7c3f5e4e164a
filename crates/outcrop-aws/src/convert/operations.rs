//! Bodies, which are inputs and outputs of operations in the SDK.

use aws_sdk_bedrockruntime::operation::converse::builders::ConverseInputBuilder;
use aws_sdk_bedrockruntime::operation::converse::{ConverseInput, ConverseOutput};
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamInput;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamInputBuilder;
use outcrop_runtime::Error;

use super::{built, from, nothing, to};
use crate::types::{ConverseRequest, ConverseResponse, Map};

macro_rules! inputs {
    ($($(#[doc = $doc:literal])* $input:ident, $builder:ident, $make:ident;)*) => {$(
        /// The input of the operation, without a model id.
        pub(crate) fn $make(request: ConverseRequest) -> Result<$builder, Error> {
                nothing(&request.extra)?;
                let builder = $input::builder()
                    .set_messages(to(request.messages, "messages")?)
                    .set_system(to(request.system, "system")?)
                    .set_inference_config(to(request.inference_config, "inferenceConfig")?)
                    .set_tool_config(to(request.tool_config, "toolConfig")?)
                    .set_guardrail_config(to(request.guardrail_config, "guardrailConfig")?)
                    .set_additional_model_request_fields(to(
                        request.additional_model_request_fields,
                        "additionalModelRequestFields",
                    )?)
                    .set_prompt_variables(to(request.prompt_variables, "promptVariables")?)
                    .set_additional_model_response_field_paths(request.additional_model_response_field_paths)
                    .set_request_metadata(to(request.request_metadata, "requestMetadata")?)
                    .set_performance_config(to(request.performance_config, "performanceConfig")?)
                    .set_service_tier(to(request.service_tier, "serviceTier")?)
                    .set_output_config(to(request.output_config, "outputConfig")?);
                Ok(builder)
        }
        $(#[doc = $doc])*
        impl TryFrom<ConverseRequest> for $input {
            type Error = Error;
            fn try_from(request: ConverseRequest) -> Result<Self, Error> {
                built($make(request)?.build())
            }
        }
        impl TryFrom<$input> for ConverseRequest {
            type Error = Error;
            /// The body; the model id is no part of it.
            fn try_from(input: $input) -> Result<Self, Error> {
                Ok(Self {
                    messages: from(input.messages, "messages")?,
                    system: from(input.system, "system")?,
                    inference_config: from(input.inference_config, "inferenceConfig")?,
                    tool_config: from(input.tool_config, "toolConfig")?,
                    guardrail_config: from(input.guardrail_config, "guardrailConfig")?,
                    additional_model_request_fields: from(
                        input.additional_model_request_fields,
                        "additionalModelRequestFields",
                    )?,
                    prompt_variables: from(input.prompt_variables, "promptVariables")?,
                    additional_model_response_field_paths: input.additional_model_response_field_paths,
                    request_metadata: from(input.request_metadata, "requestMetadata")?,
                    performance_config: from(input.performance_config, "performanceConfig")?,
                    service_tier: from(input.service_tier, "serviceTier")?,
                    output_config: from(input.output_config, "outputConfig")?,
                    extra: Map::default(),
                })
            }
        }
    )*};
}
inputs! {
    /// The input without a model id, which is no part of the body: set `model_id` on it.
    ConverseInput, ConverseInputBuilder, converse_input;
    /// The input without a model id, which is no part of the body: set `model_id` on it.
    ConverseStreamInput, ConverseStreamInputBuilder, converse_stream_input;
}

impl TryFrom<ConverseResponse> for ConverseOutput {
    type Error = Error;
    fn try_from(response: ConverseResponse) -> Result<Self, Error> {
        nothing(&response.extra)?;
        let builder = ConverseOutput::builder()
            .output(to(response.output, "output")?)
            .set_stop_reason(to(response.stop_reason, "stopReason")?)
            .set_usage(to(response.usage, "usage")?)
            .set_metrics(to(response.metrics, "metrics")?)
            .set_additional_model_response_fields(to(
                response.additional_model_response_fields,
                "additionalModelResponseFields",
            )?)
            .set_trace(to(response.trace, "trace")?)
            .set_performance_config(to(response.performance_config, "performanceConfig")?)
            .set_service_tier(to(response.service_tier, "serviceTier")?);
        built(builder.build())
    }
}

impl TryFrom<ConverseOutput> for ConverseResponse {
    type Error = Error;
    fn try_from(output: ConverseOutput) -> Result<Self, Error> {
        Ok(Self {
            output: from(output.output, "output")?,
            stop_reason: Some(from(output.stop_reason, "stopReason")?),
            usage: from(output.usage, "usage")?,
            metrics: from(output.metrics, "metrics")?,
            additional_model_response_fields: from(
                output.additional_model_response_fields,
                "additionalModelResponseFields",
            )?,
            trace: from(output.trace, "trace")?,
            performance_config: from(output.performance_config, "performanceConfig")?,
            service_tier: from(output.service_tier, "serviceTier")?,
            extra: Map::default(),
        })
    }
}
