// One InvokeModel call with the AWS SDK for JavaScript, in the model's own format. Nothing in here knows of the local
// endpoint; the environment does:
//
//   AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8080 AWS_REGION=us-east-1 \
//   AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any node invoke.mjs
import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";

const client = new BedrockRuntimeClient();
const { body } = await client.send(
  new InvokeModelCommand({
    modelId: "anthropic.claude-3-haiku-20240307-v1:0",
    contentType: "application/json",
    accept: "application/json",
    body: JSON.stringify({
      anthropic_version: "bedrock-2023-05-31",
      max_tokens: 200,
      system: "You know minerals.",
      messages: [{ role: "user", content: [{ type: "text", text: "Which mineral is the hardest?" }] }],
    }),
  }),
);

const message = JSON.parse(new TextDecoder().decode(body));
for (const block of message.content) {
  if (block.type === "text") console.log(block.text);
}
console.log(`${message.stop_reason}, ${message.usage.input_tokens} tokens in, ${message.usage.output_tokens} out`);
