"""Makes calls with boto3: one JSON object a line in, one a line out, each as soon as it is done.

A call has `id`, `op` (a method of the client), `model`, and `request` (members of Converse, binary ones as base64) or
`body` (text of InvokeModel). It may have `headers` to add, `endpoint` in place of the environment's, and `timeout`
in seconds. What comes back is what boto3 gave: the answer or events or chunks, the headers, and what was raised.
"""

import base64
import functools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BINARY = ("bytes", "redactedContent")
local = threading.local()
making = threading.Lock()
writing = threading.Lock()
session = boto3.Session()


@functools.cache
def made(endpoint, timeout):
    config = Config(max_pool_connections=64)
    if timeout is not None:
        config = config.merge(Config(read_timeout=timeout, connect_timeout=timeout))
    client = session.client("bedrock-runtime", endpoint_url=endpoint, config=config)
    client.meta.events.register("before-call.bedrock-runtime", add_headers)
    return client


def client_of(call):
    with making:
        return made(call.get("endpoint"), call.get("timeout"))


def add_headers(params, **_):
    params["headers"].update(local.headers)


def binary(value):
    """What JSON has as base64 as bytes, where Converse wants those."""
    if isinstance(value, list):
        return [binary(item) for item in value]
    if isinstance(value, dict):
        return {k: base64.b64decode(v) if k in BINARY and isinstance(v, str) else binary(v) for k, v in value.items()}
    return value


def text(value):
    return base64.b64encode(value).decode()


def told(error):
    """An exception: its class, and code, text and status where it has them."""
    found = {"class": type(error).__name__, "message": str(error)}
    if isinstance(error, ClientError):
        found["code"] = error.response["Error"].get("Code")
        found["message"] = error.response["Error"].get("Message")
        found["status"] = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return found


def run(call, result):
    local.headers = call.get("headers", {})
    client, op, model = client_of(call), call["op"], call["model"]
    if op.startswith("invoke"):
        answer = getattr(client, op)(modelId=model, body=call["body"])
    else:
        answer = getattr(client, op)(modelId=model, **binary(call["request"]))
    metadata = answer.pop("ResponseMetadata")
    result["requestId"] = metadata.get("RequestId")
    result["headers"] = metadata["HTTPHeaders"]
    result["contentType"] = answer.get("contentType")
    if op == "converse":
        result["answer"] = answer
    elif op == "converse_stream":
        result["events"] = []
        for event in answer["stream"]:
            result["events"].append(event)
    elif op == "invoke_model":
        result["body"] = answer["body"].read().decode()
    else:
        result["chunks"] = []
        for event in answer["body"]:
            result["chunks"].append(event["chunk"]["bytes"].decode())


def work(line):
    call = json.loads(line)
    result = {"id": call["id"]}
    try:
        run(call, result)
    except Exception as error:  # What a program would see, whatever it is.
        result["error"] = told(error)
    with writing:
        print(json.dumps(result, default=text), flush=True)


with ThreadPoolExecutor(max_workers=64) as pool:
    for line in sys.stdin:
        pool.submit(work, line)
