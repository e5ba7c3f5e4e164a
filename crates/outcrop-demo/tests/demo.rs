//! The demo as a stranger runs it: every family in the table, every body on the page.

#![allow(clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use outcrop::registry::FAMILIES;

fn demo(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_outcrop-demo")).args(args).output().expect("it runs")
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

/// Chromium, where there is one.
fn chromium() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success()))
}

#[test]
fn every_family_is_talked_to_and_the_page_shows_what_went_over_the_wire() {
    let page = scratch("demo.html");
    let out = demo(&["--html", page.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}\n{}", String::from_utf8_lossy(&out.stderr));
    let html = std::fs::read_to_string(&page).expect("the page");
    for family in FAMILIES {
        let name = family.codec.family();
        let row = said.lines().filter(|line| line.starts_with(name)).find(|line| line.contains(" ms "));
        let row = row.unwrap_or_else(|| panic!("no row of {name}:\n{said}"));
        assert!(!row.contains(" 0 + "), "tokens were read: {row}");
        assert!(html.contains(&format!("<section id=\"{name}\">")), "{name} is on the page");
    }
    // The tool was called and answered where formats have tools.
    assert!(said.matches("tide(quay:").count() > 10, "{said}");
    assert!(html.contains("toolUse") && html.contains("InvokeModel chunks"));

    let Some(chromium) = chromium() else {
        println!("no Chromium here: the page is not looked at in a browser");
        return;
    };
    let url = format!("file://{}", page.display());
    let shown = |extra: &[&str]| {
        let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000"];
        Command::new(chromium).args(flags).args(extra).arg(&url).output().expect("Chromium runs")
    };
    let dom = String::from_utf8_lossy(&shown(&["--dump-dom"]).stdout).into_owned();
    assert_eq!(dom.matches("<section id=").count(), FAMILIES.len(), "every conversation is in the document");
    assert!(!dom.contains("{{"), "nothing of the template is left");
    let picture = scratch("demo.png");
    let shot = format!("--screenshot={}", picture.display());
    // Narrow as a telephone: nothing may be wider than the window.
    shown(&[&shot, "--window-size=390,1200"]);
    assert!(std::fs::metadata(&picture).is_ok_and(|file| file.len() > 10_000), "Chromium drew it");
}

#[test]
fn a_family_that_is_not_there_is_refused_with_the_way_to_find_them() {
    let out = demo(&["--family", "no-such-family"]);
    assert!(!out.status.success());
    assert!(String::from_utf8_lossy(&out.stderr).contains("`outcrop families` lists them"));
}
