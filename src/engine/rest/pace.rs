//! How long to wait before a statement is asked after again: short statements end soon, long ones aren't asked often.

use std::time::Duration;

/// Waits that grow by half.
#[derive(Clone, Debug)]
pub struct Pace {
    next: Duration,
    most: Duration,
}

impl Pace {
    pub fn new(first: Duration, most: Duration) -> Pace {
        Pace { next: first, most }
    }
}

impl Iterator for Pace {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next.min(self.most);
        self.next = pause * 3 / 2;
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest() {
        let waits = Pace::new(Duration::from_millis(200), Duration::from_secs(1));
        let waits: Vec<u128> = waits.take(6).map(|pause| pause.as_millis()).collect();
        assert_eq!(waits, [200, 300, 450, 675, 1000, 1000]);
    }
}
