//! Claims on a database in memory that knows the statements of this room alone.

use super::*;
use crate::dialect::{Dialect, DuckDb, Statement};
use crate::engine::{Content, ErrorKind, Estimate, Interrupt, Load, Measures, TakeBatch};
use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

type Rows = Vec<(String, String, i64)>;

#[derive(Default)]
struct Database {
    tables: BTreeMap<String, Rows>,
    /// The server's clock, in microseconds.
    now: i64,
    /// Fails the next statement that begins like this, once it is done.
    lost: Option<&'static str>,
    sent: Vec<String>,
}

/// A connection to it.
#[derive(Clone, Default)]
struct Board(Arc<(Mutex<Database>, Condvar)>);

impl Board {
    fn with<T>(&self, body: impl FnOnce(&mut Database) -> T) -> T {
        let result = body(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
        result
    }

    /// Waits until something is so.
    fn until(&self, is: impl Fn(&Database) -> bool) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |database| !is(database)).unwrap());
    }

    fn connect(&self) -> Connect {
        let board = self.clone();
        Box::new(move || Ok(Box::new(board.clone())))
    }

    fn claim(&self, lost: &Lost, pulse: Pulse) -> Result<Hold, Claim> {
        let place =
            Place { dialect: Arc::new(DuckDb), catalog: "db".into(), schema: "main".into(), project: "shop".into() };
        claim(&mut self.clone(), place, self.connect(), lost, pulse).unwrap()
    }

    fn later(&self, seconds: i64) {
        self.with(|database| database.now += seconds * 1_000_000);
    }
}

fn refused(condition: Condition) -> EngineError {
    EngineError { condition: Some(condition), ..EngineError::new(ErrorKind::Statement, "no") }
}

/// The row that a statement holds: its literals.
fn row(text: &str, now: i64) -> (String, String, i64) {
    let mut literals = text.split('\'').skip(1).step_by(2).map(String::from);
    (literals.next().unwrap(), literals.next().unwrap(), now)
}

impl Database {
    fn run(&mut self, text: &str) -> Result<(), EngineError> {
        self.sent.push(text.into());
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["create", "table", name, ..] => {
                if self.tables.contains_key(name) {
                    return Err(refused(Condition::Refused));
                }
                self.tables.insert(name.into(), vec![row(text, self.now)]);
            }
            ["insert", "into", name, ..] => {
                let row = row(text, self.now);
                self.tables.get_mut(name).ok_or_else(|| refused(Condition::NoSuchRelation))?.push(row);
            }
            ["drop", "table", "if", "exists", name] => drop(self.tables.remove(name)),
            ["alter", "table", from, "rename", "to", name] => {
                let to = format!("db.main.{name}");
                if self.tables.contains_key(&to) {
                    return Err(refused(Condition::Refused));
                }
                let rows = self.tables.remove(from).ok_or_else(|| refused(Condition::NoSuchRelation))?;
                self.tables.insert(to, rows);
            }
            _ => panic!("{text}"),
        }
        if self.lost.is_some_and(|begin| text.starts_with(begin)) {
            self.lost = None;
            return Err(EngineError::new(ErrorKind::Connection, "the answer was lost"));
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Result<RecordBatch, EngineError> {
        let rows = self.tables.get(name).ok_or_else(|| refused(Condition::NoSuchRelation))?;
        let mut holders: Vec<&str> = rows.iter().map(|(holder, ..)| holder.as_str()).collect();
        holders.dedup();
        let of = |holder: &str| rows.iter().filter(move |row| row.0 == holder).map(|row| row.2).collect::<Vec<_>>();
        let text = |texts: Vec<&str>| Arc::new(StringArray::from(texts)) as ArrayRef;
        let time = |times: Vec<i64>| Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")) as ArrayRef;
        let each = |pick: fn(Vec<i64>) -> Option<i64>| holders.iter().filter_map(|holder| pick(of(holder))).collect();
        let words = holders.iter().map(|holder| rows.iter().find(|row| row.0 == *holder).unwrap().1.as_str()).collect();
        let columns = [
            ("holder", text(holders.clone())),
            ("words", text(words)),
            ("since", time(each(|times| times.into_iter().min()))),
            ("heard", time(each(|times| times.into_iter().max()))),
            ("now", time(vec![self.now; holders.len()])),
        ];
        Ok(RecordBatch::try_from_iter(columns).unwrap())
    }
}

impl Connection for Board {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.with(|database| database.run(&statement.text)).map(|()| Measures::default())
    }

    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        let name = query.text.split(" from ").nth(1).unwrap().split(' ').next().unwrap();
        take(self.with(|database| database.read(name))?)
    }

    fn load(&mut self, _: &Load<'_>) -> Result<Measures, EngineError> {
        unreachable!()
    }

    fn dry_run(&mut self, _: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        unreachable!()
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        unreachable!()
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        unreachable!()
    }

    fn rollback(&mut self) {}

    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        unreachable!()
    }

    fn end_savepoint(&mut self, _: bool) -> Result<(), EngineError> {
        unreachable!()
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        unreachable!()
    }
}

const TABLE: &str = "db.main._ff_claim_shop";

/// One that isn't renewed while a test looks on.
fn slow() -> Pulse {
    Pulse { renewal: Duration::from_secs(3600), ..Pulse::default() }
}

