//! What one pass over an order found out, in one transaction.

use chrono::{DateTime, Utc};

use super::alerts::{self, About, Raised, Subject};
use super::db::{Db, params, to_json};
use super::steps::{self, Of};
use super::times::{ms, ms_up};
use super::views::followed_by_another;
use super::{LedgerError, Write, events, journal, slots};
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::event::Event;
use crate::domain::facts::{Observation, Seen};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::domain::order::Order;
use crate::domain::pause::PauseOf;
use crate::domain::record::{CaughtUp, Change, ExternalChange, OrderRow};

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
    fn apply(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
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
    pub(super) fn check(&self, tx: &Db) -> Result<(), LedgerError> {
        if let Some(Observation { seen: Seen::Card(card), .. }) = self.change.news()
            && followed_by_another(tx, self.order_id, self.merchant_id.as_str(), card.trade_no.as_str())?.is_some()
        {
            return Err(LedgerError::Stale);
        }
        steps::check(tx, &self.change.steps)
    }

    pub(super) fn write(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let change = &self.change;
        let slot = match &change.slot {
            Some(request) => Some(slots::reserve(tx, self.order_id, &self.merchant_id, request)?),
            None => None,
        };
        let of = self.of();
        if let Some(observation) = change.news() {
            let event = Event::Observed(Box::new(observation.seen.clone()));
            events::of_order(tx, &of.subject, observation.at, &event)?;
        }
        self.caught_up(tx)?;
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
        journal::write(tx, self.order_id, self.merchant_id.as_str(), change, self.now)?;
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

    /// Nothing that is shown differs, with a look or without.
    fn same_again(&self, tx: &Db) -> Result<(), LedgerError> {
        let observation = self.change.observation();
        let json = observation.map(to_json).transpose()?;
        let next = &self.change.next;
        let (step, step_at) = next.step.unzip();
        tx.run(
            include_str!("sql/record_same_look.sql"),
            params! {
                order: self.order_id, observation: json, seen_at: observation.map(|o| ms(o.at)),
                rank: i64::from(next.rank as u8), rule: next.rule.word(), reason: to_json(&next.reason)?, step, step_at: step_at.map(ms),
                next_at: next.at.map(ms_up), on_resume: next.pause().map(PauseOf::word), revision: self.revision,
            },
        )?;
        Ok(())
    }

    /// The order's row.
    fn state(&self, tx: &Db, slot: Option<i64>) -> Result<(), LedgerError> {
        let Change { row, next, failed, .. } = &self.change;
        let observation = self.change.observation();
        let json = observation.map(to_json).transpose()?;
        let (card, payment_type) = match observation.map(|o| &o.seen) {
            Some(Seen::Card(card)) => (Some(card), Some(card.payment_type.as_str())),
            Some(Seen::NotCard { payment_type, .. }) => (None, Some(payment_type.as_str())),
            _ => (None, None),
        };
        let (step, step_at) = next.step.unzip();
        tx.run(include_str!("sql/record_look.sql"), params! {
                state: row.state.word(), amount: row.amount.map(Twd::dollars),
                captured: row.captured.dollars(), refunded: row.refunded.dollars(), left: row.left.map(Twd::dollars),
                captured_at: row.captured_at.map(ms), capture_by: row.capture_by.map(ms), expires_at: row.expires_at.map(ms), observation: json,
                seen_at: observation.map(|o| ms(o.at)), payment_type, authorized_at: card.map(|c| ms(c.authorized_at)),
                error: failed.as_ref().map(|f| f.why.as_str()), retry_at: failed.as_ref().map(|f| ms_up(f.retry_at)),
                revision: self.revision, rank: i64::from(next.rank as u8), on_resume: next.pause().map(PauseOf::word),
                rule: next.rule.word(), reason: to_json(&next.reason)?, step, slot, step_at: step_at.map(ms),
                next_at: next.at.map(ms_up), order: self.order_id,
            })?;
        if let Some(card) = card {
            let told = params! { trade_no: card.trade_no.as_str(), order: self.order_id };
            tx.run(include_str!("sql/record_trade_no.sql"), told)?;
        }
        Ok(())
    }

    /// What a restored ledger learns of the order.
    fn caught_up(&self, tx: &Db) -> Result<(), LedgerError> {
        let CaughtUp { answered, unknown, done } = &self.change.caught_up;
        if let Some((restore, at)) = answered {
            let update = "UPDATE restores SET answered_at = :at WHERE id = :restore AND answered_at IS NULL";
            tx.run(update, params! { at: ms(*at), restore })?;
        }
        if !unknown.is_nothing() {
            let found = params! { order: self.order_id, amount: unknown.amount.dollars(), void: unknown.void };
            tx.run(include_str!("sql/add_unclaimed.sql"), found)?;
        }
        if let Some(restore) = done {
            let update = "UPDATE order_state SET caught_up = :restore WHERE order_id = :order";
            tx.run(update, params! { order: self.order_id, restore })?;
        }
        Ok(())
    }

    fn external_change(&self, tx: &Db, change: &ExternalChange) -> Result<Option<Raised>, LedgerError> {
        let what = change.what();
        let event = Event::ExternalChange { what: what.clone(), reason: change.reason.clone() };
        let subject = self.of().subject;
        events::of_order(tx, &subject, self.now, &event)?;
        let alert = Alert::new(AlertKind::ExternalChange, change.severity, what, change.reason.clone());
        alerts::raise(tx, &subject, &alert, self.now)
    }
}
