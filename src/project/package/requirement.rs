//! packages.yml: what a project, or a package, asks for.
//!
//! Takes the file, gives its [`Requirement`]s in order. `packages:` is a list of mappings; short, a mapping from names to
//! folders, or to mappings.

use super::super::fields::Fields;
use super::super::without_tokens;
use super::super::yaml::{Node, Place, Yaml, YamlFile};
use super::FILE;
use super::version::{Constraint, constraint};
use crate::diagnostic::{Diagnostic, Location};
use crate::digest::Digest;
use std::fmt;
use std::path::{Path, PathBuf};

/// A package that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The package's own name, where it is said.
    pub name: Option<String>,
    pub asked: Asked,
    /// In place of the package's own.
    pub models_dir: Option<String>,
    pub version: Option<Constraint>,
    pub at: Location,
}

/// Where a package is to be taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A folder, from the one that holds packages.yml.
    Path(String),
    Git(GitAsked),
}

/// A repository, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitAsked {
    /// As it is written. It may hold a password, which nothing shows or keeps.
    pub address: String,
    /// The branch that the repository itself shows first, where nothing is said.
    pub wanted: Option<Wanted>,
    /// The package's folder in the repository; empty for its top.
    pub subdir: String,
}

/// One state of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A branch, a tag or a commit.
    Ref(String),
    Rev(String),
    Tag(String),
    Branch(String),
}

impl Wanted {
    /// Its key in packages.yml, and its value.
    pub fn pair(&self) -> (&'static str, &str) {
        match self {
            Wanted::Ref(name) => ("ref", name),
            Wanted::Rev(name) => ("rev", name),
            Wanted::Tag(name) => ("tag", name),
            Wanted::Branch(name) => ("branch", name),
        }
    }

    pub(super) fn of(key: &str, name: String) -> Option<Wanted> {
        Some(match key {
            "ref" => Wanted::Ref(name),
            "rev" => Wanted::Rev(name),
            "tag" => Wanted::Tag(name),
            "branch" => Wanted::Branch(name),
            _ => return None,
        })
    }
}

impl GitAsked {
    /// The address without what lets in to it: what is shown and written.
    pub fn shown(&self) -> String {
        let parsed = url::Url::parse(&self.address).ok().filter(url::Url::has_host);
        let Some(mut url) = parsed.filter(|_| self.address.contains('@')) else {
            return without_tokens(&self.address);
        };
        // Over HTTP a user's name may be a token; over SSH it is part of the address. An address with a host takes both.
        if url.scheme().starts_with("http") {
            let _ = url.set_username("");
        }
        let _ = url.set_password(None);
        without_tokens(url.as_str())
    }

    /// The folder of this repository in `packages`, the folder of what was fetched.
    pub fn folder(&self, packages: &Path) -> PathBuf {
        let shown = self.shown();
        let last = shown.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        let last: String = last.trim_end_matches(".git").chars().filter(|letter| plain(*letter)).collect();
        packages.join(format!("{last}-{}", Digest::of(shown.as_bytes()).short()))
    }

    /// The same repository and folder in the same state, whatever lets in to it.
    pub fn is_as(&self, other: &GitAsked) -> bool {
        self.is_of(other) && self.wanted == other.wanted
    }

    /// The same repository and folder.
    pub fn is_of(&self, other: &GitAsked) -> bool {
        self.shown() == other.shown() && self.subdir == other.subdir
    }
}

impl fmt::Display for GitAsked {
    /// `https://github.com/acme/utils.git, tag v1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())?;
        if let Some((key, name)) = self.wanted.as_ref().map(Wanted::pair) {
            write!(f, ", {key} {name}")?;
        }
        if self.subdir.is_empty() { Ok(()) } else { write!(f, ", in {}", self.subdir) }
    }
}

/// Reads one packages.yml.
pub(super) fn read(file: &YamlFile) -> Vec<Requirement> {
    let Some(root) = file.parse() else { return Vec::new() };
    let Yaml::Map(entries) = &root.value else {
        file.problem(root.at, "wrong-type", format!("{FILE} must be a mapping, found {}", root.kind()));
        return Vec::new();
    };
    if entries.iter().all(|entry| entry.key != "packages") {
        return entries.iter().filter_map(|entry| short(file, &entry.key, &entry.value)).collect();
    }
    let Some(mut fields) = Fields::new(file, FILE, &root) else { return Vec::new() };
    let found = fields.list("packages").iter().filter_map(|node| one(file, node, None)).collect();
    fields.finish();
    found
}

/// `shared: ../shared`, or with a mapping.
fn short(file: &YamlFile, name: &str, node: &Node) -> Option<Requirement> {
    match &node.value {
        Yaml::Scalar { text, .. } if !node.is_null() => Some(Requirement {
            name: Some(name.into()),
            asked: Asked::Path(text.clone()),
            models_dir: None,
            version: None,
            at: file.location(node.at),
        }),
        _ => one(file, node, Some(name)),
    }
}

