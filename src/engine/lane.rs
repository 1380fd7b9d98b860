//! One merchant's lane: its gateway, its pace, its health.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Shared;
use super::health::Health;
use crate::domain::ids::MerchantId;
use crate::gateway::client::{Access, CardGateway};
use crate::gateway::pacing::Pacer;
use crate::gateway::transport::Transport;

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

    /// The gateway asked for silence, maybe since this order was loaded.
    pub(super) fn is_silent(&self) -> bool {
        self.health.silent_until(self.now()).is_some()
    }

    /// No new steps from now on.
    pub(super) fn stop_soon(&self) {
        self.stopping.store(true, Ordering::Relaxed);
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
}
