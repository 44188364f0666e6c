//! How DuckDB's queries are read.
//!
//! The parser's own DuckDB dialect with what DuckDB 2 takes beyond it: list comprehensions and names before their
//! expressions (`total: a + b`) as expressions of the parser's own, and forms that change nothing of where columns come
//! from (`asof`, `positional`, samples, percentages, window exclusions) left out.

use crate::dialect::grammar::{Grammar, LetterCase};
use crate::syntax::sql::Lexicon;
use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, LambdaFunction,
    LambdaFunctionParameter, LambdaSyntax, ObjectName, OneOrManyWithParens,
};
use sqlparser::dialect::{Dialect, DuckDbDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};
use std::any::TypeId;

pub const GRAMMAR: Grammar = Grammar {
    parser: || Box::new(Sql),
    adapt,
    letter_case: LetterCase::Ignored,
    relation_case: LetterCase::Ignored,
    lexicon: Lexicon::STANDARD,
    layout: Lexicon::STANDARD,
    reuses_aliases: true,
    implicit_lateral: true,
    column_like_alias: false,
    values: ("col", 0),
    ..Grammar::STANDARD
};

#[derive(Debug)]
struct Sql;

/// Methods that answer true, or as the parser's own dialect does.
macro_rules! allows {
    ($($name:ident)*) => {
        $(fn $name(&self) -> bool {
            true
        })*
    };
}

impl Dialect for Sql {
    fn dialect(&self) -> TypeId {
        TypeId::of::<DuckDbDialect>()
    }

    fn is_identifier_start(&self, character: char) -> bool {
        DuckDbDialect.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        DuckDbDialect.is_identifier_part(character)
    }

    fn supports_string_literal_column_alias(&self, explicit: bool) -> bool {
        explicit
    }

    fn supports_string_literal_table_alias(&self, explicit: bool) -> bool {
        explicit
    }

    // The parser's own.
    allows! {
        supports_cte_materialization supports_trailing_commas supports_filter_during_aggregation supports_group_by_expr
        supports_bitwise_shift_operators supports_tilde_like_match_operator supports_aggregate_order_by_with_empty_args
        supports_comparison_in_between_low_bound supports_named_fn_args_with_eq_operator
        supports_named_fn_args_with_assignment_operator supports_dictionary_syntax support_map_literal_syntax
        supports_lambda_functions allow_extract_single_quotes supports_array_typedef_with_brackets
        supports_from_first_select supports_order_by_all supports_select_wildcard_exclude supports_notnull_operator
        supports_select_wildcard_replace supports_comma_separated_trim supports_numeric_literal_underscores
        supports_nested_comments
    }

    // What it lacks.
    allows! {
        supports_select_wildcard_rename supports_in_unparenthesized_expr supports_string_escape_constant
        supports_window_function_null_treatment_arg supports_lambda_keyword_syntax supports_parens_around_table_factor
        supports_named_fn_args_with_rarrow_operator supports_select_expr_star
    }

    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::LBracket if is_comprehension(parser) => Some(comprehension(parser)),
            Token::Word(_) if is_name_before(parser) => Some(name_before(parser)),
            _ => None,
        }
    }
}

/// Whether a `for` stands in the brackets that open here.
fn is_comprehension(parser: &Parser<'_>) -> bool {
    let mut depth = 0_usize;
    for at in 0.. {
        match parser.peek_nth_token_no_skip(at).token {
            Token::LBracket | Token::LParen | Token::LBrace => depth += 1,
            Token::RBracket | Token::RParen | Token::RBrace if depth == 1 => return false,
            Token::RBracket | Token::RParen | Token::RBrace => depth -= 1,
            Token::Word(Word { keyword: Keyword::FOR, .. }) if depth == 1 => return true,
            Token::EOF => return false,
            _ => {}
        }
    }
    false
}

/// `[value for name, … in list if condition]` as a function of the list and of lambdas.
fn comprehension(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    parser.expect_token(&Token::LBracket)?;
    let value = parser.parse_expr()?;
    parser.expect_keyword(Keyword::FOR)?;
    let names = parser.parse_comma_separated(Parser::parse_identifier)?;
    parser.expect_keyword(Keyword::IN)?;
    let list = parser.parse_expr()?;
    let condition = parser.parse_keyword(Keyword::IF).then(|| parser.parse_expr()).transpose()?;
    parser.expect_token(&Token::RBracket)?;
    let parameter = |name: &Ident| LambdaFunctionParameter { name: name.clone(), data_type: None };
    let lambda = |body: Expr| {
        let params = OneOrManyWithParens::Many(names.iter().map(parameter).collect());
        Expr::Lambda(LambdaFunction { params, body: Box::new(body), syntax: LambdaSyntax::Arrow })
    };
    let all = std::iter::once(list).chain(std::iter::once(value).chain(condition).map(lambda));
    let args = all.map(|one| FunctionArg::Unnamed(FunctionArgExpr::Expr(one))).collect();
    Ok(Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("list_transform")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }))
}

/// Whether `name:` begins an item of a `select` here; its colon was told from others before.
fn is_name_before(parser: &Parser<'_>) -> bool {
    parser.peek_nth_token_ref(1).token == NAMES
}

/// What stands for the colon between a name and its expression: no expression has it at that place.
const NAMES: Token = Token::ShiftLeftVerticalBar;

fn name_before(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    let name = parser.parse_identifier()?;
    parser.expect_token(&NAMES)?;
    Ok(Expr::Named { expr: Box::new(parser.parse_expr()?), name })
}

