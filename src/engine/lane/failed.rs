//! A look that failed: what it says of the gateway, and how long the row rests.

use chrono::{DateTime, Utc};

use crate::domain::plan::{Provoked, Rest};
use crate::domain::record::LookFailed;
use crate::engine::error::EngineError;
use crate::engine::lane::health::{Blame, REJECTED_TRIES};
use crate::engine::lane::{Lane, Work};
use crate::gateway::LookError;
use crate::ledger::ProvokedBy;

/// Why a look told nothing: the gateway, or our own ledger.
pub(in crate::engine) enum LookFailure {
    Gateway(LookError),
    Ledger(EngineError),
    /// While it waited for its turn another call was answered with 403, or the lane has lost its leave.
    NotNow,
}

impl From<LookError> for LookFailure {
    fn from(error: LookError) -> Self {
        Self::Gateway(error)
    }
}

/// The row that was looked at, as it is after the failure.
pub(in crate::engine) struct FailedRow<'a> {
    pub id: i64,
    /// In a row.
    pub failures: &'a mut u32,
    pub provoked: &'a mut Provoked,
}

impl<W: Work> Lane<W> {
    /// Counts the failure, reports it and says when the row is tried again. None: it was not the row's,
    /// which waits for the end of the silence as the others do.
    pub(in crate::engine) async fn look_failed(
        &self,
        row: FailedRow<'_>,
        rest: Rest,
        error: &LookError,
    ) -> Result<Option<LookFailed>, EngineError> {
        let failures = *row.failures + 1;
        let retry_at = rest.retry_at(failures, self.now());
        let retry_at = if *error == LookError::RateLimited {
            let blame = self.limited(row.id, ProvokedBy::Look(row.id), row.provoked.is_set_aside()).await?;
            if blame == Blame::None {
                return Ok(None);
            }
            row.provoked.looks += u32::from(blame == Blame::Alone);
            self.after_403(*row.provoked, blame, rest, retry_at)
        } else {
            self.not_answered(row.id, failures, error).await?;
            retry_at
        };
        *row.failures = failures;
        // Where others are answered, what this one brings is its own, and has its own alert. Where nobody else is
        // asked in between, whose fault a 403 is stays open; that so many in a row tell nothing is told all the same.
        let silenced = *error == LookError::RateLimited && failures >= REJECTED_TRIES;
        let of_the_order = error.is_of_the_order() || self.health.blames(row.id) || silenced;
        Ok(Some(LookFailed { why: error.to_string(), retry_at, of_the_order }))
    }

    /// Behind those that only wait for the silence to end: a call for the row may begin the next one.
    fn after_403(&self, provoked: Provoked, blame: Blame, rest: Rest, retry_at: DateTime<Utc>) -> DateTime<Utc> {
        let behind = retry_at + self.settings.cooldown;
        match blame {
            Blame::Alone if provoked.is_set_aside() => rest.set_aside_until(provoked, self.now()).max(behind),
            _ => behind,
        }
    }
}
