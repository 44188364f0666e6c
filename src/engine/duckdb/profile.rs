//! DuckDB's own profile of a statement, as the scans in it.
//!
//! Takes the tree that the driver gives; gives what each scan of a relation or of files read. Metrics are looked up
//! without regard to case; one that isn't there is none.

use ::duckdb::profiling::ProfilingInfo;
use std::collections::BTreeMap;

/// One scan of a statement that ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scanned {
    /// The relation, written as SQL has it; none for a function.
    pub table: Option<String>,
    /// The function, upper-cased; none for a relation.
    pub function: Option<String>,
    /// Files that the function read, as it names them.
    pub files: Vec<String>,
    /// Columns that were asked for, and those that only filters needed.
    pub columns: Vec<String>,
    pub filters: String,
    /// Rows looked at.
    pub rows: u64,
    /// Rows given to the rest of the plan, and their bytes in memory.
    pub given: (u64, u64),
    /// As the scan counted them itself.
    pub bytes: Option<u64>,
}

/// A statement's profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Profile {
    pub scans: Vec<Scanned>,
    /// Bytes.
    pub peak_memory: Option<u64>,
    /// Of the table that it made, where the step below tells them.
    pub rows: Option<u64>,
}

/// Steps that count each row that they give. Others only put together what several give, as `union` does, and count none.
const COUNTING: [&str; 8] = [
    "CROSS_PRODUCT",
    "FILTER",
    "HASH_JOIN",
    "LIMIT",
    "PROJECTION",
    "STREAMING_LIMIT",
    "TABLE_SCAN",
    "UNGROUPED_AGGREGATE",
];

impl Profile {
    pub fn of(info: &ProfilingInfo) -> Profile {
        let mut profile = Profile::default();
        profile.add(info);
        profile
    }

    fn add(&mut self, info: &ProfilingInfo) {
        if metric(info, "type") == Some("TABLE_SCAN") {
            self.scans.push(scanned(info));
        }
        if metric(info, "type").is_some_and(|kind| kind.ends_with("CREATE_TABLE_AS")) {
            self.rows = rows(&info.children);
        }
        let peak = number(info, "peak_buffer_memory").or_else(|| number(info, "system_peak_buffer_memory"));
        self.peak_memory = self.peak_memory.max(peak.filter(|bytes| *bytes > 0));
        info.children.iter().for_each(|child| self.add(child));
    }
}

/// What the step gave from which a table was made.
fn rows(below: &[ProfilingInfo]) -> Option<u64> {
    let [step] = below else { return None };
    let counts = metric(step, "type").is_some_and(|kind| COUNTING.contains(&kind));
    if counts { number(step, "intermediate_rows") } else { None }
}

fn scanned(info: &ProfilingInfo) -> Scanned {
    let extra = metric(info, "extra_info").map(map).unwrap_or_default();
    let lines = |key: &str| -> Vec<String> {
        let text = extra.get(key).map_or("", String::as_str);
        text.lines().filter(|line| !line.is_empty()).map(String::from).collect()
    };
    let files = extra.get("Filename(s)").map_or("", String::as_str);
    Scanned {
        table: extra.get("Table").cloned(),
        function: extra.get("Function").map(|name| name.to_uppercase()),
        files: files.split(", ").filter(|file| !file.is_empty()).map(String::from).collect(),
        columns: lines("Projections"),
        filters: lines("Filters").join(" "),
        rows: number(info, "rows_scanned").unwrap_or_default(),
        given: (
            number(info, "intermediate_rows").unwrap_or_default(),
            number(info, "intermediate_size_bytes").unwrap_or_default(),
        ),
        bytes: number(info, "bytes_scanned"),
    }
}

fn metric<'a>(info: &'a ProfilingInfo, name: &str) -> Option<&'a str> {
    info.metrics.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn number(info: &ProfilingInfo, name: &str) -> Option<u64> {
    metric(info, name)?.parse().ok()
}

/// `{Table=db.s.t, 'Filename(s)'='a.csv, b.csv'}`: keys and values are quoted where they hold anything special.
fn map(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim().strip_prefix('{').unwrap_or_default();
    while let Some((key, after)) = word(rest, &['=']) {
        let Some((value, after)) = word(after, &[',', '}']) else { break };
        found.insert(key, value);
        rest = after.trim_start();
    }
    found
}

/// A word and what follows the character behind it.
fn word<'a>(text: &'a str, ends: &[char]) -> Option<(String, &'a str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let (word, after) = text.split_once(ends)?;
        return Some((word.to_string(), after));
    };
    let mut word = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '\\' => word.push(characters.next()?),
            '\'' => break,
            other => word.push(other),
        }
    }
    characters.next();
    Some((word, characters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_as_it_is_written() {
        let text = "{Table='\"Odd db\".\"s.x\".\"T \"\"q\"', Projections=id\nname, Filters='(g = \\'it\\')', E='', \
                    'Filename(s)'='x.csv, y.csv', k='back\\\\slash'}";
        let expected = [
            ("E", ""),
            ("Filename(s)", "x.csv, y.csv"),
            ("Filters", "(g = 'it')"),
            ("Projections", "id\nname"),
            ("Table", "\"Odd db\".\"s.x\".\"T \"\"q\""),
            ("k", "back\\slash"),
        ];
        let expected = expected.map(|(key, value)| (key.to_string(), value.to_string()));
        assert_eq!(map(text).into_iter().collect::<Vec<_>>(), expected);
        assert!(map("").is_empty() && map("{}").is_empty() && map("{a='").is_empty());
    }
}