fn adapt(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let counts: Vec<usize> =
        (0..tokens.len()).filter(|at| !matches!(tokens[*at].token, Token::Whitespace(_))).collect();
    let mut edit = Edit { tokens, counts };
    edit.names();
    let mut at = 0;
    while at < edit.counts.len() {
        at += edit.step(at).max(1);
    }
    edit.tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    edit.tokens
}

/// Tokens in which some become white space. Places are those of tokens that count.
struct Edit {
    tokens: Vec<TokenWithSpan>,
    counts: Vec<usize>,
}

impl Edit {
    fn token(&self, at: usize) -> &Token {
        self.counts.get(at).map_or(&Token::EOF, |index| &self.tokens[*index].token)
    }

    fn is(&self, at: usize, word: &str) -> bool {
        matches!(self.token(at), Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    }

    fn blank(&mut self, from: usize, to: usize) -> usize {
        for index in &self.counts[from.min(self.counts.len())..to.min(self.counts.len())] {
            self.tokens[*index].token = Token::Whitespace(sqlparser::tokenizer::Whitespace::Space);
        }
        to - from
    }

    /// Marks the colons behind names that begin an item of a `select`; those of structs, maps and slices stay.
    fn names(&mut self) {
        let mut round = vec![true];
        let mut lambda = false;
        for at in 0..self.counts.len() {
            match self.token(at) {
                Token::LParen => round.push(true),
                Token::LBracket | Token::LBrace => round.push(false),
                Token::RParen | Token::RBracket | Token::RBrace => drop(round.pop()),
                Token::Colon if lambda => lambda = false,
                Token::Colon if at > 1 && round.last() != Some(&false) => {
                    let begins =
                        *self.token(at - 2) == Token::Comma || self.is(at - 2, "select") || self.is(at - 2, "distinct");
                    if begins && matches!(self.token(at - 1), Token::Word(_)) {
                        let index = self.counts[at];
                        self.tokens[index].token = NAMES;
                    }
                }
                _ => lambda |= self.is(at, "lambda"),
            }
        }
    }

    /// Mends what begins at a place; by how many tokens that was.
    fn step(&mut self, at: usize) -> usize {
        let (word, next) = (|word: &str| self.is(at, word), |word: &str| self.is(at + 1, word));
        match () {
            () if word("asof") && self.leads_to_join(at + 1) => self.blank(at, at + 1),
            () if word("positional") && next("join") => self.blank(at, at + 1),
            () if word("exclude") && self.exclusion(at + 1).is_some() => {
                self.blank(at, self.exclusion(at + 1).unwrap_or(at + 1))
            }
            () if word("limit") && self.is_percent(at + 2) => 1 + self.blank(at + 2, at + 3),
            () if word("using") && next("sample") => self.blank(at, self.sample_end(at + 2, true)),
            () if word("tablesample") => self.blank(at, self.sample_end(at + 1, false)),
            () if word("glob") && *self.token(at + 1) != Token::LParen => {
                let index = self.counts[at];
                self.tokens[index].token = Token::make_keyword("LIKE");
                1
            }
            () if *self.token(at) == Token::Mul && self.is_power(at) => 1 + self.blank(at + 1, at + 2),
            () => 1,
        }
    }

    fn leads_to_join(&self, mut at: usize) -> bool {
        let kinds = ["left", "right", "full", "inner", "outer", "semi", "anti"];
        while kinds.iter().any(|kind| self.is(at, kind)) {
            at += 1;
        }
        self.is(at, "join")
    }

    /// The end of what a window's frame excludes.
    fn exclusion(&self, at: usize) -> Option<usize> {
        let words: &[&str] = match () {
            () if self.is(at, "current") => &["current", "row"],
            () if self.is(at, "no") => &["no", "others"],
            () if self.is(at, "ties") => &["ties"],
            () => &["group"],
        };
        let end = at + words.len();
        let all = words.iter().enumerate().all(|(number, word)| self.is(at + number, word));
        (all && *self.token(end) == Token::RParen).then_some(end)
    }

    fn is_percent(&self, at: usize) -> bool {
        *self.token(at) == Token::Mod || self.is(at, "percent")
    }

    /// `**`
    fn is_power(&self, at: usize) -> bool {
        let (Some(left), Some(right)) = (self.counts.get(at), self.counts.get(at + 1)) else { return false };
        self.tokens[*right].token == Token::Mul && self.tokens[*left].span.end == self.tokens[*right].span.start
    }

    /// The end of a sample that begins with its size or its method.
    fn sample_end(&self, mut at: usize, at_end: bool) -> usize {
        if at_end {
            let mut depth = 0_usize;
            loop {
                match self.token(at) {
                    Token::LParen => depth += 1,
                    Token::RParen if depth > 0 => depth -= 1,
                    Token::RParen | Token::SemiColon | Token::EOF => return at,
                    _ => {}
                }
                at += 1;
            }
        }
        match self.token(at) {
            Token::Word(_) => at += 1,
            Token::Number(..) => {
                at += 1;
                at += usize::from(self.is_percent(at) || self.is(at, "rows") || self.is(at, "row"));
            }
            _ => {}
        }
        at = self.brackets_end(at);
        if self.is(at, "repeatable") {
            at = self.brackets_end(at + 1);
        }
        at
    }

    /// Behind the brackets that open here, if any do.
    fn brackets_end(&self, at: usize) -> usize {
        if *self.token(at) != Token::LParen {
            return at;
        }
        let mut depth = 0_usize;
        let mut end = at;
        loop {
            match self.token(end) {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                Token::EOF => return end,
                _ => {}
            }
            end += 1;
            if depth == 0 {
                return end;
            }
        }
    }
}
