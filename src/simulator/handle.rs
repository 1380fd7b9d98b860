//! The way to a running simulator from inside the process, and its clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::bank::{Ask, Bank};
use super::desk::{Desk, KeptDesk, Reply};
use super::faults::Fault;
use super::protocol::Call;
use super::time::{Stamps, Time};
use crate::domain::ids::MerchantId;
use crate::gateway::wire::cipher::Keys;

/// Where the time comes from. Nothing in the simulator reads a wall clock itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What outlives the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub time: Time,
    #[serde(default)]
    pub stamps: Stamps,
    pub desk: KeptDesk,
}

/// One reading of the clock, and the bank at it.
pub struct Moment {
    pub time: Time,
    pub clock: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub lived_to: DateTime<Utc>,
}

struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    desk: Desk,
    time: Time,
    stamps: Stamps,
}

#[derive(Clone)]
pub struct SimHandle(Arc<Shared>);

impl SimHandle {
    pub(super) fn new(clock: Clock, desk: Desk) -> Self {
        let state = Mutex::new(State { desk, time: Time::Running { ahead: Duration::zero() }, stamps: Stamps::Bank });
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
        self.set_time(Time::running(now, (self.0.clock)()));
    }

    /// Lets the bank's time run on from here, so many times as fast as the clock; not faster
    /// than a million times.
    pub fn run_clock_fast(&self, now: DateTime<Utc>, speed: u32) {
        self.set_time(Time::fast(now, (self.0.clock)(), speed));
    }

    pub fn time(&self) -> Time {
        self.state().time
    }

    pub fn stamps(&self) -> Stamps {
        self.state().stamps
    }

    pub fn set_stamps(&self, stamps: Stamps) {
        let mut state = self.state();
        state.stamps = stamps;
        state.desk.changes += 1;
    }

    pub fn set_time(&self, time: Time) {
        let mut state = self.state();
        state.time = time;
        state.desk.changes += 1;
        state.desk.advance(self.at(time));
    }

    /// Sets the time as `judge` says, under one reading of the clock: between two of them a bank
    /// whose time runs would have lived on, and no time that was named could be now.
    pub(super) fn retime<E>(&self, judge: impl FnOnce(Moment) -> Result<Time, E>) -> Result<(), E> {
        let mut state = self.state();
        let clock = (self.0.clock)();
        let now = state.time.at(clock);
        state.desk.advance(now);
        let time = judge(Moment { time: state.time, clock, now, lived_to: state.desk.bank.lived_to() })?;
        state.time = time;
        state.desk.changes += 1;
        state.desk.advance(time.at(clock));
        Ok(())
    }

    /// The keys of a merchant's voucher calls, in place of the vendor's public ones.
    pub fn set_voucher_keys(&self, merchant_id: &MerchantId, keys: Keys) -> bool {
        self.with_desk(|desk, _| desk.keyring.change_voucher_keys(merchant_id, keys))
    }

    /// What faults at a rate draw from here on follows from this number alone.
    pub fn seed(&self, seed: u64) {
        self.with_desk(|desk, _| desk.faults.seed(seed));
    }

    /// The bank, with everything happened that is due by its time.
    pub fn with_bank<T>(&self, look: impl FnOnce(&mut Bank, DateTime<Utc>) -> T) -> T {
        self.with_desk(|desk, now| look(&mut desk.bank, now))
    }

    /// The same, where nothing is changed.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Bank, DateTime<Utc>) -> T) -> T {
        self.read(|desk, now| look(&desk.bank, now))
    }

    /// Actions whose requests came, and that the bank has not heard of or acted on yet.
    pub fn on_their_way(&self) -> Vec<Ask> {
        self.read(|desk, _| desk.on_their_way().collect())
    }

    pub fn strike(&self, fault: Fault) {
        self.with_desk(|desk, _| desk.faults.add(fault));
    }

    pub fn clear_faults(&self) {
        self.with_desk(|desk, _| desk.faults.clear());
    }

    /// What the bytes of a request are answered with, as the server does it but without a socket.
    pub fn exchange(&self, call: Call, body: &[u8]) -> Reply {
        let mut state = self.state();
        let clock = (self.0.clock)();
        let now = state.time.at(clock);
        let stamped = match state.stamps {
            Stamps::Bank => now,
            Stamps::Computer => clock,
        };
        state.desk.exchange(call, body, now, stamped)
    }

    pub(super) fn with_desk<T>(&self, change: impl FnOnce(&mut Desk, DateTime<Utc>) -> T) -> T {
        self.read(|desk, now| {
            desk.changes += 1;
            change(desk, now)
        })
    }

    /// Without a note that something has changed: for looks, and for what takes note itself.
    pub(super) fn read<T>(&self, look: impl FnOnce(&mut Desk, DateTime<Utc>) -> T) -> T {
        let mut state = self.state();
        let now = self.at(state.time);
        state.desk.advance(now);
        look(&mut state.desk, now)
    }

    /// How often something may have changed, and what is to be kept if that is not `known`.
    ///
    /// What happens to orders by themselves happens again, at the same times, to a bank that was
    /// kept before it; but a fast clock goes on from what was kept, and so is kept always.
    pub(super) fn keep(&self, known: Option<u64>) -> Option<(u64, Kept)> {
        let mut state = self.state();
        let now = self.at(state.time);
        state.desk.advance(now);
        let (time, stamps, changes) = (state.time, state.stamps, state.desk.changes);
        let moved = known != Some(changes) || matches!(time, Time::Fast { .. });
        moved.then(|| (changes, Kept { time, stamps, desk: state.desk.keep() }))
    }

    pub(super) fn restore(&self, kept: Kept) {
        let mut state = self.state();
        state.time = match kept.time {
            // A fast clock must not have raced on while nobody was there.
            Time::Fast { speed, .. } => Time::fast(kept.desk.bank.lived_to(), (self.0.clock)(), speed),
            time => time,
        };
        state.stamps = kept.stamps;
        state.desk.restore(kept.desk);
    }

    fn at(&self, time: Time) -> DateTime<Utc> {
        time.at((self.0.clock)())
    }

    /// A panic while the lock was held can only come from a test's closure; the bank itself
    /// changes nothing before it has judged, so its state still holds.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
