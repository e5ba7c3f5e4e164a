//! A small façade and ways to load a family over it.

use outcrop_lang::ir::{Family, Field, Struct, TypeDef, TypeKind};
use outcrop_lang::{Loaded, Sources, load_family};

/// A façade with one of everything.
pub(crate) const FACADE: &str = "
spec: 1
facade: tiny
types:
  Ask:
    fields:
      turns_: list<Say>
      text: string!
      blocks: list<Block>
      limits: Limits
      picks: list<Pick>
    virtual:
      all: list<Turn>
      blocks.last: Block
  Limits: { fields: { most: int, rate: float } }
  Pick: { fields: { kind: string!, count: int } }
  Block:
    arms:
      text: string
      call: Call
      deep: Deep
      native: json
  Call: { fields: { id: string!, input: json! } }
  Deep: { arms: { inner: Call } }
  Say: { fields: { role: string!, content: list<Block>! } }
  Turn: { view_of: Say, arms: { user: Content, model: Content } }
  Content: { fields: { content: list<Block>! } }
";

/// Loads a family from its text.
pub(crate) fn load(text: &str) -> Loaded {
    load_with(&[], text)
}

/// Loads a family that may extend other files.
pub(crate) fn load_with(others: &[(&str, &str)], text: &str) -> Loaded {
    let mut sources = Sources::new();
    sources.add("facade/tiny.yaml", FACADE);
    for (path, text) in others {
        sources.add(*path, *text);
    }
    sources.add("families/t.yaml", text);
    load_family(&sources, "families/t.yaml")
}

/// Loads a family of these types that must have no faults.
pub(crate) fn types(types: &str) -> Family {
    let loaded = load(&family(types));
    assert_eq!(messages(&loaded), Vec::<String>::new());
    loaded.family.unwrap()
}

/// Loads a family of these types and gives its faults.
pub(crate) fn faults(types: &str) -> Vec<String> {
    messages(&load(&family(types)))
}

/// A family file with these lines below `types:`; the first type is the request.
pub(crate) fn family(types: &str) -> String {
    let name = types.trim_start().split(':').next().unwrap_or("");
    let lines: Vec<String> = types.trim_matches('\n').lines().map(|line| format!("  {line}")).collect();
    let body = lines.join("\n");
    format!("spec: 1\nfamily: t\noperations: {{ chat: {{ request: {name} }} }}\ntypes:\n{body}\n")
}

/// Faults as `E123 line: message | help`.
pub(crate) fn messages(loaded: &Loaded) -> Vec<String> {
    let line = |file: u32, at: u32| {
        let text = &loaded.files_read.get(file as usize).map_or("", |file| file.text.as_str());
        text.get(..at as usize).map_or(0, |before| before.matches('\n').count() + 1)
    };
    loaded
        .diagnostics
        .iter()
        .map(|fault| {
            let mut text = format!("{} {}: {}", fault.code, line(fault.span.file, fault.span.start), fault.message);
            for help in &fault.help {
                text.push_str(" | ");
                text.push_str(help);
            }
            text
        })
        .collect()
}

/// The text that a fault points at.
pub(crate) fn pointed(loaded: &Loaded, fault: usize) -> &str {
    let span = loaded.diagnostics[fault].span;
    &loaded.files_read[span.file as usize].text[span.start as usize..span.end as usize]
}

/// The type of that name.
pub(crate) fn named<'f>(family: &'f Family, name: &str) -> &'f TypeDef {
    let found = family.types.iter().find(|def| def.name == name);
    found
        .unwrap_or_else(|| panic!("no {name} among {:?}", family.types.iter().map(|def| &def.name).collect::<Vec<_>>()))
}

/// The struct of that name.
pub(crate) fn record<'f>(family: &'f Family, name: &str) -> &'f Struct {
    match &named(family, name).kind {
        TypeKind::Struct(record) => record,
        other => panic!("{name} is {other:?}"),
    }
}

/// A field of a struct.
pub(crate) fn field<'f>(family: &'f Family, name: &str, key: &str) -> &'f Field {
    record(family, name).fields.iter().find(|field| field.key == key).unwrap()
}
