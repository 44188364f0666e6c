//! Where a template nests too deep to be parsed, found from its tokens alone.

use super::depth::Depth;
use minijinja::machinery::{Span, Token, tokenize};

/// Tags that begin what an `end…` tag ends.
pub const BLOCKS: [&str; 8] = ["if", "for", "macro", "filter", "call", "with", "block", "autoescape"];

/// Words that are operators.
const OPERATORS: [&str; 7] = ["and", "else", "if", "in", "is", "not", "or"];

/// The byte offsets of calls of the function `name`.
pub fn calls_of(text: &str, name: &str) -> Vec<usize> {
    if !text.contains(name) {
        return Vec::new();
    }
    let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
    let call = |at: usize| {
        let (Token::Ident(word), span) = &tokens[at] else { return None };
        let called = *word == name && matches!(tokens.get(at + 1), Some((Token::ParenOpen, _)));
        // A method, or a macro of that name, is another one.
        let before = at.checked_sub(1).map(|before| &tokens[before].0);
        let own = !matches!(before, Some(Token::Dot | Token::Ident("macro")));
        (called && own).then_some(span.start_offset as usize)
    };
    (0..tokens.len()).filter_map(call).collect()
}

/// The byte offset of the first place at which more levels are open than a text may have.
pub fn too_deep(text: &str) -> Option<usize> {
    let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
    too_deep_in(&tokens)
}

/// The same of a text's tokens.
pub fn too_deep_in(tokens: &[(Token<'_>, Span)]) -> Option<usize> {
    // Of blocks that are open, and of the expression that is read.
    let (mut blocks, mut expression) = (Depth::default(), Depth::default());
    let mut tag = None;
    for (token, span) in tokens {
        let first = tag.replace(false) == Some(true);
        match token {
            Token::VariableStart => expression = Depth::default(),
            Token::BlockStart => {
                expression = Depth::default();
                tag = Some(true);
            }
            // Each `elif` is a condition inside the one before it.
            Token::Ident("elif") if first => blocks.link(),
            Token::Ident(name) if first && BLOCKS.contains(name) => blocks.enter(),
            Token::Ident(name) if first && name.starts_with("end") => blocks.leave_block(),
            Token::Ident(name) if OPERATORS.contains(name) => expression.link(),
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => expression.enter(),
            Token::ParenClose | Token::BracketClose | Token::BraceClose => expression.leave(),
            Token::Comma => expression.separate(),
            Token::Dot
            | Token::Pipe
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Mod
            | Token::Pow
            | Token::Tilde
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte => expression.link(),
            _ => {}
        }
        if blocks.is_too_deep() || expression.is_too_deep() {
            return Some(span.start_offset as usize);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(piece: &str) -> String {
        piece.repeat(7_500)
    }

    #[test]
    fn what_makes_a_deep_tree_is_told() {
        for text in [
            format!("{{% if a %}}{}{{% endif %}}", many("{% elif b %}x")),
            format!("{{{{ 'a'{} }}}}", many(" ~ 'a'")),
            format!("{{{{ a{} }}}}", many(" | upper")),
            format!("{{{{ a{} }}}}", many(".b")),
            format!("{{{{ a{} }}}}", many("()")),
            format!("{{{{ a{} }}}}", many("[0]")),
            format!("{{{{ {}a }}}}", many("not ")),
            format!("{{{{ {}a }}}}", many("- ")),
            format!("{{{{ {}a }}}}", many("(")),
            format!("{{{{ {}a }}}}", many("b if c else ")),
            format!("{{% set x = a{} %}}", many(" or a")),
            many("{% if a %}"),
            format!("{{% for a in b %}}{}", many("{% for a in b %}")),
        ] {
            assert!(too_deep(&text).is_some_and(|at| at < text.len()), "{}", &text[..20]);
        }
        let text = format!("select 1\n{{{{ a{} }}}}", many(" + 1"));
        assert_eq!(too_deep(&text).map(|at| text[..at].matches('\n').count()), Some(1));
    }

    #[test]
    fn what_is_long_and_not_deep_is_parsed() {
        for text in [
            format!("{{{{ [{}] }}}}", many("a.b | upper ~ 'c', ")),
            many("{{ a.b ~ c }}"),
            many("{% if a %}b{% elif c %}d{% else %}e{% endif %}"),
            many("{% set x = 1 %}"),
            format!("{{% raw %}}{}{{% endraw %}}", many("((.|")),
            many("select ((( - - not "),
            "{% endif %}{{ )]".into(),
        ] {
            assert_eq!(too_deep(&text), None, "{}", &text[..10]);
        }
    }
}
