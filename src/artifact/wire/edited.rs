//! What was edited where a root's reason lies outside of the node: a macro, a module, a source that others may read too.

use super::{Attribution, Cause};
use crate::fingerprint::InputKind;
use crate::plan::Code;

/// What was edited, where that may lie outside of the node; such an edit reads the same for every node that it reaches.
pub fn edited(cause: &Cause) -> Option<String> {
    match cause.code.known()? {
        Code::PythonModuleChanged
        | Code::PythonEnvChanged
        | Code::SourceChanged
        | Code::SourceDataChanged
        | Code::VarChanged
        | Code::EnvChanged => Some(cause.sentence.clone()),
        Code::SqlChanged => {
            if cause.attributed_to.is_empty() || cause.attributed_to.iter().any(|one| one.kind == InputKind::Template) {
                return None;
            }
            let one = |found: &Attribution| {
                let place = if found.line > 0 { format!("{}:{}", found.path, found.line) } else { found.path.clone() };
                format!("{} {} in {place}", found.kind.as_str(), found.name)
            };
            let inputs: Vec<String> = cause.attributed_to.iter().map(one).collect();
            Some(format!("{} changed", inputs.join(" and ")))
        }
        _ => None,
    }
}
