//! Secrets among a profile's settings, wherever they come from: written there literally, or from a variable whose name
//! doesn't tell it.
//!
//! Takes the section as JSON, gives each secret by the key that it stands under.

use super::environment::is_secret_name;
use super::redact::passwords;
use super::{EnvVar, Profile};
use serde_json::Value;
use std::collections::BTreeMap;

/// How keys end that say where a secret is, or what kind of one it is, and not what it is.
const PLACES: [&str; 8] = ["_path", "_file", "_uri", "_url", "_type", "_provider", "_name", "credentials"];

/// Every secret of a profile, by what it is called in messages.
pub(super) fn of(profile: &Profile) -> BTreeMap<String, EnvVar> {
    let mut found = BTreeMap::new();
    add(&mut found, "", &profile.settings);
    found
}

fn add(found: &mut BTreeMap<String, EnvVar>, key: &str, value: &Value) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| add(found, key, value)),
        Value::Array(items) => items.iter().for_each(|item| add(found, key, item)),
        Value::String(text) if is_secret(key) => take(found, key, text),
        Value::String(text) => passwords(text).into_iter().for_each(|span| take(found, key, &text[span])),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret(key: &str) -> bool {
    let plain = key.to_lowercase().replace(['.', '-'], "_");
    is_secret_name(&plain) && !PLACES.iter().any(|place| plain.ends_with(place))
}

/// Of two under one key both count.
fn take(found: &mut BTreeMap<String, EnvVar>, key: &str, value: &str) {
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    let name = (1..).map(|number| match number {
        1 => format!("{key} of profiles.yml"),
        number => format!("{key} ({number}) of profiles.yml"),
    });
    let free = name.into_iter().find(|name| found.get(name).is_none_or(|other| other.value == value));
    let var =
        EnvVar { value: value.into(), origin: "profiles.yml".into(), secret: true, exposed: false, ignored: false };
    found.insert(free.expect("invariant: there is no last number"), var);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_told_by_its_key_or_by_what_it_stands_in() {
        let settings = json!({
            "token": "hunter2", "host": "example.org", "credentials": "/keys/a.json", "private_key_path": "/keys/b",
            "master": "sc://h/;use_ssl=true;token=abcdef", "dsn": "postgresql://u:p4ss@h/db", "client_secret": " ",
            "extra_conf": {"spark.hadoop.fs.s3a.secret.key": "s3cret", "spark.sql.shuffle.partitions": "8"},
        });
        let profile = Profile { settings, ..crate::project::testing::empty().profile };
        let found: Vec<_> = of(&profile).into_iter().map(|(name, var)| (name, var.value)).collect();
        let expected = [
            ("dsn of profiles.yml", "p4ss"),
            ("master of profiles.yml", "abcdef"),
            ("spark.hadoop.fs.s3a.secret.key of profiles.yml", "s3cret"),
            ("token of profiles.yml", "hunter2"),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_string(), value.to_string())));
    }
}
