outcrop::family! {
    name = broken,
    text = r#"
spec: 1
family: broken
title: A spec with two faults
operations:
  chat: { request: Request }
types:
  Request:
    view: ConverseRequest
    fields:
      limit: { type: int, as: inferenceConfig.maxToken }
      heat: { typ: float, as: inferenceConfig.temperature }
"#
}

fn main() {}
