//! The order of turns and blocks in a Converse request.
//!
//! That these are refused is documented or known from the field; the texts are not recorded, so programs should not rely on
//! them.

use outcrop_runtime::Tree;

use crate::failure::Failure;
use crate::json::{arm, items, text};

/// Media and documents stand in turns of the user.
const USERS: [&str; 4] = ["image", "document", "video", "audio"];

pub(super) fn judge(request: &Tree, strict: bool) -> Result<(), Failure> {
    let messages = items(request, "messages");
    if messages.is_empty() && request.get("promptVariables").is_none() {
        return Err(Failure::invalid(
            "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
        ));
    }
    let tools = request.get("toolConfig").is_some_and(|config| !items(config, "tools").is_empty());
    for (index, message) in messages.iter().enumerate() {
        let content = items(message, "content");
        if content.is_empty() {
            return Err(Failure::invalid(format!(
                "The content field in the Message object at messages.{index} is empty. Add a ContentBlock object to the \
                 content field and try again."
            )));
        }
        for (block, body) in content.iter().enumerate() {
            judge_block(body, text(message, "role"), (index, block), tools)?;
        }
        let has = |name: &str| content.iter().any(|block| block.get(name).is_some());
        if has("document") && !has("text") {
            return Err(Failure::invalid(format!(
                "The Message object at messages.{index} has a document block and no text block. Add a text block to the \
                 content field, and try again."
            )));
        }
    }
    if strict {
        alternate(messages)?;
    }
    results(messages)
}

fn judge_block(block: &Tree, role: &str, (message, index): (usize, usize), tools: bool) -> Result<(), Failure> {
    let Some((name, body)) = arm(block) else { return Ok(()) };
    let place = format!("messages.{message}.content.{index}");
    match name {
        "text" if body.as_str().is_some_and(|text| text.trim().is_empty()) => Err(Failure::invalid(format!(
            "The text field in the ContentBlock object at {place} is blank. Add text to the text field, and try again."
        ))),
        "document" if !is_document_name(text(body, "name")) => Err(Failure::invalid(
            "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, \
             and square brackets. The name can't contain more than one consecutive whitespace character.",
        )),
        "toolUse" | "toolResult" if !tools => Err(Failure::invalid(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        )),
        "toolUse" if role == "user" => Err(misplaced(name, &place, "assistant")),
        // What the service's own tools found stands beside their calls.
        "toolResult" if role == "assistant" && body.get("type").is_none() => Err(misplaced(name, &place, "user")),
        name if role == "assistant" && USERS.contains(&name) => Err(misplaced(name, &place, "user")),
        _ => Ok(()),
    }
}

fn misplaced(name: &str, place: &str, role: &str) -> Failure {
    Failure::invalid(format!(
        "The {name} block at {place} can only be in a message whose role is {role}. Move the block and try again."
    ))
}

fn is_document_name(name: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || c.is_whitespace() || "-()[]".contains(c);
    let mut blank = false;
    name.chars().all(|c| {
        let second = blank && c.is_whitespace();
        blank = c.is_whitespace();
        known(c) && !second
    })
}

fn alternate(messages: &[Tree]) -> Result<(), Failure> {
    let roles: Vec<&str> =
        messages.iter().map(|message| text(message, "role")).filter(|role| *role != "system").collect();
    if roles.first().is_some_and(|role| *role != "user") {
        return Err(Failure::invalid(
            "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
        ));
    }
    if roles.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Failure::invalid(
            "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between \
             user and assistant roles and try again.",
        ));
    }
    Ok(())
}

/// Each call of a turn has its result in the next, and nothing else has.
fn results(messages: &[Tree]) -> Result<(), Failure> {
    let ids = |message: &Tree, name: &str| -> Vec<String> {
        let blocks = items(message, "content").iter().filter_map(|block| block.get(name));
        let own = blocks.filter(|block| !text(block, "type").starts_with("server_"));
        own.map(|block| text(block, "toolUseId").to_owned()).collect()
    };
    // Turns of one role in a row are one turn.
    let mut turns: Vec<(&str, usize, Vec<String>, Vec<String>)> = Vec::new();
    for (index, message) in messages.iter().enumerate().filter(|(_, message)| text(message, "role") != "system") {
        let role = text(message, "role");
        let (calls, answers) = (ids(message, "toolUse"), ids(message, "toolResult"));
        match turns.last_mut().filter(|turn| turn.0 == role) {
            Some(turn) => {
                turn.2.extend(calls);
                turn.3.extend(answers);
            }
            None => turns.push((role, index, calls, answers)),
        }
    }
    let first = turns.first().filter(|turn| turn.0 == "user" && !turn.3.is_empty());
    let unasked = |index: usize| {
        Failure::invalid(format!(
            "The number of toolResult blocks at messages.{index}.content exceeds the number of toolUse blocks of previous turn."
        ))
    };
    if let Some(turn) = first {
        return Err(unasked(turn.1));
    }
    for pair in turns.windows(2) {
        let [(asked_by, _, calls, _), (_, index, _, answers)] = pair else { continue };
        if *asked_by != "assistant" {
            continue;
        }
        let missing: Vec<&str> = calls.iter().filter(|id| !answers.contains(id)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(Failure::invalid(format!(
                "Expected toolResult blocks at messages.{index}.content for the following Ids: {}",
                missing.join(", ")
            )));
        }
        if answers.iter().any(|id| !calls.contains(id)) {
            return Err(unasked(*index));
        }
    }
    Ok(())
}
