//! Fingerprints against the format's text, and each component kind alone.

pub(crate) mod sample;

use super::*;
use proptest::prelude::*;
use sample::Sample;
use sha2::Digest as _;

/// `lp(x)` of the format's text, written out again.
fn lp(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u64).to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn sha(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// The leaf of the format's text.
fn expected_leaf(kind: &str, name: &str, content: &[u8]) -> [u8; 32] {
    let mut bytes = b"fft-leaf-v1".to_vec();
    for part in [kind.as_bytes(), name.as_bytes(), content] {
        bytes.extend(lp(part));
    }
    sha(&bytes)
}

/// The value of the format's text over `(kind, name, state, leaf)`.
fn expected_value(mut components: Vec<(String, String, u8, [u8; 32])>) -> [u8; 32] {
    components.sort();
    let mut bytes = b"fft-node-v1".to_vec();
    for (kind, name, state, leaf) in components {
        bytes.extend(lp(kind.as_bytes()));
        bytes.extend(lp(name.as_bytes()));
        bytes.push(state);
        bytes.extend(leaf);
    }
    sha(&bytes)
}

fn recomputed(fingerprint: &Fingerprint) -> [u8; 32] {
    let part =
        |one: &Arc<Component>| (one.kind.as_str().to_string(), one.name.clone(), u8::from(one.present), one.digest.0);
    expected_value(fingerprint.components.iter().map(part).collect())
}

fn fingerprint(components: Vec<Component>) -> Fingerprint {
    Fingerprint::new(components.into_iter().map(Arc::new).collect(), Arc::default(), None, &Key::default())
}

fn ids(differences: &[Difference]) -> Vec<(Kind, String, Change)> {
    differences.iter().map(|one| (one.kind, one.name().to_string(), one.change)).collect()
}

#[test]
fn kinds_are_declared_in_the_order_of_their_names() {
    let mut by_name = Kind::ALL.to_vec();
    by_name.sort_by_key(|kind| kind.as_str());
    let mut by_order = Kind::ALL.to_vec();
    by_order.sort();
    assert_eq!(by_name, by_order);
    assert_eq!(by_order, Kind::ALL);
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn the_encoding_is_that_of_the_formats_text() {
    let found = fingerprint(vec![
        Component::text(Kind::Sql, "models/a.ff.sql", "select 1\n".into()),
        Component::shown(Kind::Config, "materialized", "\"table\""),
        Component::absent(Kind::Env, "FF_GONE"),
        Component::env("FF_EMPTY", Some(""), true, &Key::default()),
    ]);
    let expected = expected_value(vec![
        ("sql".into(), "models/a.ff.sql".into(), 1, expected_leaf("sql", "models/a.ff.sql", b"select 1\n")),
        ("config".into(), "materialized".into(), 1, expected_leaf("config", "materialized", b"\"table\"")),
        ("env".into(), "FF_GONE".into(), 0, expected_leaf("env", "FF_GONE", b"")),
        ("env".into(), "FF_EMPTY".into(), 1, expected_leaf("env", "FF_EMPTY", b"")),
    ]);
    //: The format is `fft-fingerprint-v1`; every digest is SHA-256.
    assert_eq!(found.value.0, expected);
    assert_eq!(found.format, "fft-fingerprint-v1");
}

#[test]
fn every_node_of_the_sample_is_recomputed_from_its_components() {
    let sample = Sample::new();
    for name in ["seed_users", "stg.ff", "py"] {
        let found = sample.fingerprint(name);
        assert_eq!(found.value.0, recomputed(&found), "{name}");
        for component in found.components.iter().filter(|one| one.present) {
            let content = match (&component.content, &component.value) {
                (Content::Text(text), _) => text.to_string(),
                (_, Some(value)) => value.clone(),
                _ => continue,
            };
            let leaf = expected_leaf(component.kind.as_str(), &component.name, content.as_bytes());
            assert_eq!(component.digest.0, leaf, "{name} {}", component.name);
            assert_eq!(component.size, content.len() as u64);
        }
    }
}

/// One change of an input, the node looked at, and the component that it changes, alone.
type OneChange = (fn(&mut Sample), &'static str, Kind, &'static str, Change);

const CHANGES: [OneChange; 29] = [
    //: | `sql` | the model's path | the file moves, or the rendered SQL changes, nodes and sources standing in it by their own names (`‹ref:stg_users›`): where a relation lives is told by `config`, `source` and `upstream`; line ends and blanks at line ends don't count | SQL |
    (|it| it.sql().logical = "select 2".into(), "stg.ff", Kind::Sql, "models/stg.ff.sql", Change::Modified),
    //: | `python` | the function | the function changes, or anything in its file that it reaches: functions, classes, constants, imports | Python |
    (|it| it.python().slice.push_str("# x"), "py", Kind::Python, "build", Change::Modified),
    //: | `python_module` | the module's path | a module of the project that it imports changes, directly or not | Python |
    (|it| it.module("lib/a.py", "x = 2"), "py", Kind::PythonModule, "lib/a.py", Change::Modified),
    (|it| it.module("lib/b.py", "y = 1"), "py", Kind::PythonModule, "lib/b.py", Change::Added),
    (
        //: | `python_env` | `requirements` | the requirements file, one that it includes, or the interpreter's minor version changes | Python |
        |it| it.material.python_env = "python 3.12\npandas==2\n".into(),
        "py",
        Kind::PythonEnv,
        "requirements",
        Change::Modified,
    ),
    (
        |it| it.material.python_env = "python 3.11\npandas==3\n".into(),
        "py",
        Kind::PythonEnv,
        "requirements",
        Change::Modified,
    ),
    //: | `config` | the key | a setting that changes what is built: `materialized`, `schema`, `alias` …; of a seed the declared types of its `columns`, its `delimiter`, `meta_columns` | all |
    (|it| it.config("stg.ff", "materialized", "view"), "stg.ff", Kind::Config, "materialized", Change::Modified),
    (|it| it.config("stg.ff", "alias", "other"), "stg.ff", Kind::Config, "alias", Change::Added),
    (|it| it.columns(&[("id", "bigint")]), "seed_users", Kind::Config, "columns", Change::Modified),
    //: | `hook` | `pre_hook`, `post_hook` | a statement that runs in front of the model's own, or behind them, changes, nodes and sources standing in it by their own names; see [hooks](hooks.md) | models that have them |
    (|it| it.hook("stg.ff", "grant a"), "stg.ff", Kind::Hook, "post_hook", Change::Added),
    (|it| it.hook("py", "grant a"), "py", Kind::Hook, "post_hook", Change::Added),
    //: | `setting` | `indexes`, `grants`, `comments` | what is set at its relation beside its rows is another: see [project files](project-files.md#what-is-set-at-a-relation) | those that have any |
    (|it| it.readers("stg.ff", &["reporting"]), "stg.ff", Kind::Setting, "grants", Change::Added),
    //: | `var` | the var | its value changes (in SQL it is part of the rendered text) | Python |
    (|it| it.var("limit", 6.into()), "py", Kind::Var, "limit", Change::Modified),
    (|it| it.var("unset", 1.into()), "py", Kind::Var, "unset", Change::Modified),
    //: | `env` | the variable | an `FF_*` variable, or one that a Python model names, is set, unset or changed | all |
    (|it| it.env("FF_A", "2"), "stg.ff", Kind::Env, "FF_A", Change::Modified),
    (|it| it.env("FF_A", ""), "seed_users", Kind::Env, "FF_A", Change::Modified),
    (|it| it.env("FF_NEW", ""), "py", Kind::Env, "FF_NEW", Change::Added),
    (|it| it.unset("FF_A"), "py", Kind::Env, "FF_A", Change::Removed),
    (|it| it.env("FF_ASKED", ""), "stg.ff", Kind::Env, "FF_ASKED", Change::Modified),
    //: | `engine`, `profile` | its name; `attach.<alias>` for a database that the profile opens beside its own | another engine or profile is used; an attached database is another file | all; those that read it |
    (|it| it.project.profile.engine = "postgres".into(), "seed_users", Kind::Engine, "engine", Change::Modified),
    (|it| it.project.profile.name = "prod".into(), "stg.ff", Kind::Profile, "profile", Change::Modified),
    //: | `source` | `group.table` | the entry in sources.yml of a table that the node reads changes | models |
    (|it| it.source("crm", "users").schema = Some("x".into()), "stg.ff", Kind::Source, "crm.users", Change::Modified),
    //: | `source_data` | `group.table` | a source holds other data: a version that sources.yml declares, the names, sizes and digests of files, or a digest of rows; see [sources](sources.md) | models |
    (|it| it.data_version("2026-11-23"), "stg.ff", Kind::SourceData, "crm.users", Change::Modified),
    //: | `file` | the path, as it is written | a file that a query names itself holds other data | SQL |
    (|it| it.file("raw/a.csv", "1"), "stg.ff", Kind::File, "raw/a.csv", Change::Added),
    //: | `seed` | the seed's path | the file moves, or its bytes change | seeds |
    (|it| it.seed_bytes(b"id\n1\n2\n"), "seed_users", Kind::Seed, "seeds/seed_users.csv", Change::Modified),
    //: | `rules` | `seeds`, `python`, `sql` | this fft reads seeds, or runs models, by other rules: see [below](#what-fft-itself-does) | all |
    (|it| it.material.rules.seeds = 9, "seed_users", Kind::Rules, "seeds", Change::Modified),
    (|it| it.material.rules.python = 9, "py", Kind::Rules, "python", Change::Modified),
    // The first rules are no component.
    (|it| it.material.rules.sql = 2, "stg.ff", Kind::Rules, "sql", Change::Added),
    //: | `upstream` | the node | the fingerprint of a node that it reads changes | models |
    (|it| it.upstream = Some(crate::digest::Digest([9; 32])), "stg.ff", Kind::Upstream, "seed_users", Change::Modified),
];

#[test]
fn changing_one_input_changes_that_component_and_no_other() {
    let mut kinds = std::collections::BTreeSet::new();
    for (number, (change, node, kind, name, how)) in CHANGES.into_iter().enumerate() {
        let (before, mut sample) = (Sample::new().fingerprint(node), Sample::new());
        change(&mut sample);
        let after = sample.fingerprint(node);
        assert_eq!(ids(&difference(&before, &after)), [(kind, name.to_string(), how)], "change {number}");
        assert_ne!(before.value, after.value, "change {number}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), Kind::ALL.len(), "every kind is covered");
}

#[test]
fn an_upstream_node_that_holds_nothing_is_not_one_that_holds_something() {
    let mut sample = Sample::new();
    let before = sample.fingerprint("stg.ff");
    sample.upstream = None;
    let after = sample.fingerprint("stg.ff");
    assert_eq!(ids(&difference(&before, &after)), [(Kind::Upstream, "seed_users".into(), Change::Modified)]);
}

/// What a change of the sample does to each node.
fn unchanged_by(change: impl Fn(&mut Sample), nodes: &[&str]) {
    let mut sample = Sample::new();
    change(&mut sample);
    for node in nodes {
        assert_eq!(Sample::new().fingerprint(node).value, sample.fingerprint(node).value, "{node}");
    }
}

#[test]
fn what_is_no_input_changes_nothing() {
    let all = ["seed_users", "stg.ff", "py"];
    unchanged_by(|it| it.env("OTHER", "1"), &all);
    unchanged_by(|it| it.env("FFT_LOG", "debug"), &all);
    unchanged_by(|it| it.put_env("FF_PASSWORD", "hunter2", |var| var.secret = true), &all);
    unchanged_by(|it| it.put_env("FF_HTTP_OFFLINE", "1", |var| var.ignored = true), &all);
    unchanged_by(|it| it.var("limit", 6.into()), &["seed_users", "stg.ff"]);
    unchanged_by(|it| it.var("other", 6.into()), &all);
    unchanged_by(|it| it.source("crm", "users").description = Some("people".into()), &all);
    unchanged_by(|it| it.source("crm", "orders").schema = Some("elsewhere".into()), &all);
    unchanged_by(|it| it.node("stg.ff").tags.push("daily".into()), &all);
    unchanged_by(|it| it.node("stg.ff").description = Some("staged".into()), &all);
    unchanged_by(|it| it.project.root = "/somewhere/else".into(), &all);
    unchanged_by(|it| it.sql().template = "{{ other }}".into(), &all);
    unchanged_by(|it| it.python().slice = it.python().slice.replace('\n', "\r\n"), &all);
}

#[test]
fn an_exposed_value_is_recorded_and_a_withheld_one_never() {
    let mut sample = Sample::new();
    sample.env("FF_A", "low-entropy-value");
    sample.put_env("FF_SHOWN", "to-be-seen", |var| var.exposed = true);
    sample.put_env("FF_TOKEN", "very-secret", |var| (var.secret, var.exposed) = (true, true));
    for name in ["FF_A", "FF_SHOWN", "FF_TOKEN"] {
        let value = sample.project.env.vars[name].value.clone();
        sample.sql().env.insert(name.into(), sample::read(value.into(), 3));
    }
    let json = serde_json::to_string(&sample.fingerprint("stg.ff")).unwrap();
    assert!(!json.contains("low-entropy-value") && !json.contains("very-secret"), "{json}");
    assert!(json.contains("to-be-seen") && json.contains("FF_A"));
    let component = |name: &str| {
        sample.fingerprint("stg.ff").components.iter().find(|one| one.name == name).map(|one| (**one).clone())
    };
    let withheld = component("FF_A").unwrap();
    assert!(withheld.withheld && withheld.size == 0 && withheld.value.is_none());
    assert_eq!(component("FF_SHOWN").unwrap().value.as_deref(), Some("to-be-seen"));
    assert!(component("FF_TOKEN").is_none());
}

#[test]
fn passwords_of_locations_and_package_indexes_stay_out() {
    let mut sample = Sample::new();
    sample.source("crm", "users").location = vec!["https://me:hunter2@example.org/users.csv".into()];
    sample.material.python_env = "python 3.11\n--index-url https://me:hunter2@example.org/simple\npandas==2\n".into();
    let json = |name: &str| serde_json::to_string(&sample.fingerprint(name)).unwrap();
    //: A password inside a URL, or a [token among its parameters](sources.md#addresses), is removed before the URL is hashed or
    //: shown.
    assert!(!json("stg.ff").contains("hunter2") && !json("py").contains("hunter2"));
    assert!(json("stg.ff").contains("https://me@example.org/users.csv"));
    assert!(json("py").contains("python 3.11"));
}

#[test]
fn the_password_within_a_variable_is_no_input() {
    let value = |dsn: &str| {
        let mut sample = Sample::new();
        sample.project.env.vars.get_mut("FF_A").unwrap().value = dsn.into();
        sample.fingerprint("stg.ff").value
    };
    let before = value("postgresql://me:hunter2@db.example.org/shop");
    //: A password inside a URL, or a [token among its parameters](sources.md#addresses), is removed before the URL is hashed or
    //: shown.
    assert_eq!(value("postgresql://me:hunter3@db.example.org/shop"), before);
    assert_ne!(value("postgresql://me:hunter2@db.example.org/other"), before);
}

/// HMAC-SHA-256 as RFC 2104 writes it.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |byte: u8| block.iter().map(|one| one ^ byte).collect::<Vec<u8>>();
    let inner = sha(&[pad(0x36), message.to_vec()].concat());
    sha(&[pad(0x5c), inner.to_vec()].concat())
}

#[test]
fn a_key_makes_env_leaves_and_no_others() {
    let mut sample = Sample::new();
    let plain = sample.fingerprint("stg.ff");
    sample.material.key = Key::new(Some("k1"));
    let keyed = sample.fingerprint("stg.ff");
    let found = difference(&plain, &keyed);
    assert_eq!(ids(&found), [(Kind::Env, "FF_A".into(), Change::Modified)]);
    let message = [&b"fft-leaf-v1"[..], &lp(b"env"), &lp(b"FF_A"), &lp(b"1")].concat();
    //: With `FFT_FINGERPRINT_KEY` set, the digests of variables are keyed (HMAC), so that nobody can guess a short
    //: value from a published fingerprint.
    assert_eq!(found[0].after.as_ref().unwrap().digest.0, hmac(b"k1", &message));
    assert_eq!((plain.key_id, keyed.key_id.as_deref().map(str::len)), (None, Some(12)));
    assert_ne!(Key::new(Some("k1")).id(), Key::new(Some("k2")).id());
    assert_eq!(Key::new(Some("")).id(), None);
    assert_eq!(format!("{:?}", Key::new(Some("k1"))).find("k1"), None);
}

#[test]
fn inputs_tell_where_a_text_came_from() {
    let sample = Sample::new();
    let found = sample.fingerprint("stg.ff");
    let told: Vec<_> =
        found.inputs.iter().map(|one| (one.kind, one.name.as_str(), one.path.as_str(), one.line)).collect();
    assert_eq!(
        told,
        [
            (InputKind::Template, "models/stg.ff.sql", "models/stg.ff.sql", 0),
            (InputKind::Macro, "clean", "models/macros/strings.sql", 7),
            (InputKind::Var, "limit", "models/stg.ff.sql", 2),
            (InputKind::Env, "FF_A", "models/stg.ff.sql", 3),
            (InputKind::Env, "FF_ASKED", "models/stg.ff.sql", 4),
        ]
    );
    assert_eq!(found.inputs[2].value.as_deref(), Some("5"));
    assert_eq!(found.inputs[3].value, None);
    let component = found.components.iter().find(|one| one.name == "FF_A").unwrap();
    assert_eq!(found.inputs[3].digest, component.digest);
}

#[test]
fn a_record_is_read_back_with_the_same_value() {
    for name in ["seed_users", "stg.ff", "py"] {
        let found = Sample::new().fingerprint(name);
        let json = serde_json::to_string(&found).unwrap();
        let read: Fingerprint = serde_json::from_str(&json).unwrap();
        assert_eq!((read.value, value(&read.components)), (found.value, found.value));
        assert_eq!(difference(&found, &read), []);
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

#[test]
fn a_moved_text_is_renamed_and_a_moved_and_changed_one_modified() {
    let text = |path: &str, text: &str, semantic: u8| Fingerprint {
        semantic: Some(crate::digest::Digest([semantic; 32])),
        ..fingerprint(vec![Component::text(Kind::Sql, path, text.into())])
    };
    let before = text("models/a.ff.sql", "select 1", 1);
    let moved = difference(&before, &text("models/b/a.ff.sql", "select 1", 1));
    assert_eq!(ids(&moved), [(Kind::Sql, "models/b/a.ff.sql".into(), Change::Renamed)]);
    assert_eq!(moved[0].before.as_ref().unwrap().name, "models/a.ff.sql");
    let changed = difference(&before, &text("models/b/a.ff.sql", "select 2", 2));
    assert_eq!(ids(&changed), [(Kind::Sql, "models/b/a.ff.sql".into(), Change::Modified)]);
    let seed = |path: &str, bytes: &[u8]| fingerprint(vec![Component::bare(Kind::Seed, path, bytes)]);
    let moved = difference(&seed("seeds/a.csv", b"1"), &seed("seeds/x/a.csv", b"1"));
    assert_eq!(ids(&moved), [(Kind::Seed, "seeds/x/a.csv".into(), Change::Renamed)]);
    let grown = difference(&seed("seeds/a.csv", b"1"), &seed("seeds/x/a.csv", b"12"));
    assert_eq!(ids(&grown), [(Kind::Seed, "seeds/x/a.csv".into(), Change::Modified)]);
}

fn component() -> impl Strategy<Value = Component> {
    let kind = proptest::sample::select(Kind::ALL.to_vec());
    (kind, "[ab]{0,2}", "[xy]{0,2}", 0..4u8).prop_map(|(kind, name, content, state)| match state {
        0 => Component::absent(kind, &name),
        _ => Component::shown(kind, &name, &content),
    })
}

proptest! {
    #[test]
    //: A fingerprint is computed from a list of named components, so that every difference has a name.
    fn values_differ_exactly_when_there_is_a_difference(
        mut left in proptest::collection::vec(component(), 0..6),
        right in proptest::collection::vec(component(), 0..6),
        keep in any::<bool>(),
    ) {
        let (before, other) = (fingerprint(left.clone()), fingerprint(right.clone()));
        prop_assert_eq!(before.value == other.value, difference(&before, &other).is_empty());
        if keep {
            left.extend(right);
        } else {
            left.pop();
        }
        let after = fingerprint(left);
        prop_assert_eq!(before.value == after.value, difference(&before, &after).is_empty());
    }

    #[test]
    fn the_order_of_components_is_no_input(list in proptest::collection::vec(component(), 0..8), seed in any::<u64>()) {
        let mut shuffled = list.clone();
        for index in 0..shuffled.len() {
            let other = (seed as usize).wrapping_mul(index + 7) % shuffled.len();
            shuffled.swap(index, other);
        }
        prop_assert_eq!(fingerprint(list).value, fingerprint(shuffled).value);
    }
}

#[test]
fn environments_are_maps_whose_order_of_insertion_is_no_input() {
    let mut sample = Sample::new();
    sample.project.env.vars.clear();
    for (name, value) in [("FF_C", "3"), ("FF_A", "1"), ("FF_B", "2")] {
        sample.env(name, value);
    }
    let first = sample.fingerprint("py").value;
    sample.project.env.vars = sample.project.env.vars.into_iter().rev().collect();
    // Where a variable was set is no input either.
    for one in sample.project.env.vars.values_mut() {
        one.origin = ".env".into();
    }
    assert_eq!(sample.fingerprint("py").value, first);
}
