//! What the names of a module stand for, followed through the project's own modules.

use super::local::Locals;
use super::names::{Binding, Names, dotted};
use ruff_python_ast::Expr;

/// How far names are followed from module to module.
const STEPS: usize = 16;

/// What an expression of names stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name of Python or an installed package: `builtins.len`, `functools.cache`.
    External(String),
    /// A class of the project, none of whose bases is an enumeration.
    Class,
    Unknown,
}

impl Names {
    /// What `expression` stands for, followed through the project's own modules.
    pub fn target(&self, expression: &Expr, locals: &Locals<'_>) -> Target {
        dotted(expression).map_or(Target::Unknown, |text| self.named(&text, locals, STEPS))
    }

    fn named(&self, text: &str, locals: &Locals<'_>, steps: usize) -> Target {
        if steps == 0 {
            return Target::Unknown;
        }
        let (first, rest) = text.split_once('.').map_or((text, ""), |(first, rest)| (first, rest));
        match self.binding(first) {
            None if rest.is_empty() => Target::External(format!("builtins.{first}")),
            Some(Binding::Class(bases)) if rest.is_empty() => {
                let enumeration = |base: &String| match self.named(base, locals, steps - 1) {
                    Target::External(name) => name.starts_with("enum."),
                    Target::Class => false,
                    Target::Unknown => true,
                };
                if bases.iter().any(enumeration) { Target::Unknown } else { Target::Class }
            }
            Some(Binding::Import(module)) => {
                let dot = if rest.is_empty() { "" } else { "." };
                from_top(&format!("{module}{dot}{rest}"), locals, steps - 1)
            }
            _ => Target::Unknown,
        }
    }
}

/// What a dotted name is, seen from the folder where imports begin.
fn from_top(text: &str, locals: &Locals<'_>, steps: usize) -> Target {
    let ends = std::iter::once(text.len()).chain(text.rmatch_indices('.').map(|(at, _)| at));
    for end in ends {
        let Some(found) = locals.get(&text[..end]) else { continue };
        let rest = text[end..].trim_start_matches('.');
        return match found {
            Ok(local) if !rest.is_empty() && !rest.contains('.') && local.names.binding(rest).is_some() => {
                local.names.named(rest, locals, steps)
            }
            _ => Target::Unknown,
        };
    }
    Target::External(text.into())
}
