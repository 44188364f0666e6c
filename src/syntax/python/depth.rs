//! Where a Python text nests too deep to be parsed, found from its characters alone.

use crate::syntax::depth::Depth;
use ruff_text_size::TextSize;

/// Words that take what follows them one level down.
const DOWN: [&str; 7] = ["await", "else", "for", "if", "lambda", "not", "yield"];
/// Words whose operands stand beside each other in one level.
const BESIDE: [&str; 4] = ["and", "in", "is", "or"];

/// The first place at which more levels are open than a text may have.
pub fn too_deep(text: &str) -> Option<TextSize> {
    let mut reader = Reader { text, at: 0, brackets: 0, indents: Vec::new(), depth: Depth::default() };
    while reader.at < text.len() {
        reader.step();
        if reader.depth.is_too_deep() {
            return TextSize::try_from(reader.at).ok();
        }
    }
    None
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    brackets: usize,
    /// Widths of the open blocks.
    indents: Vec<usize>,
    depth: Depth,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        match first {
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '\n' => self.line(rest),
            '\\' => self.at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '\'' | '"' => self.string(rest, ""),
            _ if first.is_alphanumeric() || first == '_' => self.word(rest),
            _ if rest.starts_with("<<") || rest.starts_with(">>") => {
                self.at += 2;
                self.depth.link();
            }
            _ => {
                self.at += first.len_utf8();
                self.symbol(first);
            }
        }
    }

    /// The end of a line, and the indent of the next one.
    fn line(&mut self, rest: &str) {
        self.at += 1;
        if self.brackets > 0 {
            return;
        }
        self.depth.separate();
        let line = &rest[1..];
        let width = line.len() - line.trim_start_matches([' ', '\t']).len();
        if line[width..].starts_with(['\n', '#']) || line.len() == width {
            return;
        }
        while self.indents.last().is_some_and(|open| *open > width) {
            self.indents.pop();
            self.depth.leave();
        }
        if width > self.indents.last().copied().unwrap_or(0) {
            self.indents.push(width);
            self.depth.enter();
        }
    }

    fn word(&mut self, rest: &str) {
        let length = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
        let word = &rest[..length.unwrap_or(rest.len())];
        self.at += word.len();
        let behind = &rest[word.len()..];
        if behind.starts_with(['\'', '"']) && word.len() <= 2 && word.chars().all(|c| "rRbBuUfFtT".contains(c)) {
            self.string(behind, word);
        } else if DOWN.contains(&word) {
            self.depth.link();
        } else if BESIDE.contains(&word) {
            self.depth.separate();
        }
    }

    fn symbol(&mut self, symbol: char) {
        match symbol {
            '(' | '[' | '{' => {
                self.brackets += 1;
                self.depth.enter();
            }
            ')' | ']' | '}' if self.brackets > 0 => {
                self.brackets -= 1;
                self.depth.leave();
            }
            ',' | ';' | '<' | '>' | '=' | '!' => self.depth.separate(),
            '.' | '+' | '-' | '*' | '/' | '%' | '@' | '&' | '|' | '^' | '~' | ':' => self.depth.link(),
            _ => {}
        }
    }

    /// A string literal; the expressions in one that has some go one by one.
    fn string(&mut self, rest: &str, prefix: &str) {
        let quote = &rest[..1];
        let triple = quote.repeat(3);
        let end = if rest.starts_with(&triple) { triple.as_str() } else { quote };
        let raw = prefix.contains(['r', 'R']);
        let formatted = prefix.contains(['f', 'F', 't', 'T']);
        let (mut at, mut braces) = (end.len(), 0_usize);
        let mut inner = Depth::default();
        while at < rest.len() {
            let here = &rest[at..];
            let first = here.chars().next().unwrap_or_default();
            if here.starts_with(end) || (end.len() == 1 && first == '\n') {
                at += if first == '\n' { 0 } else { end.len() };
                break;
            }
            match first {
                '\\' if !raw => at += 1 + here[1..].chars().next().map_or(0, char::len_utf8),
                '{' if formatted && braces == 0 && here.starts_with("{{") => at += 2,
                '{' if formatted => {
                    (at, braces) = (at + 1, braces + 1);
                    inner.enter();
                }
                '}' if braces > 0 => {
                    (at, braces) = (at + 1, braces - 1);
                    inner.leave();
                    if braces == 0 {
                        inner = Depth::default();
                    }
                }
                _ => {
                    at += first.len_utf8();
                    if braces > 0 && !first.is_alphanumeric() && !first.is_whitespace() {
                        inner.link();
                    }
                }
            }
            if inner.is_too_deep() {
                self.depth = inner;
                break;
            }
        }
        self.at += at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::depth::MOST;

    fn line(text: &str) -> Option<usize> {
        too_deep(text).map(|at| text[..at.to_usize()].matches('\n').count() + 1)
    }

    #[test]
    fn what_makes_a_deep_tree_is_told_with_its_line() {
        let many = |piece: &str| piece.repeat(7_500);
        for text in [
            format!("x = 1{}\n", many("+1")),
            format!("x = a{}\n", many("()")),
            format!("x = a{}\n", many(".b")),
            format!("x = {}1\n", many("-")),
            format!("x = {}1\n", many("not ")),
            format!("x = {}1\n", many("lambda: ")),
            format!("x = {}1\n", many("[")),
            format!("x = {}1\n", many("1 if a else ")),
            format!("x = a{}\n", many("[0]")),
            format!("x = f'{{a{}}}'\n", many(".b")),
            format!("x = a{}\n", many("\\\n.b")),
            format!("x = (a{})\n", many("\n.b")),
            format!("x = 2{}\n", many("**2")),
            format!("x = 2{}\n", many("<<2")),
        ] {
            let head = "# a comment's ( [ {\ns = '''\n(((\n''' + \"'\" + r'\\'\n";
            assert!(too_deep(&format!("{head}{text}")).is_some_and(|at| at.to_usize() > head.len()), "{}", &text[..20]);
        }
        assert_eq!(line(&format!("a = 1\nb = 1{}\n", many("+1"))), Some(2));
    }

    #[test]
    fn what_is_long_and_not_deep_is_parsed() {
        let many = |piece: &str| piece.repeat(20_000);
        for text in [
            format!("x = [{}]\n", many("a.b(1) + 2, ")),
            format!("x = {{{}}}\n", many("'a': -1, ")),
            many("x = a.b(1)[2] + 3\n"),
            format!("x = a == 1{}\n", many(" or a == 1")),
            format!("x = '{}'\n", many("(.+")),
            format!("x = f'{}'\n", many("{a.b} ({{ .")),
            format!("def f():\n{}", many("    if a:\n        b()\n    # c\n")),
            many("if a:\n    b\nelif c:\n    d\n"),
            format!("# {}\n", many("((")),
            format!("x = ('a'\n{})\n", many("  'b'\n")),
            ")]}".repeat(10),
            format!("x = 1{}\n", "+1".repeat(MOST - 10)),
        ] {
            assert_eq!(line(&text), None, "{}", &text[..10]);
        }
    }
}
