//! What one pass over an order found out, in one transaction.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, named_params, params};

use super::alerts::{self, About, Raised, Subject};
use super::sql::{Sql as _, to_json};
use super::steps::{self, Of};
use super::times::{ms, ms_up};
use super::views::followed_by_another;
use super::{LedgerError, Write, events, slots};
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::event::Event;
use crate::domain::facts::{Observation, Seen};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::domain::order::Order;
use crate::domain::record::{Change, ExternalChange, OrderRow, TakenOver};

#[derive(Clone)]
pub struct Record {
    pub order_id: i64,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// The revision that the pass began with. A shop that wrote since keeps the order due.
    pub revision: i64,
    pub now: DateTime<Utc>,
    pub change: Change,
    /// What the ledger showed of the order when the pass began.
    pub shown: OrderRow,
}

impl Write for Record {
    /// The alerts that were raised by it, for the log.
    type Out = Vec<Raised>;

    fn is_one_statement(&self) -> bool {
        self.change.is_quiet()
    }

    /// [`LedgerError::Stale`] when another row was seen to be of the same authorization meanwhile, or an
    /// attempt has taken another step.
    fn apply(&self, tx: &Connection) -> Result<Vec<Raised>, LedgerError> {
        self.check(tx)?;
        self.write(tx)
    }
}

impl Record {
    pub fn new(order: &Order, shown: OrderRow, change: Change, now: DateTime<Utc>) -> Self {
        Self {
            order_id: order.id,
            merchant_id: order.merchant_id.clone(),
            merchant_trade_no: order.merchant_trade_no.clone(),
            revision: order.revision,
            now,
            change,
            shown,
        }
    }

    /// Before anything is written.
    pub(super) fn check(&self, tx: &Connection) -> Result<(), LedgerError> {
        if let Some(Observation { seen: Seen::Card(card), .. }) = self.change.news()
            && followed_by_another(tx, self.order_id, self.merchant_id.as_str(), card.trade_no.as_str())?.is_some()
        {
            return Err(LedgerError::Stale);
        }
        steps::check(tx, &self.change.steps)
    }

    pub(super) fn write(&self, tx: &Connection) -> Result<Vec<Raised>, LedgerError> {
        let change = &self.change;
        let slot = match &change.slot {
            Some(request) => Some(slots::reserve(tx, self.order_id, &self.merchant_id, request)?),
            None => None,
        };
        if let Some(observation) = change.news() {
            let event = Event::Observed(Box::new(observation.seen.clone()));
            events::of_order(tx, self.order_id, observation.at, &event)?;
        }
        let of = self.of();
        self.taken_over(tx)?;
        let mut raised = steps::write(tx, &change.steps, &of)?;
        if let Some(question) = &change.question {
            steps::begin(tx, question, &of)?;
        }
        // Behind its refunds: an order that has an open one is not finished.
        if change.is_quiet() && change.failed.is_none() && change.row == self.shown {
            self.same_again(tx)?;
        } else {
            self.state(tx, slot)?;
        }
        if let Some(what) = &change.external {
            raised.extend(self.external_change(tx, what)?);
        }
        if change.alerts_change {
            raised.extend(alerts::reconcile(tx, &of.subject, &change.alerts, self.now)?);
        }
        Ok(raised)
    }