#[test]
fn one_run_holds_a_claim_until_it_ends() {
    let (board, lost) = (Board::default(), Lost::default());
    let held = board.claim(&lost, slow()).unwrap_or_else(|taken| panic!("{taken:?}"));
    board.later(20);
    let Err(Claim::Taken(words)) = board.claim(&lost, slow()) else { panic!("held twice") };
    let process = format!("process {}", std::process::id());
    assert!(words.starts_with(&format!("the schema main ({process}")), "{words}");
    assert!(words.ends_with(", last heard of 20 s ago)"), "{words}");
    drop(held);
    assert!(board.with(|database| database.tables.is_empty()));
    drop(board.claim(&lost, slow()).unwrap_or_else(|taken| panic!("{taken:?}")));
}

#[test]
fn a_claim_whose_answer_was_lost_is_held() {
    let (board, lost) = (Board::default(), Lost::default());
    board.with(|database| database.lost = Some("create table"));
    drop(board.claim(&lost, slow()).unwrap_or_else(|taken| panic!("{taken:?}")));
    assert!(board.with(|database| database.tables.is_empty()));
}

#[test]
fn a_holder_is_heard_of_again_and_again() {
    let (board, lost) = (Board::default(), Lost::default());
    let pulse = Pulse { renewal: Duration::from_millis(1), ..Pulse::default() };
    let held = board.claim(&lost, pulse).unwrap_or_else(|taken| panic!("{taken:?}"));
    board.until(|database| database.tables[TABLE].len() > 2);
    // Long after it was made, and just heard of.
    board.later(3600);
    let rows = board.with(|database| database.tables[TABLE].len());
    board.until(|database| database.tables[TABLE].len() > rows + 1);
    assert!(board.claim(&lost, slow()).is_err());
    // A statement that fails is no end.
    board.with(|database| database.lost = Some("insert"));
    let rows = board.with(|database| database.tables[TABLE].len());
    board.until(|database| database.tables[TABLE].len() > rows + 2);
    drop(held);
    assert!(board.with(|database| database.tables.is_empty()));
    lost.check().unwrap();
}

#[test]
fn a_run_that_was_silent_for_long_is_followed_by_another_and_learns_of_it() {
    let (board, died, follows) = (Board::default(), Lost::default(), Lost::default());
    let silent = board.claim(&died, slow()).unwrap_or_else(|taken| panic!("{taken:?}"));
    board.later(419);
    assert!(board.claim(&follows, slow()).is_err());
    board.later(2);
    let held = board.claim(&follows, slow()).unwrap_or_else(|taken| panic!("{taken:?}"));
    assert_eq!(board.with(|database| database.tables.keys().cloned().collect::<Vec<_>>()), [TABLE]);
    // The one that was taken for dead leaves the other's claim alone.
    drop(silent);
    assert!(board.with(|database| database.tables.contains_key(TABLE)));
    let error = died.check().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Locked);
    assert!(error.message.contains("another one took its place: the schema main (process"), "{error}");
    drop(held);
    follows.check().unwrap();
    assert!(board.with(|database| database.tables.is_empty()));
}

#[test]
fn a_run_that_died_on_this_machine_is_followed_at_once() {
    let Some(process) = super::process::ended() else { return };
    let (board, lost) = (Board::default(), Lost::default());
    let dead = Entry { id: "dead".into(), words: "process 1 on here".into(), process };
    Table::new(shop()).make(&mut board.clone(), &dead).unwrap();
    drop(board.claim(&lost, slow()).unwrap_or_else(|taken| panic!("{taken:?}")));
    let elsewhere = Entry { process: "0123456789ab-1-1".into(), ..dead };
    Table::new(shop()).make(&mut board.clone(), &elsewhere).unwrap();
    assert!(board.claim(&lost, slow()).is_err());
}

fn shop() -> Place {
    Place { dialect: Arc::new(DuckDb), catalog: "db".into(), schema: "main".into(), project: "shop".into() }
}

#[test]
fn of_several_that_find_a_dead_claim_one_gets_it() {
    let (board, lost) = (Board::default(), Lost::default());
    std::mem::forget(board.claim(&lost, slow()));
    board.later(3600);
    let got = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| board.claim(&lost, slow()))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(got.iter().filter(|one| one.is_ok()).count(), 1);
    drop(got);
    assert!(board.with(|database| database.tables.is_empty()));
}

#[test]
fn a_claim_that_was_taken_meanwhile_gets_its_name_back() {
    let (board, lost) = (Board::default(), Lost::default());
    let held = board.claim(&lost, slow()).unwrap_or_else(|taken| panic!("{taken:?}"));
    let gone = Entry { id: "gone".into(), words: String::new(), process: String::new() };
    Table::new(shop()).take_away(&mut board.clone(), &gone).unwrap();
    assert_eq!(board.with(|database| database.tables.keys().cloned().collect::<Vec<_>>()), [TABLE]);
    drop(held);
}

#[test]
fn projects_have_tables_of_their_own_whatever_they_are_called() {
    let name = |project: &str| {
        let place =
            Place { dialect: Arc::new(DuckDb), catalog: "db".into(), schema: "s".into(), project: project.into() };
        Table::new(place).relation.name
    };
    assert_eq!(name("shop_1"), "_ff_claim_shop_1");
    let odd: Vec<String> = ["My Shop", "my shop", "my_shop", "größe"].map(name).into();
    assert!(
        odd.iter()
            .all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
    );
    assert_eq!(odd.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{odd:?}");
    assert_eq!(DuckDb.quote(&odd[0]), odd[0]);
}
