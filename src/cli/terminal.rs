//! What is printed where: results to stdout, progress and problems to stderr, never an unchecked control character.

use super::Exit;
use super::output::{Level, Output, Stream, hide};
use super::visible::visible;
use crate::diagnostic::Diagnostic;
use crate::run::Tell;
use crate::secret::Secrets;
use crate::world::World;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct TerminalOptions {
    /// Print results and errors alone; of a run, the line of totals
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print more, where there is more: of a run, every node; -vv for all
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
    /// How progress and problems are written to stderr: as text, or as events, one JSON object a line (also FFT_LOG_JSON)
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Where and how to print.
#[derive(Clone, Debug)]
pub struct Terminal {
    pub quiet: bool,
    pub verbose: u8,
    pub color: bool,
    /// The terminal shows characters beyond ASCII.
    pub unicode: bool,
    /// stderr is a person's terminal.
    pub interactive: bool,
    pub json_log: bool,
    /// Each node's text is told as it is built.
    pub shows_sql: bool,
    /// stdout is for a program: what is said to people goes to stderr.
    machine: bool,
    output: Arc<Output>,
}

/// A way to stress text; shown only where colour is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Good,
    Bad,
    Changed,
    Quiet,
    Strong,
}

impl Terminal {
    pub fn new(options: &TerminalOptions, world: &Arc<dyn World>) -> Terminal {
        let env = world.env();
        let set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
        let truth = |name: &str| set(name) && !["0", "false", "no", "off"].contains(&env[name].to_lowercase().as_str());
        let color = match options.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                io::stdout().is_terminal() && !set("NO_COLOR") && env.get("TERM").is_none_or(|term| term != "dumb")
            }
        };
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env.get(*name).filter(|value| !value.is_empty()));
        let ascii = locale.is_some_and(|locale| matches!(locale.as_str(), "C" | "POSIX")) && io::stdout().is_terminal();
        Terminal {
            quiet: options.quiet,
            verbose: options.verbose,
            color,
            unicode: !ascii,
            interactive: io::stderr().is_terminal() && io::stdout().is_terminal() && !options.quiet,
            json_log: options.log_format.map_or(truth("FFT_LOG_JSON"), |format| format == LogFormat::Json),
            shows_sql: truth("FFT_SQL_DEBUG"),
            machine: false,
            output: Arc::new(Output::new(world.clone())),
        }
    }

    /// The same terminal for a command that prints JSON for a program, where `json` says so.
    pub fn for_program(&self, json: bool) -> Terminal {
        Terminal { machine: json, ..self.clone() }
    }

    /// A line of result.
    pub fn result(&self, line: &str) {
        self.output.write(Stream::Stdout, &format!("{}\n", self.fit(line)));
    }

    /// Text that is already fit to print, as it is.
    pub fn raw(&self, text: &str) {
        self.output.write(Stream::Stdout, &visible(text));
    }

    /// JSON for a program.
    pub fn json(&self, value: &impl serde::Serialize) {
        let text = serde_json::to_string_pretty(value).expect("invariant: what is shown is JSON");
        self.output.write(Stream::Stdout, &format!("{}\n", visible(&text)));
    }

    /// JSON for a program, in one line.
    pub fn line(&self, value: &impl serde::Serialize) {
        let text = serde_json::to_string(value).expect("invariant: what is shown is JSON");
        self.output.write(Stream::Stdout, &format!("{}\n", visible(&text)));
    }

    /// A line for people on what was done.
    pub fn say(&self, line: &str) {
        match (self.machine, self.json_log) {
            (false, _) => self.result(line),
            (true, false) => self.output.write(Stream::Stderr, &format!("{}\n", self.fit(line))),
            (true, true) => {}
        }
    }

    /// A line of progress, left out when quiet.
    pub fn note(&self, line: &str) {
        self.tell(Level::Info, "note", message(line), line);
    }

    /// What keeps the command waiting, left out when quiet.
    pub fn waiting(&self, line: &str) {
        self.tell(Level::Info, "waiting", message(line), line);
    }

    /// Something that may not be meant so, left out when quiet.
    pub fn warning(&self, text: &str) {
        self.tell(Level::Warning, "warning", message(text), &format!("warning: {text}"));
    }

    /// A problem in a sentence; printed however quiet.
    pub fn error(&self, text: &str) {
        self.tell(Level::Error, "error", message(text.trim()), text);
    }

    /// A warning of the project, with its place and how to mend it; left out when quiet.
    pub fn warn(&self, problem: &Diagnostic) {
        self.tell(Level::Warning, "warning", fields_of(problem), &problem.words("warning"));
    }

    /// A problem with its place and how to mend it; printed however quiet.
    pub fn problem(&self, problem: &Diagnostic) {
        self.tell(Level::Error, "error", fields_of(problem), &problem.to_string());
    }

    /// What ended a command, in words that have no code of their own; printed however quiet.
    pub fn failure(&self, code: &'static str, problem: &Diagnostic) {
        let fields = fields_of(&Diagnostic { code, ..problem.clone() });
        self.tell(Level::Error, "error", fields, &problem.to_string());
    }

    /// A bug, in one line.
    pub fn bug(&self, words: &str) {
        let line: Vec<&str> = words.lines().map(str::trim).collect();
        let message = format!("internal error: {}; this is a bug in fft", line.join(" "));
        self.failure("bug", &Diagnostic::new("", message));
    }

    /// An event, or where events aren't wanted a text.
    pub fn tell(&self, level: Level, event: &str, fields: Map<String, Value>, text: &str) {
        if self.quiet && level != Level::Error {
            return;
        }
        if self.json_log {
            self.output.event(level, event, fields)
        } else {
            self.output.write(Stream::Stderr, &format!("{}\n", self.fit(text)))
        }
    }

    /// An event that has no words for people.
    pub fn event(&self, level: Level, event: &str, fields: Value) {
        if let (true, Value::Object(fields)) = (self.json_log && (!self.quiet || level == Level::Error), fields) {
            self.output.event(level, event, fields);
        }
    }

    /// The exit status of a command that ended with `exit`, once all that was said is out; the last event tells it.
    pub fn end(&self, exit: Exit) -> Exit {
        let exit = match self.output.end() {
            Some(problem) if exit != Exit::Bug => {
                self.failure("io", &Diagnostic::new("", format!("the output could not be written: {problem}")));
                Exit::System
            }
            _ => exit,
        };
        if self.json_log {
            let mut fields = self.output.summary();
            fields.insert("exit_status".into(), (exit as u8).into());
            let level = if exit == Exit::Done { Level::Info } else { Level::Error };
            self.output.event(level, "summary", fields);
        }
        exit
    }

    /// Where all of it goes.
    pub fn output(&self) -> &Output {
        &self.output
    }

    pub fn paint(&self, style: Style, text: &str) -> String {
        let [reset, good, bad, changed, quiet, strong] = STYLES;
        let code = match style {
            Style::Plain => return text.to_string(),
            Style::Good => good,
            Style::Bad => bad,
            Style::Changed => changed,
            Style::Quiet => quiet,
            Style::Strong => strong,
        };
        if self.color { format!("{code}{text}{reset}") } else { text.to_string() }
    }

    /// The text in what this terminal can show, without control characters but those of [`Terminal::paint`].
    pub fn fit(&self, text: &str) -> String {
        let mut rest = text;
        let mut fit = String::with_capacity(text.len());
        while let Some(at) = rest.find('\u{1b}') {
            let (before, from) = rest.split_at(at);
            fit += &self.plain(&visible(before));
            let style = STYLES.iter().find(|style| self.color && from.starts_with(**style));
            match style {
                Some(style) => fit += style,
                None => fit += &visible("\u{1b}"),
            }
            rest = &from[style.map_or(1, |style| style.len())..];
        }
        fit + &self.plain(&visible(rest))
    }

    fn plain(&self, text: &str) -> String {
        if self.unicode {
            return text.to_string();
        }
        let ascii = |character: char| match character {
            '✓' => "+".to_string(),
            '✗' => "x".to_string(),
            '○' => "o".to_string(),
            '–' | '−' => "-".to_string(),
            '←' => "<-".to_string(),
            '→' => "->".to_string(),
            '·' => "|".to_string(),
            '…' => "...".to_string(),
            '‹' => "<".to_string(),
            '›' => ">".to_string(),
            other if other.is_ascii() => other.to_string(),
            _ => "?".to_string(),
        };
        text.chars().map(ascii).collect()
    }
}

