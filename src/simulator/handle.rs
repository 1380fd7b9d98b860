//! The way to a running simulator from inside the process, and its clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::bank::Bank;
use super::desk::{Desk, KeptDesk, Reply};
use super::faults::Fault;
use super::protocol::Call;
use crate::domain::ids::MerchantId;
use crate::gateway::cipher::Keys;

/// Where the time comes from. Nothing in the simulator reads a wall clock itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How the bank's time follows the clock it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// With this much added.
    Running {
        #[serde(with = "whole_ms")]
        ahead: Duration,
    },
    /// Not at all: it stands until it is set again.
    Fixed(DateTime<Utc>),
    /// So many times as fast, from what it was when the clock stood at `since`.
    Fast { since: DateTime<Utc>, from: DateTime<Utc>, speed: u32 },
}

/// A bank that lives faster than this gains nothing, and its calendar would come to an end.
pub(super) const FASTEST: u32 = 1_000_000;

/// What outlives the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub time: Time,
    pub desk: KeptDesk,
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

    /// Lets the bank's time run on from here, so many times as fast as the clock; not faster
    /// than a million times.
    pub fn run_clock_fast(&self, now: DateTime<Utc>, speed: u32) {
        self.set_time(self.fast_from(now, speed));
    }

    pub(super) fn running_from(&self, now: DateTime<Utc>) -> Time {
        Time::Running { ahead: now - (self.0.clock)() }
    }

    pub(super) fn fast_from(&self, now: DateTime<Utc>, speed: u32) -> Time {
        Time::Fast { since: (self.0.clock)(), from: now, speed: speed.min(FASTEST) }
    }

    pub fn time(&self) -> Time {
        self.state().time
    }

    pub fn set_time(&self, time: Time) {
        let mut state = self.state();
        state.time = time;
        state.desk.changes += 1;
        state.desk.advance(self.at(time));
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

    pub fn strike(&self, fault: Fault) {
        self.with_desk(|desk, _| desk.faults.add(fault));
    }

    /// What the bytes of a request are answered with, as the server does it but without a socket.
    pub fn exchange(&self, call: Call, body: &[u8]) -> Reply {
        self.read(|desk, now| desk.exchange(call, body, now))
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
    pub(super) fn keep(&self, known: Option<u64>) -> Option<(u64, Kept)> {
        let mut state = self.state();
        let now = self.at(state.time);
        state.desk.advance(now);
        let changes = state.desk.changes;
        (known != Some(changes)).then(|| (changes, Kept { time: state.time, desk: state.desk.keep() }))
    }

    pub(super) fn restore(&self, kept: Kept) {
        let mut state = self.state();
        state.time = match kept.time {
            // A fast clock must not have raced on while nobody was there.
            Time::Fast { speed, .. } => self.fast_from(kept.desk.bank.lived_to(), speed),
            time => time,
        };
        state.desk.restore(kept.desk);
    }

    pub(super) fn at(&self, time: Time) -> DateTime<Utc> {
        match time {
            Time::Running { ahead } => (self.0.clock)() + ahead,
            Time::Fixed(at) => at,
            Time::Fast { since, from, speed } => {
                let seconds = ((self.0.clock)() - since).num_milliseconds().saturating_mul(i64::from(speed)) / 1000;
                // Two centuries on, it stands still: adding days must not overflow.
                from + Duration::seconds(seconds.min(200 * 365 * 86_400))
            }
        }
    }

    /// A panic while the lock was held can only come from a test's closure; the bank itself
    /// changes nothing before it has judged, so its state still holds.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

mod whole_ms {
    use chrono::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(ahead: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_i64(ahead.num_milliseconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        i64::deserialize(from).map(Duration::milliseconds)
    }
}
