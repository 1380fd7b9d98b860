//! Where the process dies: before a call, after it, or at a reading of the clock between two
//! awaits, and always at the very place, so that a seed dies the same deaths again.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use chrono::{DateTime, Duration, Utc};
use ecpayd::engine::{Clock, ManualClock};
use fastrand::Rng;

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
    /// A step of the process is under way, in which it may die.
    in_step: bool,
}

/// A process that dies unwinds its step with this.
struct Died(Place);

pub struct Reaper(Mutex<State>);

impl Reaper {
    pub fn new(seed: u64, rate: u32) -> Self {
        Self(Mutex::new(State { rng: Rng::with_seed(seed), rate, hot: 0, in_step: false }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on a step to its end, or to where the process dies.
    pub async fn live<T>(&self, step: impl Future<Output = T>) -> Result<T, &'static str> {
        self.state().in_step = true;
        let mut step = pin!(step);
        let done = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(what) => match what.downcast::<Died>() {
                Ok(died) => Poll::Ready(Err(died.0.word())),
                Err(what) => resume_unwind(what),
            },
        });
        let done = done.await;
        let mut state = self.state();
        state.in_step = false;
        if done.is_err() {
            state.hot = 0;
        }
        done
    }

    /// Comes back only to a process that lives.
    pub fn pass(&self, place: Place) {
        if self.dies(place) {
            resume_unwind(Box::new(Died(place)));
        }
    }

    fn dies(&self, place: Place) -> bool {
        let mut state = self.state();
        if !state.in_step {
            return false;
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
        let dies = state.rng.u32(0..1_000_000) < state.rate * weight;
        // What is left of the process while it unwinds dies no second time.
        state.in_step = !dies;
        dies
    }
}

/// The engine's clock: each reading is a place where the process may die.
pub struct MortalClock {
    /// The true time.
    pub time: Arc<ManualClock>,
    pub reaper: Arc<Reaper>,
    ahead_ms: AtomicI64,
}

impl MortalClock {
    pub fn new(time: Arc<ManualClock>, reaper: Arc<Reaper>) -> Self {
        Self { time, reaper, ahead_ms: AtomicI64::new(0) }
    }

    /// Somebody sets the clock of the daemon's machine, and of no other.
    pub fn set_ahead(&self, ahead: Duration) {
        self.ahead_ms.store(ahead.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn ahead(&self) -> Duration {
        Duration::milliseconds(self.ahead_ms.load(Ordering::SeqCst))
    }
}

impl Clock for MortalClock {
    fn now(&self) -> DateTime<Utc> {
        self.reaper.pass(Place::Between);
        self.time.now() + self.ahead()
    }

    fn sleep(&self, pause: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.time.sleep(pause)
    }
}
