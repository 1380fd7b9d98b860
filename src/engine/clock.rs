//! Time as an argument: the daemon hands in the real one, the demo its own.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// How long time has run, since whenever: by a clock that nobody sets, and that goes on while the
    /// machine is suspended. Only differences mean anything. A clock that is never set is such a one.
    fn run(&self) -> Duration {
        self.now() - DateTime::UNIX_EPOCH
    }

    /// Returns when `pause` has passed on this clock.
    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A moment by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub at: DateTime<Utc>,
    run: Duration,
}

/// How far the civil clock may go apart from the other one within seconds without having been set.
const SET_BY: Duration = Duration::seconds(3);

impl Moment {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { at: clock.now(), run: clock.run() }
    }

    /// An error when more than `longest` has passed since `earlier`, by either clock, or the civil one
    /// was set meanwhile.
    pub(super) fn soon_after(self, earlier: Self, longest: Duration) -> Result<(), String> {
        let (civil, run) = (self.at - earlier.at, self.run - earlier.run);
        if (civil - run).abs() > SET_BY {
            return Err(format!("the clock was set by {} s meanwhile", (civil - run).num_seconds()));
        }
        let took = civil.max(run);
        if took > longest { Err(format!("that took {} s, and the plan is old", took.num_seconds())) } else { Ok(()) }
    }
}

/// A clock that stands still until it is moved: for the demo and for tests.
///
/// A sleep moves it at once, so waiting costs no time. `follow` is called with every move.
pub struct ManualClock {
    time: Mutex<Time>,
    follow: Box<dyn Fn(DateTime<Utc>) + Send + Sync>,
}

#[derive(Clone, Copy)]
struct Time {
    now: DateTime<Utc>,
    run: Duration,
}

impl ManualClock {
    pub fn new(start: DateTime<Utc>, follow: impl Fn(DateTime<Utc>) + Send + Sync + 'static) -> Self {
        follow(start);
        let time = Time { now: start, run: Duration::zero() };
        Self { time: Mutex::new(time), follow: Box::new(follow) }
    }

    /// Moves to `at`; a time that has passed already changes nothing.
    pub fn advance_to(&self, at: DateTime<Utc>) {
        self.change(|time| {
            let now = at.max(time.now);
            Time { now, run: time.run + (now - time.now) }
        });
    }

    /// Time runs, and the civil clock does not show it.
    pub fn suspend(&self, time: Duration) {
        self.change(|before| Time { run: before.run + time, ..before });
    }

    /// Steps by so much, back as well, as a clock does that somebody sets.
    pub fn step(&self, by: Duration) {
        self.change(|time| Time { now: time.now + by, ..time });
    }

    fn change(&self, then: impl FnOnce(Time) -> Time) {
        let mut time = self.time();
        *time = then(*time);
        (self.follow)(time.now);
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        // Plain values: a panic elsewhere leaves nothing half done here.
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.time().now
    }

    fn run(&self) -> Duration {
        self.time().run
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.advance_to(self.now() + pause);
        Box::pin(tokio::task::yield_now())
    }
}
