//! From what a project asks for to its packages, with what those ask for in turn.
//!
//! Takes the project's files and a way to a repository's files, gives the packages in the order in which they were asked
//! for. What the project itself asks for comes first, and decides where a package asks for the same in another state.

use super::super::files::Files;
use super::super::yaml::YamlFile;
use super::super::{Settings, settings};
use super::requirement::{self, Asked, GitAsked, Requirement};
use super::{FILE, Source, joined, normal, shown_dir};
use crate::diagnostic::{Diagnostic, Location};
use crate::world::{World, without_dots};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

const PROJECT: &str = "project.yml";

/// A repository's files on this machine.
#[derive(Clone, Debug)]
pub struct Repository {
    pub folder: PathBuf,
    pub commit: String,
}

/// Gives the files of the state of a repository that is asked for, or says why there are none.
pub type Locate<'a> = dyn FnMut(&Requirement, &GitAsked) -> Result<Repository, Diagnostic> + 'a;

/// A package with what its project.yml says.
#[derive(Clone, Debug)]
pub struct Found {
    pub name: String,
    /// As paths of its files begin.
    pub dir: String,
    pub folder: PathBuf,
    pub source: Source,
    /// Its own folders are `models_dir` and `seeds_dir`, from the package's folder.
    pub settings: Settings,
    pub vars: BTreeMap<String, Value>,
    /// Where it is first asked for.
    pub asked_at: Location,
    asked: Asked,
    /// The project itself asks for it.
    of_project: bool,
}

/// What paths in a packages.yml count from.
#[derive(Clone)]
struct Ground {
    /// The package whose repository it is in, with that repository's files.
    repository: Option<(String, Repository)>,
    /// The folder, from the project's or from the top of the repository.
    dir: String,
    of_project: bool,
}

/// The packages of the project in `root`, with what is to be said of them.
///
/// # Errors
/// Every problem of what is asked for.
pub fn resolve(
    world: &dyn World,
    root: &Path,
    locate: &mut Locate<'_>,
) -> Result<(Vec<Found>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut files = Files::new(world, root);
    let found = walk(&mut files, locate);
    if files.problems.iter().all(Diagnostic::is_warning) { Ok((found, files.problems)) } else { Err(files.problems) }
}

/// Walks from the project's packages.yml; problems are among those of `files`.
pub(in crate::project) fn walk(files: &mut Files<'_>, locate: &mut Locate<'_>) -> Vec<Found> {
    let ground = Ground { repository: None, dir: String::new(), of_project: true };
    let asked = requirements(files, FILE);
    let mut open: VecDeque<_> = asked.into_iter().map(|wanted| (wanted, ground.clone())).collect();
    let mut found: Vec<Found> = Vec::new();
    while let Some((wanted, ground)) = open.pop_front() {
        match one(files, &wanted, &ground, &found, locate) {
            Ok(None) => {}
            Ok(Some((package, ground))) => {
                let path = format!("{}/{FILE}", package.dir);
                open.extend(requirements(files, &path).into_iter().map(|wanted| (wanted, ground.clone())));
                found.push(package);
            }
            Err(problem) => files.problems.push(problem),
        }
    }
    let problems = dependencies(&found);
    files.problems.extend(problems);
    found
}

/// What one packages.yml asks for.
pub(super) fn requirements(files: &mut Files<'_>, path: &str) -> Vec<Requirement> {
    let Some(text) = files.text(path) else { return Vec::new() };
    let file = YamlFile::new(path, text);
    let found = requirement::read(&file);
    files.problems.extend(file.into_problems());
    found
}

