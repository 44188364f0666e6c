//! The text of a hook of the run with its marks filled in, once the hook runs.

use super::compile::hide;
use super::{Graph, NodeId};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::dialect::Dialect;
use crate::name::stem;
use crate::project::Project;
use crate::render::Concealed;
use crate::render::mark::{Mark, intact, replace_moved};
use crate::syntax::moves::Moves;
use crate::syntax::sql::normalize;

/// Nodes that hooks name and that the project doesn't have, each told with its place.
pub fn hook_problems(graph: &Graph, named: &[(String, Location)]) -> Vec<Diagnostic> {
    let unknown = named.iter().filter(|(name, _)| graph.find(name).is_none() && !is_elsewhere(graph, name));
    let problem = |(name, at): &(String, Location)| {
        let problem = Diagnostic::new("unknown-ref", format!("a hook refers to unknown node `{name}`")).at(at.clone());
        let hint =
            did_you_mean(name, graph.names()).unwrap_or_else(|| "`fft ls` lists the nodes of this project".into());
        problem.hint(hint)
    };
    unknown.map(problem).collect()
}

fn is_elsewhere(graph: &Graph, name: &str) -> bool {
    graph.elsewhere.iter().any(|model| stem(&model.name) == stem(name))
}

/// The text of a hook as it is sent, with how its offsets moved. `this` is the model that it runs for, if it does.
///
/// # Errors
/// Why a mark of it stands for nothing, in a sentence.
pub fn fill_hook(
    graph: &Graph,
    project: &Project,
    dialect: &dyn Dialect,
    marked: &str,
    this: Option<NodeId>,
) -> Result<(Concealed, [Moves; 3]), String> {
    let relation = |id: NodeId| dialect.relation(&graph.nodes[id].relation);
    let mut wrong = None;
    let mut hidden = Vec::new();
    let secret = |name: &str| project.env.vars.get(name).is_some_and(|var| var.secret);
    let known = |mark: Mark<'_>| match mark {
        Mark::This | Mark::Reference(_) | Mark::Source(..) => true,
        Mark::Secret(name) => secret(name),
        Mark::Project | Mark::Hidden(_) => false,
    };
    if !intact(marked, known) {
        return Err("it alters what `ref()`, `source()`, `this` or `env()` of a secret gives".into());
    }
    let mut named = |name: &str| match graph.find(name) {
        Some(id) if graph.has_relation(id) => relation(id),
        Some(_) => {
            wrong.get_or_insert_with(|| format!("it reads `{name}`, which has no relation"));
            String::new()
        }
        None => {
            wrong.get_or_insert_with(|| format!("it refers to `{name}`, which this engine doesn't have"));
            String::new()
        }
    };
    let mut runs_once = false;
    let (text, filled) = replace_moved(marked, |mark, _| match mark {
        Mark::Reference(name) => named(name),
        Mark::This => {
            runs_once |= this.is_none();
            this.map(relation).unwrap_or_default()
        }
        Mark::Source(group, table) => {
            let key = (group.to_string(), table.to_string());
            if let Some(seed) = graph.providers.get(&key) {
                return relation(*seed);
            }
            let mut source = project.sources[&key].clone();
            source.location = source.location.iter().map(|place| hide(place, &mut hidden, dialect)).collect();
            dialect.source(&source, &Mark::Project.to_string())
        }
        other => other.to_string(),
    });
    if runs_once {
        return Err("it says `this`, and runs for no model".into());
    }
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    let (text, trimmed) = normalize(&text, dialect.grammar().layout);
    let (concealed, moves) = Concealed::of_marked(&text, &hidden);
    Ok((concealed, [filled, trimmed, moves]))
}
