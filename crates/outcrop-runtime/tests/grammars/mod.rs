//! Grammars of real formats.
#![allow(dead_code)]

use outcrop_runtime::prompt::{Grammar, TurnGrammar, TurnPlace};

pub(crate) const fn turn(role: &'static str, open: &'static str, close: &'static str) -> TurnGrammar<'static> {
    TurnGrammar { role, open, bare: None, open_after: &[], close, place: TurnPlace::Any }
}

pub(crate) const fn bare(bare: &'static str, turn: TurnGrammar<'static>) -> TurnGrammar<'static> {
    TurnGrammar { bare: Some(bare), ..turn }
}

pub(crate) const BASE: Grammar<'static> = Grammar {
    name: "test",
    begin: "",
    elide: "",
    turns: &[],
    cue: "assistant",
    markers: &[],
    escape: false,
    image: None,
    decode_only: false,
};

pub(crate) const LLAMA3: Grammar<'static> = Grammar {
    name: "llama3",
    begin: "<|begin_of_text|>",
    turns: &[
        turn("system", "<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"),
        turn("user", "<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
        turn("assistant", "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
    ],
    markers: &[
        "<|begin_of_text|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|eot_id|>",
        "<|eom_id|>",
        "<|image|>",
    ],
    image: Some("<|image|>"),
    ..BASE
};

pub(crate) const LLAMA4: Grammar<'static> = Grammar {
    name: "llama4",
    begin: "<|begin_of_text|>",
    turns: &[
        turn("system", "<|header_start|>system<|header_end|>\n\n", "<|eot|>"),
        turn("user", "<|header_start|>user<|header_end|>\n\n", "<|eot|>"),
        turn("assistant", "<|header_start|>assistant<|header_end|>\n\n", "<|eot|>"),
    ],
    markers: &["<|begin_of_text|>", "<|header_start|>", "<|header_end|>", "<|eot|>", "<|image|>"],
    image: Some("<|image|>"),
    ..BASE
};

pub(crate) const LLAMA2: Grammar<'static> = Grammar {
    name: "llama2",
    turns: &[
        turn("system", "<s>[INST] <<SYS>>\n", "\n<</SYS>>\n\n"),
        TurnGrammar { open_after: &[("system", "")], ..turn("user", "<s>[INST] ", " [/INST]") },
        bare("", turn("assistant", " ", " </s>")),
    ],
    markers: &["<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"],
    ..BASE
};

pub(crate) const MISTRAL: Grammar<'static> = Grammar {
    name: "mistral",
    begin: "<s>",
    turns: &[turn("user", "[INST] ", " [/INST]"), bare("", turn("assistant", " ", "</s>"))],
    markers: &["<s>", "</s>", "[INST]", "[/INST]"],
    ..BASE
};

pub(crate) const TITAN: Grammar<'static> = Grammar {
    name: "titan",
    elide: "\n",
    turns: &[turn("system", "", "\n"), turn("user", "\nUser: ", ""), turn("assistant", "\nBot:", "")],
    markers: &["\nUser: ", "\nBot:"],
    ..BASE
};

pub(crate) const CLAUDE2: Grammar<'static> = Grammar {
    name: "claude2",
    turns: &[
        turn("system", "", ""),
        turn("user", "\n\nHuman: ", ""),
        bare("\n\nAssistant:", turn("assistant", "\n\nAssistant: ", "")),
    ],
    markers: &["\n\nHuman:", "\n\nAssistant:"],
    ..BASE
};

pub(crate) const DEEPSEEK: Grammar<'static> = Grammar {
    name: "deepseek",
    begin: "<｜begin▁of▁sentence｜>",
    turns: &[
        turn("system", "", ""),
        turn("user", "<｜User｜>", ""),
        bare("<｜Assistant｜><think>\n", turn("assistant", "<｜Assistant｜>", "<｜end▁of▁sentence｜>")),
    ],
    markers: &["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"],
    ..BASE
};

pub(crate) const ALL: &[Grammar<'static>] = &[LLAMA3, LLAMA4, LLAMA2, MISTRAL, TITAN, CLAUDE2, DEEPSEEK];
