//! `outcrop families`: a table of the families.

use std::io::Write as _;

use crate::catalog::Catalog;

pub(crate) fn run() -> anyhow::Result<()> {
    let catalog = Catalog::new();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<24} {:<8} {:<8} {:<6}  models", "family", "request", "response", "stream")?;
    for f in catalog.families() {
        let yes = |root: Option<usize>| if root.is_some() { "yes" } else { "-" };
        let models: Vec<&str> = f.models.iter().map(outcrop_lang::ir::Model::subject).take(3).collect();
        let more = f.models.len().saturating_sub(models.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let chat = f.chat;
        writeln!(
            out,
            "{:<24} {:<8} {:<8} {:<6}  {}{more}",
            f.name,
            yes(chat.request),
            yes(chat.response),
            yes(chat.stream),
            models.join(" ")
        )?;
    }
    Ok(())
}