impl Tell for Terminal {
    fn hide(&self, secrets: Arc<Secrets>) {
        hide(secrets);
    }

    fn warn(&self, problem: &Diagnostic) {
        Terminal::warn(self, problem);
    }

    fn warning(&self, text: &str) {
        Terminal::warning(self, text);
    }

    fn waiting(&self, text: &str) {
        Terminal::waiting(self, text);
    }

    fn note(&self, text: &str) {
        Terminal::note(self, text);
    }

    fn error(&self, text: &str) {
        Terminal::error(self, text);
    }
}

/// The sequences that this program sends: none, and one a style.
const STYLES: [&str; 6] = ["\u{1b}[0m", "\u{1b}[32m", "\u{1b}[31;1m", "\u{1b}[33m", "\u{1b}[2m", "\u{1b}[1m"];

fn message(text: &str) -> Map<String, Value> {
    Map::from_iter([("message".to_string(), Value::from(text))])
}

fn fields_of(problem: &Diagnostic) -> Map<String, Value> {
    let fields = json!({
        "code": problem.code, "message": problem.message, "at": problem.at, "excerpt": problem.excerpt,
        "hints": problem.hints,
    });
    let Value::Object(fields) = fields else { unreachable!("an object was written") };
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn terminal(color: bool) -> Terminal {
        let world: Arc<dyn World> = Arc::new(MemoryWorld::new());
        let options = TerminalOptions {
            quiet: false,
            verbose: 0,
            color: if color { ColorChoice::Always } else { ColorChoice::Never },
            log_format: None,
        };
        Terminal::new(&options, &world)
    }

    #[test]
    fn only_our_own_sequences_pass() {
        let painted = terminal(true).paint(Style::Bad, "a\u{1b}]0;T\u{7}b\u{1b}[2Jc\u{202e}d");
        assert_eq!(terminal(true).fit(&painted), "\u{1b}[31;1ma\\u001b]0;T\\u0007b\\u001b[2Jc\\u202ed\u{1b}[0m");
        assert_eq!(terminal(false).fit("x\u{1b}[31;1m\u{9b}y\n\tz\0"), "x\\u001b[31;1m\\u009by\n\tz\\u0000");
    }
}
