//! A family of one's own, from `family!`, through the interceptor.

use aws_sdk_bedrockruntime::types::{InferenceConfiguration, StopReason, SystemContentBlock};
use outcrop::registry::Entry;
use outcrop::runtime::resolve::Target;
use outcrop_aws::error::Class;
use outcrop_aws::{ConverseOverInvoke, Error};

use super::heard::Heard;
use super::loopback::{Answer, Loopback, Part, chunk};
use super::support::{events, text, user};

outcrop::family!("examples/quarry-chat.yaml");

static QUARRY: Entry = outcrop_aws::entry!(quarry_chat);

const ARN: &str = "arn:aws:bedrock:us-east-1:111122223333:imported-model/quarry000001";

async fn endpoint() -> Loopback {
    Loopback::start(|request| {
        assert_eq!(request.text(), r#"{"question":"Name a metal.","limit":20}"#);
        let answer = match request.path.rsplit('/').next() {
            Some("invoke") => Answer::json(r#"{"reply":"Tin.","end":"done"}"#),
            _ => Answer::stream(
                [&br#"{"piece":"Ti"}"#[..], br#"{"piece":"n."}"#, br#"{"end":"limit"}"#].map(chunk).map(Part::Bytes),
            ),
        };
        answer.with("x-amzn-bedrock-input-token-count", "4").with("x-amzn-bedrock-output-token-count", "2")
    })
    .await
}

#[tokio::test]
async fn a_family_of_ones_own_is_spoken_by_its_ids_and_by_those_that_the_caller_names() {
    let (endpoint, heard) = (endpoint().await, Heard::default());
    let interceptor = ConverseOverInvoke::new().family(&QUARRY).target(ARN, Target::family("quarry-chat", None));
    let client = heard.client_with(endpoint.config(), interceptor);
    let limit = || InferenceConfiguration::builder().max_tokens(20).build();
    for id in ["quarry.stone", ARN] {
        let call = client.converse().model_id(id).messages(user("Name a metal.")).inference_config(limit());
        let output = call.send().await.unwrap();
        let message = output.output().unwrap().as_message().unwrap();
        assert_eq!(message.content()[0].as_text().unwrap(), "Tin.");
        assert_eq!(output.stop_reason(), &StopReason::EndTurn);
        let usage = output.usage().unwrap();
        assert_eq!((usage.input_tokens(), usage.output_tokens(), usage.total_tokens()), (4, 2, 6));
        let by = "4 by header, 2 by header, 6 by sum";
        let started = format!("Converse of {id}, quarry-chat, us-east-1");
        assert_eq!(heard.take(), [&started, "20 None None", &format!("finished: {by}, end_turn, no price, no id")]);

        let call = client.converse_stream().model_id(id).messages(user("Name a metal.")).inference_config(limit());
        let (came, error) = events(call.send().await.unwrap()).await;
        assert_eq!((text(&came).as_str(), error), ("Tin.", None));
        let finished = format!("finished: {by}, max_tokens, no price, no id");
        assert_eq!(heard.take()[2..], ["first", &finished]);
    }
    let paths: Vec<String> = endpoint.requests().into_iter().map(|request| request.path).collect();
    assert!(paths[0].ends_with("/quarry.stone/invoke") && paths[1].ends_with("/invoke-with-response-stream"));

    let system = SystemContentBlock::Text("Be brief.".to_owned());
    let call = client.converse().model_id(ARN).messages(user("Name a metal.")).system(system);
    let refused = Error::from(call.send().await.unwrap_err());
    assert_eq!((refused.class(), refused.refusal().unwrap().path.as_str()), (Class::Refused, "system"), "{refused}");
    assert_eq!(endpoint.requests().len(), 4);
}

#[tokio::test]
async fn without_it_its_ids_go_to_converse() {
    let endpoint = Loopback::start(|_| Answer::error(404, "ResourceNotFoundException", "No such model.")).await;
    let client = Heard::default().client(endpoint.config());
    client.converse().model_id("quarry.stone").messages(user("Name a metal.")).send().await.unwrap_err();
    assert!(endpoint.requests()[0].path.ends_with("/converse"));
}
