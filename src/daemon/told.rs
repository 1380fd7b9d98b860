//! The outbox beside the engine: what it needs of the daemon.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::start::StartError;
use crate::config::Settings;
use crate::deliver::{Deliveries, House};
use crate::engine::{Engine, tell};
use crate::ledger::{Ledger, Raised};

impl House for Engine {
    fn ledger(&self) -> &Ledger {
        &self.shared().ledger
    }

    fn now(&self) -> DateTime<Utc> {
        self.shared().clock.now()
    }

    fn raised(&self, raised: &Raised) {
        tell(raised);
    }
}

/// The channels of the settings, as the ledger knows them from here on.
pub(super) async fn deliveries(settings: &Settings, engine: &Arc<Engine>) -> Result<Deliveries, StartError> {
    let deadline_days = settings.policy.deadline_days;
    let deliveries = Deliveries::of(&settings.alerts, &settings.event_channels, deadline_days);
    let deliveries = deliveries.map_err(StartError::Channel)?;
    deliveries.take(&engine.shared().ledger).await?;
    Ok(deliveries)
}
