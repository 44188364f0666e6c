//! The statements that fft writes, read back.

use crate::dialect::{RelationKind, Statement};
use crate::name::RelationName;
use crate::syntax::sql::{TokenKind, tokens};
use std::collections::BTreeMap;

/// A row: its values by column.
pub type Values = BTreeMap<String, Option<String>>;

/// A name as it stands in a statement.
#[derive(Debug)]
pub struct Name(pub RelationName);

/// What a statement changes.
#[derive(Debug)]
pub enum Change {
    Create {
        kind: RelationKind,
        name: Name,
        replace: bool,
        comment: Option<String>,
        query: String,
    },
    /// A table that goes when its transaction fails, or is dropped.
    CreateTemporary {
        name: Name,
        query: String,
    },
    /// Rows that stand are brought to those of another table, not all of them.
    Update {
        name: Name,
        from: Name,
    },
    /// All rows of another table are brought in at once.
    Merge {
        name: Name,
        from: Name,
    },
    /// What is left of another table's rows is added.
    Add {
        name: Name,
        from: Name,
    },
    /// A table with columns, where there is none.
    CreateEmpty {
        name: Name,
    },
    Drop {
        kind: RelationKind,
        name: Name,
        if_exists: bool,
    },
    Rename {
        name: Name,
        to: String,
    },
    Comment {
        name: Name,
        comment: String,
    },
    /// Lets a role read a relation, or no longer.
    Grant {
        name: Name,
        role: String,
        gives: bool,
    },
    Insert {
        name: Name,
        values: Values,
    },
    /// Rows with these values, without those that have the others.
    Delete {
        name: Name,
        equal: Values,
        but: Option<Values>,
    },
}

/// Columns of a table.
#[derive(Debug)]
pub struct Select {
    pub name: Name,
    /// As they are called, nulls among them.
    pub columns: Vec<String>,
    /// No row is wanted.
    pub none: bool,
}

/// The words of a statement, one after the other.
struct Words<'a> {
    statement: &'a Statement,
    words: std::vec::IntoIter<&'a str>,
}

impl<'a> Words<'a> {
    fn new(statement: &'a Statement) -> Words<'a> {
        let all = tokens(&statement.text).filter(|token| token.kind != TokenKind::Trivia);
        Words { statement, words: all.map(|token| token.text).collect::<Vec<_>>().into_iter() }
    }

    fn next(&mut self) -> &'a str {
        self.words.next().unwrap_or_else(|| panic!("it ends too soon: {}", self.statement.text))
    }

    /// Whether `word` comes next, which is taken then.
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.as_slice().first() == Some(&word);
        if is_next {
            self.words.next();
        }
        is_next
    }

    fn expect(&mut self, words: &str) {
        for word in words.split(' ') {
            assert!(self.take(word), "no `{word}` before {:?}: {}", self.words.as_slice(), self.statement.text);
        }
    }

    /// Passes over what comes before a word, and that.
    fn until(&mut self, word: &str) {
        while self.next() != word {}
    }

    fn kind(&mut self) -> RelationKind {
        match self.next() {
            "table" => RelationKind::Table,
            "view" => RelationKind::View,
            other => panic!("no kind of relation: {other}"),
        }
    }

    fn identifier(&mut self) -> String {
        let word = self.next();
        match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => word.into(),
        }
    }

    fn name(&mut self) -> Name {
        let mut parts = vec![self.identifier()];
        while self.take(".") {
            parts.push(self.identifier());
        }
        Name(RelationName::of(&parts).expect("one to three parts"))
    }

    fn literal(&mut self) -> String {
        let word = self.next();
        let text = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).expect("a text");
        text.replace("''", "'")
    }

    /// `a = ? and b = ?`
    fn equal(&mut self, values: &mut impl Iterator<Item = Option<String>>) -> Values {
        let mut equal = Values::new();
        loop {
            let column = self.identifier();
            self.expect("= ?");
            equal.insert(column, values.next().expect("a value for each place"));
            if self.words.as_slice().first_chunk() == Some(&["and", "not"]) || !self.take("and") {
                return equal;
            }
        }
    }
}

pub fn parse(statement: &Statement) -> Change {
    let mut words = Words::new(statement);
    match words.next() {
        "create" => create(statement, &mut words),
        "drop" => {
            let kind = words.kind();
            let if_exists = words.take("if");
            if if_exists {
                words.expect("exists");
            }
            Change::Drop { kind, name: words.name(), if_exists }
        }
        "alter" => {
            words.kind();
            let name = words.name();
            words.expect("rename to");
            Change::Rename { name, to: words.identifier() }
        }
        "comment" => {
            words.expect("on");
            words.kind();
            let name = words.name();
            words.expect("is");
            Change::Comment { name, comment: words.literal() }
        }
        verb @ ("grant" | "revoke") => {
            words.expect("select on");
            words.kind();
            let (name, gives) = (words.name(), verb == "grant");
            words.expect(if gives { "to" } else { "from" });
            Change::Grant { name, role: words.identifier(), gives }
        }
        "insert" => insert(statement, &mut words),
        "update" => {
            let name = words.name();
            words.until("from");
            Change::Update { name, from: words.name() }
        }
        "merge" => {
            words.expect("into");
            let name = words.name();
            words.expect("as t using");
            Change::Merge { name, from: words.name() }
        }
        "delete" => delete(statement, &mut words),
        other => panic!("fft sends no `{other}`: {}", statement.text),
    }
}

fn create(statement: &Statement, words: &mut Words<'_>) -> Change {
    if words.take("temporary") {
        words.expect("table");
        let query = statement.query.clone().expect("a query");
        return Change::CreateTemporary { name: words.name(), query: statement.text[query].into() };
    }
    let replace = words.take("or");
    if replace {
        words.expect("replace");
    }
    let kind = words.kind();
    if words.take("if") {
        words.expect("not exists");
        return Change::CreateEmpty { name: words.name() };
    }
    let name = words.name();
    let comment = words.take("comment").then(|| words.literal());
    words.expect("as");
    let query = statement.query.clone().expect("a query");
    Change::Create { kind, name, replace, comment, query: statement.text[query].into() }
}

fn insert(statement: &Statement, words: &mut Words<'_>) -> Change {
    words.expect("into");
    let name = words.name();
    words.expect("(");
    if statement.values.is_empty() {
        words.until("from");
        return Change::Add { name, from: words.name() };
    }
    let mut values = statement.values.iter().cloned();
    let mut row = Values::new();
    loop {
        row.insert(words.identifier(), values.next().expect("a value for each column"));
        if !words.take(",") {
            return Change::Insert { name, values: row };
        }
    }
}

fn delete(statement: &Statement, words: &mut Words<'_>) -> Change {
    words.expect("from");
    let name = words.name();
    words.expect("where");
    let mut values = statement.values.iter().cloned();
    let equal = words.equal(&mut values);
    let but = words.take("and").then(|| {
        words.expect("not (");
        words.equal(&mut values)
    });
    Change::Delete { name, equal, but }
}

/// A query of a table that was made with columns: `select a, cast(null as varchar) as b from t [where 1 = 0]`.
pub fn parse_select(statement: &Statement) -> Select {
    let mut words = Words::new(statement);
    words.expect("select");
    let mut columns = Vec::new();
    loop {
        let mut column = words.identifier();
        if column == "cast" {
            words.expect("( null as varchar ) as");
            column = words.identifier();
        }
        columns.push(column);
        if !words.take(",") {
            break;
        }
    }
    words.expect("from");
    Select { name: words.name(), columns, none: words.take("where") }
}
