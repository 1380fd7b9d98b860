//! A lane's loop: what is due, a few rows at a time.

use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use tokio::sync::watch;
use tokio::task::{self, JoinError, JoinSet};

use crate::engine::error::EngineError;
use crate::engine::lane::pick::{List, Probed};
use crate::engine::lane::{Lane, Work};
use crate::ledger::Due;

/// The longest a lane sleeps: a bound on what a clock that was set can cost.
const LONGEST_SLEEP: StdDuration = StdDuration::from_secs(60);

/// How long a row rests that the ledger could not load or write.
const REST: Duration = Duration::seconds(30);

/// For how long a list of what is due is worked off before it is made anew.
const LIST_LASTS: Duration = Duration::seconds(1);

/// How many times the places in flight a list is long.
const LIST_PLACES: usize = 4;

/// The tasks of a lane.
#[derive(Default)]
struct InFlight {
    tasks: JoinSet<Result<(), EngineError>>,
    /// Which row each task works on.
    rows: HashMap<task::Id, i64>,
    /// Rows that the ledger failed on, and until when they rest.
    resting: HashMap<i64, DateTime<Utc>>,
    /// What was due at `listed_at`: asking for one row costs as much as asking for many.
    list: List,
    listed_at: Option<DateTime<Utc>>,
    /// Since the gateway was last answering.
    probed: Probed,
    /// What `settle` ends with: the first row that the ledger failed on.
    failed: Option<EngineError>,
}

impl InFlight {
    /// Somebody has written to the ledger: what is due may be more urgent than what is listed.
    fn forget_list(&mut self) {
        self.listed_at = None;
    }

    fn list_is_old(&self, now: DateTime<Utc>) -> bool {
        let fresh = |at: DateTime<Utc>| at <= now && now - at < LIST_LASTS;
        self.list.is_empty() || !self.listed_at.is_some_and(fresh)
    }

    fn is_taken(&self, row: i64) -> bool {
        self.resting.contains_key(&row) || self.rows.values().any(|taken| *taken == row)
    }
}

type Ended = Result<(task::Id, Result<(), EngineError>), JoinError>;

impl<W: Work> Lane<W> {
    pub(in crate::engine) async fn settle(self: Arc<Self>, mut stop: watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut flight = InFlight::default();
        loop {
            self.heed(&stop);
            let started = match self.fill(&mut flight).await {
                Ok(started) => started,
                Err(error) => {
                    // Nothing new is begun; what is in flight is not cut off.
                    flight.failed.get_or_insert(error);
                    self.stop_soon();
                    false
                }
            };
            if !started && flight.rows.is_empty() {
                return flight.failed.map_or(Ok(()), Err);
            }
            tokio::select! {
                Some(ended) = flight.tasks.join_next_with_id() => self.ended(&mut flight, ended),
                Ok(()) = stop.changed() => {}
            }
        }
    }

    pub(in crate::engine) async fn run(
        self: Arc<Self>,
        mut wake: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), EngineError> {
        let mut flight = InFlight::default();
        loop {
            self.begins_round();
            self.heed(&stop);
            if !self.has_leave() && flight.rows.is_empty() {
                return Ok(());
            }
            if wake.has_changed().unwrap_or(true) {
                wake.mark_unchanged();
                flight.forget_list();
            }
            // Of what a panic leaves behind only the tasks are used again: they are waited for.
            let Some(sleep) = contained(self.begin(&mut flight)).await else {
                self.stop_soon();
                while let Some(ended) = flight.tasks.join_next_with_id().await {
                    self.ended(&mut flight, ended);
                }
                let what = format!("its work for merchant {}", self.merchant_id);
                return Err(EngineError::bug(what, "it panicked"));
            };
            tokio::select! {
                Some(ended) = flight.tasks.join_next_with_id(), if !flight.rows.is_empty() => self.ended(&mut flight, ended),
                _ = wake.changed() => flight.forget_list(),
                _ = stop.changed() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Starts what is due. For how long nothing else will be.
    async fn begin(self: &Arc<Self>, flight: &mut InFlight) -> StdDuration {
        match self.fill(flight).await {
            Ok(_) => self.until_next(flight).await.unwrap_or(StdDuration::from_secs(1)),
            Err(error) => {
                tracing::error!(merchant_id = %self.merchant_id, %error, "the ledger cannot be read; trying again");
                StdDuration::from_secs(5)
            }
        }
    }

    fn heed(&self, stop: &watch::Receiver<bool>) {
        if *stop.borrow() {
            self.stop_soon();
        }
    }

    /// Starts what is due, as far as there is room. True when something was started.
    async fn fill(self: &Arc<Self>, flight: &mut InFlight) -> Result<bool, EngineError> {
        let now = self.now();
        let busy = flight.rows.len();
        let most = self.rows() + self.settings.concurrency;
        let allowed = self.health.allowance(most.saturating_sub(busy), busy, now);
        if allowed == 0 || !self.has_leave() {
            return Ok(false);
        }
        flight.resting.retain(|_, until| *until > now);
        if flight.list_is_old(now) {
            let listed = allowed.max(self.settings.concurrency * LIST_PLACES) + busy + flight.resting.len();
            let due = W::due(self, listed).await?;
            flight.list = List::of(due.into_iter().filter(|due| !flight.is_taken(due.id)));
            flight.listed_at = Some(now);
        }
        let before = flight.rows.len();
        while flight.rows.len() - before < allowed {
            let Some(due) = self.next(flight) else { break };
            self.begins(due);
            let lane = self.clone();
            // Boxed: a task is moved about where it begins and ends, and the work on an order has twelve kilobytes.
            let task = flight.tasks.spawn(async move { Box::pin(W::drive(&lane, due.id)).await });
            flight.rows.insert(task.id(), due.id);
        }
        Ok(flight.rows.len() > before)
    }

    fn next(&self, flight: &mut InFlight) -> Option<Due> {
        if self.health.is_down() {
            return flight.list.probe(&mut flight.probed);
        }
        flight.probed = Probed::default();
        flight.list.next(self.shares(flight.rows.len()))
    }

    fn ended(&self, flight: &mut InFlight, ended: Ended) {
        let (task, result) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(EngineError::bug("the work on an order", error))),
        };
        let row = flight.rows.remove(&task);
        if let Some(row) = row {
            self.ends(row);
        }
        if let Some((row, error)) = row.zip(result.err()) {
            let service = W::SERVICE.name();
            tracing::error!(merchant_id = %self.merchant_id, service, row, %error, "the order could not be worked on; again later");
            flight.resting.insert(row, self.now() + REST);
            flight.failed.get_or_insert(error);
        }
    }

    async fn until_next(&self, flight: &InFlight) -> Result<StdDuration, EngineError> {
        let now = self.now();
        if flight.rows.len() >= self.rows() {
            return Ok(LONGEST_SLEEP);
        }
        let Some(next) = W::next_due(self).await? else {
            return Ok(LONGEST_SLEEP);
        };
        let next = self.health.quiet_until(now).map_or(next, |quiet| next.max(quiet));
        // What is due but resting or in flight is not asked about in a loop.
        let pause = (next - now).to_std().unwrap_or(StdDuration::ZERO).max(StdDuration::from_millis(250));
        Ok(pause.min(LONGEST_SLEEP))
    }
}

/// None: it panicked.
async fn contained<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}