    fn of(&self) -> Of<'_> {
        let about = About::Order(self.order_id, self.merchant_trade_no.as_str());
        let subject = Subject { merchant_id: self.merchant_id.as_str(), about };
        Of { order_id: self.order_id, subject, now: self.now, revision: self.revision }
    }

    /// Nothing that is shown differs, with a look or without: columns that indexes hold are left
    /// alone, since SQLite writes those indexes anew whether the value differs or not.
    fn same_again(&self, tx: &Connection) -> Result<(), LedgerError> {
        let observation = self.change.observation();
        let json = observation.map(to_json).transpose()?;
        let next = &self.change.next;
        let (step, step_at) = next.step.unzip();
        let update = "UPDATE order_state SET observation = coalesce(:observation, observation), last_checked_at = coalesce(:seen_at, last_checked_at),
                    last_error = CASE WHEN :observation IS NULL THEN last_error END, retry_at = CASE WHEN :observation IS NULL THEN retry_at END,
                    look_failures = CASE WHEN :observation IS NULL THEN look_failures ELSE 0 END,
                    looks_403 = CASE WHEN :observation IS NULL THEN looks_403 ELSE 0 END,
                    rank = CASE WHEN revision <> :revision AND rank < :rank THEN rank ELSE :rank END, on_resume = :on_resume, rule = :rule,
                    next_step = :step, next_step_at = :step_at,
                    next_at = CASE WHEN revision <> :revision THEN 0
                                   -- Resumed since the plan was made.
                                   WHEN :on_resume = 1 AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                                   ELSE :next_at END
              WHERE order_id = :order";
        tx.run(
            update,
            named_params! {
                ":order": self.order_id, ":observation": json, ":seen_at": observation.map(|o| ms(o.at)),
                ":rank": i64::from(next.rank as u8), ":rule": next.rule.word(), ":step": step, ":step_at": step_at.map(ms),
                ":next_at": next.at.map(ms_up), ":on_resume": next.is_due_on_resume(), ":revision": self.revision,
            },
        )?;
        Ok(())
    }

    /// The order's row, in one statement.
    fn state(&self, tx: &Connection, slot: Option<i64>) -> Result<(), LedgerError> {
        let Change { row, next, failed, .. } = &self.change;
        let observation = self.change.observation();
        let json = observation.map(to_json).transpose()?;
        let (card, payment_type) = match observation.map(|o| &o.seen) {
            Some(Seen::Card(card)) => (Some(card), Some(card.payment_type.as_str())),
            Some(Seen::NotCard { payment_type, .. }) => (None, Some(payment_type.as_str())),
            _ => (None, None),
        };
        let (step, step_at) = next.step.unzip();
        let update = "UPDATE order_state SET state = :state, amount = :amount, captured_amount = :captured, refunded_amount = :refunded,
                    left_amount = :left, captured_at = :captured_at, capture_by = :capture_by, expires_at = :expires_at,
                    observation = coalesce(:observation, observation), last_checked_at = coalesce(:seen_at, last_checked_at),
                    trade_no = coalesce(:trade_no, trade_no), payment_type = coalesce(:payment_type, payment_type), authorized_at = coalesce(:authorized_at, authorized_at),
                    last_error = CASE WHEN :error IS NOT NULL THEN :error WHEN :observation IS NULL THEN last_error END,
                    retry_at = CASE WHEN :error IS NOT NULL THEN :retry_at WHEN :observation IS NULL THEN retry_at END,
                    look_failures = CASE WHEN :observation IS NULL THEN look_failures ELSE 0 END + CASE WHEN :error IS NULL THEN 0 ELSE 1 END,
                    looks_403 = CASE WHEN :observation IS NULL THEN looks_403 ELSE 0 END,
                    rank = CASE WHEN revision <> :revision AND rank < :rank THEN rank ELSE :rank END, on_resume = :on_resume, rule = :rule, next_step = :step,
                    next_step_at = CASE WHEN :slot < :step_at THEN :slot ELSE :step_at END,
                    next_at = CASE WHEN revision <> :revision THEN 0
                                   -- Resumed since the plan was made.
                                   WHEN :on_resume = 1 AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                                   WHEN :slot < :next_at THEN :slot ELSE :next_at END
              WHERE order_id = :order";
        tx.run(
            update,
            named_params! {
                ":order": self.order_id, ":state": row.state.word(), ":amount": row.amount.map(Twd::dollars),
                ":captured": row.captured.dollars(), ":refunded": row.refunded.dollars(), ":left": row.left.map(Twd::dollars),
                ":captured_at": row.captured_at.map(ms), ":capture_by": row.capture_by.map(ms), ":expires_at": row.expires_at.map(ms), ":observation": json,
                ":seen_at": observation.map(|o| ms(o.at)), ":trade_no": card.map(|c| c.trade_no.as_str()),
                ":payment_type": payment_type, ":authorized_at": card.map(|c| ms(c.authorized_at)),
                ":error": failed.as_ref().map(|f| f.why.as_str()), ":retry_at": failed.as_ref().map(|f| ms_up(f.retry_at)),
                ":rank": i64::from(next.rank as u8), ":rule": next.rule.word(), ":step": step, ":step_at": step_at.map(ms),
                ":next_at": next.at.map(ms_up), ":slot": slot, ":on_resume": next.is_due_on_resume(), ":revision": self.revision,
            },
        )?;
        Ok(())
    }

    /// What a restored ledger learns of the order.
    fn taken_over(&self, tx: &Connection) -> Result<(), LedgerError> {
        let TakenOver { answered, unknown, done } = &self.change.taken_over;
        if let Some((takeover, at)) = answered {
            let update = "UPDATE takeovers SET answered_at = ? WHERE id = ? AND answered_at IS NULL";
            tx.run(update, params![ms(*at), takeover])?;
        }
        if !unknown.is_nothing() {
            let update = "UPDATE order_state SET unclaimed_amount = unclaimed_amount + ?2,
                        unclaimed_void = CASE WHEN ?3 = 1 THEN 1 ELSE unclaimed_void END
                  WHERE order_id = ?1";
            tx.run(update, params![self.order_id, unknown.amount.dollars(), unknown.void])?;
        }
        if let Some(takeover) = done {
            tx.run("UPDATE order_state SET taken_over = ?2 WHERE order_id = ?1", params![self.order_id, takeover])?;
        }
        Ok(())
    }

    fn external_change(&self, tx: &Connection, change: &ExternalChange) -> Result<Option<Raised>, LedgerError> {
        let what = change.what();
        events::of_order(tx, self.order_id, self.now, &Event::ExternalChange { what: what.clone() })?;
        let alert = Alert::new(AlertKind::ExternalChange, change.severity, what, change.reason.clone());
        alerts::raise(tx, &self.of().subject, &alert, self.now)
    }
}
