//! Foreign text made fit to be shown: what a terminal would obey is written in words, or left out.

use std::borrow::Cow;

/// `text` with each character that a terminal obeys instead of showing it (controls, changes of direction, invisible
/// tags) written as `\u001b`: so it is read in words, and stays the same text in JSON. Names of files and nodes and lines
/// of the project may hold any.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_obeyed(character) {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04x}"))
        } else {
            out.push(character)
        }
    }
    Cow::Owned(out)
}

fn is_obeyed(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

/// Foreign text without control characters but line breaks and tabs, and without those that turn the direction of what
/// follows.
pub fn clean(text: &str) -> String {
    let turns = |character: char| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |character: &char| !character.is_control() && !turns(*character) || matches!(character, '\n' | '\t');
    text.chars().filter(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_obeyed() {
        for (text, expected) in [
            ("plain ✓ é", "plain ✓ é"),
            ("a\n\tb", "a\n\tb"),
            ("x\u{1b}]0;T\u{7}.sql", "x\\u001b]0;T\\u0007.sql"),
            ("a\rb\u{9b}2J\u{7f}\0", "a\\u000db\\u009b2J\\u007f\\u0000"),
            ("gnp\u{202e}sql.ff", "gnp\\u202esql.ff"),
            ("\u{e0041}", "\\udb40\\udc41"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn json_stays_the_same_json(text in "[a-z\"\\\\é]{0,8}[\u{202e}\u{7f}\u{9b}\u{e0041}\u{1b}]{0,3}") {
            let json = serde_json::to_string(&text).unwrap();
            let shown = visible(&json);
            assert!(!shown.chars().any(is_obeyed));
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    }
}
