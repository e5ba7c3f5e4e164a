//! Messages of the system at the head of a conversation, for formats that have instructions among their turns: they read
//! back as instructions, so they are written as such.

use super::lose;
use crate::json::Value;
use crate::tree::Object;
use crate::{Call, Error, Fate, Output, Report, Tree};

/// A request whose heads are instructions, and where these come from.
struct Joined {
    request: Tree,
    /// Places of the instructions, in order.
    blocks: Vec<String>,
    /// How many messages went.
    heads: usize,
    report: Report,
}

fn list(object: &mut Object, name: &str) -> Vec<Tree> {
    match object.remove(name) {
        Some(Tree::Arr(items)) => items.into_items(),
        _ => Vec::new(),
    }
}

impl Joined {
    fn of(mut request: Tree) -> Self {
        let (mut blocks, mut system, mut heads, mut report) = (Vec::new(), Vec::new(), 0, Report::default());
        if let Tree::Obj(o) = &mut request {
            let own = list(o, "system");
            let why = if own.is_empty() { "it reads back as `system`" } else { "it reads back as part of `system`" };
            lose(&mut report, Fate::Approximated, "messages[0]".to_owned(), why);
            let mut add = |block: Tree, place: String| {
                // An empty text is no block.
                if block.get("text").and_then(Tree::as_str) != Some("") {
                    system.push(block);
                    blocks.push(place);
                }
            };
            own.into_iter().enumerate().for_each(|(i, block)| add(block, format!("system[{i}]")));
            let mut rest = Vec::new();
            for message in list(o, "messages") {
                match message {
                    Tree::Obj(mut head)
                        if rest.is_empty() && head.get("role").and_then(Tree::as_str) == Some("system") =>
                    {
                        let content = list(&mut head, "content").into_iter().enumerate();
                        content.for_each(|(i, block)| add(block, format!("messages[{heads}].content[{i}]")));
                        for (name, _) in head.members().iter().filter(|(name, v)| name != "role" && *v != Tree::Null) {
                            let why = "instructions have no place for it";
                            lose(&mut report, Fate::Dropped, format!("messages[{heads}].{name}"), why);
                        }
                        heads += 1;
                    }
                    other => rest.push(other),
                }
            }
            if !system.is_empty() {
                o.set("system", Tree::list(system));
            }
            o.set("messages", Tree::list(rest));
        }
        Self { request, blocks, heads, report }
    }

    /// A place as the caller knows it.
    fn place(&self, path: &str) -> String {
        let index = |rest: &str| {
            let (digits, rest) = rest.split_once(']')?;
            Some((digits.parse::<usize>().ok()?, rest.to_owned()))
        };
        if let Some((i, rest)) = path.strip_prefix("system[").and_then(index) {
            return self.blocks.get(i).map_or_else(|| path.to_owned(), |block| format!("{block}{rest}"));
        }
        match path.strip_prefix("messages[").and_then(index) {
            Some((i, rest)) => format!("messages[{}]{rest}", i + self.heads),
            None => path.to_owned(),
        }
    }
}

/// Writes a request whose first message is the system's.
pub fn join_heads<'v>(
    request: &impl Value<'v>,
    call: &Call<'_>,
    write: impl FnOnce(&[u8], &Call<'_>) -> Result<Output, Error>,
) -> Result<Output, Error> {
    let joined = Joined::of(Tree::parse(&request.to_json())?);
    // Strict mode judges the report as a whole.
    let lenient = Call { strict: false, ..*call };
    let mut output = write(joined.request.to_string().as_bytes(), &lenient)
        .map_err(|e| Error { path: joined.place(&e.path), ..e })?;
    let mut report = joined.report.clone();
    for loss in output.report.losses {
        lose(&mut report, loss.fate, joined.place(&loss.path), loss.why);
    }
    report.sort();
    if call.strict {
        report.strict()?;
    }
    output.report = report;
    Ok(output)
}
