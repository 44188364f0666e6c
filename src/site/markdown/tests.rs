//! Descriptions: what is kept, and that nothing breaks out.

use super::html;
use proptest::prelude::*;

#[test]
fn prose_lists_and_tables() {
    let text = "A *b* `c` ~~d~~\n\n- [x] e\n- [ ] f\n\n|g|h|\n|--|-:|\n|1|2|\n";
    let expected = "<p>A <em>b</em> <code>c</code> <del>d</del></p>\n<ul>\n\
                    <li><span role=\"img\" aria-label=\"done\">☑</span> e</li>\n\
                    <li><span role=\"img\" aria-label=\"to do\">☐</span> f</li>\n</ul>\n\
                    <table><thead><tr><th>g</th><th>h</th></tr></thead><tbody>\n\
                    <tr><td>1</td><td>2</td></tr>\n</tbody></table>\n";
    assert_eq!(html(text), expected);
}

#[test]
fn headings_continue_those_of_the_page() {
    let text = "### a\n\n# b\n\n### c\n\n## d\n\n## e\n\n### f\n\n#### g\n\n##### h\n";
    let expected = ["h3>a", "h3>b", "h4>c", "h4>d", "h4>e", "h5>f", "h6>g", "h6>h"];
    let found = html(text);
    let levels: Vec<&str> = found.lines().map(|line| &line[1..5]).collect();
    assert_eq!(levels, expected);
    assert!(expected.iter().all(|head| found.contains(&format!("<{head}</{}>", &head[..2]))), "{found}");
}

#[test]
fn raw_html_is_text() {
    let found = html("<script>alert(1)</script>\n\na <b onclick=x>c</b> <!-- d -->\n\n<img src=x onerror=y>\n");
    assert!(!["<script", "<b ", "<img", "<!--"].iter().any(|tag| found.contains(tag)), "{found}");
    assert!(found.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{found}");
}

#[test]
fn only_listed_schemes_are_links() {
    for target in ["https://a.example/b?c#d", "HTTP://a", "mailto:a@b.example", "stg_users.ff.html", "../b.html#c"] {
        assert!(html(&format!("[x]({target})")).contains("<a href=\""), "{target}");
    }
    let refused = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "&#1;javascript:alert(1)",
        "javascript&colon;alert(1)",
        "&#x20;javascript:x",
        "data:text/html;base64,AA",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.example",
        "/\\a.example",
        "\\\\\\\\a.example",
        "blob:x",
    ];
    for target in refused {
        let found = html(&format!("[x](<{target}>)"));
        assert!(!found.contains("<a"), "{target}: {found}");
        assert!(found.contains('x'), "{target}: {found}");
    }
    assert!(!html("<javascript:alert(1)>").contains("<a"));
    assert!(html("<a@b.example>").contains("<a href=\"mailto:a@b.example\">"));
}

#[test]
fn images_are_links() {
    let link = "<p><a href=\"https://a.example/b.png\">c</a></p>\n";
    assert_eq!(html("![c](https://a.example/b.png)"), link);
    assert_eq!(html("[![c](https://d.example/e.png)](https://a.example/b.png)"), link);
    let named = "<p><a href=\"https://a.example/b.png\">https://a.example/b.png</a></p>\n";
    assert_eq!(html("![](https://a.example/b.png)"), named);
    assert_eq!(html("![](data:image/png;base64,AA)"), "<p>data:image/png;base64,AA</p>\n");
}

#[test]
fn code_is_highlighted_where_its_language_is_known() {
    let found = html("```sql\nselect '<'\n```\n\n```\"><script>\nx\n```\n\n    y\n");
    assert!(found.contains("<span class=\"k\">select</span> <span class=\"s\">'&lt;'</span>"), "{found}");
    assert!(found.contains("<pre class=\"code\" tabindex=\"0\"><code>x\n</code></pre>"), "{found}");
    assert!(!found.contains("script"), "{found}");
}

/// What opens and closes things in Markdown and in HTML.
fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<",
        ">",
        "\"",
        "'",
        "](",
        "![",
        "[",
        ")",
        "javascript:",
        "data:",
        "\n",
        "\n\n",
        "# ",
        "```",
        "|",
        "-|-",
        "- [x] ",
        "<script>",
        "</p>",
        "&lt;",
        "&#60;",
        "> ",
        "* ",
        "`",
        " x=y ",
        "<img src=x ",
        "a",
        "b c",
        "https://",
    ]);
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

const TAGS: [&str; 24] = [
    "p",
    "em",
    "strong",
    "code",
    "pre",
    "del",
    "ul",
    "ol",
    "li",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "blockquote",
    "hr",
    "br",
    "span",
];

const ATTRIBUTES: [&str; 7] = ["href", "title", "class", "role", "aria-label", "tabindex", "start"];

proptest! {
    /// Whatever is written: no tag but those of Markdown, no attribute but the ones written here.
    #[test]
    fn nothing_breaks_out(text in markdown()) {
        let found = html(&text);
        for tag in found.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("a tag is closed");
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            prop_assert!(TAGS.contains(&name.as_str()), "<{tag}>");
            let names = tag.split('"').step_by(2).filter_map(|part| part.strip_suffix('=')?.rsplit(' ').next());
            for attribute in names {
                prop_assert!(ATTRIBUTES.contains(&attribute), "<{tag}>");
            }
            let target = tag.split("href=\"").nth(1).unwrap_or_default();
            prop_assert!(!["javascript:", "data:"].iter().any(|scheme| target.starts_with(scheme)), "<{tag}>");
        }
    }
}
