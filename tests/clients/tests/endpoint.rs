//! Endpoints in this process, and what they have counted.

use std::collections::BTreeMap;

use outcrop_server::{Config, Server, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An endpoint on a free port.
pub(crate) async fn start(config: Config) -> Server {
    serve(config).await.expect("it starts")
}

/// Sends a request as plain text and gives the whole answer.
pub(crate) async fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.addr()).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

/// Requests that were answered, by status, and faults that were made, by name: `200` and `throttle` alike.
pub(crate) async fn counts(server: &Server) -> BTreeMap<String, u64> {
    let text = raw(server, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let mut counts = BTreeMap::new();
    for line in text.lines().filter(|line| !line.contains("operation=\"metrics\"")) {
        let label = match line.split_once('{') {
            Some(("outcrop_requests_total", _)) => "status=\"",
            Some(("outcrop_faults_total", _)) => "fault=\"",
            _ => continue,
        };
        let name = line.split(label).nth(1).and_then(|rest| rest.split('"').next()).expect("a label");
        let count = line.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()).expect("a number");
        *counts.entry(name.to_owned()).or_default() += count;
    }
    counts
}

/// What has been counted since.
pub(crate) fn since(before: &BTreeMap<String, u64>, mut after: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    for (name, count) in &mut after {
        *count -= before.get(name).copied().unwrap_or_default();
    }
    after.retain(|_, count| *count > 0);
    after
}
