//! Files that people put into a project and nothing reads: named, with what to do, never passed over in silence.
//!
//! Takes what was read, gives warnings. What only the graph knows (a module that no model imports, a description of an
//! unknown model) is told there.

use super::files::Files;
use super::{Settings, foreign, unit_test};
use crate::diagnostic::{Diagnostic, Location, brief, did_you_mean, grouped};
use std::collections::BTreeSet;

/// Files of one kind that are named one by one; the rest is a number.
const SHOWN: usize = 20;

/// Names of a project's own files with the ending that isn't read.
const MISSPELT: [(&str, &str); 5] = [
    ("project.yaml", "project.yml"),
    ("profiles.yaml", "profiles.yml"),
    ("sources.yaml", "sources.yml"),
    ("budgets.yaml", "budgets.yml"),
    ("source.yml", "sources.yml"),
];

/// Adds a warning for each file that looks like a part of the project and is none. `read` holds the paths of all that
/// is. Where the seeds are `elsewhere`, nothing in their usual folder is read, and nothing in it is told.
pub(super) fn tell(files: &mut Files<'_>, settings: &Settings, read: &BTreeSet<String>, elsewhere: bool) {
    let mut found = around(files);
    found.extend(models(files, &settings.models_dir, read));
    found.extend(macros(files, &settings.models_dir, read));
    if !elsewhere {
        found.extend(seeds(files, &settings.seeds_dir, read));
    }
    found.extend(documents(files, &settings.models_dir, read));
    files.problems.extend(found);
}

fn left_out(path: &str, why: &str) -> Diagnostic {
    Diagnostic::warning("left-out", format!("{} is left out: {why}", brief(path, 200))).at(Location::file(path))
}

/// The first of them, and how many more there are.
fn bounded(mut found: Vec<Diagnostic>, dir: &str) -> Vec<Diagnostic> {
    if found.len() > SHOWN {
        let more = grouped(found.len() - SHOWN);
        found.truncate(SHOWN);
        found.push(Diagnostic::warning("left-out", format!("and {more} more files of {dir}/ are left out")));
    }
    found
}

/// What other tools keep beside the project file.
fn around(files: &Files<'_>) -> Vec<Diagnostic> {
    let there = |name: &str| files.world.exists(&files.root.join(name));
    let misspelt = MISSPELT.into_iter().filter(|(name, _)| there(name)).map(|(name, right)| {
        let hint = if there(right) {
            format!("{right} is read: move what is in {name} there")
        } else {
            format!("rename it to {right}")
        };
        left_out(name, &format!("the file is called {right}")).hint(hint)
    });
    let foreign = foreign::FILES.into_iter().filter(|(name, _)| there(name));
    let foreign = foreign.map(|(name, hint)| left_out(name, "fft has no such file").hint(hint));
    let folders = foreign::FOLDERS.into_iter().filter_map(|(name, hint)| {
        let entries = files.world.walk(&files.root.join(name)).ok()?;
        let sql = |path: &std::path::Path| path.extension().is_some_and(|ending| ending == "sql" || ending == "yml");
        let units = files.root.join(unit_test::DIR);
        let count = entries.iter().filter(|entry| sql(&entry.path) && !entry.path.starts_with(&units)).count();
        (count > 0).then(|| left_out(&format!("{name}/"), "nothing in this folder is read").hint(hint))
    });
    misspelt.chain(foreign).chain(folders).collect()
}