/// A package that wasn't there before, with what its own packages.yml counts from.
fn one(
    files: &mut Files<'_>,
    wanted: &Requirement,
    ground: &Ground,
    found: &[Found],
    locate: &mut Locate<'_>,
) -> Result<Option<(Found, Ground)>, Diagnostic> {
    if let Some(first) = wanted.name.as_ref().and_then(|name| found.iter().find(|one| one.name == *name)) {
        return again(first, wanted, ground).map(|()| None);
    }
    if let Asked::Git(git) = &wanted.asked {
        let same = |one: &&Found| matches!(&one.asked, Asked::Git(other) if other.is_of(git));
        if let Some(first) = found.iter().find(same) {
            return again(first, wanted, ground).map(|()| None);
        }
    }
    let (source, folder, inner) = place(files, wanted, ground, locate)?;
    // Until its name is known.
    let called = wanted.name.clone().unwrap_or_else(|| folder_name(&folder));
    let provisional = match &inner.repository {
        Some(_) => shown_dir(&called),
        None => inner.dir.clone(),
    };
    let (settings, vars) = own(files, wanted, &folder, &provisional)?;
    let name = settings.name.clone();
    if let Some(first) = found.iter().find(|one| one.name == name) {
        return again(first, wanted, ground).map(|()| None);
    }
    let dir = if inner.repository.is_some() { shown_dir(&name) } else { provisional };
    files.mount(&dir, &folder);
    let repository = match (&source, inner.repository) {
        // What it asks for by path is in its repository too.
        (Source::Git { .. }, Some((_, repository))) => Some((name.clone(), repository)),
        (_, repository) => repository,
    };
    let asked = wanted.asked.clone();
    let (asked_at, of_project) = (wanted.at.clone(), ground.of_project);
    let package = Found { name, dir, folder, source, settings, vars, asked_at, asked, of_project };
    Ok(Some((package, Ground { repository, dir: inner.dir, of_project: false })))
}

/// Where its files are: as the lock has it, on this machine, and as paths in it count.
fn place(
    files: &Files<'_>,
    wanted: &Requirement,
    ground: &Ground,
    locate: &mut Locate<'_>,
) -> Result<(Source, PathBuf, Ground), Diagnostic> {
    let wrong =
        |message: String, hint: &str| Err(Diagnostic::new("bad-package", message).at(wanted.at.clone()).hint(hint));
    let path = match &wanted.asked {
        Asked::Git(git) => {
            let repository = locate(wanted, git)?;
            let folder = repository.folder.join(&git.subdir);
            let source = Source::Git { asked: git.clone(), commit: repository.commit.clone() };
            let called = wanted.name.clone().unwrap_or_default();
            let ground = Ground { repository: Some((called, repository)), dir: git.subdir.clone(), of_project: false };
            return Ok((source, folder, ground));
        }
        Asked::Path(path) => path,
    };
    let Some((within, repository)) = &ground.repository else {
        let dir = match path.strip_prefix('/') {
            Some(_) => from(&files.root.to_string_lossy(), path),
            None => joined(&ground.dir, path),
        };
        if dir.is_empty() {
            return wrong("a project can't be a package of its own".into(), "name another folder");
        }
        let folder = without_dots(&files.root.join(&dir));
        let source = Source::Path { path: dir.clone(), within: None };
        return Ok((source, folder, Ground { repository: None, dir, of_project: false }));
    };
    let dir = joined(&ground.dir, path);
    if path.starts_with('/') || dir.starts_with("..") {
        return wrong(
            format!("the path `{path}` leads out of the repository of package `{within}`"),
            "name a folder in it, or a repository",
        );
    }
    let folder = repository.folder.join(&dir);
    let source = Source::Path { path: dir.clone(), within: Some(within.clone()) };
    Ok((source, folder, Ground { dir, ..ground.clone() }))
}

