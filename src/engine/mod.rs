//! One pass over what is due: look, plan, execute, settle, record.
//!
//! Each merchant has a lane of its own with its pace and its number of calls in flight, so
//! that a merchant the gateway is silent to never holds up another. An order is worked on
//! by one task at a time; the tasks of a lane are taken refunds first, then deadlines.

mod clock;
mod dispatch;
mod execute;
mod health;
mod lane;
mod look;
mod pass;
mod report;
mod stages;

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use clock::{Clock, ManualClock};
pub use lane::{Lane, LaneSettings};

use crate::domain::ids::MerchantId;
use crate::domain::policy::Policy;
use crate::gateway::client::Access;
use crate::gateway::transport::Transport;
use crate::ledger::{Ledger, LedgerError};

/// What all lanes share.
pub struct Shared {
    pub ledger: Ledger,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
}

pub struct Engine {
    shared: Arc<Shared>,
    lanes: Vec<Arc<Lane>>,
}

impl Engine {
    pub fn new(shared: Arc<Shared>, transport: &Arc<dyn Transport>, merchants: Vec<(Access, LaneSettings)>) -> Self {
        let lanes = merchants
            .into_iter()
            .map(|(access, settings)| Arc::new(Lane::new(shared.clone(), transport.clone(), access, settings)))
            .collect();
        Self { shared, lanes }
    }

    /// Does everything that is due now, step after step, until nothing more can be done
    /// without waiting.
    pub async fn settle(&self, stop: &watch::Receiver<bool>) -> Result<(), LedgerError> {
        self.each_lane(|lane| lane.settle(stop.clone())).await
    }

    /// Works on one order until it has to wait: a step of `settle` that its caller chooses.
    pub async fn work_on(&self, merchant_id: &MerchantId, order_id: i64) -> Result<(), LedgerError> {
        match self.lanes.iter().find(|lane| lane.merchant_id() == merchant_id) {
            Some(lane) => pass::drive(lane, order_id).await,
            None => Err(LedgerError::Refused(format!("merchant {merchant_id} is not in the settings"))),
        }
    }

    /// Works until `stop` becomes true, then finishes the calls in flight. `wake` changes
    /// when somebody else has written to the ledger.
    pub async fn run(&self, wake: &watch::Receiver<u64>, stop: &watch::Receiver<bool>) -> Result<(), LedgerError> {
        self.each_lane(|lane| lane.run(wake.clone(), stop.clone())).await
    }

    /// Raises the alert stages that the day has reached, without a look.
    pub async fn raise_stages(&self) -> Result<u64, LedgerError> {
        stages::raise(&self.shared, &self.lanes).await
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// What the lanes shared, once they are gone.
    pub fn into_shared(self) -> Option<Shared> {
        drop(self.lanes);
        Arc::into_inner(self.shared)
    }

    async fn each_lane<F>(&self, work: impl Fn(Arc<Lane>) -> F) -> Result<(), LedgerError>
    where
        F: Future<Output = Result<(), LedgerError>> + Send + 'static,
    {
        let mut lanes = JoinSet::new();
        for lane in &self.lanes {
            lanes.spawn(work(lane.clone()));
        }
        let mut first_error = None;
        while let Some(ended) = lanes.join_next().await {
            let result = ended.unwrap_or_else(|e| Err(LedgerError::Refused(format!("a lane ended badly: {e}"))));
            if let Err(error) = &result {
                tracing::error!(%error, "a merchant's lane has ended");
            }
            first_error = first_error.or(result.err());
        }
        first_error.map_or(Ok(()), Err)
    }
}
