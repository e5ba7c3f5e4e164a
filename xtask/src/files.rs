//! Generated files: one path for writing them and for checking that they are current.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Files to be, by path below the root, and the folders in which nothing else may be.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) files: BTreeMap<PathBuf, String>,
    pub(crate) owned: Vec<PathBuf>,
}

impl Plan {
    /// Writes what differs and removes what is stale; with `check`, names all of it and fails instead.
    pub(crate) fn apply(&self, check: bool) -> Result<()> {
        let root = root();
        let mut wrong = Vec::new();
        for (path, text) in &self.files {
            let full = root.join(path);
            let now = std::fs::read_to_string(&full).unwrap_or_default();
            // Checkouts may have other line ends.
            if now.replace("\r\n", "\n") == *text {
                continue;
            }
            wrong.push(format!("{} is not what the specs say", path.display()));
            if !check {
                if let Some(folder) = full.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&full, text).with_context(|| format!("writing {}", full.display()))?;
                println!("wrote {}", path.display());
            }
        }
        for path in self.stale(&root)? {
            wrong.push(format!("{} comes from no spec", path.display()));
            if !check {
                std::fs::remove_file(root.join(&path))?;
                println!("removed {}", path.display());
            }
        }
        if check && !wrong.is_empty() {
            bail!("generated files are stale; run `cargo xtask gen` and commit the result:\n  {}", wrong.join("\n  "));
        }
        println!("{} generated files are current", self.files.len());
        Ok(())
    }

    fn stale(&self, root: &Path) -> Result<BTreeSet<PathBuf>> {
        let mut stale = BTreeSet::new();
        for folder in &self.owned {
            let mut open = vec![root.join(folder)];
            while let Some(at) = open.pop() {
                let Ok(entries) = std::fs::read_dir(&at) else { continue };
                for entry in entries {
                    let path = entry?.path();
                    if path.is_dir() {
                        open.push(path);
                    } else if let Ok(below) = path.strip_prefix(root)
                        && !self.files.contains_key(below)
                    {
                        stale.insert(below.to_path_buf());
                    }
                }
            }
        }
        Ok(stale)
    }
}

/// Replaces what stands between two marker lines of a hand-written file.
pub(crate) fn between(text: &str, open: &str, close: &str, with: &str) -> Result<String> {
    let (Some(from), Some(to)) = (text.find(open), text.find(close)) else {
        bail!("the lines `{open}` and `{close}` are missing; put them back");
    };
    let from = text[from..].find('\n').map_or(text.len(), |n| from + n + 1);
    Ok(format!("{}{}{}", &text[..from], with, &text[to..]))
}
