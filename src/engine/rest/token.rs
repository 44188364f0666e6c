//! Access tokens that end: kept while they are good, renewed before they end and when a server takes one no longer.

use super::sender::Sender;
use super::stop::Stop;
use crate::engine::EngineError;
use crate::world::{Clock, Stopwatch, World};
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A token as it was issued.
pub struct Issued {
    pub token: String,
    pub life: Duration,
}

/// What tells how old a token is. The one goes on though somebody sets the time of day, the other while the machine sleeps.
#[derive(Clone)]
pub struct Clocks {
    pub running: Stopwatch,
    pub day: Clock,
}

impl Clocks {
    pub fn of(world: &dyn World) -> Clocks {
        Clocks { running: world.stopwatch(), day: world.clock() }
    }
}

type Issue = Box<dyn Fn(&Sender, &Stop) -> Result<Issued, EngineError> + Send + Sync>;

/// The token of a database, shared by its connections.
pub struct Tokens {
    issue: Issue,
    clocks: Clocks,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: String,
    /// When it is renewed, by whichever clock comes to it first.
    until: (Duration, Timestamp),
}

impl Tokens {
    /// `issue` gets a new one.
    pub fn new(
        clocks: Clocks,
        issue: impl Fn(&Sender, &Stop) -> Result<Issued, EngineError> + Send + Sync + 'static,
    ) -> Tokens {
        Tokens { issue: Box::new(issue), clocks, held: Mutex::default() }
    }

    /// A token that is good for a while; never `refused`, which a server took no longer.
    pub fn get(&self, refused: Option<&str>, sender: &Sender, stop: &Stop) -> Result<String, EngineError> {
        // Whoever else wants one waits for it, and asks for none.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, day) = ((self.clocks.running)(), (self.clocks.day)());
        let good = |held: &&Held| now < held.until.0 && day < held.until.1 && Some(held.token.as_str()) != refused;
        if let Some(held) = held.as_ref().filter(good) {
            return Ok(held.token.clone());
        }
        *held = None;
        let Issued { token, life } = (self.issue)(sender, stop)?;
        let good = life.mul_f64(0.9);
        let until = (now + good, day.saturating_add(good).unwrap_or(Timestamp::MAX));
        *held = Some(Held { token: token.clone(), until });
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn a_token_is_kept_for_nine_tenths_of_its_life() {
        let (now, asleep, count) =
            (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (clock, awake, slept, counter) = (now.clone(), now.clone(), asleep.clone(), count.clone());
        let clocks = Clocks {
            running: Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))),
            day: Arc::new(move || {
                let seconds = awake.load(Ordering::SeqCst) + slept.load(Ordering::SeqCst);
                Timestamp::from_second(seconds as i64).unwrap()
            }),
        };
        let tokens = Tokens::new(clocks, move |_, _| {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            Ok(Issued { token: format!("token {number}"), life: Duration::from_secs(100) })
        });
        let (sender, stop) = (Sender::new(), Stop::default());
        let get = |second, refused| {
            now.store(second, Ordering::SeqCst);
            tokens.get(refused, &sender, &stop).unwrap()
        };
        assert_eq!([get(0, None), get(89, None), get(90, None)], ["token 0", "token 0", "token 1"]);
        // One that is refused is renewed, once for all who were refused with it.
        assert_eq!([get(91, Some("token 1")), get(91, Some("token 1"))], ["token 2", "token 2"]);
        // While the machine slept it has ended.
        asleep.store(8 * 3600, Ordering::SeqCst);
        assert_eq!([get(92, None), get(93, None)], ["token 3", "token 3"]);
    }
}
