//! What happened, as a clause of the sentence that tells a run: `one row was added to seed_users`.
//!
//! Takes a cause as it is written and the name of the node that it is about; gives words in the past tense. Made once, as
//! a root is written. Nothing withheld is in it: what a cause lost, its clause doesn't tell.

use super::listed::joined;
use super::sentence::{short, title};
use super::{Attribution, Cause, DataChange};
use crate::fingerprint::{Change, InputKind};
use crate::plan::Code;

impl Cause {
    /// Its clause, as a cause of `node`; of one that hits every node, `node` is none.
    pub fn clause(&self, node: Option<&str>) -> String {
        of(self, node)
    }
}

fn of(cause: &Cause, node: Option<&str>) -> String {
    let Some(code) = cause.code.known() else { return bare(cause, node) };
    let whose = node.unwrap_or("every node");
    let name = cause.name.as_deref();
    match code {
        Code::SqlChanged => text(cause, whose, "SQL"),
        Code::PythonChanged => text(cause, whose, "Python"),
        Code::PythonModuleChanged => named("the module", name, "was edited", "a Python module was edited"),
        Code::PythonEnvChanged => "the Python environment changed".into(),
        Code::ConfigChanged => {
            let setting = name.map_or("the settings".to_string(), |name| format!("the setting {name}"));
            format!("{setting} of {whose} changed{}", values(cause))
        }
        Code::HookChanged => match cause.change.as_ref().and_then(|word| word.known()) {
            Some(Change::Added) => format!("{whose} now has a {}", name.unwrap_or("hook")),
            Some(Change::Removed) => format!("{whose} no longer has a {}", name.unwrap_or("hook")),
            _ => format!("the {} of {whose} was edited", name.unwrap_or("hook")),
        },
        Code::VarChanged => named("the var", name, &format!("changed{}", values(cause)), "a var changed"),
        Code::EnvChanged => variable(cause),
        Code::SourceChanged => named("the source", name, "is declared otherwise", "a source is declared otherwise"),
        Code::SourceDataChanged => named("the data of the source", name, "changed", "the data of a source changed"),
        Code::FileChanged => named("the file", name, "changed", "a file changed"),
        Code::SeedChanged => rows(cause.data.as_ref(), whose),
        Code::DependencyAdded => format!("{whose} now reads {}", name.unwrap_or("another node")),
        Code::DependencyRemoved => format!("{whose} no longer reads {}", name.unwrap_or("a node")),
        _ => state(code, whose).unwrap_or_else(|| bare(cause, node)),
    }
}

/// Of a reason that no input is.
fn state(code: Code, whose: &str) -> Option<String> {
    let words = match code {
        Code::EngineChanged => "the engine changed".into(),
        Code::ProfileChanged => "the profile changed".into(),
        Code::FirstBuild => format!("{whose} is new"),
        Code::RelationMissing => format!("the relation of {whose} was missing"),
        Code::RelationForeign => format!("the relation of {whose} held another build"),
        Code::BuildInterrupted => format!("the last build of {whose} was interrupted"),
        Code::RelationRenamed => format!("the relation of {whose} has another name"),
        Code::Forced => format!("--rebuild asked for {whose}"),
        Code::PruneAsked => format!("--prune asked for {whose}"),
        Code::CacheOff => "the cache was off".into(),
        Code::CacheWriteOnly => "the cache was write-only".into(),
        Code::CacheUnreadable => "the cache could not be read".into(),
        Code::FormatUpgraded => "the format of fingerprints is another".into(),
        Code::KeyRotated => "the key of fingerprints is another".into(),
        _ => return None,
    };
    Some(words)
}

/// A reason that has no clause of its own: its title, and what it is about.
fn bare(cause: &Cause, node: Option<&str>) -> String {
    match node {
        Some(node) => format!("{} for {node}", title(&cause.code)),
        None => title(&cause.code),
    }
}

fn named(what: &str, name: Option<&str>, became: &str, unnamed: &str) -> String {
    name.map_or(unnamed.into(), |name| format!("{what} {name} {became}"))
}

/// `: 15 → 20`, where both values are short and may be shown.
fn values(cause: &Cause) -> String {
    match (short(cause.before.as_ref()), short(cause.after.as_ref())) {
        (Some(before), Some(after)) if cause.before.is_some() || cause.after.is_some() => {
            format!(": {before} → {after}")
        }
        _ => String::new(),
    }
}

fn variable(cause: &Cause) -> String {
    let name = cause.name.as_deref().map_or("a variable".to_string(), |name| format!("the variable {name}"));
    let became = match (&cause.before, &cause.after, cause.change.as_ref().and_then(|word| word.known())) {
        (None, Some(_), _) => "was set".to_string(),
        (Some(_), None, _) => "is no longer set".to_string(),
        (None, None, Some(Change::Removed)) => "is no longer read".to_string(),
        (None, None, _) => "is now read".to_string(),
        (Some(_), Some(_), _) => format!("changed{}", values(cause)),
    };
    format!("{name} {became}")
}

