//! A decision in one line: its reasons, the most telling first, or the way that a cascade came along.

use super::Cause;
use crate::plan::{Code, PATH_LIMIT};

/// Characters that reasons behind the first may fill.
const REASONS: usize = 140;
/// Characters that the names of a way may fill.
const WAY: usize = 80;

/// Reasons in one line, primary first unless another tells what the primary one only points to; those that don't fit
/// are counted.
pub fn reasons(causes: &[Cause]) -> String {
    let mut parts = parts(causes);
    parts.sort_by_key(|part| part.rank);
    let mut text = String::new();
    let mut named = 0;
    for part in &parts {
        let long = text.chars().count() + part.text.chars().count() > REASONS;
        // The primary reason is named, however long.
        if long && named > 0 && !part.primary {
            continue;
        }
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&part.text);
        named += part.causes;
    }
    match causes.len() - named {
        0 => text,
        more => format!("{text} (and {more} more)"),
    }
}

struct Part {
    rank: u8,
    text: String,
    /// How many reasons it tells.
    causes: usize,
    primary: bool,
}

fn parts(causes: &[Cause]) -> Vec<Part> {
    let of = |code: Code| causes.iter().filter(move |cause| cause.code == code);
    let names = |code| of(code).filter_map(|cause| cause.name.as_deref()).collect::<Vec<_>>().join(" and ");
    let (added, removed) = (names(Code::DependencyAdded), names(Code::DependencyRemoved));
    let swapped = !added.is_empty() && !removed.is_empty();
    let depends = |cause: &Cause| matches!(cause.code.known(), Some(Code::DependencyAdded | Code::DependencyRemoved));
    let mut parts: Vec<Part> = Vec::new();
    if swapped {
        let causes = causes.iter().filter(|cause| depends(cause)).count();
        let text = format!("reads {added} instead of {removed}");
        parts.push(Part { rank: 1, text, causes, primary: false });
    }
    for (at, cause) in causes.iter().enumerate().filter(|(_, cause)| !(swapped && depends(cause))) {
        let sentence = cause.sentence.clone();
        // A path alone says less than what it now reads.
        let bare = cause.code == Code::SqlChanged && !sentence.ends_with(')');
        let rank = match cause.code.known() {
            _ if bare && causes.iter().any(depends) => 2,
            Some(code) if code.only_tells() => 4,
            Some(code) if code.is_upstream() => 3,
            _ if at == 0 => 0,
            _ => 1,
        };
        parts.push(Part { rank, text: sentence, causes: 1, primary: at == 0 });
    }
    parts
}

/// `← seed_users → … 3 more … → stg_users.ff`: a path without its last name, `elided` names being left out behind its
/// first half already.
pub(super) fn way(path: &[String], elided: usize) -> String {
    let names: &[String] = path.split_last().map_or(&[], |(_, names)| names);
    let split = if elided > 0 { PATH_LIMIT / 2 } else { names.len().div_ceil(2) };
    let (mut head, mut tail) = names.split_at(split.min(names.len()));
    let mut left_out = elided;
    let length =
        |head: &[String], tail: &[String]| head.iter().chain(tail).map(|name| name.chars().count() + 3).sum::<usize>();
    // The root and the nearest name tell most.
    while length(head, tail) > WAY && head.len() + tail.len() > 2 {
        if head.len() > tail.len() || tail.len() < 2 {
            head = &head[..head.len() - 1];
        } else {
            tail = &tail[1..];
        }
        left_out += 1;
    }
    let more = (left_out > 0).then(|| format!("… {left_out} more …"));
    let shown: Vec<String> = head.iter().cloned().chain(more).chain(tail.iter().cloned()).collect();
    format!("← {}", shown.join(" → "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(causes: &[(Code, &str)]) -> String {
        let cause = |(code, name): &(Code, &str)| Cause::from(&crate::plan::Cause::named(*code, *name));
        let causes: Vec<Cause> = causes.iter().map(cause).collect();
        reasons(&causes)
    }

    #[test]
    fn what_tells_most_comes_first_and_all_that_is_short_is_named() {
        let sql = (Code::SqlChanged, "models/m.ff.sql");
        let (added, removed) = ((Code::DependencyAdded, "int_legs"), (Code::DependencyRemoved, "int_routes"));
        //: Its line and its summary name the causes, those that tell most first, as many as fit; what is left is
        //: counted.
        assert_eq!(told(&[sql]), "SQL changed: models/m.ff.sql");
        assert_eq!(told(&[sql, added, removed]), "reads int_legs instead of int_routes; SQL changed: models/m.ff.sql");
        assert_eq!(told(&[sql, added]), "dependency added: int_legs; SQL changed: models/m.ff.sql");
        assert_eq!(told(&[sql, (Code::UpstreamChanged, "a")]), "SQL changed: models/m.ff.sql; upstream changed: a");
        let long = "x".repeat(100);
        let more =
            told(&[sql, (Code::ConfigChanged, &long), (Code::UpstreamChanged, "b"), (Code::UpstreamChanged, &long)]);
        assert_eq!(more, "SQL changed: models/m.ff.sql; upstream changed: b (and 2 more)");
    }

    #[test]
    fn a_long_way_keeps_its_ends() {
        let way = |count: usize, elided| way(&(0..count).map(|at| format!("node_{at:02}")).collect::<Vec<_>>(), elided);
        assert_eq!(way(3, 0), "← node_00 → node_01");
        assert_eq!(way(8, 0), "← node_00 → node_01 → node_02 → node_03 → node_04 → node_05 → node_06");
        let long = way(20, 0);
        assert!(long.starts_with("← node_00 → ") && long.ends_with(" → node_18"), "{long}");
        assert!(long.contains("… 11 more …") && long.chars().count() < 100, "{long}");
        assert!(way(50, 7).contains("… 48 more …"), "{}", way(50, 7));
    }
}
