//! Diffs as rows: every line in its place, every change marked, nothing of the text as markup.

use super::parse::Side;
use super::{Line, Row, data, view};
use crate::artifact::wire::{ColumnLook, DataChange, TextDiff};
use crate::plan::Look;
use crate::site::highlight::Language;
use proptest::prelude::*;

fn lines(diff: &TextDiff, language: Option<Language>) -> Vec<Line> {
    let rows = view(diff, language).rows;
    rows.into_iter().filter_map(|row| if let Row::Line(line) = row { Some(line) } else { None }).collect()
}

/// The text without tags, where only plain text was put in.
fn bare(html: &str) -> String {
    let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn source() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["-- a", "++ b", "@@ -1 +1 @@", "", "select <c>", "'d", "\"\"\"", " e", "f\r"]);
    let text = prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"));
    (text, any::<bool>()).prop_map(|(text, ended)| if ended { text + "\n" } else { text })
}

proptest! {
    /// The rows are the lines of both texts, each at its number; lines that aren't shown stand on both sides.
    #[test]
    fn rows_have_the_lines_of_both_texts(before in source(), after in source()) {
        let diff = TextDiff::between(before.as_bytes(), after.as_bytes()).unwrap();
        let of = |text: &str| -> Vec<String> { text.lines().map(|line| line.trim_end_matches('\r').to_string()).collect() };
        let (old, new) = (of(&before), of(&after));
        for language in [None, Some(Language::Sql), Some(Language::Python)] {
            let lines = lines(&diff, language);
            for line in &lines {
                prop_assert!(line.old.is_none_or(|number| old[number - 1] == bare(&line.text)), "{line:?}");
                prop_assert!(line.new.is_none_or(|number| new[number - 1] == bare(&line.text)), "{line:?}");
                prop_assert_eq!((line.old.is_some(), line.new.is_some()), (line.side.has(Side::Old), line.side.has(Side::New)));
            }
            let count = |side: Side| lines.iter().filter(|line| line.side == side).count();
            prop_assert_eq!((count(Side::New), count(Side::Old)), (diff.added, diff.removed));
        }
    }
}

#[test]
fn a_changed_word_is_marked_on_both_sides() {
    let diff = TextDiff::between(b"select\n  trim(name) as n\nfrom t\n", b"select\n  upper(trim(name)) as n\nfrom t\n");
    let lines = lines(&diff.unwrap(), None);
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let expected = ["select", "  trim(name) as n", "  <mark>upper(</mark>trim(name)<mark>)</mark> as n", "from t"];
    assert_eq!(texts, expected);
    let numbers: Vec<_> = lines.iter().map(|line| (line.old, line.new)).collect();
    assert_eq!(numbers, [(Some(1), Some(1)), (Some(2), None), (None, Some(2)), (Some(3), Some(3))]);
}

#[test]
fn a_line_is_set_beside_the_one_that_it_became() {
    let before = b"  trim(name) as n,\n  lower(email) as e,\n  day\n";
    let diff = TextDiff::between(before, b"  upper(name) as n,\n  day as d\n").unwrap();
    let texts: Vec<String> = lines(&diff, None).into_iter().map(|line| line.text).collect();
    let expected = [
        "  <mark>trim</mark>(name) as n,",
        "  lower(email) as e,",
        "  day",
        "  <mark>upper</mark>(name) as n,",
        "  day<mark> as d</mark>",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn what_has_nothing_in_common_is_not_marked() {
    let diff = TextDiff::between(b"from customers where paid\n", b"/* 1, 2 */\n").unwrap();
    assert!(lines(&diff, None).iter().all(|line| !line.text.contains("<mark>")));
}

#[test]
fn ends_of_lines_are_told_in_words() {
    for (before, after) in [("a", "a\n"), ("a\r\n", "a\n")] {
        let diff = TextDiff::between(before.as_bytes(), after.as_bytes()).unwrap();
        let notes: Vec<_> = lines(&diff, None).iter().map(|line| line.note).collect();
        assert_eq!(notes, [Some("only the end of the line differs"); 2]);
    }
}

#[test]
fn printed_it_can_be_read_without_sight_and_holds_no_markup_of_the_text() {
    let after: String = (0..400).map(|number| format!("<script>{number}</script>\n")).collect();
    let diff = TextDiff::between(b"a\n", after.as_bytes()).unwrap();
    let html = view(&diff, Some(Language::Sql)).to_string();
    assert!(html.contains("aria-label=\"Difference: 400 lines added, 1 removed\""), "{html}");
    assert!(html.contains("<span class=\"quiet\">removed</span>"), "{html}");
    assert!(html.contains("<span class=\"quiet\">line 1 before, lines 1 to 198 after</span>"), "{html}");
    assert!(html.contains(&format!("… {} more lines of this difference", diff.cut)) && diff.cut > 1, "{html}");
    assert!(!html.contains("<script"), "{html}");
}

#[test]
fn data_is_told_row_by_row_and_column_by_column() {
    let change = DataChange {
        columns_added: vec!["<b>".into()],
        columns_retyped: vec![ColumnLook {
            name: "age".into(),
            before: Look::Integer.into(),
            after: Look::Text.into(),
        }],
        key: vec!["id".into()],
        rows_added: 1,
        rows_before: 3,
        rows_after: 2,
        rows_changed: 1,
        rows_removed: 2,
        ..DataChange::default()
    };
    let view = data(&change);
    assert_eq!(view.summary, "3 rows before, 2 after, matched by id");
    let html = view.to_string();
    for part in [
        "+</span> 1 row added</li>",
        "−</span> 2 rows removed</li>",
        "~</span> 1 row changed</li>",
        "+</span> column added: <code>&#60;b&#62;</code></li>",
        "~</span> column <code>age</code> looks like text, was integer</li>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(data(&DataChange::default()).summary, "0 rows before, 0 after; the same rows");
}
