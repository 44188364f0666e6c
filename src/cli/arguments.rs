//! The process's arguments before and after clap: a project's folder behind an option that takes several values, and
//! what is said of arguments that can't be read.

use super::output::{Level, Output, Stream, hide};
use super::version;
use super::visible::visible;
use super::{Arguments, Exit};
use crate::diagnostic::nearest;
use crate::project::{find_root, process_environment};
use crate::world::World;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

/// Options that take values up to the next option.
const LISTS: [&str; 7] = ["--select", "-s", "--exclude", "--rebuild", "--rebuild-only", "-R", "--vars"];
/// Those of them that may have none.
const MAY_BE_ALONE: [&str; 3] = ["--rebuild", "--rebuild-only", "-R"];
/// Those that hold together where they are given again, and the word between their values.
const TOGETHER: [&str; 2] = ["--select", "-s"];
const AND: &str = "&";

/// Arguments in the order in which clap takes each for what it is meant to be.
#[derive(Debug, Default, PartialEq)]
pub struct Sorted {
    pub arguments: Vec<OsString>,
    /// An option with its last value, which could have been meant as the project's folder.
    pub doubtful: Option<(String, String)>,
}

/// Puts a project's folder that stands behind the values of an option (`--select stg .`) where positional arguments
/// are.
pub fn sort(world: &dyn World, arguments: Vec<OsString>) -> Sorted {
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let mut sorted = Sorted::default();
    let mut project = None;
    let mut selects = 0;
    let mut rest = &arguments[..end];
    while let Some((argument, behind)) = rest.split_first() {
        sorted.arguments.push(argument.clone());
        rest = behind;
        let inline = TOGETHER.iter().any(|option| argument.to_string_lossy().starts_with(&format!("{option}=")));
        selects += usize::from(inline || TOGETHER.iter().any(|option| argument == *option));
        if inline && selects > 1 {
            let value = sorted.arguments.pop();
            sorted.arguments.extend([TOGETHER[0].into(), AND.into()]);
            sorted.arguments.extend(value);
        }
        let Some(option) = LISTS.iter().find(|option| argument == **option) else { continue };
        let count = rest.iter().take_while(|value| !value.as_encoded_bytes().starts_with(b"-")).count();
        let (values, behind) = rest.split_at(count);
        rest = behind;
        if selects > 1 && TOGETHER.contains(option) && !values.is_empty() {
            sorted.arguments.push(AND.into());
        }
        // The first value is the option's in any case, where it must have one.
        let least = usize::from(!MAY_BE_ALONE.contains(option));
        match values.split_last() {
            Some((last, values)) if values.len() >= least && project.is_none() => match meant(world, option, last) {
                Meant::Project => {
                    sorted.arguments.extend_from_slice(values);
                    project = Some(last.clone());
                    continue;
                }
                Meant::Either => sorted.doubtful = Some((option.to_string(), last.to_string_lossy().into_owned())),
                Meant::Value => {}
            },
            _ => {}
        }
        sorted.arguments.extend_from_slice(values);
    }
    sorted.arguments.extend_from_slice(&arguments[end..]);
    if let Some(project) = project {
        if end == arguments.len() {
            sorted.arguments.push("--".into());
        }
        sorted.arguments.push(project);
    }
    sorted
}

enum Meant {
    Project,
    Value,
    Either,
}

/// What an option's last value is meant to be. No selector and no var looks like a path; a bare word is a folder only
/// where it can't be a node's name, for want of another project.
fn meant(world: &dyn World, option: &str, value: &OsStr) -> Meant {
    let text = value.to_string_lossy();
    let path = Path::new(value);
    if text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") || path.is_absolute() {
        return Meant::Project;
    }
    if text.contains('=') || text.contains(':') || !world.exists(&path.join("project.yml")) {
        return Meant::Value;
    }
    let elsewhere = || world.absolute(Path::new(".")).ok().and_then(|here| find_root(world, &here)).is_none();
    if option == "--vars" || text.contains(['/', std::path::MAIN_SEPARATOR]) || elsewhere() {
        Meant::Project
    } else {
        Meant::Either
    }
}

/// Says what clap has to say of arguments that are no command: help and version, which were asked for, and errors.
pub fn refused(world: Arc<dyn World>, mut error: clap::Error, arguments: &[OsString]) -> Exit {
    let output = Output::new(world.clone());
    let secrets = Arc::new(process_environment(&*world).forms());
    hide(secrets.clone());
    let asked = !error.use_stderr();
    suggest(&mut error, arguments);
    match error.kind() {
        ErrorKind::DisplayVersion if is_verbose(arguments) => output.write(Stream::Stdout, &version::all()),
        _ if !asked && wants_events(arguments) => tell(&output, &error),
        // What the command line holds is repeated: colours go where it would do more than be read.
        _ => {
            let text = error.render().to_string();
            match visible(&secrets.hide(&text)) {
                fit if fit == text => output.keep(error.print()),
                fit => output.write(if asked { Stream::Stdout } else { Stream::Stderr }, &fit),
            }
        }
    }
    match (output.end(), asked) {
        (Some(problem), _) => {
            output.write(Stream::Stderr, &format!("error: the output could not be written: {problem}\n"));
            Exit::System
        }
        (None, true) => Exit::Done,
        (None, false) => Exit::Project,
    }
}

