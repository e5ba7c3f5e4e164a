//! The terminal: who is being talked to, what is being said, and a table at the end.

use std::io::{IsTerminal as _, Write as _};

use crate::models::Model;
use crate::outcome::Outcome;

/// Characters of an answer that are shown while it comes.
const SHOWN: usize = 60;

/// Writes to standard output; colours and lines that are written over only where it is a terminal.
pub(crate) struct Show {
    terminal: bool,
    colours: bool,
    of: usize,
    done: usize,
    /// Characters of the current answer that are on the screen.
    shown: usize,
}

impl Show {
    pub(crate) fn start(models: &[Model], endpoint: &str) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        println!("An endpoint with the echo backend listens on {endpoint}.");
        println!("The AWS SDK's converse_stream() speaks to it in the format of each of {} families:\n", models.len());
        Self { terminal, colours, of: models.len(), done: 0, shown: 0 }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A conversation begins.
    pub(crate) fn begin(&mut self, model: &Model) {
        self.done += 1;
        self.shown = 0;
        if self.terminal {
            print!("{:>2}/{} {:<30} ", self.done, self.of, model.family);
            flush();
        }
    }

    /// A piece of an answer has come.
    pub(crate) fn piece(&mut self, text: &str) {
        if self.terminal && self.shown < SHOWN {
            let piece: String =
                text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN - self.shown).collect();
            self.shown += piece.chars().count();
            print!("{}", self.paint("2", &piece));
            flush();
        }
    }

    /// A conversation is over.
    pub(crate) fn end(&mut self, outcome: &Outcome) {
        if self.terminal {
            print!("\r\x1b[2K");
        }
        let mark = if outcome.fault.is_none() { self.paint("32", "✓") } else { self.paint("31", "✗") };
        let said = outcome.said.iter().filter(|line| line.who == "assistant").map(|line| line.text.as_str());
        let said: String = said.collect::<Vec<_>>().join(" → ").chars().take(SHOWN + 20).collect();
        println!("{mark} {:>2}/{} {:<30} {}", self.done, self.of, outcome.family, said.replace('\n', " "));
        if let Some(fault) = &outcome.fault {
            println!("      {}", self.paint("31", fault));
        }
    }

    /// All conversations, a row each.
    pub(crate) fn table(&self, outcomes: &[Outcome]) {
        let head = format!(
            "{:<30} {:<44} {:>5} {:>9} {:>8} {:>9} {:>9} {:>11}  {:<8} {}",
            "family", "model", "calls", "bytes out", "in", "first", "total", "tokens", "said by", "losses"
        );
        println!("\n{}", self.paint("1", &head));
        for outcome in outcomes {
            let ([out, back], [read, written]) = (outcome.bytes(), outcome.tokens());
            let millis = |d: std::time::Duration| format!("{:.1} ms", d.as_secs_f64() * 1e3);
            let model: String = outcome.model.chars().take(44).collect();
            println!(
                "{:<30} {model:<44} {:>5} {out:>9} {back:>8} {:>9} {:>9} {:>11}  {:<8} {}",
                outcome.family,
                outcome.calls.len(),
                millis(outcome.first()),
                millis(outcome.total()),
                format!("{read} + {written}"),
                outcome.source,
                self.losses(outcome),
            );
        }
        println!(
            "\nBytes are those of the model's own format; tokens were read and written. Losses are what the report of each"
        );
        println!(
            "translation names: `--html FILE` shows them, with every body in Converse and in the family's format."
        );
    }

    fn losses(&self, outcome: &Outcome) -> String {
        let mut count = std::collections::BTreeMap::<&str, usize>::new();
        for [fate, ..] in &outcome.losses {
            *count.entry(fate).or_default() += 1;
        }
        let mut told: Vec<String> = count.into_iter().map(|(fate, n)| format!("{n} {fate}")).collect();
        if !outcome.refused.is_empty() {
            told.push(self.paint("33", &format!("{} refused", outcome.refused.len())));
        }
        if told.is_empty() { "none".to_owned() } else { told.join(", ") }
    }
}

fn flush() {
    // Nobody watches a terminal that is gone.
    let _ = std::io::stdout().flush();
}