fn one(file: &YamlFile, node: &Node, called: Option<&str>) -> Option<Requirement> {
    let mut fields = Fields::new(file, "a package", node)?;
    let name = called.map(String::from).or_else(|| fields.text("name"));
    if let Some(name) = &name {
        fields.owner = format!("package `{name}`");
    }
    let version = constraint(&mut fields);
    let models_dir = fields.text("models_dir");
    let path = fields.text("path");
    let git = fields.text("git");
    let wanted = wanted(&mut fields);
    let subdir = subdir(&mut fields);
    let for_git = wanted.is_some() || subdir.is_some();
    let owner = fields.owner.clone();
    fields.finish();
    let wrong = |message: String, hint: &str| {
        file.report(node.at, Diagnostic::new("bad-package", message).hint(hint));
        None
    };
    let asked = match (path, git) {
        (Some(_), Some(_)) => return wrong(format!("{owner} has both `path` and `git`"), "give one of them"),
        (None, None) => {
            return wrong(
                format!("{owner} has neither `path` nor `git`"),
                "write `path: ../folder`, or `git: https://…`",
            );
        }
        (Some(_), None) if for_git => {
            return wrong(
                format!("{owner} is a folder, which has no state of a repository"),
                "write `git:` in place of `path:`",
            );
        }
        (Some(path), None) => Asked::Path(path),
        (None, Some(address)) if address.starts_with('-') || address.contains("::") => {
            return wrong(format!("`git` of {owner} is no address of a repository"), "write `git: https://…`");
        }
        (None, Some(address)) => Asked::Git(GitAsked { address, wanted, subdir: subdir.unwrap_or_default() }),
    };
    Some(Requirement { name, asked, models_dir, version, at: file.location(node.at) })
}

/// One of `ref`, `rev`, `tag` and `branch`; `ref` is what the others say more exactly.
fn wanted(fields: &mut Fields<'_>) -> Option<Wanted> {
    let mut found: Option<Wanted> = None;
    for key in ["rev", "tag", "branch", "ref"] {
        let Some(node) = fields.node(key) else { continue };
        let Some(name) = fields.text(key) else { continue };
        if name.is_empty() || name.starts_with('-') || name.contains([' ', ':', '^', '~', '?', '*', '[', '\\', '\n']) {
            fields.file.problem(
                node.at,
                "bad-value",
                format!("`{key}` of {} is no name in a repository", fields.owner),
            );
        } else if let Some(first) = &found {
            if key != "ref" {
                let message = format!("{} has both `{}` and `{key}`", fields.owner, first.pair().0);
                fields.file.report(node.at, Diagnostic::new("bad-package", message).hint("give one of them"));
            }
        } else {
            found = Wanted::of(key, name);
        }
    }
    found
}

/// A folder in the repository.
fn subdir(fields: &mut Fields<'_>) -> Option<String> {
    let at: Place = fields.node("subdir")?.at;
    let text = fields.text("subdir")?;
    let inside = super::normal(&text);
    if text.starts_with('/') || inside.starts_with("..") {
        fields.file.problem(at, "bad-value", format!("`subdir` of {} leads out of the repository", fields.owner));
    }
    Some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (Vec<Requirement>, Vec<String>) {
        let file = YamlFile::new(FILE, text);
        let found = read(&file);
        let first = |problem: Diagnostic| problem.message;
        (found, file.into_problems().into_iter().map(first).collect())
    }

    #[test]
    fn folders_and_repositories_are_read() {
        let text = "packages:\n  - {name: shared, path: ../shared, models_dir: m, version: '>=0.1,<1'}\n  \
            - git: https://u:secret@example.com/acme/utils.git\n    tag: v1.2\n    subdir: ./sql/\n";
        let (found, problems) = load(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(found[0].asked, Asked::Path("../shared".into()));
        assert_eq!((found[0].models_dir.as_deref(), found[0].at.line), (Some("m"), 2));
        let Asked::Git(git) = &found[1].asked else { panic!("{:?}", found[1]) };
        assert_eq!((&git.subdir, &git.wanted), (&"sql".to_string(), &Some(Wanted::Tag("v1.2".into()))));
        assert_eq!(git.to_string(), "https://example.com/acme/utils.git, tag v1.2, in sql");
    }

    #[test]
    fn the_short_form_names_folders() {
        let (found, problems) = load("shared: ../shared\nother:\n  path: ../other\n  models_dir: m\n");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(found.iter().map(|one| one.name.as_deref().unwrap()).collect::<Vec<_>>(), ["shared", "other"]);
        assert_eq!(found[1].asked, Asked::Path("../other".into()));
    }

    #[test]
    fn slips_are_told() {
        let text = "packages:\n  - {name: a}\n  - {name: b, path: x, git: y}\n  - {name: c, path: x, tag: v1}\n  \
            - {name: d, git: y, tag: v1, branch: main}\n  - {name: e, git: y, tag: --upload-pack=x}\n  \
            - {name: f, git: 'ext::sh -c x'}\n  - {name: g, path: x, version: new}\n  - {name: h, git: y, subdir: ../x}\n  \
            - {name: i, path: x, pth: y}\n";
        let (_, problems) = load(text);
        let expected = [
            "package `a` has neither `path` nor `git`",
            "package `b` has both `path` and `git`",
            "package `c` is a folder, which has no state of a repository",
            "package `d` has both `tag` and `branch`",
            "`tag` of package `e` is no name in a repository",
            "`git` of package `f` is no address of a repository",
            "`version` of package `g` is no version: new",
            "`subdir` of package `h` leads out of the repository",
            "unknown key `pth` in package `i`",
        ];
        assert_eq!(problems, expected);
    }
}
