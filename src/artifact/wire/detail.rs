//! What else is to be said of a cause, in words.

use super::reach::few;
use crate::name::NodeName;
use crate::plan::{Detail, Unread, Unsettled, Unsteady};

/// All of it; `None` where there is nothing.
pub fn words(details: &[Detail]) -> Option<String> {
    let all: Vec<String> = details.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn one(detail: &Detail) -> String {
    match detail {
        Detail::Run(run) => format!("run {run}"),
        Detail::Unreadable(why) => why.clone(),
        Detail::SameCodeAs(node) => format!("was {node}, same code"),
        Detail::Adopts(relation) => format!("adopts {relation}"),
        Detail::Unowned(relation) => format!("{relation} exists, and no record says that fft built it"),
        Detail::OfProject { relation, project, run } => {
            format!("{relation} was built by another project, {project}, in run {run}")
        }
        Detail::Formats(before, after) => format!("{before} → {after}"),
        Detail::Unrecorded(contested) => unrecorded(contested),
        Detail::BuiltAs { node, run } => format!("built as {node} by run {run}"),
        Detail::BuiltFrom { run, fingerprint } => {
            format!("built by run {run} from fingerprint {}", fingerprint.short())
        }
        Detail::OtherKind => "it is of another kind".into(),
        Detail::Replaced => "something else made it, or changed its rows, since".into(),
        Detail::OtherFolder => "it reads the files of another folder".into(),
        Detail::PerhapsOtherFolder(run) => format!("built by run {run}, perhaps over the files of another folder"),
        Detail::Unwatched { through: Some(view), why } => format!("through {view}: {why}"),
        Detail::Unwatched { through: None, why } => why.clone(),
        Detail::ButUnwatched(names) => format!("but {}, which nothing watches", names.join(", ")),
        Detail::BoundToBefore => "the view reads what had its name before".into(),
        Detail::InThisRun => "in this run".into(),
        Detail::ByRun(run) => format!("by run {run}"),
        Detail::Unsteady(why) => unsteady(why),
        Detail::Unread(unread) => unread_words(unread),
        Detail::More(more) => format!("and {more} more"),
        Detail::RowsNotCompared(limit) => format!("rows not compared, over {} MiB", limit >> 20),
        Detail::KeepsLast(versions) => format!("the last {versions} of each row are kept"),
        Detail::SameMeaning => "comments and white space only".into(),
        Detail::Interrupted => "the run was interrupted".into(),
        Detail::RunStopped => "an earlier node failed; --keep-going goes on".into(),
        Detail::NotAtHand => "built by another checkout: the text before is not at hand".into(),
    }
}

/// What is read of an upstream node, and what changed of it: `reads user_id, email; changed: full_name`.
pub fn unread_words(unread: &Unread) -> String {
    if unread.left {
        return "reads what was left as it is".into();
    }
    let reads = match unread.reads.columns.as_deref() {
        None => "reads all of it".into(),
        Some([]) => "reads none of its columns".into(),
        Some(names) => format!("reads {}", few(names)),
    };
    match unread.changed.as_deref() {
        None => format!("{reads}, as before"),
        Some([]) => format!("{reads}; nothing of that changed"),
        Some(names) => format!("{reads}; changed: {}", few(names)),
    }
}

/// Why it isn't told what a relation holds.
pub fn unrecorded(contested: &[NodeName]) -> String {
    let names: Vec<&str> = contested.iter().map(NodeName::as_str).collect();
    match names.as_slice() {
        [] => "_ff_meta has no row for it".into(),
        names => format!("_ff_meta has a row for it of {} each", names.join(" and ")),
    }
}

fn unsteady(Unsteady { over, why }: &Unsteady) -> String {
    let (verb, what) = match why {
        Unsettled::History => ("", "keeps a history".into()),
        Unsettled::Volatile => ("is ", "volatile".to_string()),
        Unsettled::Extended => ("is ", "extended, so that its rows come of its past too".into()),
        Unsettled::Unwatched(name) => ("", format!("reads {name}, which nothing watches")),
        Unsettled::Requested => ("is ", "made of what HTTP requests gave".into()),
        Unsettled::MayRequest => ("is ", "not known to make no HTTP requests".into()),
    };
    match over {
        Some(node) => format!("over {node}, which {verb}{what}"),
        None => what,
    }
}
