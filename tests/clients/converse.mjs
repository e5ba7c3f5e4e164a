// One Converse call with the AWS SDK for JavaScript. Nothing in here knows of the local endpoint; the environment does:
//
//   AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8080 AWS_REGION=us-east-1 \
//   AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any node converse.mjs
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";

const client = new BedrockRuntimeClient();
const answer = await client.send(
  new ConverseCommand({
    modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    system: [{ text: "You know minerals." }],
    messages: [{ role: "user", content: [{ text: "Which mineral is the hardest?" }] }],
    inferenceConfig: { maxTokens: 200, temperature: 0.2 },
  }),
);

for (const block of answer.output.message.content) {
  if (block.text !== undefined) console.log(block.text);
}
console.log(`${answer.stopReason}, ${answer.usage.inputTokens} tokens in, ${answer.usage.outputTokens} out`);
