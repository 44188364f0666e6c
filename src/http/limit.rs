//! Waiting: the run's common rate limit, and sleeps that an interrupt ends.

use super::HttpError;
use crate::world::World;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an interrupt may go unnoticed.
pub const SLICE: Duration = Duration::from_millis(25);

/// Set when whoever waits for an answer is to be interrupted; all clones see it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(pub Arc<AtomicBool>);

impl Cancel {
    pub fn check(&self) -> Result<(), HttpError> {
        if self.0.load(Ordering::Relaxed) { Err(HttpError::Cancelled) } else { Ok(()) }
    }

    /// Sleeps for `wait`, or until the run is interrupted.
    pub fn sleep(&self, mut wait: Duration) -> Result<(), HttpError> {
        while !wait.is_zero() {
            self.check()?;
            let slice = wait.min(SLICE);
            std::thread::sleep(slice);
            wait -= slice;
        }
        self.check()
    }
}

/// Gives out moments to send at, evenly spaced over all threads of the run.
pub(super) struct Limiter {
    /// Between two requests; `None` for no limit.
    interval: Option<Duration>,
    /// The first moment of [`World::elapsed`] that isn't given away.
    next: Mutex<Duration>,
}

impl Limiter {
    /// `max_rps` is in requests a second, above 0.
    pub fn new(max_rps: Option<f64>) -> Limiter {
        let interval = max_rps.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Limiter { interval, next: Mutex::new(Duration::ZERO) }
    }

    /// Waits for this request's moment.
    pub fn wait(&self, world: &dyn World, cancel: &Cancel) -> Result<(), HttpError> {
        cancel.sleep(self.reserve(world))
    }

    /// Takes the next moment and says how long it is until then.
    pub fn reserve(&self, world: &dyn World) -> Duration {
        let Some(interval) = self.interval else { return Duration::ZERO };
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = world.elapsed();
        let (wait, after) = slot(*next, now, interval);
        *next = after;
        wait
    }
}

/// The wait until the next free moment, and the free moment after that.
fn slot(next: Duration, now: Duration, interval: Duration) -> (Duration, Duration) {
    let at = next.max(now);
    (at - now, at + interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn a_slot_follows_the_one_before_by_the_interval() {
        let ms = Duration::from_millis;
        assert_eq!(slot(ms(0), ms(500), ms(100)), (ms(0), ms(600)));
        assert_eq!(slot(ms(600), ms(510), ms(100)), (ms(90), ms(700)));
        assert_eq!(slot(ms(700), ms(9000), ms(100)), (ms(0), ms(9100)));
    }

    #[test]
    fn threads_share_the_limit() {
        let limiter = Limiter::new(Some(4.0));
        let world = MemoryWorld::new();
        let mut waits: Vec<Duration> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..5).map(|_| scope.spawn(|| limiter.reserve(&world))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        waits.sort();
        assert_eq!(waits, [0, 250, 500, 750, 1000].map(Duration::from_millis));
    }

    #[test]
    fn an_interrupt_ends_a_wait() {
        let cancel = Cancel(Arc::new(AtomicBool::new(true)));
        assert_eq!(cancel.sleep(Duration::from_secs(3600)), Err(HttpError::Cancelled));
    }
}
