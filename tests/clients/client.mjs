// Makes calls with the AWS SDK for JavaScript: one JSON object a line in, one a line out, each as soon as it is done.
// Calls and results are those of client.py; times are in seconds.
import { createInterface } from "node:readline";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";

const commands = {
  converse: ConverseCommand,
  converse_stream: ConverseStreamCommand,
  invoke_model: InvokeModelCommand,
  invoke_model_with_response_stream: InvokeModelWithResponseStreamCommand,
};
const utf8 = new TextDecoder("utf-8", { fatal: true });
const clients = new Map();

function clientOf({ endpoint, timeout }) {
  const key = JSON.stringify([endpoint, timeout]);
  if (!clients.has(key)) {
    const requestHandler = timeout === undefined ? undefined : { requestTimeout: 1000 * timeout };
    clients.set(key, new BedrockRuntimeClient({ endpoint, requestHandler }));
  }
  return clients.get(key);
}

// What JSON has as base64 as bytes, where Converse wants those.
function binary(value) {
  if (Array.isArray(value)) return value.map(binary);
  if (value === null || typeof value !== "object") return value;
  const isBinary = (k, v) => ["bytes", "redactedContent"].includes(k) && typeof v === "string";
  const member = ([k, v]) => [k, isBinary(k, v) ? Buffer.from(v, "base64") : binary(v)];
  return Object.fromEntries(Object.entries(value).map(member));
}

function text(_, value) {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

async function run(call, result) {
  const input = call.op.startsWith("invoke")
    ? { modelId: call.model, body: call.body }
    : { modelId: call.model, ...binary(call.request) };
  const command = new commands[call.op](input);
  const send = (next) => (args) => {
    Object.assign(args.request.headers, call.headers);
    return next(args);
  };
  const receive = (next) => async (args) => {
    const answer = await next(args);
    result.headers = answer.response.headers;
    return answer;
  };
  command.middlewareStack.add(send, { step: "build" });
  command.middlewareStack.add(receive, { step: "deserialize", priority: "low" });
  const { $metadata, ...answer } = await clientOf(call).send(command);
  result.requestId = $metadata.requestId;
  result.contentType = answer.contentType;
  if (call.op === "converse") {
    result.answer = answer;
  } else if (call.op === "converse_stream") {
    result.events = [];
    for await (const event of answer.stream) result.events.push(event);
  } else if (call.op === "invoke_model") {
    result.body = utf8.decode(answer.body);
  } else {
    result.chunks = [];
    for await (const event of answer.body) result.chunks.push(utf8.decode(event.chunk.bytes));
  }
}

async function work(line) {
  const call = JSON.parse(line);
  const result = { id: call.id };
  try {
    await run(call, result);
  } catch (error) {
    const { name, message, code, $metadata } = error;
    result.error = { class: name, message, code, status: $metadata?.httpStatusCode };
  }
  process.stdout.write(`${JSON.stringify(result, text)}\n`);
}

createInterface({ input: process.stdin }).on("line", work);
