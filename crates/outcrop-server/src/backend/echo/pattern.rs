//! Texts that a regular expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::sample::LONGEST;

/// The simplest text that a pattern matches, at least so long; none if the pattern is beyond us.
pub(super) fn of_pattern(pattern: &str, min: u64) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let mut out = String::new();
    write(&hir, &mut out, 0)?;
    // A repetition may go on as long as the text must be.
    let missing = min.min(LONGEST).saturating_sub(out.chars().count() as u64);
    if missing > 0 {
        out.clear();
        write(&hir, &mut out, u32::try_from(missing).ok()?)?;
    }
    Some(out)
}

fn write(hir: &Hir, out: &mut String, more: u32) -> Option<()> {
    if out.len() as u64 > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let letter = class
                .iter()
                .find_map(|range| ('a'..='z').chain('0'..='9').find(|c| (range.start()..=range.end()).contains(c)));
            out.push(letter.or_else(|| class.iter().next().map(regex_syntax::hir::ClassUnicodeRange::start))?);
            Some(())
        }
        HirKind::Class(Class::Bytes(class)) => {
            out.push(char::from(class.iter().next()?.start()));
            Some(())
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.min.saturating_add(more).min(repetition.max.unwrap_or(u32::MAX)).max(repetition.min);
            (0..times.min(LONGEST as u32)).try_for_each(|_| write(&repetition.sub, out, 0))
        }
        HirKind::Capture(capture) => write(&capture.sub, out, more),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, out, more)),
        HirKind::Alternation(cases) => write(cases.first()?, out, more),
    }
}
