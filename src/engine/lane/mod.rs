//! One merchant's lane to one service of the gateway: its pace, its health, its calls in flight.

pub(in crate::engine) mod dispatch;
pub(in crate::engine) mod failed;
pub(in crate::engine) mod health;
pub(in crate::engine) mod pacing;
pub(in crate::engine) mod pick;
mod places;
pub(in crate::engine) mod report;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration as StdDuration, Instant};

use chrono::{DateTime, Duration, Utc};
use tokio::sync::OwnedSemaphorePermit;

use crate::domain::ids::MerchantId;
use crate::domain::plan::Rank;
use crate::domain::policy::Policy;
use crate::domain::service::Service;
use crate::domain::traffic::{Call, CallEnd};
use crate::engine::clock::Clock;
use crate::engine::error::EngineError;
use crate::engine::lane::health::Health;
use crate::engine::lane::pacing::Pacer;
use crate::engine::lane::pick::Shares;
use crate::engine::lane::places::Places;
use crate::engine::statements::StatementPace;
use crate::engine::tally::Tally;
use crate::engine::traffic::CallEnded;
use crate::gateway::LookError;
use crate::ledger::{Due, Ledger};

/// What all lanes share.
pub struct Shared {
    pub ledger: Ledger,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub tally: Tally,
    pub statements: StatementPace,
}

#[derive(Clone, Debug)]
pub struct LaneSettings {
    pub min_interval: Duration,
    pub concurrency: usize,
    pub cooldown: Duration,
}

/// What is asked of a service, and about which rows of the ledger.
pub(in crate::engine) trait Work: Sized + Send + Sync + 'static {
    const SERVICE: Service;

    /// The rows that are due, the most urgent first; at most `limit` of each kind.
    fn due(lane: &Lane<Self>, limit: usize) -> impl Future<Output = Result<Vec<Due>, EngineError>> + Send;

    /// The time of the next step; in the past when something is due.
    fn next_due(lane: &Lane<Self>) -> impl Future<Output = Result<Option<DateTime<Utc>>, EngineError>> + Send;

    /// Works on one row until it has to wait, or until the lane has no leave.
    fn drive(lane: &Lane<Self>, id: i64) -> impl Future<Output = Result<(), EngineError>> + Send;
}

pub(in crate::engine) struct Lane<W> {
    pub(in crate::engine) shared: Arc<Shared>,
    pub(in crate::engine) merchant_id: MerchantId,
    pub(in crate::engine) work: W,
    pub(in crate::engine) settings: LaneSettings,
    pub(in crate::engine) health: Health,
    pacer: Mutex<Pacer>,
    calls_made: Mutex<CallsMade>,
    places: Places,
    stopping: AtomicBool,
    /// When its loop began its last round, by a clock that nobody can set.
    last_round: Mutex<Instant>,
}

/// For whom the lane's calls were made.
#[derive(Default)]
struct CallsMade {
    /// Rows in work whose last looks have failed.
    failing: HashSet<i64>,
    /// Rows in work for a routine look.
    routine: HashSet<i64>,
    /// How many more were for the other rows.
    balance: i64,
}

/// So many times its places a lane's balance goes up: what sound rows have had while no other waited is
/// no claim for ever. It goes down further, so that a failing row with many calls pays for each.
const MOST_CREDIT: i64 = 1;
const MOST_DEBT: i64 = 4;

/// So many more rows are in work than calls in flight.
const AHEAD: usize = 2;

/// The same where no pace keeps the calls apart, beside as many again as there are calls: there a call
/// waits for the ledger alone, and rows that are written down together share a commit.
const AHEAD_WITHOUT_PACE: usize = 4;

/// A place for one call; held until its answer is in.
pub(in crate::engine) struct Turn {
    pub at: DateTime<Utc>,
    began: Instant,
    _place: Option<OwnedSemaphorePermit>,
}

impl<W: Work> Lane<W> {
    pub(in crate::engine) fn new(
        shared: Arc<Shared>,
        merchant_id: MerchantId,
        work: W,
        settings: LaneSettings,
    ) -> Self {
        Self {
            shared,
            merchant_id,
            work,
            pacer: Mutex::new(Pacer::new(settings.min_interval)),
            calls_made: Mutex::default(),
            places: Places::new(settings.concurrency),
            settings,
            health: Health::default(),
            stopping: AtomicBool::new(false),
            last_round: Mutex::new(Instant::now()),
        }
    }

