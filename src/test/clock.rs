//! Whether a text asks for the time or for chance, so that its answer over the same rows may be another tomorrow.

use crate::syntax::sql::{Lexicon, TokenKind, tokens_in};

/// Words with which it does, on any engine. A column of such a name costs a query and nothing else.
#[rustfmt::skip]
const WORDS: [&str; 32] = ["clock_timestamp", "curdate", "current_date", "current_datetime", "current_localtime", "current_localtimestamp", "current_time", "current_timestamp", "curtime", "gen_random_uuid", "generate_uuid", "get_current_time", "get_current_timestamp", "getdate", "localtime", "localtimestamp", "nextval", "now", "rand", "randn", "random", "statement_timestamp", "sysdate", "systimestamp", "tablesample", "timeofday", "today", "transaction_timestamp", "unix_timestamp", "uuid", "uuid_string", "yesterday",
];

/// Texts that some engines read as a time of the clock.
const TEXTS: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// The first such word.
pub fn clock(text: &str, lexicon: Lexicon) -> Option<String> {
    let found = tokens_in(text, lexicon).find(|token| match token.kind {
        TokenKind::Word => WORDS.contains(&token.text.to_lowercase().as_str()),
        TokenKind::String => {
            let inside = token.text.trim_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
            TEXTS.contains(&inside.as_str())
        }
        _ => false,
    });
    found.map(|token| token.text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_found_and_names_are_left_alone() {
        let found = |text: &str| clock(text, Lexicon::STANDARD);
        assert_eq!(found("select * from t where at > Current_Timestamp"), Some("Current_Timestamp".into()));
        assert_eq!(found("select 'now'::timestamp"), Some("'now'".into()));
        assert_eq!(found("select known, 'nowhere' from t -- now()"), None);
        let mut sorted = WORDS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, WORDS);
    }
}
