//! What the words of a text give away: whether it may read what it doesn't name, and whether it may give other rows where
//! it reads the same.

use super::Text;
use crate::syntax::sql::TokenKind;
use std::ops::Range;

/// What a text's words say.
#[derive(Default)]
pub(super) struct Words {
    pub all: Option<String>,
    pub unsteady: Option<String>,
    pub rounds: bool,
}

/// Words by which columns are read that aren't named.
const ALL: [&str; 8] = ["columns", "match_recognize", "natural", "pivot", "struct", "table", "unpivot", "unnest"];

/// Words with which rows may depend on their order, on the clock, on who asks, or on where rows lie.
#[rustfmt::skip]
const UNSTEADY: [&str; 58] = [
    "_change_type", "_file_name", "_partitiondate", "_partitiontime", "_table_suffix", "any_value", "asof", "at", "before",
    "cmax", "cmin", "collate", "ctid", "current_catalog", "current_database", "current_date", "current_datetime",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "currval", "fetch", "for", "into",
    "level", "limit", "localtime", "localtimestamp", "nextval", "now", "offset", "oid", "ordinality", "over", "positional",
    "prior", "qualify", "random", "recursive", "rowid", "rownum", "sample", "session_user", "sysdate", "system_user",
    "systimestamp", "tableoid", "tablesample", "today", "top", "user", "window", "within", "xmax", "xmin", "zone",
];

/// Functions that compute one value from the values of one row, and nothing else.
#[rustfmt::skip]
const SCALARS: [&str; 97] = [
    "abs", "acos", "ascii", "asin", "atan", "atan2", "bit_length", "btrim", "cast", "cbrt", "ceil", "ceiling", "char_length",
    "character_length", "chr", "coalesce", "concat", "concat_ws", "contains", "cos", "cot", "date", "date_add", "date_diff",
    "date_part", "date_sub", "date_trunc", "datediff", "datepart", "dayofmonth", "dayofweek", "dayofyear", "degrees", "div",
    "ends_with", "exp", "extract", "floor", "greatest", "hour", "if", "iff", "ifnull", "initcap", "instr", "isnull", "lcase",
    "least", "left", "len", "length", "ln", "log", "log10", "log2", "lower", "lpad", "ltrim", "make_date", "md5", "minute",
    "mod", "month", "monthname", "nullif", "nvl", "octet_length", "overlay", "pi", "position", "pow", "power", "quarter",
    "radians", "regexp_replace", "repeat", "replace", "reverse", "right", "round", "rpad", "rtrim", "second", "sign", "sin",
    "split_part", "sqrt", "starts_with", "strpos", "substr", "substring", "tan", "translate", "trim", "trunc", "try_cast",
    "upper",
];

/// Aggregates that give the very same for the same rows in any order.
const EXACT: [&str; 8] = ["bool_and", "bool_or", "count", "count_if", "countif", "every", "max", "min"];

/// Those that may round otherwise where rows come in another order.
#[rustfmt::skip]
const ROUNDING: [&str; 14] = [
    "avg", "corr", "covar_pop", "covar_samp", "mean", "median", "stddev", "stddev_pop", "stddev_samp", "sum", "total",
    "var_pop", "var_samp", "variance",
];

/// Words in front of a bracket that are no function.
#[rustfmt::skip]
const BRACKETS: [&str; 67] = [
    "all", "and", "any", "array", "as", "between", "bigint", "bit", "by", "case", "char", "character", "cross", "decimal",
    "distinct", "double", "else", "end", "escape", "except", "exists", "filter", "float", "from", "full", "group", "having",
    "ilike", "in", "inner", "integer", "intersect", "interval", "is", "join", "lateral", "like", "materialized", "not",
    "nchar", "null", "number", "numeric", "nvarchar", "on", "or", "order", "outer", "real", "row", "select", "set",
    "similar", "smallint", "some", "string", "then", "time", "timestamp", "to", "union", "using", "values", "varchar",
    "when", "where", "with",
];

/// Words behind which `*` stands for columns, and in front of which it does.
const BEFORE_STAR: [&str; 8] = ["all", "as", "by", "distinct", "from", "returning", "select", "value"];
const BEHIND_STAR: [&str; 8] = ["except", "exclude", "from", "ilike", "like", "rename", "replace", "where"];

/// Texts that some engines read as a time of the clock.
const CLOCK: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// Signs that stand in queries whose parts are all in sight.
const SIGNS: &str = "()[]{},.;+-*/%<>=!|&^~:";