/// Names the verb that was likely meant, where clap's own measure finds none.
fn suggest(error: &mut clap::Error, arguments: &[OsString]) {
    let Some(ContextValue::String(wrong)) = error.get(ContextKind::InvalidSubcommand) else { return };
    if error.get(ContextKind::SuggestedSubcommand).is_some() {
        return;
    }
    let mut command: Command = Arguments::command();
    for argument in arguments.iter().skip(1) {
        match argument.to_str().and_then(|name| command.find_subcommand(name)) {
            Some(below) => command = below.clone(),
            None if argument.to_str() == Some(wrong) => break,
            None => {}
        }
    }
    let found = nearest(wrong, command.get_subcommands().map(Command::get_name)).map(String::from);
    if let Some(found) = found {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![found]));
    }
}

/// An error of the command line as the events that a command ends with.
fn tell(output: &Output, error: &clap::Error) {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim);
    let message = lines.next().unwrap_or_default().trim_start_matches("error: ").to_string();
    let hints: Vec<&str> = lines.filter_map(|line| line.strip_prefix("tip: ")).collect();
    let event =
        |level, name: &str, fields: Value| output.event(level, name, fields.as_object().cloned().unwrap_or_default());
    let fields = json!({ "code": "usage", "message": message, "at": null, "excerpt": null, "hints": hints });
    event(Level::Error, "error", fields);
    event(Level::Error, "summary", json!({ "exit_status": Exit::Project as u8 }));
}

fn is_verbose(arguments: &[OsString]) -> bool {
    let short = |text: &str| text.starts_with('-') && !text.starts_with("--") && text.contains('v');
    let verbose = |argument: &OsString| argument.to_str().is_some_and(|text| text == "--verbose" || short(text));
    arguments.iter().skip(1).any(verbose)
}

fn wants_events(arguments: &[OsString]) -> bool {
    let mut pairs = arguments.windows(2);
    pairs.any(|pair| pair[0] == "--log-format" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--log-format=json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    fn sorted(arguments: &str) -> (String, Option<(String, String)>) {
        let world = MemoryWorld::new();
        world.write(Path::new("shop/project.yml"), b"").unwrap();
        world.write(Path::new("a/shop/project.yml"), b"").unwrap();
        let sorted = sort(&world, arguments.split(' ').map(OsString::from).collect());
        let words: Vec<_> = sorted.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        (words.join(" "), sorted.doubtful)
    }

    #[test]
    fn a_folder_behind_values_is_the_project() {
        for (given, meant) in [
            ("fft run --select m .", "fft run --select m -- ."),
            ("fft run -s m n /x --jobs 2", "fft run -s m n --jobs 2 -- /x"),
            ("fft run --rebuild m ../x", "fft run --rebuild m -- ../x"),
            ("fft run --vars a=1 b=2 shop", "fft run --vars a=1 b=2 -- shop"),
            ("fft run --vars a=1 b=2", "fft run --vars a=1 b=2"),
            ("fft run --vars a=./x b=/y", "fft run --vars a=./x b=/y"),
            ("fft ls --select m a/shop", "fft ls --select m -- a/shop"),
            ("fft ls --select m shop", "fft ls --select m -- shop"),
            ("fft ls --select m path:./x +n", "fft ls --select m path:./x +n"),
            ("fft ls --select . m", "fft ls --select . m"),
            ("fft ls --select . --exclude n .", "fft ls --select . --exclude n -- ."),
            ("fft ls --select=m .", "fft ls --select=m ."),
            ("fft ls --select m -- .", "fft ls --select m -- ."),
            ("fft run --rebuild .", "fft run --rebuild -- ."),
            ("fft run -R m .", "fft run -R m -- ."),
            ("fft run -s a b -s c --select=d", "fft run -s a b -s & c --select & --select=d"),
        ] {
            assert_eq!(sorted(given), (meant.to_string(), None), "{given}");
        }
    }

    #[test]
    fn a_word_may_be_a_node() {
        let world = MemoryWorld::new();
        let here = world.absolute(Path::new(".")).unwrap();
        world.write(&here.join("project.yml"), b"").unwrap();
        world.write(Path::new("shop/project.yml"), b"").unwrap();
        let given: Vec<OsString> = ["fft", "run", "--select", "m", "shop"].map(OsString::from).to_vec();
        let doubtful = Some(("--select".to_string(), "shop".to_string()));
        assert_eq!(sort(&world, given.clone()), Sorted { arguments: given, doubtful });
    }

    #[test]
    fn a_slip_in_a_verb_is_suggested() {
        for (given, expected) in
            [("fft rnu", "'run'"), ("fft histroy", "'history'"), ("fft docs srve", "'serve'"), ("fft dcos", "'docs'")]
        {
            let arguments: Vec<OsString> = given.split(' ').map(OsString::from).collect();
            let mut error = <Arguments as clap::Parser>::try_parse_from(&arguments).unwrap_err();
            suggest(&mut error, &arguments);
            let text = error.render().to_string();
            assert!(text.contains(expected), "{given}: {text}");
        }
    }
}