/// Of a text: what was edited, be it the text itself or what it is made from.
fn text(cause: &Cause, whose: &str, language: &str) -> String {
    if cause.cosmetic == Some(true) {
        return format!("comments in {whose} were edited");
    }
    if cause.change.as_ref().and_then(|word| word.known()) == Some(Change::Renamed) {
        return format!("the file of {whose} was renamed");
    }
    let inputs: Vec<String> = cause.attributed_to.iter().filter_map(input).collect();
    let own = inputs.len() < cause.attributed_to.len() || inputs.is_empty();
    let edited = own.then(|| format!("the {language} of {whose} was edited"));
    joined(&edited.into_iter().chain(inputs).collect::<Vec<_>>())
}

/// What a text is made from, where that lies outside of it.
fn input(found: &Attribution) -> Option<String> {
    let name = &found.name;
    let values = match (&found.before_value, &found.after_value) {
        (Some(before), Some(after)) => format!(": {before} → {after}"),
        _ => String::new(),
    };
    match found.kind.known()? {
        InputKind::Macro => Some(format!("the macro {name} was edited")),
        InputKind::Var => Some(format!("the var {name} changed{values}")),
        InputKind::Env => Some(format!("the variable {name} changed{values}")),
        _ => None,
    }
}

/// Of a seed's rows.
fn rows(change: Option<&DataChange>, whose: &str) -> String {
    let Some(change) = change.filter(|change| !change.rows_counted) else {
        return format!("the rows of {whose} changed");
    };
    let columns = (change.columns_added.as_slice(), change.columns_removed.as_slice());
    match (change.rows_added, change.rows_removed, change.rows_changed, columns) {
        (0, 0, 0, ([column], [])) => format!("the column {column} was added to {whose}"),
        (0, 0, 0, ([], [column])) => format!("the column {column} was taken from {whose}"),
        (.., ([_, ..], _) | (_, [_, ..])) => format!("the columns of {whose} changed"),
        (0, 0, 0, _) => format!("{whose} was written anew with the same rows"),
        (added, 0, 0, _) => format!("{} added to {whose}", were(added)),
        (0, removed, 0, _) => format!("{} taken from {whose}", were(removed)),
        (0, 0, changed, _) => format!("{} changed in {whose}", were(changed)),
        _ => format!("rows of {whose} changed ({})", change.words()),
    }
}

/// `one row was`, `1,200 rows were`.
fn were(count: usize) -> String {
    match count {
        1 => "one row was".into(),
        count => format!("{} rows were", crate::diagnostic::grouped(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::wire::{Side, Word};
    use crate::digest::Digest;

    fn cause(code: Code, name: &str) -> Cause {
        Cause::from(&crate::plan::Cause::named(code, name))
    }

    fn side(value: &str) -> Option<Side> {
        let digest = Digest::of(value.as_bytes());
        Some(Side { digest, size: value.len() as u64, value: Some(value.into()), withheld: false })
    }

    #[test]
    fn rows_are_counted_in_words() {
        let told = |added, removed, changed, columns: &[&str]| {
            let columns_added = columns.iter().map(ToString::to_string).collect();
            let key = vec!["id".into()];
            let data = DataChange {
                rows_added: added,
                rows_removed: removed,
                rows_changed: changed,
                columns_added,
                key,
                ..Default::default()
            };
            of(&Cause { data: Some(data), ..cause(Code::SeedChanged, "seeds/s.csv") }, Some("s"))
        };
        assert_eq!(told(1, 0, 0, &[]), "one row was added to s");
        assert_eq!(told(0, 1200, 0, &[]), "1,200 rows were taken from s");
        assert_eq!(told(0, 0, 2, &[]), "2 rows were changed in s");
        assert_eq!(told(2, 1, 0, &[]), "rows of s changed (+2 −1 rows)");
        assert_eq!(told(0, 0, 0, &["a"]), "the column a was added to s");
        assert_eq!(told(3, 0, 0, &["a"]), "the columns of s changed");
        assert_eq!(told(0, 0, 0, &[]), "s was written anew with the same rows");
    }

    #[test]
    fn what_made_a_text_change_is_named_and_withheld_values_are_not() {
        let mut sql = cause(Code::SqlChanged, "models/m.sql");
        assert_eq!(of(&sql, Some("m")), "the SQL of m was edited");
        sql.cosmetic = Some(true);
        assert_eq!(of(&sql, Some("m")), "comments in m were edited");
        let found = Attribution {
            after: None,
            after_value: Some("20".into()),
            before: None,
            before_value: Some("15".into()),
            change: Change::Modified.into(),
            cosmetic: false,
            diff: None,
            kind: InputKind::Var.into(),
            line: 1,
            name: "limit".into(),
            path: "project.yml".into(),
        };
        let by_var = Cause { cosmetic: None, attributed_to: vec![found], ..sql };
        assert_eq!(of(&by_var, Some("m")), "the var limit changed: 15 → 20");
        let mut region = Cause { before: side("eu"), after: side("us"), ..cause(Code::EnvChanged, "FF_REGION") };
        assert_eq!(of(&region, None), "the variable FF_REGION changed: eu → us");
        region.after = side("us").map(|side| Side { value: None, withheld: true, ..side });
        assert_eq!(of(&region, None), "the variable FF_REGION changed");
    }

    #[test]
    fn a_reason_that_only_a_newer_fft_knows_is_told_by_its_code() {
        let newer = Cause { code: Word::Unknown("moon_changed".into()), ..cause(Code::Forced, "m") };
        assert_eq!(of(&newer, Some("m")), "moon changed for m");
    }
}
