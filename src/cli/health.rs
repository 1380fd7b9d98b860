//! `health`.

use chrono::Utc;

use super::Failure;
use crate::domain::health::State;
use crate::domain::language::Language;
use crate::ledger::Ledger;

/// By what the daemon has written: it works without a port, and says so of a daemon that does not run.
pub(super) async fn health(ledger: &Ledger) -> Result<(), Failure> {
    let now = Utc::now();
    let health = ledger.vitals(now).await?.health(now);
    if health.state == State::Unhealthy {
        return Err(Failure::Problem(health.sentence(Language::English)));
    }
    say!("{}", health.sentence(Language::English));
    Ok(())
}
