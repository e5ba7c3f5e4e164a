//! `outcrop serve` as its users meet it.

#![allow(clippy::expect_used, clippy::panic)]
#![cfg(feature = "serve")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::{outcrop, text};

fn start(args: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outcrop"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let address = line.trim_end().strip_prefix("listening on http://").expect("the line that programs wait for");
    (child, address.to_owned())
}

fn converse(address: &str, said: &str) -> String {
    let body = format!(r#"{{"messages":[{{"role":"user","content":[{{"text":"{said}"}}]}}]}}"#);
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = "POST /model/amazon.nova-lite-v1%3A0/converse HTTP/1.1\r\nhost: a\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).expect("a request");
    let mut back = String::new();
    stream.read_to_string(&mut back).expect("an answer");
    back
}

#[test]
fn it_says_when_it_is_ready_answers_and_stops_when_told() {
    let (child, address) = start(&["--log", "json"]);
    let back = converse(&address, "a secret");
    assert!(back.starts_with("HTTP/1.1 200") && back.contains(r#"[{"text":"a secret"}]"#), "{back}");
    let told = Command::new("kill").arg(child.id().to_string()).status().expect("kill is there");
    assert!(told.success());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!(out.status.code(), Some(0));
    let log = text(&out.stderr);
    assert!(log.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{log}");
    assert!(log.contains(r#""status":200"#) && !log.contains("a secret"), "no bodies unless asked: {log}");
    assert!(!log.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn bodies_are_logged_if_that_is_asked_for() {
    let (mut child, address) = start(&["--log-bodies"]);
    converse(&address, "a secret");
    child.kill().expect("it runs");
    let log = text(&child.wait_with_output().expect("it ends").stderr);
    assert!(log.contains("a secret"), "{log}");
}

#[test]
fn what_cannot_be_served_is_told_with_exit_status_2() {
    for (args, why) in [
        (&["serve", "--listen", "0.0.0.0:0"][..], "give an API key"),
        (&["serve", "--script", "/nowhere.yaml"], "/nowhere.yaml"),
        (&["serve", "--upstream", "localhost:80"], "must begin with http:// or https://"),
        (&["serve", "--listen", "127.0.0.1:0", "--log-level", "a=b=c"], "says nothing about what to log"),
        (&["serve", "--script", "a", "--replay", "b"], "cannot be used with"),
    ] {
        let out = outcrop(args, "");
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        let told = text(&out.stderr);
        assert!(told.contains(why) && out.stdout.is_empty(), "{told}");
    }
    let help = text(&outcrop(&["serve", "--help"], "").stdout);
    for word in ["Examples:", "--script", "--replay", "--upstream", "--faults", "--strict-regions", "x-outcrop-fault"] {
        assert!(help.contains(word), "{word} in {help}");
    }
}
