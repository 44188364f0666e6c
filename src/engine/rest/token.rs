//! Access tokens that end: kept while they are good, renewed before they end and when a server takes one no longer.

use super::sender::Sender;
use super::stop::Stop;
use crate::engine::EngineError;
use crate::world::Stopwatch;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A token as it was issued.
pub struct Issued {
    pub token: String,
    pub life: Duration,
}

type Issue = Box<dyn Fn(&Sender, &Stop) -> Result<Issued, EngineError> + Send + Sync>;

/// The token of a database, shared by its connections.
pub struct Tokens {
    issue: Issue,
    clock: Stopwatch,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: String,
    /// When it is renewed, by the clock.
    until: Duration,
}

impl Tokens {
    /// `issue` gets a new one.
    pub fn new(
        clock: Stopwatch,
        issue: impl Fn(&Sender, &Stop) -> Result<Issued, EngineError> + Send + Sync + 'static,
    ) -> Tokens {
        Tokens { issue: Box::new(issue), clock, held: Mutex::default() }
    }

    /// A token that is good for a while; never `refused`, which a server took no longer.
    pub fn get(&self, refused: Option<&str>, sender: &Sender, stop: &Stop) -> Result<String, EngineError> {
        // Whoever else wants one waits for it, and asks for none.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.clock)();
        let good = |held: &&Held| now < held.until && Some(held.token.as_str()) != refused;
        if let Some(held) = held.as_ref().filter(good) {
            return Ok(held.token.clone());
        }
        *held = None;
        let Issued { token, life } = (self.issue)(sender, stop)?;
        let until = now + life.mul_f64(0.9);
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
        let (now, count) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (clock, counter) = (now.clone(), count.clone());
        let tokens = Tokens::new(Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))), move |_, _| {
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
    }
}
