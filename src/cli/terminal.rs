//! What is printed where: results to stdout, progress and problems to stderr, never an unchecked control character.

use crate::world::World;
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};

#[derive(Args, Debug)]
pub struct TerminalOptions {
    /// Print results and errors alone
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Print more; -vv for all
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
    /// How a run's events are written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    log_format: LogFormat,
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
    /// One JSON object a line
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
    pub fn new(options: &TerminalOptions, world: &dyn World) -> Terminal {
        let env = world.env();
        let set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
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
            json_log: options.log_format == LogFormat::Json,
        }
    }

    /// A line of result.
    pub fn result(&self, line: &str) {
        // A closed pipe is the reader's choice, here and below.
        let _ = writeln!(io::stdout().lock(), "{}", self.plain(line));
    }

    /// Text that is already fit to print, as it is.
    pub fn raw(&self, text: &str) {
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }

    /// A line of progress, left out when quiet.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{}", self.plain(line));
        }
    }

    /// A problem; printed however quiet.
    pub fn error(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", self.plain(text));
    }

    pub fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => return text.to_string(),
            Style::Good => "32",
            Style::Bad => "31;1",
            Style::Changed => "33",
            Style::Quiet => "2",
            Style::Strong => "1",
        };
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// The text in what this terminal can show.
    pub fn plain(&self, text: &str) -> String {
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

/// Foreign text without control characters but line breaks and tabs.
pub fn clean(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t')).collect()
}
