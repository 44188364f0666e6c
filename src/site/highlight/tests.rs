//! What the highlighter promises: the text stays what it is, nothing of it becomes markup, lines stand alone.

use super::{Language, escape, html, lines, span_lines, write};
use proptest::prelude::*;

const BOTH: [Language; 2] = [Language::Sql, Language::Python];

/// The text of HTML that this module writes: tags taken away, the five references read.
fn text_of(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        let close = if rest.as_bytes()[at] == b'<' { '>' } else { ';' };
        let end = at + rest[at..].find(close).expect("a tag or reference is closed");
        out.push_str(match &rest[at..=end] {
            "&amp;" => "&",
            "&lt;" => "<",
            "&gt;" => ">",
            "&#13;" => "\r",
            "</span>" | "<mark>" | "</mark>" => "",
            tag if tag.starts_with("<span class=\"") && tag.len() == "<span class=\"k\">".len() => "",
            other => panic!("{other} is written"),
        });
        rest = &rest[end + 1..];
    }
    out + rest
}

/// Pieces of SQL, Jinja and Python that open and close what the lexers look for.
fn source() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "'", "\"", "'''", "\"\"\"", "\\", "\n", "\r\n", "\r", "{{", "}}", "{%", "-%}", "{#", "#}", "--", "/*", "*/",
        "/*+", "$$", "$a$", "select", "def f(", "@d.e", "rb'", "f\"", "1.5e3", "é", "🦀", "\u{202e}", "<script>",
        "</span>", "&amp;", "]]>", " ", "x", "(", "_", "#", "e'",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()),
        "\\PC*",
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

proptest! {
    #[test]
    fn the_text_is_the_input(text in source()) {
        for language in BOTH {
            prop_assert_eq!(&text_of(&html(&text, language)), &text);
            prop_assert_eq!(&text_of(&lines(&text, language).join("\n")), &text);
        }
    }

    #[test]
    fn each_line_closes_what_it_opens(text in source()) {
        for line in BOTH.iter().flat_map(|language| lines(&text, *language)) {
            prop_assert_eq!(line.matches("<span").count(), line.matches("</span>").count());
        }
    }

    #[test]
    fn marks_change_no_text(text in source(), from in 0usize..30, length in 0usize..30, next in 1usize..9) {
        let marks = [from..from + length, from + length + next..from + length + 2 * next];
        for line in span_lines(&text, Some(Language::Sql)) {
            let mut out = String::new();
            write(&mut out, &line, &marks);
            let plain: String = line.iter().map(|span| span.text).collect();
            prop_assert_eq!(text_of(&out), plain);
        }
    }
}

#[test]
fn sql_and_its_template_are_told_apart() {
    let text = "select 'a{{ var(\"b'\") }}c', count(*) -- n\nfrom {{ ref('t') }} where \"q\" > 1.5 {# x #}";
    let expected = [
        "<span class=\"k\">select</span> <span class=\"s\">'a</span><span class=\"t\">{{</span> \
         <span class=\"f\">var</span>(<span class=\"s\">\"b'\"</span>) <span class=\"t\">}}</span>\
         <span class=\"s\">c'</span>, <span class=\"f\">count</span>(*) <span class=\"c\">-- n</span>",
        "<span class=\"k\">from</span> <span class=\"t\">{{</span> <span class=\"f\">ref</span>(\
         <span class=\"s\">'t'</span>) <span class=\"t\">}}</span> <span class=\"k\">where</span> \
         <span class=\"q\">\"q\"</span> &gt; <span class=\"n\">1.5</span> <span class=\"c\">{# x #}</span>",
    ];
    assert_eq!(lines(text, Language::Sql), expected);
}

#[test]
fn what_runs_over_lines_is_highlighted_on_each() {
    let sql = lines("/* a\nb */ 'c\nd'", Language::Sql);
    let expected = [
        "<span class=\"c\">/* a</span>",
        "<span class=\"c\">b */</span> <span class=\"s\">'c</span>",
        "<span class=\"s\">d'</span>",
    ];
    assert_eq!(sql, expected);
    let python = lines("x = f'''a\n'b' {c}''' # d", Language::Python);
    let expected =
        ["x = <span class=\"s\">f'''a</span>", "<span class=\"s\">'b' {c}'''</span> <span class=\"c\"># d</span>"];
    assert_eq!(python, expected);
}

#[test]
fn python_is_told_apart() {
    let text = "@model(name='a')\ndef b(c):\n    return rb'\\'' + 1_0.5 if d else e()";
    let expected = [
        "<span class=\"d\">@model</span>(name=<span class=\"s\">'a'</span>)",
        "<span class=\"k\">def</span> <span class=\"f\">b</span>(c):",
        "    <span class=\"k\">return</span> <span class=\"s\">rb'\\''</span> + <span class=\"n\">1_0.5</span> \
         <span class=\"k\">if</span> d <span class=\"k\">else</span> <span class=\"f\">e</span>()",
    ];
    assert_eq!(lines(text, Language::Python), expected);
}

#[test]
fn marks_stand_over_pieces() {
    let line = &span_lines("select a", Some(Language::Sql))[0];
    let mut out = String::new();
    write(&mut out, line, &[3..4, 7..8]);
    let expected = "<span class=\"k\">sel</span><mark><span class=\"k\">e</span></mark><span class=\"k\">ct</span> \
                    <mark>a</mark>";
    assert_eq!(out, expected);
}

/// A text that made the lexer search its rest again and again would not end within this test.
#[test]
fn hostile_texts_take_linear_time() {
    let repeated = |piece: &str| piece.repeat(200_000 / piece.len());
    let numbered: String = (0..30_000).map(|number| format!("$a{number}$ ")).collect();
    let texts = ["'", "{{", "{%'", "{#", "/*", "$", "$a$b", "\"\"\"", "\\", "{", "--", "-", "e'", "@", "<"];
    for text in texts.iter().map(|piece| repeated(piece)).chain([numbered]) {
        for language in BOTH {
            assert!(html(&text, language).len() >= text.len());
        }
    }
}

#[test]
fn escaping_is_for_text() {
    let mut out = String::new();
    escape(&mut out, "<a href='x'>&\r\0");
    assert_eq!(out, "&lt;a href='x'&gt;&amp;&#13;\u{fffd}");
}
