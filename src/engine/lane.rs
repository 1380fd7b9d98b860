//! One merchant's lane: what is due, a few at a time, at the merchant's pace.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{self, JoinError, JoinSet};

use super::Shared;
use super::health::Health;
use super::pass::drive;
use crate::domain::ids::MerchantId;
use crate::gateway::client::{Access, CardGateway};
use crate::gateway::pacing::Pacer;
use crate::gateway::transport::Transport;
use crate::ledger::LedgerError;

/// The longest a lane sleeps: a bound on what a clock that was set can cost.
const LONGEST_SLEEP: StdDuration = StdDuration::from_secs(60);

/// How long an order rests that the ledger could not load or write.
const REST: Duration = Duration::seconds(30);

#[derive(Clone, Debug)]
pub struct LaneSettings {
    pub daily_auto_close: bool,
    pub min_interval: Duration,
    pub concurrency: usize,
    pub cooldown: Duration,
}

pub struct Lane {
    pub(super) shared: Arc<Shared>,
    pub(super) merchant_id: MerchantId,
    pub(super) gateway: CardGateway,
    pub(super) settings: LaneSettings,
    pub(super) health: Health,
    pacer: Mutex<Pacer>,
    /// Calls in flight.
    calls: Arc<Semaphore>,
    stopping: AtomicBool,
}

/// Leave for one call; held until its answer is in.
pub(super) struct Turn {
    pub at: DateTime<Utc>,
    _place: Option<OwnedSemaphorePermit>,
}

/// The tasks of a lane.
#[derive(Default)]
struct InFlight {
    tasks: JoinSet<Result<(), LedgerError>>,
    /// Which order each task works on.
    orders: HashMap<task::Id, i64>,
    /// Orders that the ledger failed on, and until when they rest.
    resting: HashMap<i64, DateTime<Utc>>,
}

type Ended = Result<(task::Id, Result<(), LedgerError>), JoinError>;

impl Lane {
    pub(super) fn new(
        shared: Arc<Shared>,
        transport: Arc<dyn Transport>,
        access: Access,
        settings: LaneSettings,
    ) -> Self {
        Self {
            shared,
            merchant_id: access.merchant_id.clone(),
            gateway: CardGateway::new(transport, access),
            pacer: Mutex::new(Pacer::new(settings.min_interval)),
            calls: Arc::new(Semaphore::new(settings.concurrency)),
            settings,
            health: Health::default(),
            stopping: AtomicBool::new(false),
        }
    }

    pub fn merchant_id(&self) -> &MerchantId {
        &self.merchant_id
    }

    pub(super) fn daily_auto_close(&self) -> bool {
        self.settings.daily_auto_close
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Waits until a call may go out: for a place among the calls in flight, then for one in the pace.
    pub(super) async fn turn(&self) -> Turn {
        // The semaphore is never closed; without a place the pace alone bounds the calls.
        let place = self.calls.clone().acquire_owned().await.ok();
        let now = self.now();
        // Counters only: a panic elsewhere leaves nothing half done here.
        let at = self.pacer.lock().unwrap_or_else(PoisonError::into_inner).reserve(now);
        if at > now {
            self.shared.clock.sleep(at - now).await;
        }
        Turn { at: self.now(), _place: place }
    }

    pub(super) async fn settle(self: Arc<Self>, mut stop: watch::Receiver<bool>) -> Result<(), LedgerError> {
        let mut flight = InFlight::default();
        loop {
            self.heed(&stop);
            let started = self.fill(&mut flight).await?;
            if !started && flight.orders.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(ended) = flight.tasks.join_next_with_id() => self.ended(&mut flight, ended),
                Ok(()) = stop.changed() => {}
            }
        }
    }

    pub(super) async fn run(
        self: Arc<Self>,
        mut wake: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), LedgerError> {
        let mut flight = InFlight::default();
        loop {
            self.heed(&stop);
            if self.stopping() && flight.orders.is_empty() {
                return Ok(());
            }
            wake.mark_unchanged();
            let sleep = match self.fill(&mut flight).await {
                Ok(_) => self.until_next(&flight).await.unwrap_or(StdDuration::from_secs(1)),
                Err(error) => {
                    tracing::error!(merchant_id = %self.merchant_id, %error, "the ledger cannot be read; trying again");
                    StdDuration::from_secs(5)
                }
            };
            tokio::select! {
                Some(ended) = flight.tasks.join_next_with_id(), if !flight.orders.is_empty() => self.ended(&mut flight, ended),
                _ = wake.changed() => {}
                _ = stop.changed() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    fn heed(&self, stop: &watch::Receiver<bool>) {
        if *stop.borrow() {
            self.stopping.store(true, Ordering::Relaxed);
        }
    }

    /// Starts what is due, as far as there is room. True when something was started.
    ///
    /// Refunds have as much room again: a shop's new row never waits for routine looks to end,
    /// only for a place among the calls.
    async fn fill(self: &Arc<Self>, flight: &mut InFlight) -> Result<bool, LedgerError> {
        let now = self.now();
        let busy = flight.orders.len();
        let most = self.settings.concurrency * 2;
        let allowed = self.health.allowance(most.saturating_sub(busy), busy, now);
        if allowed == 0 || self.stopping() {
            return Ok(false);
        }
        flight.resting.retain(|_, until| *until > now);
        let due = self.shared.ledger.due(&self.merchant_id, now, allowed + busy + flight.resting.len()).await?;
        let idle = due
            .into_iter()
            .filter(|d| !flight.resting.contains_key(&d.order_id) && !flight.orders.values().any(|o| *o == d.order_id));
        let mut started = false;
        for due in idle.take(allowed).collect::<Vec<_>>() {
            if !due.refund && flight.orders.len() >= self.settings.concurrency {
                break;
            }
            let lane = self.clone();
            let task = flight.tasks.spawn(async move { drive(&lane, due.order_id).await });
            flight.orders.insert(task.id(), due.order_id);
            started = true;
        }
        Ok(started)
    }

    fn ended(&self, flight: &mut InFlight, ended: Ended) {
        let (task, result) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(LedgerError::Refused(format!("its task ended badly: {error}")))),
        };
        let order_id = flight.orders.remove(&task);
        if let Some((order_id, error)) = order_id.zip(result.err()) {
            tracing::error!(merchant_id = %self.merchant_id, order_id, %error, "the order could not be worked on; again later");
            flight.resting.insert(order_id, self.now() + REST);
        }
    }

    async fn until_next(&self, flight: &InFlight) -> Result<StdDuration, LedgerError> {
        let now = self.now();
        if flight.orders.len() >= self.settings.concurrency {
            return Ok(LONGEST_SLEEP);
        }
        let Some(next) = self.shared.ledger.next_due(&self.merchant_id).await? else {
            return Ok(LONGEST_SLEEP);
        };
        let next = self.health.quiet_until().map_or(next, |quiet| next.max(quiet));
        // What is due but resting or in flight is not asked about in a loop.
        let pause = (next - now).to_std().unwrap_or(StdDuration::ZERO).max(StdDuration::from_millis(250));
        Ok(pause.min(LONGEST_SLEEP))
    }
}