fn models(files: &mut Files<'_>, dir: &str, read: &BTreeSet<String>) -> Vec<Diagnostic> {
    let macros = format!("{dir}/macros/");
    let mut found = Vec::new();
    for path in unread(files, dir, read).into_iter().filter(|path| !path.starts_with(&macros)) {
        let lower = path.to_ascii_lowercase();
        let right = match () {
            // Told by the graph, which knows what models import.
            () if path.ends_with(".py") && !lower.ends_with(".ff.py") => continue,
            () if lower.ends_with(".sql") || lower.ends_with(".sql.j2") || lower.ends_with(".sql.jinja") => ".ff.sql",
            () if lower.ends_with(".py") || lower.ends_with(".ipynb") => ".ff.py",
            () if lower.ends_with(".yml") || lower.ends_with(".yaml") => ".yml",
            () => continue,
        };
        let problem = left_out(&path, "models are named *.ff.sql or *.ff.py, their descriptions *.yml");
        found.push(problem.hint(format!("rename it to {}", renamed(&path, right))));
    }
    bounded(found, dir)
}

/// The path with the ending that is read: `models/a.sql` as `models/a.ff.sql`.
fn renamed(path: &str, ending: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let stem = name.split('.').next().unwrap_or(name);
    if folder.is_empty() { format!("{stem}{ending}") } else { format!("{folder}/{stem}{ending}") }
}

fn macros(files: &mut Files<'_>, models_dir: &str, read: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for dir in ["macros".to_string(), format!("{models_dir}/macros")] {
        for path in unread(files, &dir, read) {
            let lower = path.to_ascii_lowercase();
            if [".sql", ".j2", ".jinja", ".jinja2"].iter().any(|ending| lower.ends_with(ending)) {
                let problem = left_out(&path, "files of macros are named *.sql");
                found.push(problem.hint(format!("rename it to {}", renamed(&path, ".sql"))));
            }
        }
    }
    bounded(found, "macros")
}

fn seeds(files: &mut Files<'_>, dir: &str, read: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for path in unread(files, dir, read) {
        let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let words = ["readme", "license", "licence", "notice", "makefile", "changelog"];
        if words.iter().any(|word| name.starts_with(word))
            || name.ends_with(".md")
            || path == format!("{dir}/schema.yml")
        {
            continue;
        }
        let problem = if name.ends_with(".yml") || name.ends_with(".yaml") {
            left_out(&path, "seeds are described in one file").hint(format!("put what it says into {dir}/schema.yml"))
        } else {
            left_out(&path, "no seed has this ending").hint("save it as CSV or Parquet, or move it elsewhere")
        };
        found.push(problem);
    }
    bounded(found, dir)
}

