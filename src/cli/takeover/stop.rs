//! The pauses between two transactions, in which others write, and a person may end it.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Longer than SQLite lets a connection sleep between two tries for a lock, which is up to 100 ms: whoever waits
/// tries in the first of these.
const PAUSE: Duration = Duration::from_millis(120);

/// A pause is at least so many times as long as the transaction before it: where the disk is slow, the shop's own
/// transactions are too.
const SHARE: u32 = 2;

/// Once it is there, no signal ends the process in the middle of a transaction.
pub(super) struct Stop {
    interrupted: Signal,
    terminated: Signal,
}

impl Stop {
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? })
    }

    /// Whether somebody has asked for it, now or since the last pause. `took`: how long the lock was held.
    pub async fn asked_in_a_pause(&mut self, took: Duration) -> bool {
        tokio::select! {
            biased;
            _ = self.interrupted.recv() => true,
            _ = self.terminated.recv() => true,
            () = tokio::time::sleep(PAUSE.max(took.saturating_mul(SHARE))) => false,
        }
    }
}
