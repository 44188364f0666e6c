//! Stories: a project, what is done to it, and what must come of it, as text that also documents the promise.
//!
//! ```text
//! # words for the reader
//! #: a sentence of a page in docs/ that the steps below try (see promise.rs)
//! --- file PATH          the lines up to a line `---` are the file; `--- crlf PATH` writes it with CRLF
//! --- append PATH        the same, behind what the file holds
//! --- delete PATH
//! $ [NAME=value …] fft …  a command, `PROJECT` in a value being the folder; it must exit with 0 unless a line `exit N` follows
//! exit N
//! > line                 a line of the output, in this order; runs of blanks are one, durations `N ms`, runs `RUN`
//! ~ text                 a part of some line of the output, in any order
//! ! sql                  a statement on the database; the `>` lines that follow are its rows, all of them
//! ? NODES STATUS CODE [ROLE]   what run_results.json says of nodes (names joined by commas, `*` for all others);
//!                        `any` is every code; a story that asks for one node of a run must ask for every node
//! ```
//!
//! Where no project.yml or profiles.yml is given, [`Sandbox::new`]'s are used.

use crate::project::{CHECKOUT, FFT, Ran, Row, Sandbox};
use std::collections::BTreeMap;
use std::fs;
use std::iter::Peekable;
use std::path::Path;

