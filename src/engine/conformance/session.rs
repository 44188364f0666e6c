//! Several sessions, and the end of a statement from outside.

use super::*;
use crate::engine::ErrorKind;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub fn sessions_build_side_by_side(subject: &dyn Subject) {
    let engine = subject.engine();
    engine.session().unwrap().prepare(&BTreeSet::new()).unwrap();
    let (workers, rounds) = if subject.expects().quick { (8, 40) } else { (4, 5) };
    let ten = numbers(subject, 10);
    let query = |round: usize| format!("select {round} as a from {ten}");
    let start = Barrier::new(workers);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (start, query) = (&start, &query);
            scope.spawn(move || {
                let mut session = engine.session().unwrap();
                let name = named(&format!("t{worker}"));
                start.wait();
                for round in 0..rounds {
                    let kind = [RelationKind::Table, RelationKind::View][usize::from(round % 5 == 4)];
                    replace(&mut session, &name, kind, &query(round)).unwrap();
                }
            });
        }
    });
    let mut session = engine.session().unwrap();
    let meta = session.held().unwrap();
    assert_eq!(meta.len(), workers);
    let last = Digest::of(query(rounds - 1).as_bytes());
    assert!(meta.iter().all(|row| row.fingerprint == last));
    assert_eq!(text(&mut session, "select count(*) from t3"), "10");
}

pub fn a_running_statement_is_interrupted_from_another_thread(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    table(&mut session, "t", "select 1 as a").unwrap();
    let handle = session.interrupt();
    let done = AtomicBool::new(false);
    let endless = subject.expects().endless;
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
                handle.interrupt();
            }
        });
        let (table, content, row) = (RelationKind::Table, Content::Query(endless), row(&named("t"), endless));
        let built = put_over(&mut session, &named("t"), table, content, row, Some(table));
        done.store(true, Ordering::SeqCst);
        built
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted, "{error:?}");
    // A request that was on its way meets what comes next, at most.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(text(&mut session, "select a from t"), "1");
    table(&mut session, "t", "select 2 as a").unwrap();
}

pub fn time_is_counted_in_utc(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    view(&mut session, "days", "select current_date as a, cast(current_timestamp as timestamp) as b").unwrap();
    assert_eq!(text(&mut session, "select a = cast(b as date) from days"), "true");
    let (before, behind) = subject.expects().instant;
    let sql = format!("select cast({before} '2024-01-01 00:30:00+01' as {})", dialect(subject).text_type());
    assert_eq!(text(&mut session, &sql), format!("2023-12-31 23:30:00{behind}"));
}
