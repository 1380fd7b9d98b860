//! Pauses that came through the door beside the ledger are written down as soon as it can be written.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::ledger::LedgerError;

/// One at a time: it may wait for whoever holds the ledger, and the loop goes on meanwhile.
#[derive(Default)]
pub(super) struct Door(Option<JoinHandle<Result<usize, LedgerError>>>);

impl Door {
    pub(super) async fn look(&mut self, engine: &Arc<Engine>) {
        if self.0.as_ref().is_some_and(|taking| !taking.is_finished()) {
            return;
        }
        if let Some(taking) = self.0.take() {
            match taking.await {
                Ok(Ok(0)) => {}
                Ok(Ok(count)) => tracing::warn!(pauses = count, "written down: ecpayd status says what is paused"),
                Ok(Err(error)) => tracing::error!(%error, "a pause is not written down yet; no money call leaves"),
                Err(error) => tracing::error!(%error, "a pause is not written down yet; no money call leaves"),
            }
        }
        if engine.shared().ledger.door().is_shut() {
            let engine = engine.clone();
            self.0 = Some(tokio::spawn(async move {
                let shared = engine.shared();
                shared.ledger.take_pauses(shared.clock.now()).await
            }));
        }
    }

    /// What is asked for stays in the door until the next start.
    pub(super) async fn cut_short(self) {
        if let Some(taking) = self.0 {
            taking.abort();
            let _ = taking.await;
        }
    }
}
