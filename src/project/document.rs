//! `docs/models/*.md` and `docs/columns/<relation>/*.md`: descriptions in Markdown.
//!
//! Takes the two folders, gives [`Documents`]. They describe and change nothing that is built.

use super::Documents;
use super::files::Files;

/// Reads every file below `dir` that is named after a model or a column.
pub(super) fn read(files: &mut Files<'_>, dir: &str) -> Documents {
    let (models, described) = (format!("{dir}/models/"), format!("{dir}/columns/"));
    let mut documents = Documents::default();
    for path in files.walk(&models).iter().map(|file| &file.shown) {
        let Some(name) = name(path, &models).filter(|name| !name.contains('/')).map(String::from) else { continue };
        if let Some(text) = files.text(path) {
            documents.nodes.insert(name, text);
            documents.paths.push(path.clone());
        }
    }
    for path in files.walk(&described).iter().map(|file| &file.shown) {
        let Some((relation, column)) = name(path, &described).and_then(|name| name.split_once('/')) else { continue };
        let key = (relation.to_string(), column.to_string());
        if let Some(text) = files.text(path).filter(|_| !key.1.contains('/')) {
            documents.columns.entry(relation.to_ascii_lowercase()).or_default().insert(key, text);
            documents.paths.push(path.clone());
        }
    }
    documents
}

fn name<'a>(path: &'a str, dir: &str) -> Option<&'a str> {
    path.strip_prefix(dir)?.strip_suffix(".md")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    #[test]
    fn models_and_columns_are_described() {
        let world = MemoryWorld::new()
            .file("/p/docs/models/mart.md", "A *mart*.")
            .file("/p/docs/models/stg.ff.md", "Staged.")
            .file("/p/docs/models/deep/er.md", "no")
            .file("/p/docs/models/notes.txt", "no")
            .file("/p/docs/columns/mart/user_id.md", "The key.");
        let documents = read(&mut Files::new(&world, Path::new("/p")), "docs");
        assert_eq!(documents.node("mart.ff"), Some("A *mart*."));
        assert_eq!([documents.node("stg.ff"), documents.node("stg")], [Some("Staged."); 2]);
        assert_eq!(documents.columns_of("MART"), [("user_id".to_string(), "The key.")].into());
        assert_eq!((documents.nodes.len(), documents.columns.len()), (2, 1));
    }
}
