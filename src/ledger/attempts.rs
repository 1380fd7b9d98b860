//! The money step: written down before it is sent, and what became of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::alerts::{About, Raised, Subject};
use super::db::{Db, from_columns, params};
use super::load::{self, MerchantTerms};
use super::record::Record;
use super::steps::{self, Of};
use super::times::{from_ms, ms};
use super::{LedgerError, Write};
use crate::domain::action::{Action, CommittedAttempt, Leave, MoneyCall, Outcome};
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::money::Twd;
use crate::domain::pause;
use crate::domain::record::{Kept, NewAttempt, answered, resolved};
use crate::domain::rule::Rule;
use crate::domain::situation::Situation;

/// Writes an attempt as started. The token it answers with is the licence for one call.
pub struct StartAttempt {
    /// The look that it was planned from, where that is not written yet: both in one transaction.
    pub look: Option<Record>,
    pub order_id: i64,
    /// What the plan was made from; a shop that wrote since makes it stale.
    pub revision: i64,
    pub call: MoneyCall,
    pub attempt: NewAttempt,
    /// By which it was planned: a pause of refunds stops a capture that a refund needs.
    pub rule: Rule,
    /// The newest attempt when the look was made that the plan was made from.
    pub newest_attempt: i64,
    /// The newest restore of the ledger when the order was loaded; 0: none.
    pub newest_restore: i64,
    pub order_amount: Twd,
}

/// Proof that the attempt is on disk. Used up by the call.
pub struct AttemptToken {
    attempt_id: i64,
    call: MoneyCall,
    leave: Option<Leave>,
}

impl AttemptToken {
    pub fn attempt_id(&self) -> i64 {
        self.attempt_id
    }

    /// Without it the call never goes out.
    pub fn only_while(self, leave: Leave) -> Self {
        Self { leave: Some(leave), ..self }
    }
}

impl CommittedAttempt for AttemptToken {
    fn call(&self) -> &MoneyCall {
        &self.call
    }

    fn leave(&self) -> Leave {
        let missing = || Arc::new(|| Err("nobody has said until when it may go out".to_owned())) as Leave;
        self.leave.clone().unwrap_or_else(missing)
    }
}

impl Write for StartAttempt {
    /// And the alerts that the look has raised, for the log.
    type Out = (AttemptToken, Vec<Raised>);

    fn apply(&self, tx: &Db) -> Result<Self::Out, LedgerError> {
        self.look.as_ref().map_or(Ok(()), |look| look.check(tx))?;
        self.check_still_wanted(tx)?;
        let raised = self.look.as_ref().map_or(Ok(Vec::new()), |look| look.write(tx))?;
        let of = Of { order_id: self.order_id, subject: self.subject(), now: self.attempt.at, revision: self.revision };
        let Some(attempt_id) = steps::begin(tx, &self.attempt, &of)? else {
            return Err(LedgerError::Refused("a question is no call".to_owned()));
        };
        tx.run(include_str!("sql/start_attempt_order.sql"), params! { order: self.order_id })?;
        Ok((AttemptToken { attempt_id, call: self.call.clone(), leave: None }, raised))
    }
}

impl StartAttempt {
    fn subject(&self) -> Subject<'_> {
        let about = About::Order(self.order_id, self.call.merchant_trade_no.as_str());
        Subject { merchant_id: self.call.merchant_id.as_str(), about }
    }

    fn check_still_wanted(&self, tx: &Db) -> Result<(), LedgerError> {
        let [captures, refunds] = pause::kinds(self.call.action, self.rule).map(|kind| kind.is_some());
        let what = params! {
            now: ms(self.attempt.at), captures, refunds, refund: self.attempt.refund, order: self.order_id
        };
        let now: OrderNow = tx.one(include_str!("sql/start_attempt_check.sql"), what, |row| row.try_into())?;
        // The look has to be younger than every attempt, whoever made it.
        // And than any restore of the ledger.
        let stale = now.newest != self.newest_attempt
            || now.restore != self.newest_restore
            || now.open
            || !deliberate!(IgnoresTheShopsLastWord) && (now.revision != self.revision || now.paused || !now.wanted);
        if stale {
            return Err(LedgerError::Stale);
        }
        // Whatever its row says: the row can be written by others, the record of its calls cannot.
        let moved = now.done && !deliberate!(LeavesTransitionsUnguarded);
        if let Some(refund) = self.attempt.refund.filter(|_| moved) {
            return Err(LedgerError::Refused(format!(
                "refund {refund} has moved its money already, though its row says that it has not ended: no second call is made"
            )));
        }
        let refunded = now.refunded;
        // The plan has checked this; the ledger does not take its word for it.
        if self.call.action == Action::R && refunded + self.call.amount.dollars() > self.order_amount.dollars() {
            return Err(LedgerError::Refused(format!(
                "order {}: a refund of {} on top of NT${refunded} is more than its {}",
                self.call.merchant_trade_no, self.call.amount, self.order_amount
            )));
        }
        Ok(())
    }
}

