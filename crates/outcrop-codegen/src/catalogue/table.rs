//! Tables of text.

/// A table with known columns.
#[derive(Debug)]
pub struct Table<'t> {
    name: &'t str,
    columns: Vec<&'t str>,
    rows: Vec<(usize, Vec<&'t str>)>,
}

/// A line of a table.
#[derive(Debug)]
pub struct Row<'t> {
    table: &'t Table<'t>,
    line: usize,
    cells: &'t [&'t str],
}

impl<'t> Table<'t> {
    /// Reads a table with exactly these columns.
    ///
    /// # Errors
    ///
    /// The first fault, with its line.
    pub fn parse(name: &'t str, text: &'t str, columns: &[&str]) -> Result<Self, String> {
        let table = Self::any(name, text)?;
        if table.columns != columns {
            return Err(format!("{name}: the columns must be {}", columns.join(", ")));
        }
        Ok(table)
    }

    /// Reads a table with any columns.
    ///
    /// # Errors
    ///
    /// The first fault, with its line.
    pub fn any(name: &'t str, text: &'t str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        let columns: Vec<&str> = lines.next().map(|(_, head)| head.split('\t').collect()).unwrap_or_default();
        let mut rows = Vec::new();
        for (index, line) in lines {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            if cells.len() != columns.len() {
                return Err(format!("{name}:{}: {} columns, not {}", index + 1, cells.len(), columns.len()));
            }
            rows.push((index + 1, cells));
        }
        Ok(Self { name, columns, rows })
    }

    /// Its lines.
    pub fn rows(&'t self) -> impl Iterator<Item = Row<'t>> {
        self.rows.iter().map(|(line, cells)| Row { table: self, line: *line, cells })
    }
}

impl<'t> Row<'t> {
    /// The text of a column; empty if there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> &'t str {
        let index = self.table.columns.iter().position(|name| *name == column);
        index.and_then(|index| self.cells.get(index)).copied().unwrap_or_default()
    }

    /// A fault of this line.
    #[must_use]
    pub fn fault(&self, what: &str) -> String {
        format!("{}:{}: {what}", self.table.name, self.line)
    }

    /// The text of a column that must not be empty.
    ///
    /// # Errors
    ///
    /// It is empty.
    pub fn need(&self, column: &str) -> Result<&'t str, String> {
        match self.get(column) {
            "" => Err(self.fault(&format!("`{column}` is empty"))),
            text => Ok(text),
        }
    }

    /// What stands between commas.
    #[must_use]
    pub fn list(&self, column: &str) -> Vec<String> {
        self.get(column).split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn word(&self, column: &str, words: &[(&str, &'static str)]) -> Result<&'static str, String> {
        let text = self.need(column)?;
        words.iter().find(|(word, _)| *word == text).map(|(_, variant)| *variant).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(&format!("`{column}` is `{text}`; it must be {}", known.join(", ")))
        })
    }

    pub(super) fn number(&self, column: &str) -> Result<Option<u32>, String> {
        match self.get(column) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.fault(&format!("`{column}` is `{text}`, no whole number"))),
        }
    }

    pub(super) fn date(&self, column: &str) -> Result<Option<String>, String> {
        let text = self.get(column);
        let like = |(at, c): (usize, char)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
        match text {
            "" => Ok(None),
            text if text.len() == 10 && text.chars().enumerate().all(like) => Ok(Some(text.to_owned())),
            text => Err(self.fault(&format!("`{column}` is `{text}`, no date like 2031-12-31"))),
        }
    }

    /// US dollars for a million tokens, as millionths of them.
    pub(super) fn rate(&self, column: &str) -> Result<Option<u32>, String> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let rate = (digits(whole) && digits(part) && part.len() <= 6).then(|| format!("{whole}{part:0<6}"));
        // The greatest number stands for none.
        let rate = rate.and_then(|rate| rate.parse().ok()).filter(|rate| *rate < u32::MAX);
        rate.map(Some).ok_or_else(|| self.fault(&format!("`{column}` is `{text}`, no price of up to six decimals")))
    }
}
