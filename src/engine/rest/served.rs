//! What a server runs for fft, to its end: asked after until it has ended, and ended where nobody waits for it any longer.

use super::pace::Pace;
use super::stop::Stop;
use crate::engine::{EngineError, ErrorKind};
use std::time::Duration;

/// Between two looks, at first and at most.
const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);
/// The same of what is to end.
const MOST_ENDING: Duration = Duration::from_millis(500);
/// How long it is tried to end something, whatever the network does.
const ENDING: Duration = Duration::from_secs(6);

/// How something fares.
#[derive(Debug)]
pub enum Fares<E> {
    UnderWay,
    /// It was done, or failed, or was ended.
    Ended(E),
}

/// One thing that a server runs, known to it by a number or a name.
pub trait Served {
    /// What is told of it once it has ended.
    type End;

    /// How people find it: `the statement 01ab…`.
    fn words(&self) -> String;

    /// Whether a look itself waits for the end for a while.
    fn waits(&self) -> bool {
        false
    }

    /// Looks at it.
    fn look(&mut self, stop: &Stop) -> Result<Fares<Self::End>, EngineError>;

    /// Asks for its end, which comes when it comes.
    fn cancel(&self, stop: &Stop) -> Result<(), EngineError>;

    /// Whether that end is the one that was wanted.
    fn is_done(end: &Self::End) -> bool;
}

/// How it ended. Where an end is asked for, or it can be asked after no longer, it is cancelled and waited for; the error
/// is then that of what was in the way, and says where it isn't known whether it has ended.
pub fn to_its_end<S: Served>(served: &mut S, begun: Fares<S::End>, stop: &Stop) -> Result<S::End, EngineError> {
    let mut pace = Pace::new(FIRST, MOST);
    let mut fares = begun;
    loop {
        if let Fares::Ended(end) = fares {
            return Ok(end);
        }
        let waited = if served.waits() { Ok(()) } else { stop.sleep(pace.next().unwrap_or(MOST)) };
        let looked = waited.and_then(|()| served.look(stop));
        fares = match looked {
            Ok(fares) => fares,
            Err(error) => return end(served, error),
        };
    }
}

/// Ends what nobody waits for any longer because of `error`.
pub fn end<S: Served>(served: &mut S, error: EngineError) -> Result<S::End, EngineError> {
    // What was asked for is the end, not that this be left alone.
    let stop = Stop::after(ENDING);
    if served.cancel(&stop).is_err() {
        return Err(left(served, error));
    }
    for pause in Pace::new(FIRST, MOST_ENDING) {
        match served.look(&stop) {
            Ok(Fares::UnderWay) if stop.sleep(pause).is_ok() => {}
            // It may have been done before it could be cancelled.
            Ok(Fares::Ended(end)) if error.kind == ErrorKind::Interrupted || S::is_done(&end) => return Ok(end),
            Ok(Fares::Ended(_)) => return Err(error),
            Ok(Fares::UnderWay) | Err(_) => break,
        }
    }
    Err(left(served, error))
}

/// The error, where what it was about may still run.
fn left<S: Served>(served: &S, error: EngineError) -> EngineError {
    EngineError { left: Some(served.words()), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Interrupt;

    /// Something that tells what it is told to, once a look; its ends are whether it was done.
    struct Told {
        looks: Vec<Result<Fares<bool>, EngineError>>,
        cancels: bool,
    }

    impl Served for Told {
        type End = bool;

        fn words(&self) -> String {
            "the job".into()
        }

        fn waits(&self) -> bool {
            true
        }

        fn look(&mut self, _stop: &Stop) -> Result<Fares<bool>, EngineError> {
            self.looks.remove(0)
        }

        fn cancel(&self, _stop: &Stop) -> Result<(), EngineError> {
            if self.cancels { Ok(()) } else { Err(lost()) }
        }

        fn is_done(end: &bool) -> bool {
            *end
        }
    }

    fn lost() -> EngineError {
        EngineError::new(ErrorKind::Connection, "gone")
    }

    fn interrupted() -> EngineError {
        EngineError::new(ErrorKind::Interrupted, "interrupted")
    }

    #[test]
    fn what_is_in_the_way_ends_it_and_says_what_may_be_left() {
        let (under_way, ended) = (|| Ok(Fares::UnderWay), |done| Ok(Fares::Ended(done)));
        for (looks, cancels, expected) in [
            (vec![under_way(), ended(true)], false, Ok(true)),
            // It ended as it was asked to, or was done before.
            (vec![Err(interrupted()), under_way(), ended(false)], true, Ok(false)),
            (vec![Err(interrupted()), ended(true)], true, Ok(true)),
            // It can be asked after no longer; what it did counts if it was done all the same.
            (vec![Err(lost()), ended(true)], true, Ok(true)),
            (vec![Err(lost()), ended(false)], true, Err((ErrorKind::Connection, false))),
            // Nothing is known of its end.
            (vec![Err(interrupted())], false, Err((ErrorKind::Interrupted, true))),
            (vec![Err(interrupted()), under_way(), Err(lost())], true, Err((ErrorKind::Interrupted, true))),
            (vec![Err(lost()), Err(lost())], true, Err((ErrorKind::Connection, true))),
        ] {
            let ended = to_its_end(&mut Told { looks, cancels }, Fares::UnderWay, &Stop::default());
            assert_eq!(ended.map_err(|error| (error.kind, error.left.is_some())), expected);
        }
    }

    #[test]
    fn a_deadline_is_an_end_that_nobody_asks_for() {
        let stop = Stop::after(Duration::from_millis(20));
        assert!(stop.sleep(Duration::from_secs(60)).is_err() && stop.is_asked());
        let stop = Stop::after(Duration::from_secs(60));
        stop.interrupt();
        assert!(stop.is_asked());
    }
}
