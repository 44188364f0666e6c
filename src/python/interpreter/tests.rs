//! Interpreters of a world in memory, and the real `python3` where one has to start.

#![expect(clippy::disallowed_methods, reason = "real interpreters stand in real folders")]

use super::*;
use crate::project::{PythonSettings, Settings, testing};
use crate::python::environment;
use crate::world::{MemoryWorld, OsWorld};

pub fn project(root: &Path, python: PythonSettings) -> Project {
    let settings = Settings { name: "p".into(), version: "1".into(), python, ..Settings::default() };
    Project { root: root.into(), settings, ..testing::empty() }
}

fn with(interpreter: Option<&str>, requirements: Option<&str>) -> Project {
    let settings = PythonSettings {
        interpreter: interpreter.map(String::from),
        requirements: requirements.map(String::from),
        timeout_seconds: None,
    };
    project(Path::new("/p"), settings)
}

fn world() -> MemoryWorld {
    MemoryWorld::new()
        .var("PATH", "relative:/usr/bin:/bin")
        .var("HOME", "/home/u")
        .file("/bin/python3", "x")
        .file("/p/requirements.txt", "pandas==2.2.3\n")
}

#[test]
fn the_order_of_interpreters() {
    let system = resolve(&world(), &with(None, None)).expect("found");
    assert_eq!((system.path.to_str(), &system.origin), (Some("/bin/python3"), &Origin::System));
    let active = world().var("VIRTUAL_ENV", "/v").file("/v/bin/python", "x");
    let found = resolve(&active, &with(None, None)).expect("found");
    assert_eq!((found.path.to_str(), &found.origin), (Some("/v/bin/python"), &Origin::VirtualEnvironment));
    let named = active.file("/p/.venv/bin/python", "x");
    let found = resolve(&named, &with(Some(".venv/bin/python"), None)).expect("found");
    assert_eq!((found.path.to_str(), &found.origin), (Some("/p/.venv/bin/python"), &Origin::Setting));
    let found = resolve(&named, &with(Some("python3"), None)).expect("found");
    assert_eq!(found.path.to_str(), Some("/bin/python3"));
}

#[test]
fn what_cannot_be_found_is_told() {
    let error = resolve(&MemoryWorld::new(), &with(None, None)).expect_err("none");
    assert_eq!(error.kind, ErrorKind::Interpreter);
    let error = resolve(&world(), &with(Some("/no/python"), None)).expect_err("none").to_string();
    assert!(error.contains("/no/python doesn't exist") && error.contains("hint: "), "{error}");
    let error = resolve(&world(), &with(None, Some("req.txt"))).expect_err("none").to_string();
    assert!(error.contains("req.txt can't be read"), "{error}");
}

#[test]
fn a_managed_environment_is_keyed_by_interpreter_and_requirements() {
    let folder = |world: &MemoryWorld| {
        let found = resolve(world, &with(None, Some("requirements.txt"))).expect("found");
        let Origin::Managed(managed) = found.origin else { panic!("{found:?}") };
        managed.folder
    };
    let first = folder(&world());
    assert!(first.starts_with("/home/u/.cache/fft/python"));
    assert_eq!(folder(&world()), first);
    assert_ne!(folder(&world().file("/p/requirements.txt", "pandas==2.2.4\n")), first);
    assert_ne!(folder(&world().file("/bin/python3", "other")), first);
    assert!(folder(&world().var("XDG_CACHE_HOME", "/c")).starts_with("/c/fft/python"));
}

#[test]
fn the_version_of_an_environment_is_read() {
    let world = world().var("VIRTUAL_ENV", "/v").file("/v/bin/python", "x");
    let found = resolve(&world, &with(None, None)).expect("found");
    world.put("/v/pyvenv.cfg", "home = /usr/bin\nversion = 3.9.2\n");
    assert_eq!(version(&world, &with(None, None), &found).as_deref(), Ok("3.9"));
    world.put("/v/pyvenv.cfg", "home = /usr/bin\nuv = 0.5.1\nversion_info = 3.12.1\n");
    assert_eq!(version(&world, &with(None, None), &found).as_deref(), Ok("3.12"));
}

#[test]
fn another_interpreter_is_asked_once() {
    let real = resolve(&OsWorld::new(), &with(None, None)).expect("Python is installed");
    let world = world().file(real.path.clone(), "x");
    let project = with(None, None);
    let interpreter = Interpreter { origin: Origin::System, ..real };
    let asked = version(&world, &project, &interpreter).expect("it starts");
    let memory = Path::new("/p/.fastflowtransform/python.json");
    let known: BTreeMap<String, String> = serde_json::from_slice(&world.read(memory).expect("written")).expect("JSON");
    assert_eq!(known.values().collect::<Vec<_>>(), [&asked]);
    let other = known.keys().map(|key| (key.clone(), "9.9".to_string())).collect::<BTreeMap<_, _>>();
    world.put(memory, serde_json::to_vec(&other).expect("JSON"));
    assert_eq!(version(&world, &project, &interpreter).as_deref(), Ok("9.9"));
    world.put(real_path(&interpreter), "changed");
    assert_eq!(version(&world, &project, &interpreter), Ok(asked));
}

fn real_path(interpreter: &Interpreter) -> PathBuf {
    interpreter.path.clone()
}

