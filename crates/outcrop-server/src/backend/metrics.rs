//! The metrics at the end of a native stream.

use bytes::Bytes;
use memchr::memmem;
use outcrop_runtime::Tree;

const METRICS: &str = "amazon-bedrock-invocationMetrics";
const FIRST_BYTE: &str = "firstByteLatency";

/// A chunk as it goes out. The metrics of the service say how many milliseconds passed before the first byte, too; no event
/// of Converse tells that, so no codec writes it. Other chunks stay as they are.
pub(crate) fn with_first_byte(chunk: &Bytes, ms: u64) -> Bytes {
    let plain = || chunk.clone();
    if memmem::find(chunk, METRICS.as_bytes()).is_none() {
        return plain();
    }
    let Ok(Tree::Obj(mut object)) = Tree::parse(chunk) else { return plain() };
    match object.get_mut(METRICS) {
        Some(Tree::Obj(metrics)) if metrics.get(FIRST_BYTE).is_none() => {
            let whole = metrics.get("invocationLatency").and_then(Tree::as_int).unwrap_or(i64::MAX);
            metrics.set(FIRST_BYTE, Tree::int(i64::try_from(ms).unwrap_or(i64::MAX).min(whole)));
            Bytes::from(Tree::Obj(object).to_string())
        }
        _ => plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::with_first_byte;

    #[test]
    fn only_metrics_that_lack_it_are_told_when_the_first_byte_came() {
        let after = |chunk: &str| String::from_utf8(with_first_byte(&chunk.to_owned().into(), 20).to_vec()).unwrap();
        let metrics = |inner: &str| format!(r#"{{"text":"","amazon-bedrock-invocationMetrics":{{{inner}}}}}"#);
        let wanted = metrics(r#""invocationLatency":52,"firstByteLatency":20"#);
        assert_eq!(after(&metrics(r#""invocationLatency":52"#)), wanted);
        let early = metrics(r#""invocationLatency":5"#);
        assert_eq!(after(&early), metrics(r#""invocationLatency":5,"firstByteLatency":5"#));
        for same in [wanted.as_str(), r#"{"text":"amazon-bedrock-invocationMetrics"}"#, r#"{ "text" : 1.0 }"#, "{"] {
            assert_eq!(after(same), same);
        }
    }
}
