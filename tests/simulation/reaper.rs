//! Where the process dies: before a call, after it, or at a reading of the clock between two
//! awaits, from which it gets no further than the next commit.

use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use ecpayd::engine::{Clock, ManualClock};
use fastrand::Rng;
use tokio::sync::Notify;

/// Readings of the clock after a money call at which a death is likelier: where the outcome is written down.
const HOT: u32 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    BeforeLook,
    AfterLook,
    /// The attempt is committed and nothing was sent.
    BeforeMoney,
    /// The bank has heard it, its answer is not read.
    AfterMoney,
    /// Between two steps of the engine.
    Between,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::BeforeLook => "before a look",
            Self::AfterLook => "after a look",
            Self::BeforeMoney => "after the attempt's commit",
            Self::AfterMoney => "after the POST",
            Self::Between => "between two steps",
        }
    }
}

struct State {
    rng: Rng,
    /// Of a million, at each place.
    rate: u32,
    hot: u32,
    dead: Option<Place>,
}

pub struct Reaper {
    state: Mutex<State>,
    died: Notify,
}

impl Reaper {
    pub fn new(seed: u64, rate: u32) -> Self {
        let state = State { rng: Rng::with_seed(seed), rate, hot: 0, dead: None };
        Self { state: Mutex::new(state), died: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes back only to a process that lives.
    pub async fn pass(&self, place: Place) {
        if self.reached(place) {
            pending::<()>().await;
        }
    }

    fn reached(&self, place: Place) -> bool {
        let mut state = self.state();
        if state.dead.is_some() {
            return true;
        }
        let weight = match place {
            Place::BeforeMoney | Place::AfterMoney => 20,
            Place::BeforeLook | Place::AfterLook => 2,
            Place::Between if state.hot > 0 => {
                state.hot -= 1;
                4
            }
            Place::Between => 1,
        };
        if place == Place::AfterMoney {
            state.hot = HOT;
        }
        if state.rng.u32(0..1_000_000) >= state.rate * weight {
            return false;
        }
        state.dead = Some(place);
        drop(state);
        self.died.notify_one();
        true
    }

    /// Returns when the process has died.
    pub async fn died(&self) {
        while self.dead().is_none() {
            self.died.notified().await;
        }
    }

    pub fn dead(&self) -> Option<&'static str> {
        self.state().dead.map(Place::word)
    }

    /// Another process takes over.
    pub fn reborn(&self) {
        let mut state = self.state();
        state.dead = None;
        state.hot = 0;
    }
}

/// The engine's clock: each reading is a place where the process may die.
pub struct MortalClock {
    pub time: ManualClock,
    pub reaper: std::sync::Arc<Reaper>,
}

impl Clock for MortalClock {
    fn now(&self) -> DateTime<Utc> {
        self.reaper.reached(Place::Between);
        self.time.now()
    }

    fn sleep(&self, pause: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.time.sleep(pause)
    }
}