#[test]
fn a_shim_is_known_by_what_it_chooses() {
    let shim = Path::new("/y/shims/python3");
    let base = || MemoryWorld::new().file(shim, "x").file("/y/version", "3.11.7\n");
    let of = |world: &MemoryWorld| identity(world, &with(None, None), shim);
    let first = of(&base());
    assert_eq!(of(&base()), first);
    assert_ne!(of(&base().file("/y/version", "3.12.1\n")), first);
    assert_ne!(of(&base().file("/p/.python-version", "3.12.1\n")), first);
    assert_ne!(of(&base().var("PYENV_VERSION", "3.12.1")), first);
}

/// A project with requirements, and a Python that makes environments without one: each is a copy of itself, and each
/// installation adds a line to `installed`.
fn fake(folder: &Path) -> (Project, Interpreter) {
    use std::os::unix::fs::PermissionsExt;
    let world = OsWorld::new();
    let base = folder.join("python");
    let script = format!(
        "#!/bin/sh\nif [ \"$2\" = venv ]; then mkdir -p \"$3/bin\" && cp \"$0\" \"$3/bin/python\"\n\
         else echo one >> {}; fi\n",
        folder.join("installed").display()
    );
    world.write(&base, script.as_bytes()).expect("written");
    std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o755)).expect("changed");
    world.write(&folder.join("project/requirements.txt"), b"# nothing\n").expect("written");
    let managed = Managed { folder: folder.join("cache/key"), requirements: "requirements.txt".into(), base };
    let interpreter = Interpreter { path: managed.folder.join("bin/python"), origin: Origin::Managed(managed) };
    (project(&folder.join("project"), PythonSettings::default()), interpreter)
}

#[test]
fn an_environment_is_made_once_and_made_anew_when_left_unfinished() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = OsWorld::new();
    if on_path(&world, "uv").is_some() {
        return eprintln!("skipped: with uv on the path, no stand-in makes the environment");
    }
    let (project, interpreter) = fake(folder.path());
    let attempts = folder.path().join("cache/key");
    // What a run left that was killed while it installed.
    world.write(&attempts.join("1/bin/python"), b"half").expect("written");
    let made = environment::ensure(&world, &project, &interpreter, &mut |_| {}).expect("made");
    assert!(world.exists(&made.path) && world.read(&made.path).expect("read").starts_with(b"#!/bin/sh"));
    world.write(&attempts.join("1/kept"), b"").expect("written");
    let again = environment::ensure(&world, &project, &interpreter, &mut |line| panic!("{line}")).expect("there");
    assert_eq!(again, made);
    assert!(world.exists(&attempts.join("1/kept")));
    assert_eq!(world.read(&folder.path().join("installed")).expect("read"), b"one\n");
}

#[test]
fn two_runs_make_one_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    if on_path(&OsWorld::new(), "uv").is_some() {
        return eprintln!("skipped: with uv on the path, no stand-in makes the environment");
    }
    let (project, interpreter) = fake(folder.path());
    let make = || environment::ensure(&OsWorld::new(), &project, &interpreter, &mut |_| {}).expect("made");
    let (left, right) = std::thread::scope(|scope| {
        let other = scope.spawn(make);
        (make(), other.join().expect("no panic"))
    });
    assert_eq!(left, right);
    assert_eq!(OsWorld::new().read(&folder.path().join("installed")).expect("read"), b"one\n");
}

#[test]
fn an_environment_that_cannot_be_made_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = OsWorld::new();
    world.write(&folder.path().join("requirements.txt"), b"./no-package.whl\n").expect("written");
    world.write(&folder.path().join("no-package.whl"), b"no archive").expect("written");
    let system = resolve(&world, &with(None, None)).expect("Python is installed");
    let managed =
        Managed { folder: folder.path().join("env"), requirements: "requirements.txt".into(), base: system.path };
    let interpreter = Interpreter { path: managed.folder.join("bin/python"), origin: Origin::Managed(managed) };
    let project = project(folder.path(), PythonSettings::default());
    let mut lines = Vec::new();
    let made = environment::ensure(&world, &project, &interpreter, &mut |line| lines.push(line.to_string()));
    let error = made.expect_err("it can't be made");
    assert_eq!(error.kind, ErrorKind::Interpreter);
    assert!(error.message.contains("no-package.whl"), "{error}");
    assert!(!lines.is_empty() && !folder.path().join("env/complete").exists());
}

#[test]
fn projects_at_any_depth_share_an_environment() {
    let world = MemoryWorld::new()
        .var("PATH", "/home/u/.pyenv/shims")
        .var("HOME", "/home/u")
        .file("/home/u/.pyenv/shims/python3", "shim")
        .file("/home/u/.pyenv/version", "3.11.7")
        .file("/p/requirements.txt", "pandas==2.3.3")
        .file("/p/a/b/requirements.txt", "pandas==2.3.3");
    let path = |root: &str| {
        let python = PythonSettings { requirements: Some("requirements.txt".into()), ..PythonSettings::default() };
        resolve(&world, &project(Path::new(root), python)).unwrap().path
    };
    assert_eq!(path("/p"), path("/p/a/b"));
    let before = path("/p/a/b");
    world.put("/p/a/.python-version", "3.12");
    assert_ne!(path("/p/a/b"), before, "another version is another environment");
}