macro_rules! stories {
    ($($(#[$attribute:meta])* $name:ident)*) => {
        const STORIES: &[&str] = &[$(stringify!($name)),*];
        $($(#[$attribute])*
        #[test]
        fn $name() {
            tell(stringify!($name));
        })*
    };
}

stories! {
    adopt
    alias
    alias_reader
    as_written
    attach
    cache_modes
    columns
    config
    cosmetic
    cosmetic_reader
    crlf
    cutoff
    cutoff_diamond
    cutoff_digest
    cutoff_limits
    cutoff_view
    cycle
    data_test
    data_test_build
    data_test_wrong
    dependency
    diamond
    diff
    diff_markdown
    documentation
    engine_and_profile
    engines
    env
    ephemeral
    error_place
    existing
    exposure
    failure
    file_reads
    first_build
    foreign
    freshness
    history_markdown
    hook
    hook_failure
    hook_python
    hook_wrong
    identity
    incremental
    incremental_append
    incremental_columns
    incremental_config
    incremental_delta
    incremental_key
    incremental_python
    incremental_text
    key
    left_out
    line
    loaded_at
    macro_constant
    model_hook
    model_hook_wrong
    named_relation
    node_names
    one_edit
    orphan
    problems_together
    python
    python_absent
    python_environment
    python_files
    python_machine
    python_macros
    python_module_changes
    python_parameters
    python_parts
    python_reach
    python_values
    rebuild
    relation
    render
    revert
    roots
    seed
    seed_columns
    seed_files
    seed_rows
    seed_values
    selection
    settings
    settings_attached
    settings_incremental
    settings_wrong
    shared_relation
    snapshot
    snapshot_kept
    snapshot_refused
    source
    source_data
    source_file_problems
    source_files
    source_rows
    sql
    sql_because
    sql_text
    sync_comments
    template_limits
    template_methods
    unwatched
    utest
    utest_python
    var
    volatile
}

#[test]
fn every_story_is_told() {
    let files = fs::read_dir(Path::new(CHECKOUT).join("tests/it/stories")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, STORIES);
}

/// What the last command or statement said, as far as it isn't yet compared.
struct Teller {
    story: String,
    line: usize,
    sandbox: Sandbox,
    ran: Option<Ran>,
    /// Lines of output that follow the last one compared.
    lines: Vec<String>,
    /// The lines are rows, of which none may be left.
    complete: bool,
    rows: BTreeMap<String, Row>,
    asked: bool,
}

fn tell(name: &str) {
    let text = fs::read_to_string(Path::new(CHECKOUT).join(format!("tests/it/stories/{name}.story"))).unwrap();
    let mut teller = Teller {
        story: name.into(),
        line: 0,
        sandbox: Sandbox::new(),
        ran: None,
        lines: Vec::new(),
        complete: false,
        rows: BTreeMap::new(),
        asked: false,
    };
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        teller.line = number + 1;
        match line.split_once(' ').unwrap_or((line, "")) {
            ("" | "#" | "#:", _) => {}
            ("---", rest) => teller.file(rest, &mut lines),
            ("$", rest) => teller.run(rest, lines.peek().map(|(_, line)| *line)),
            ("exit", _) => {}
            (">", rest) => teller.says_line(rest),
            ("~", rest) => teller.says_part(rest),
            ("!", rest) => teller.query(rest),
            ("?", rest) => teller.row(rest),
            _ => teller.fail(&format!("not a line of a story: {line}")),
        }
    }
    teller.close();
}

impl Teller {
    fn fail(&self, message: &str) -> ! {
        let said = self
            .ran
            .as_ref()
            .map_or(String::new(), |ran| format!("\nstdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr));
        panic!("tests/it/stories/{}.story:{}: {message}{said}", self.story, self.line);
    }

    fn file<'a>(&mut self, rest: &str, lines: &mut Peekable<impl Iterator<Item = (usize, &'a str)>>) {
        self.close();
        let (verb, path) = rest.split_once(' ').unwrap_or_else(|| self.fail("a path is missing"));
        if verb == "delete" {
            let path = self.sandbox.path(path);
            return if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        let mut text = String::new();
        loop {
            match lines.next() {
                Some((_, "---")) => break,
                Some((_, line)) => text += &format!("{line}\n"),
                None => self.fail("the file has no end"),
            }
        }
        match verb {
            "file" => self.sandbox.write(path, &text),
            "crlf" => self.sandbox.write(path, &text.replace('\n', "\r\n")),
            "append" => self.sandbox.write(path, &(self.sandbox.read(path) + &text)),
            _ => self.fail(&format!("`{verb}` is no way to change a file")),
        }
    }

    fn run(&mut self, rest: &str, next: Option<&str>) {
        self.close();
        let mut words = rest.split_whitespace().peekable();
        let mut command = self.sandbox.command(FFT);
        let root = self.sandbox.root().to_string_lossy().into_owned();
        while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
            command.env(name, value.replace("PROJECT", &root));
            words.next();
        }
        if words.next() != Some("fft") {
            self.fail("a command begins with `fft`");
        }
        command.args(words);
        let ran = Ran::of(command);
        let expected: i32 = next.and_then(|line| line.strip_prefix("exit ")).map_or(0, |code| code.parse().unwrap());
        let normal =
            |text: &str| -> Vec<String> { text.lines().map(|line| normal(&line.replace(&root, "PROJECT"))).collect() };
        self.lines = normal(&ran.stdout).into_iter().chain(normal(&ran.stderr)).collect();
        let code = ran.code;
        self.ran = Some(ran);
        if code != Some(expected) {
            self.fail(&format!("exit status {code:?}, expected {expected}"));
        }
        (self.complete, self.asked) = (false, false);
        let results = ".fastflowtransform/target/run_results.json";
        self.rows = if self.sandbox.path(results).exists() { self.sandbox.rows() } else { BTreeMap::new() };
    }

    fn query(&mut self, sql: &str) {
        self.close();
        self.lines = self.sandbox.query(".local/story.duckdb", sql);
        let changes = ["create", "drop", "update", "insert", "delete"].iter().any(|verb| sql.starts_with(verb));
        if changes {
            self.lines.clear();
        }
        (self.complete, self.ran) = (true, None);
    }

    fn says_line(&mut self, line: &str) {
        let wanted = normal(line);
        let Some(found) = self.lines.iter().position(|line| *line == wanted) else {
            self.fail(&format!("this line isn't said (any more):\n{wanted}\nleft are:\n{}", self.lines.join("\n")));
        };
        if self.complete && found > 0 {
            self.fail(&format!("rows before this one:\n{}", self.lines[..found].join("\n")));
        }
        self.lines.drain(..=found);
    }

    fn says_part(&mut self, text: &str) {
        let root = self.sandbox.root().to_string_lossy().into_owned();
        let said = self.ran.as_ref().map(|ran| format!("{}\n{}", ran.stdout, ran.stderr).replace(&root, "PROJECT"));
        let wanted = normal(text);
        if !said.is_some_and(|said| said.lines().any(|line| normal(line).contains(&wanted))) {
            self.fail(&format!("`{text}` isn't said"));
        }
    }

    fn row(&mut self, rest: &str) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [nodes, status, code, role @ ..] = words.as_slice() else { self.fail("NODES STATUS CODE [ROLE]") };
        self.asked = true;
        let all = *nodes == "*";
        let names: Vec<String> = match all {
            true => self.rows.keys().cloned().collect(),
            false => nodes.split(',').map(String::from).collect(),
        };
        for name in names {
            let Some(row) = self.rows.remove(&name) else { self.fail(&format!("no row for `{name}` is left")) };
            let right = row.status == *status
                && (*code == "any" || *code == row.primary_code)
                && role.first().is_none_or(|role| *role == row.role);
            if !right {
                self.fail(&format!("{name} is {} {} {}: {:?}", row.status, row.primary_code, row.role, row.codes));
            }
        }
    }

    /// Nothing may be left unasked of what was asked for.
    fn close(&mut self) {
        if self.asked && !self.rows.is_empty() {
            self.fail(&format!("the step before says nothing of {:?}", self.rows.keys()));
        }
        if self.complete && !self.lines.is_empty() {
            self.fail(&format!("rows that the step before doesn't name: {:?}", self.lines));
        }
        (self.asked, self.complete) = (false, false);
    }
}

/// Blanks as one, durations and run ids by name.
fn normal(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |word: &str| word.parse::<f64>().is_ok();
    let mut out: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        match word {
            _ if number(word) && matches!(next, "ms" | "s") => out.push("N".into()),
            &"s" if index > 0 && number(words[index - 1]) => out.push("ms".into()),
            _ => out.push(run_ids(word)),
        }
    }
    out.join(" ")
}

/// `20261122T101500Z-3fa9` as `RUN`.
fn run_ids(word: &str) -> String {
    const LENGTH: usize = 21;
    let is_run = |part: &str| {
        part.as_bytes()[8] == b'T' && part[15..17] == *"Z-" && part[..8].bytes().all(|b| b.is_ascii_digit())
    };
    let starts = (0..word.len().saturating_sub(LENGTH - 1)).filter(|at| word.is_char_boundary(*at));
    let found = starts
        .filter_map(|at| Some((at, word.get(at..at + LENGTH)?)))
        .find(|(_, part)| part.is_ascii() && is_run(part));
    match found {
        Some((at, _)) => format!("{}RUN{}", &word[..at], &word[at + LENGTH..]),
        None => word.to_string(),
    }
}
