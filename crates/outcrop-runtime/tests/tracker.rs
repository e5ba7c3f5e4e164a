//! Blocks of a stream: order, indices, and what is refused.
#![allow(clippy::unwrap_used)]

use outcrop_runtime::Code;
use outcrop_runtime::tracker::{Block, Blocks, Event, Tracker};

/// What a chunk signals.
#[derive(Clone, Copy)]
enum Say {
    Start,
    Open(i64, Block),
    Delta(Option<i64>, Block),
    Empty(Block),
    Close(i64),
    Stop,
}

/// Runs signals through a tracker; events as short words.
fn run(blocks: Blocks, says_start: bool, signals: &[Say]) -> Result<String, Code> {
    let mut words: Vec<String> = Vec::new();
    let mut out = |event: Event<&str>| {
        words.push(match event {
            Event::MessageStart(role) => format!("start:{}", role.unwrap_or("-")),
            Event::BlockStart { index, .. } => format!("open{index}"),
            Event::Delta { index, .. } => format!("delta{index}"),
            Event::Blank { index, .. } => format!("blank{index}"),
            Event::BlockStop { index } => format!("close{index}"),
        });
    };
    let mut t = Tracker::new(blocks, says_start);
    for signal in signals {
        match *signal {
            Say::Start => t.start("role", &mut out),
            Say::Open(key, block) => t.open(Some(key), block, block.is_announced().then_some("block"), &mut out),
            Say::Delta(key, block) => t.delta(key, block, "delta", false, &mut out),
            Say::Empty(block) => t.delta(None, block, "", true, &mut out),
            Say::Close(key) => t.close(Some(key), &mut out),
            Say::Stop => t.stop(&mut out),
        }
        .map_err(|e| e.code)?;
    }
    t.finish().map_err(|e| e.code)?;
    Ok(words.join(" "))
}

use Block::{Reasoning, Text, ToolUse};
use Say::{Close, Delta, Empty, Open, Start, Stop};

#[test]
fn explicit_blocks_are_renumbered_and_text_is_not_announced() {
    let signals = [
        Start,
        Open(3, Text),
        Delta(Some(3), Text),
        Close(3),
        Open(7, ToolUse),
        Delta(Some(7), ToolUse),
        Close(7),
        Stop,
    ];
    assert_eq!(run(Blocks::Explicit, true, &signals).unwrap(), "start:role delta0 close0 open1 delta1 close1");
}

#[test]
fn explicit_blocks_may_be_interleaved() {
    let signals = [
        Start,
        Open(0, ToolUse),
        Open(1, ToolUse),
        Delta(Some(1), ToolUse),
        Delta(Some(0), ToolUse),
        Close(0),
        Close(1),
        Stop,
    ];
    assert_eq!(run(Blocks::Explicit, true, &signals).unwrap(), "start:role open0 open1 delta1 delta0 close0 close1");
}

#[test]
fn a_text_block_without_deltas_stays_visible() {
    assert_eq!(
        run(Blocks::Explicit, true, &[Start, Open(0, Text), Close(0), Stop]).unwrap(),
        "start:role blank0 close0"
    );
}

#[test]
fn implicit_blocks_change_with_kind_and_key() {
    let signals = [
        Empty(Text),
        Delta(None, Reasoning),
        Delta(None, Text),
        Delta(None, Text),
        Open(0, ToolUse),
        Delta(Some(0), ToolUse),
        Open(1, ToolUse),
        Empty(Text),
        Stop,
    ];
    assert_eq!(
        run(Blocks::Implicit, false, &signals).unwrap(),
        "start:- delta0 close0 delta1 delta1 close1 open2 delta2 close2 open3 close3"
    );
}

#[test]
fn merged_blocks_go_on_after_a_close() {
    let signals = [
        Start,
        Delta(Some(0), Text),
        Close(0),
        Delta(Some(1), Text),
        Close(1),
        Open(2, ToolUse),
        Delta(Some(2), ToolUse),
        Close(2),
        Delta(Some(3), Text),
        Close(3),
        Stop,
    ];
    assert_eq!(
        run(Blocks::Merge, true, &signals).unwrap(),
        "start:role delta0 delta0 close0 open1 delta1 close1 delta2 close2"
    );
}

#[test]
fn roles_repeated_in_every_chunk_are_one_start_where_blocks_are_implicit() {
    let signals = [Start, Delta(None, Text), Start, Delta(None, Text), Stop];
    assert_eq!(run(Blocks::Implicit, true, &signals).unwrap(), "start:role delta0 delta0 close0");
    assert_eq!(run(Blocks::Explicit, true, &[Start, Start]), Err(Code::StreamOrder));
}

#[test]
fn an_impossible_order_is_refused() {
    let cases: &[(Blocks, &[Say])] = &[
        (Blocks::Explicit, &[Delta(Some(0), Text)]),
        (Blocks::Explicit, &[Start, Open(0, Text), Close(0), Delta(Some(0), Text)]),
        (Blocks::Explicit, &[Start, Open(0, Text), Open(0, Text)]),
        (Blocks::Explicit, &[Start, Close(0)]),
        (Blocks::Explicit, &[Start, Open(0, Text), Delta(Some(0), ToolUse)]),
        (Blocks::Explicit, &[Start, Stop, Delta(Some(0), Text)]),
        (Blocks::Explicit, &[Start, Stop, Stop]),
        (Blocks::Implicit, &[Delta(Some(0), ToolUse)]),
        (Blocks::Implicit, &[Open(0, ToolUse), Open(1, ToolUse), Delta(Some(0), ToolUse)]),
        (Blocks::Merge, &[Start, Delta(Some(0), Text), Close(0), Delta(Some(1), Reasoning), Delta(Some(0), Text)]),
    ];
    for (i, (blocks, signals)) in cases.iter().enumerate() {
        assert_eq!(run(*blocks, true, signals), Err(Code::StreamOrder), "case {i}");
    }
}

#[test]
fn a_stream_without_stop_is_truncated() {
    for blocks in [Blocks::Explicit, Blocks::Implicit, Blocks::Merge] {
        assert_eq!(run(blocks, true, &[Start, Delta(Some(0), Text)]), Err(Code::StreamTruncated));
        assert_eq!(run(blocks, false, &[]), Err(Code::StreamTruncated));
    }
}
