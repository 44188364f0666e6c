//! `models.pre_hook` and `models.post_hook` of project.yml: statements around the builds of single models.
//!
//! Takes the section, gives the texts by model, each with its place. They are templates, which the renderer reads.

use super::fields::Fields;
use super::yaml::{Node, Yaml};
use super::{DeclaredHook, ModelHooks};
use std::collections::BTreeMap;

/// Reads both keys of a section.
pub(super) fn read(section: &mut Fields<'_>) -> BTreeMap<String, ModelHooks> {
    let mut found: BTreeMap<String, ModelHooks> = BTreeMap::new();
    for key in ["pre_hook", "post_hook"] {
        for entry in section.entries(key) {
            let texts = texts(section, key, &entry.key, &entry.value);
            let hooks = found.entry(entry.key.clone()).or_default();
            if key == "pre_hook" { hooks.pre = texts } else { hooks.post = texts }
        }
    }
    found
}

/// A text, or a list of them.
fn texts(section: &Fields<'_>, key: &str, model: &str, node: &Node) -> Vec<DeclaredHook> {
    let items = match &node.value {
        Yaml::List(items) => items.as_slice(),
        Yaml::Scalar { .. } | Yaml::Map(_) => std::slice::from_ref(node),
    };
    let mut found = Vec::new();
    for item in items {
        match &item.value {
            Yaml::Scalar { text, .. } if !item.is_null() => {
                found.push(DeclaredHook { text: text.clone(), at: section.file.location(item.at) });
            }
            _ => {
                let message = format!("`{key}` of `{model}` must be text or a list of texts, found {}", item.kind());
                section.file.problem(item.at, "wrong-type", message);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::YamlFile;

    #[test]
    fn a_model_has_one_text_or_several() {
        let text = "pre_hook:\n  a: set x = 1\n  b: [one, \"{{ this }}\"]\npost_hook:\n  a: [{c: d}, ~]\n";
        let file = YamlFile::new("project.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "`models`", &root).unwrap();
        let found = read(&mut fields);
        fields.finish();
        let told = |hooks: &[DeclaredHook]| -> Vec<String> {
            hooks.iter().map(|hook| format!("{} {}", hook.text, hook.at)).collect()
        };
        assert_eq!(told(&found["a"].pre), ["set x = 1 project.yml:2:6"]);
        assert_eq!(told(&found["b"].pre), ["one project.yml:3:7", "{{ this }} project.yml:3:12"]);
        assert!(found["a"].post.is_empty());
        let messages: Vec<_> = file.into_problems().into_iter().map(|problem| problem.message).collect();
        let wanted = "`post_hook` of `a` must be text or a list of texts, found";
        assert_eq!(messages, [format!("{wanted} a mapping"), format!("{wanted} nothing")]);
    }
}
