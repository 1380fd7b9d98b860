//! The situation after the steps that were decided, before they are written.

use chrono::{DateTime, Utc};

use super::attempt::{AttemptChange, Steps};
use crate::domain::attempt::AttemptState;
use crate::domain::situation::Situation;

impl Situation {
    /// As it is after these steps.
    pub(super) fn take(&mut self, steps: &Steps, now: DateTime<Utc>) {
        for step in &steps.attempts {
            let Some(attempt) = self.attempts.iter_mut().find(|a| a.id == step.id) else { continue };
            let to = match &step.what {
                AttemptChange::AbsentOnce { seen_at } => {
                    attempt.first_absence_at = Some(*seen_at);
                    continue;
                }
                AttemptChange::Answered { to, code, text } => {
                    (attempt.code, attempt.text) = (*code, text.clone());
                    *to
                }
                AttemptChange::Settled { to, .. } => *to,
                AttemptChange::InReview { why, shown, asked } => {
                    (attempt.text, attempt.reviewed, attempt.asked) = (why.english(), *shown, *asked);
                    AttemptState::Review
                }
            };
            (attempt.state, attempt.finished_at) = (to, Some(now));
        }
        for step in &steps.refunds {
            if let Some(refund) = self.refunds.iter_mut().find(|r| r.id == step.id) {
                (refund.state, refund.detail) = (step.to, step.detail());
            }
        }
        self.refunds.retain(|r| r.state.is_open());
        self.unclaimed = self.unclaimed.less(steps.claimed);
    }
}