/// Markdown that describes nothing, and dbt's blocks in it.
fn documents(files: &mut Files<'_>, models_dir: &str, read: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for path in unread(files, "docs/models", read).into_iter().chain(unread(files, "docs/columns", read)) {
        if path.to_ascii_lowercase().ends_with(".md") {
            let problem = left_out(&path, "it isn't where a description is looked for");
            found.push(problem.hint("write docs/models/<model>.md, or docs/columns/<relation>/<column>.md"));
        }
    }
    let (models, docs) = (files.walk(models_dir), files.walk("docs"));
    let all = models.iter().chain(docs.iter()).map(|file| file.shown.as_str());
    for path in all.filter(|path| path.ends_with(".md")).collect::<BTreeSet<_>>() {
        let text = files.world.read(&files.root.join(path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let block = ["{% docs", "{%- docs", "{%docs"].into_iter().filter_map(|block| text.find(block)).min();
        if let Some(offset) = block {
            let problem = Diagnostic::warning("left-out", format!("the block `{{% docs %}}` in {path} is left out"));
            let problem = problem.at(Location::at_offset(path, &text, offset));
            found.push(problem.hint("write the text to docs/models/<model>.md or docs/columns/<relation>/<column>.md"));
        }
    }
    bounded(found, "docs")
}

/// The files of a folder that aren't among those that were read, as they are shown.
fn unread(files: &mut Files<'_>, dir: &str, read: &BTreeSet<String>) -> Vec<String> {
    let listed = files.walk(dir);
    listed.iter().map(|file| &file.shown).filter(|path| !read.contains(*path)).cloned().collect()
}

/// A folder that project.yml names and that isn't there, with one that may be meant.
pub(super) fn missing_folder(files: &Files<'_>, key: &str, dir: &str) -> Option<Diagnostic> {
    if files.world.exists(&files.root.join(dir)) {
        return None;
    }
    let near = did_you_mean(
        dir,
        ["models", "model", "seeds", "seed", "data"]
            .into_iter()
            .filter(|name| *name != dir && files.world.exists(&files.root.join(name))),
    );
    let problem = Diagnostic::warning("no-folder", format!("`{key}` names the folder {dir}, which isn't there"));
    let problem = problem.at(Location::file("project.yml"));
    Some(near.into_iter().fold(problem, Diagnostic::hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use std::path::Path;

    #[test]
    fn what_nothing_reads_is_named() {
        let mut world = MemoryWorld::new();
        for path in [
            "models/a.ff.sql",
            "models/b.sql",
            "models/deep/C.FF.SQL",
            "models/tool.py",
            "models/notes.txt",
            "models/x.YML",
            "models/._b.sql",
            "models/b.sql~",
            "macros/m.j2",
            "models/macros/n.SQL",
            "seeds/s.csv",
            "seeds/schema.yml",
            "seeds/README.md",
            "seeds/s.xlsx",
            "seeds/properties.yml",
            "seeds/Thumbs.db",
            "docs/models/deep/er.md",
            "docs/models/a.md",
            "docs/guide.md",
            "package-lock.yml",
            "sources.yaml",
            "snapshots/README.md",
            "analyses/q.sql",
        ] {
            world = world.file(Path::new("/p").join(path), "text\n {% docs a %}{% enddocs %}");
        }
        let world = world.file("/p/docs/guide.md", "plain");
        let world = world.file("/p/docs/models/a.md", "plain").file("/p/docs/models/deep/er.md", "plain");
        let mut files = Files::new(&world, Path::new("/p"));
        let read = ["models/a.ff.sql", "seeds/s.csv", "docs/models/a.md"].map(String::from);
        tell(&mut files, &Settings::default(), &BTreeSet::from(read), false);
        let told: Vec<_> = files.problems.iter().map(|problem| problem.at.clone().unwrap().to_string()).collect();
        let expected = [
            "sources.yaml",
            "package-lock.yml",
            "analyses/",
            "models/b.sql",
            "models/deep/C.FF.SQL",
            "models/x.YML",
            "macros/m.j2",
            "models/macros/n.SQL",
            "seeds/properties.yml",
            "seeds/s.xlsx",
            "docs/models/deep/er.md",
        ];
        assert_eq!(told, expected);
        assert!(files.problems.iter().all(Diagnostic::is_warning));
        let shown = files.problems[3].to_string();
        let expected = "warning: models/b.sql is left out: models are named *.ff.sql or *.ff.py, their descriptions *.yml\n  \
                        --> models/b.sql\n  hint: rename it to models/b.ff.sql";
        assert_eq!(shown, expected);
        assert!(files.problems[4].hints[0].ends_with("models/deep/C.ff.sql"));
    }

    #[test]
    fn many_are_counted() {
        let mut world = MemoryWorld::new();
        for number in 0..1_500 {
            world = world.file(format!("/p/models/m{number:04}.sql"), "");
        }
        let mut files = Files::new(&world, Path::new("/p"));
        tell(&mut files, &Settings::default(), &BTreeSet::new(), false);
        assert_eq!(files.problems.len(), SHOWN + 1);
        assert_eq!(files.problems[SHOWN].message, "and 1,480 more files of models/ are left out");
    }

    #[test]
    fn blocks_of_documents_are_named_with_their_place() {
        let world = MemoryWorld::new().file("/p/models/docs.md", "# t\n\n{% docs users %}x{% enddocs %}\n");
        let mut files = Files::new(&world, Path::new("/p"));
        tell(&mut files, &Settings::default(), &BTreeSet::new(), false);
        assert_eq!(files.problems[0].at, Some(Location::new("models/docs.md", 3, 1)));
    }
}
