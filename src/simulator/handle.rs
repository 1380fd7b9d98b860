//! The way to a running simulator from inside the process, and its clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use super::bank::Bank;
use super::desk::{Desk, Reply};
use super::faults::Fault;
use super::protocol::Call;

/// Where the time comes from. Nothing in the simulator reads a wall clock itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How the bank's time follows the clock it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// With this much added.
    Running { ahead: Duration },
    /// Not at all: it stands until it is set again.
    Fixed(DateTime<Utc>),
}

struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    desk: Desk,
    time: Time,
}

#[derive(Clone)]
pub struct SimHandle(Arc<Shared>);

impl SimHandle {
    pub(super) fn new(clock: Clock, desk: Desk) -> Self {
        let state = Mutex::new(State { desk, time: Time::Running { ahead: Duration::zero() } });
        Self(Arc::new(Shared { clock, state }))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.at(self.state().time)
    }

    /// Stops the bank's time here. Time that the bank has lived through does not come back.
    pub fn set_clock(&self, now: DateTime<Utc>) {
        self.set_time(Time::Fixed(now));
    }

    /// Lets the bank's time run on from here.
    pub fn run_clock_from(&self, now: DateTime<Utc>) {
        self.set_time(self.running_from(now));
    }

    pub(super) fn running_from(&self, now: DateTime<Utc>) -> Time {
        Time::Running { ahead: now - (self.0.clock)() }
    }

    pub fn time(&self) -> Time {
        self.state().time
    }

    pub fn set_time(&self, time: Time) {
        let mut state = self.state();
        state.time = time;
        state.desk.advance(self.at(time));
    }

    /// The bank, with everything happened that is due by its time.
    pub fn with_bank<T>(&self, look: impl FnOnce(&mut Bank, DateTime<Utc>) -> T) -> T {
        self.with_desk(|desk, now| look(&mut desk.bank, now))
    }

    pub fn strike(&self, fault: Fault) {
        self.state().desk.faults.add(fault);
    }

    /// What the bytes of a request are answered with, as the server does it but without a socket.
    pub fn exchange(&self, call: Call, body: &[u8]) -> Reply {
        self.with_desk(|desk, now| desk.exchange(call, body, now))
    }

    pub(super) fn with_desk<T>(&self, look: impl FnOnce(&mut Desk, DateTime<Utc>) -> T) -> T {
        let mut state = self.state();
        let now = self.at(state.time);
        state.desk.advance(now);
        look(&mut state.desk, now)
    }

    pub(super) fn at(&self, time: Time) -> DateTime<Utc> {
        match time {
            Time::Running { ahead } => (self.0.clock)() + ahead,
            Time::Fixed(at) => at,
        }
    }

    /// A panic while the lock was held can only come from a test's closure; the bank itself
    /// changes nothing before it has judged, so its state still holds.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