/// The order as it is when an attempt begins: what was planned from has to hold still.
struct OrderNow {
    revision: i64,
    paused: bool,
    open: bool,
    newest: i64,
    restore: i64,
    refunded: i64,
    wanted: bool,
    done: bool,
}

from_columns!(OrderNow: revision, paused, open, newest, restore, refunded, wanted, done);

/// Writes down what became of the call, and answers with the order as it is then.
pub struct RecordOutcome {
    pub order_id: i64,
    pub attempt_id: i64,
    pub outcome: Outcome,
    pub terms: MerchantTerms,
    pub now: DateTime<Utc>,
}

impl Write for RecordOutcome {
    type Out = Kept;

    fn apply(&self, tx: &Db) -> Result<Kept, LedgerError> {
        let mut kept = load::kept(tx, self.order_id, self.terms)?;
        let s = &kept.situation;
        let started = |a: &&Attempt| a.id == self.attempt_id && a.state == AttemptState::Started;
        // Of one that has been settled meanwhile the answer says nothing new.
        let Some(attempt) = s.attempts.iter().find(started) else { return Ok(kept) };
        let steps = answered(s, attempt, &self.outcome, self.now);
        steps::write(tx, &steps, &of_order(s, self.now))?;
        // Nobody else writes before this commits, so it is not read again.
        kept.take(&steps, from_ms(ms(self.now)));
        debug_assert_eq!(load::kept(tx, self.order_id, self.terms).ok().as_ref(), Some(&kept), "as the ledger has it");
        Ok(kept)
    }
}

/// On behalf of the order as it is loaded.
pub(super) fn of_order(s: &Situation, now: DateTime<Utc>) -> Of<'_> {
    let about = About::Order(s.order.id, s.order.merchant_trade_no.as_str());
    let subject = Subject { merchant_id: s.order.merchant_id.as_str(), about };
    Of { order_id: s.order.id, subject, now, revision: s.order.revision }
}

/// A person settles an attempt in review.
pub struct Resolve {
    pub attempt_id: i64,
    pub applied: bool,
    pub by: String,
    pub now: DateTime<Utc>,
}

impl Write for Resolve {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let select = "SELECT order_id FROM attempts WHERE id = :attempt";
        let Some(order_id) = tx.maybe(select, params! { attempt: self.attempt_id }, |row| row.at::<i64>(0))? else {
            return Err(LedgerError::Refused(format!("there is no attempt {}", self.attempt_id)));
        };
        let kept = load::kept(tx, order_id, MerchantTerms::default())?;
        let s = &kept.situation;
        let Some(attempt) = s.attempts.iter().find(|a| a.id == self.attempt_id) else {
            return Err(LedgerError::Refused(format!("attempt {} has ended long ago", self.attempt_id)));
        };
        let steps = resolved(s, kept.row.amount, attempt, self.applied, &self.by, self.now);
        steps::write(tx, &steps.map_err(LedgerError::Refused)?, &of_order(s, self.now))?;
        let update = "UPDATE order_state SET next_at = 0, rank = 0, revision = revision + 1 WHERE order_id = :order";
        tx.run(update, params! { order: order_id })?;
        Ok(())
    }
}