/// An absolute path as it counts from `root`.
fn from(root: &str, path: &str) -> String {
    let (root, path) = (normal(root), normal(path));
    let (root, path): (Vec<&str>, Vec<&str>) = (root.split('/').collect(), path.split('/').collect());
    let common = root.iter().zip(&path).take_while(|(left, right)| left == right).count();
    let up = std::iter::repeat_n("..", root.len() - common);
    up.chain(path[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

fn folder_name(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Its project.yml, which must be of the name and the version that are asked for.
fn own(
    files: &mut Files<'_>,
    wanted: &Requirement,
    folder: &Path,
    dir: &str,
) -> Result<(Settings, BTreeMap<String, Value>), Diagnostic> {
    let at = || wanted.at.clone();
    let path = format!("{dir}/{PROJECT}");
    files.mount(dir, folder);
    let Some(text) = files.text(&path) else {
        let message = format!("there is no package in {dir}: it has no {PROJECT}");
        return Err(Diagnostic::new("no-package", message).at(at()).hint(hint_of(&wanted.asked)));
    };
    let file = YamlFile::new(&path, text);
    let (mut settings, vars) = settings::read(&file);
    let problems = file.into_problems();
    let broken = problems.iter().any(|problem| !problem.is_warning());
    files.problems.extend(problems);
    if broken {
        let message = format!("the package in {dir} can't be read: see above");
        return Err(Diagnostic::new("bad-package", message).at(at()));
    }
    if let Some(name) = wanted.name.as_ref().filter(|name| **name != settings.name) {
        let message = format!("the package in {dir} is called `{}`, not `{name}`", settings.name);
        return Err(Diagnostic::new("bad-package", message).at(at()).hint(format!("write `name: {}`", settings.name)));
    }
    if settings.name.contains(['/', '\\']) || settings.name.starts_with('.') {
        let message = format!("`{}` is no name of a package", settings.name);
        return Err(Diagnostic::new("bad-package", message)
            .at(Location::file(path))
            .hint("use letters, digits and `_`"));
    }
    fits(wanted, &settings.name, &settings.version)?;
    if let Some(models_dir) = &wanted.models_dir {
        settings.models_dir = normal(models_dir);
    }
    Ok((settings, vars))
}

fn hint_of(asked: &Asked) -> &'static str {
    match asked {
        Asked::Path(_) => "a path counts from the folder of the packages.yml that names it",
        Asked::Git(_) => "say by `subdir` where in the repository it is",
    }
}

fn fits(wanted: &Requirement, name: &str, version: &str) -> Result<(), Diagnostic> {
    let Some(constraint) = &wanted.version else { return Ok(()) };
    let message = match constraint.fits(version) {
        Some(true) => return Ok(()),
        Some(false) => format!("package `{name}` is version {version}, and `{constraint}` is asked for"),
        None => format!("package `{name}` has no version that could be held against `{constraint}`"),
    };
    Err(Diagnostic::new("bad-version", message)
        .at(wanted.at.clone())
        .hint("ask for another version, or for another state of it"))
}

/// A package that was asked for before: the project's own word decides, and others must say the same.
fn again(first: &Found, wanted: &Requirement, ground: &Ground) -> Result<(), Diagnostic> {
    fits(wanted, &first.name, &first.settings.version)?;
    let same = match (&first.asked, &wanted.asked) {
        (Asked::Git(one), Asked::Git(other)) => one.is_as(other),
        (Asked::Path(_), Asked::Path(path)) => match &first.source {
            Source::Path { path: known, .. } => *known == joined(&ground.dir, path),
            Source::Git { .. } => false,
        },
        _ => false,
    };
    if same || (first.of_project && !ground.of_project) {
        return Ok(());
    }
    let message = format!("package `{}` is asked for in two ways; the other is at {}", first.name, first.asked_at);
    let problem = Diagnostic::new("duplicate-package", message).at(wanted.at.clone());
    Err(problem.hint("say in the project's own packages.yml which it is to be"))
}

/// `dependencies` of project.yml: packages that must be there, whoever asks for them.
fn dependencies(found: &[Found]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for package in found {
        for dependency in &package.settings.dependencies {
            let there = found.iter().find(|one| one.name == dependency.name);
            let version = there.map(|one| one.settings.version.as_str());
            let message = match (version, &dependency.version) {
                (None, _) if dependency.optional => continue,
                (None, _) => format!("package `{}` needs package `{}`", package.name, dependency.name),
                (Some(version), Some(constraint)) if constraint.fits(version) != Some(true) => {
                    format!(
                        "package `{}` needs `{}` in version `{constraint}`, and it is {version}",
                        package.name, dependency.name
                    )
                }
                (Some(_), _) => continue,
            };
            let problem = Diagnostic::new("missing-package", message).at(dependency.at.clone());
            problems.push(problem.hint("ask for it in packages.yml"));
        }
    }
    problems
}