pub(super) fn read(text: &Text<'_>) -> Words {
    let mut found = Words::default();
    for (at, token) in text.tokens.iter().enumerate() {
        let unsteady = match token.kind {
            TokenKind::Word => {
                let word = text.word(at);
                found.rounds |= text.is(at + 1, "(") && ROUNDING.contains(&word.as_str());
                if ALL.contains(&word.as_str()) {
                    found.all.get_or_insert_with(|| format!("`{word}` may read any column"));
                }
                unsteady_word(text, at, &word)
            }
            TokenKind::Quoted if text.is(at + 1, "(") => Some(format!("`{}(…)` isn't known", token.text)),
            TokenKind::String => is_clock(token.text).then(|| format!("{} may be a time of the clock", token.text)),
            TokenKind::Symbol => {
                if token.text.contains('*') && !is_product(text, at) && !is_counted(text, at) {
                    found.all.get_or_insert_with(|| "`*` reads every column".into());
                }
                let known = token.text.chars().all(|sign| SIGNS.contains(sign)) && !token.text.contains("|>");
                (!known).then(|| format!("`{}` isn't followed", token.text))
            }
            _ => None,
        };
        found.unsteady = found.unsteady.or(unsteady);
    }
    found
}

fn unsteady_word(text: &Text<'_>, at: usize, word: &str) -> Option<String> {
    let first = word == "on" && at > 0 && text.word(at - 1) == "distinct";
    if UNSTEADY.contains(&word) || first || word.contains('$') {
        return Some(format!("`{word}` may give other rows each time"));
    }
    if !text.is(at + 1, "(") {
        return None;
    }
    // A schema's function isn't the one that is known by its name.
    let qualified = at > 0 && text.is(at - 1, ".");
    let lists: [&[&str]; 4] = [&SCALARS, &EXACT, &ROUNDING, &BRACKETS];
    let known = !qualified && lists.iter().any(|list| list.contains(&word));
    (!known).then(|| format!("nothing is known of `{word}(…)`"))
}

fn is_clock(text: &str) -> bool {
    let inside = text.trim_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
    CLOCK.iter().any(|word| inside.starts_with(word))
}

/// Whether `*` multiplies what stands on both sides of it.
fn is_product(text: &Text<'_>, at: usize) -> bool {
    let (Some(left), Some(right)) = (at.checked_sub(1).and_then(|at| text.tokens.get(at)), text.tokens.get(at + 1))
    else {
        return false;
    };
    let ends = match left.kind {
        TokenKind::Word => !BEFORE_STAR.contains(&text.word(at - 1).as_str()),
        TokenKind::Symbol => matches!(left.text, ")" | "]" | "}"),
        TokenKind::Number | TokenKind::Quoted | TokenKind::String => true,
        TokenKind::Trivia | TokenKind::Hint => false,
    };
    let begins = match right.kind {
        TokenKind::Word => !BEHIND_STAR.contains(&text.word(at + 1).as_str()),
        TokenKind::Symbol => matches!(right.text, "(" | "[" | "+" | "-"),
        TokenKind::Number | TokenKind::Quoted | TokenKind::String => true,
        TokenKind::Trivia | TokenKind::Hint => false,
    };
    ends && begins
}

/// `count(*)`
fn is_counted(text: &Text<'_>, at: usize) -> bool {
    at > 1 && text.is(at - 1, "(") && text.is(at + 1, ")") && text.word(at - 2) == "count"
}

/// Whether an expression is computed from one row: it aggregates nothing and makes no rows.
pub(super) fn is_plain(text: &Text<'_>, range: Range<usize>) -> bool {
    let aggregates = |at: usize| {
        let word = text.word(at);
        text.is(at + 1, "(") && [&EXACT[..], &ROUNDING[..]].iter().any(|list| list.contains(&word.as_str()))
    };
    !range.into_iter().any(aggregates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_listed_once_and_functions_are_known() {
        for list in [&ALL[..], &UNSTEADY, &SCALARS, &EXACT, &ROUNDING, &BRACKETS] {
            let mut sorted = list.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), list.len(), "{list:?}");
        }
        let known = |word: &&str| SCALARS.contains(word) || BRACKETS.contains(word);
        assert_eq!(EXACT.iter().chain(&ROUNDING).find(|word| known(word)), None);
    }
}
