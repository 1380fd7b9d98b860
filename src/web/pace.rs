//! Answers a hundredth of a second apart: whoever asks in a loop waits for the next one, and the engine goes on.
//! There are 64 connections at most, with one question each, so nobody waits for longer than 0.64 s.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Many people at once never ask so often; a loop without a pause would, for as long as a processor is left.
const APART: Duration = Duration::from_millis(10);

pub struct Pace(Mutex<Instant>);

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self(Mutex::new(now))
    }

    pub async fn turn(&self) {
        tokio::time::sleep_until(self.reserve(Instant::now())).await;
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (*free).max(now);
        *free = at + APART;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_waits_for_nothing_and_of_many_at_once_each_waits_a_little_longer() {
        let now = Instant::now();
        let pace = Pace::new(now);
        for n in 0..64 {
            assert_eq!(pace.reserve(now), now + APART * n);
        }
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.reserve(later), later, "nobody is before it");
    }
}