    pub(in crate::engine) fn merchant_id(&self) -> &MerchantId {
        &self.merchant_id
    }

    pub(in crate::engine) fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// Leave to begin a step: not after the lane was told to stop, nor without the ledger's lease.
    pub(in crate::engine) fn has_leave(&self) -> bool {
        self.shared.ledger.has_lease() && !self.stopping.load(Ordering::Relaxed)
    }

    /// The gateway asked for silence, maybe since this order was loaded.
    pub(in crate::engine) fn is_silent(&self) -> bool {
        self.health.silent_until(self.now()).is_some()
    }

    pub(in crate::engine) fn begins_round(&self) {
        *self.last_round.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// For how long its loop has not come round.
    pub(in crate::engine) fn stillness(&self) -> StdDuration {
        self.last_round.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// No new steps from now on.
    pub(in crate::engine) fn stop_soon(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// A row is taken into work.
    pub(in crate::engine) fn begins(&self, due: Due) {
        let mut made = self.calls_made();
        if due.failing {
            made.failing.insert(due.id);
        }
        if due.rank == Rank::Routine as u8 {
            made.routine.insert(due.id);
        }
    }

    pub(in crate::engine) fn ends(&self, row: i64) {
        let mut made = self.calls_made();
        made.failing.remove(&row);
        made.routine.remove(&row);
    }

    fn is_routine(&self, row: i64) -> bool {
        self.calls_made().routine.contains(&row)
    }

    /// Rows in work at most, refunds apart: while one is written down another's call goes on.
    pub(in crate::engine) fn rows(&self) -> usize {
        let calls = self.settings.concurrency;
        let has_pace = self.settings.min_interval > Duration::zero();
        calls + if has_pace { AHEAD } else { calls + AHEAD_WITHOUT_PACE }
    }

    /// As the rows in work and the calls made so far leave it.
    pub(in crate::engine) fn shares(&self, busy: usize) -> Shares {
        let made = self.calls_made();
        let places = self.settings.concurrency;
        Shares { places, rows: self.rows(), busy, busy_failing: made.failing.len(), balance: made.balance }
    }

    fn calls_made(&self) -> MutexGuard<'_, CallsMade> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.calls_made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_call(&self, row: i64) {
        let places = i64::try_from(self.settings.concurrency).unwrap_or(i64::MAX);
        let mut made = self.calls_made();
        let change = if made.failing.contains(&row) { -1 } else { 1 };
        made.balance = (made.balance + change).clamp(-places * MOST_DEBT, places * MOST_CREDIT);
    }

    /// Waits until a call for a row may go out: for a place among the calls in flight, then for one in
    /// the pace. None: meanwhile the gateway asked for silence, or the lane has lost its leave.
    pub(in crate::engine) async fn turn(&self, row: i64) -> Option<Turn> {
        let asked = self.now();
        let place = self.places.take(self.is_routine(row)).await;
        let now = self.now();
        // Counters only: a panic elsewhere leaves nothing half done here.
        let at = self.pacer.lock().unwrap_or_else(PoisonError::into_inner).reserve(now);
        self.note_call(row);
        if at > now {
            self.shared.clock.sleep(at - now).await;
        }
        self.shared.tally.turn(self.now() - asked);
        (self.has_leave() && !self.is_silent()).then(|| Turn { at: self.now(), began: Instant::now(), _place: place })
    }

    /// A call that had its turn is over.
    pub(in crate::engine) fn count(&self, turn: &Turn, call: Call, end: CallEnd) {
        let ended = CallEnded { call, end, at: turn.at, took: turn.began.elapsed() };
        self.shared.tally.traffic.ended(&self.merchant_id, W::SERVICE, &ended);
    }

    /// The same of a look.
    pub(in crate::engine) fn looked<T>(&self, turn: &Turn, call: Call, answer: &Result<T, LookError>) {
        self.count(turn, call, answer.as_ref().map_or_else(LookError::end, |_| CallEnd::Answered));
    }
}

#[cfg(test)]
mod tests;
