//! Random native values of the test format, as JSON text: members in any order, unknown ones among them.

use fastrand::Rng;

/// An object of these members (key and value), shuffled, some of the optional ones left out, unknown ones put in.
fn object(rng: &mut Rng, required: &[(&str, String)], optional: &[(&str, String)]) -> String {
    let mut members: Vec<String> = required.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
    for (key, value) in optional {
        if rng.bool() {
            members.push(format!("{key:?} : {value}"));
        }
    }
    for n in 0..rng.usize(..3) {
        members.push(format!("\"x{n}\":{}", any(rng, 2)));
    }
    rng.shuffle(&mut members);
    format!("{{{}}}", members.join(","))
}

fn list(rng: &mut Rng, item: fn(&mut Rng) -> String) -> String {
    let items: Vec<String> = (0..rng.usize(..4)).map(|_| item(rng)).collect();
    format!("[{}]", items.join(", "))
}

fn pick(rng: &mut Rng, texts: &[&str]) -> String {
    texts[rng.usize(..texts.len())].to_owned()
}

fn text(rng: &mut Rng) -> String {
    pick(
        rng,
        &[
            "\"\"",
            "\"a\"",
            "\"\\u00e9\\n\"",
            "\"\u{e9} \\\"q\\\"\"",
            "\"a text that is longer than any one probe of the scanner\"",
        ],
    )
}

fn int(rng: &mut Rng) -> String {
    pick(rng, &["0", "-7", "28.0", "123456789012"])
}

fn float(rng: &mut Rng) -> String {
    pick(rng, &["0.50", "1e-3", "-0", "12345678901234567890.5"])
}

fn any(rng: &mut Rng, depth: u32) -> String {
    match rng.u8(..if depth == 0 { 3 } else { 5 }) {
        0 => text(rng),
        1 => float(rng),
        2 => pick(rng, &["true", "false", "null"]),
        3 => format!("[{}, {}]", any(rng, depth - 1), any(rng, depth - 1)),
        _ => format!("{{\"k\":{}, \"type\":{}}}", any(rng, depth - 1), any(rng, depth - 1)),
    }
}

fn block(rng: &mut Rng) -> String {
    let (text, int, any) = (text(rng), int(rng), any(rng, 2));
    let mark = object(rng, &[("kind", "\"k\"".to_owned())], &[]);
    match rng.u8(..4) {
        0 => object(rng, &[("type", "\"text\"".into()), ("text", text)], &[("schema", any), ("mark", mark)]),
        1 => object(rng, &[("type", "\"image\"".into()), ("url", text)], &[("width", int), ("mark", mark)]),
        2 => object(rng, &[("type", "\"pause\"".into())], &[]),
        _ => object(rng, &[("type", "\"unheard of\"".into())], &[("text", any)]),
    }
}

fn tool(rng: &mut Rng) -> String {
    let name = text(rng);
    let kind = if rng.bool() { vec![("kind", "\"builtin\"".to_owned())] } else { Vec::new() };
    object(rng, &[kind, vec![("name", name)]].concat(), &[])
}

fn part(rng: &mut Rng) -> String {
    match rng.u8(..3) {
        0 => text(rng),
        1 => list(rng, |rng| rng.i32(..).to_string()),
        _ => {
            let (url, name, width) = (text(rng), text(rng), int(rng));
            object(rng, &[("url", url)], &[("name", name), ("width", width)])
        }
    }
}

fn link(rng: &mut Rng) -> String {
    let value = int(rng);
    let next = if rng.bool() { link(rng) } else { object(rng, &[("value", "1".into())], &[]) };
    object(rng, &[("value", value)], &[("next", next)])
}

/// A request body.
pub(crate) fn request(rng: &mut Rng) -> String {
    let note = if rng.bool() { text(rng) } else { "null".to_owned() };
    let body = if rng.bool() { text(rng) } else { list(rng, block) };
    let choice = object(rng, &[("type", "\"tool\"".into()), ("name", "\"n\"".into())], &[]);
    let required = [("model", text(rng)), ("note", note)];
    let optional = [
        ("count", int(rng)),
        ("share", float(rng)),
        ("quiet", pick(rng, &["true", "null"])),
        ("any", any(rng, 3)),
        ("names", list(rng, text)),
        ("stops", list(rng, text)),
        ("labels", format!("{{\"a\":{},\"b\":\"\"}}", text(rng))),
        ("choice", if rng.bool() { choice } else { pick(rng, &["\"any\"", "\"none\"", "\"other\""]) }),
        ("body", body),
        ("reason", pick(rng, &["\"done\"", "\"5 min\"", "\"new\""])),
        ("size", pick(rng, &["\"small\"", "\"big\""])),
        ("next", link(rng)),
        ("parts", list(rng, part)),
        ("tools", list(rng, tool)),
        ("piece", pick(rng, &["{\"text\":\"a\"}", "{\"raw\":[1]}", "{\"text\":\"a\",\"raw\":1}", "{\"new\":1}"])),
    ];
    object(rng, &required, &optional)
}
