//! What one pass over an order found out, in one transaction: the look, the verdict on an
//! attempt, the end of a refund, the order's state, its alerts and the time of its next step.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::alerts::{self, About, Raised, Wanted};
use super::attempts::{self, By};
use super::sql::{Sql as _, to_json};
use super::views::followed_by_another;
use super::{LedgerError, TakeOver, Write, events, ms, ms_up, refunds, slots};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::attempt::{Before, Verdict};
use crate::domain::facts::{Observation, Seen};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::domain::order::OrderState;
use crate::domain::plan::SlotRequest;
use crate::domain::record::shown::{ExternalChange, MoneyShown};
use crate::domain::rule::Rule;

pub struct Record {
    pub order_id: i64,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// The revision that the pass began with. A shop that wrote since keeps the order due.
    pub revision: i64,
    pub now: DateTime<Utc>,
    pub note: Note,
    pub verdicts: Verdicts,
    pub park: Park,
    pub take_over: TakeOver,
    pub alerts: Wanted,
    /// Whether these are other alerts than were open when the pass began.
    pub alerts_change: bool,
    /// What the ledger showed of the order when the pass began.
    pub shown: Shown,
}

/// The columns of an order that indexes and shops look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub state: String,
    pub amount: Option<i64>,
    pub captured: i64,
    pub refunded: i64,
    pub left: Option<i64>,
    pub capture_by: Option<i64>,
    pub expires_at: Option<i64>,
}

/// A look that was made in the pass.
pub struct Look {
    pub observation: Observation,
    /// It shows something else than the last one.
    pub is_new: bool,
}

/// What the order looks like now.
pub struct Note {
    pub look: Option<Look>,
    pub failed: Option<LookFailed>,
    pub state: OrderState,
    /// None: as they were.
    pub money: Option<MoneyShown>,
    /// None: not known, so a refund is not checked against it at the INSERT.
    pub left: Option<Twd>,
    pub capture_by: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Something that only somebody else can have done.
    pub external_change: Option<ExternalChange>,
    pub slot: Option<SlotRequest>,
}

impl Note {
    fn observation(&self) -> Option<&Observation> {
        self.look.as_ref().map(|look| &look.observation)
    }

    /// The look, where it shows something else than the last one.
    fn news(&self) -> Option<&Observation> {
        self.look.as_ref().filter(|look| look.is_new).map(|look| &look.observation)
    }
}

pub struct LookFailed {
    pub why: String,
    pub retry_at: DateTime<Utc>,
    /// The gateway answers, and tells nothing of this order; where it does not answer, that is the merchant's alert.
    pub of_the_order: bool,
}

impl LookFailed {
    pub fn alert(&self) -> Option<Alert> {
        let message =
            format!("looks at the order tell nothing ({}): nothing is captured or refunded until they do", self.why);
        self.of_the_order.then(|| Alert::new(AlertKind::UnknownStatus, Severity::Warning, "look", message))
    }
}

/// What a look says of an attempt.
pub struct Settled {
    pub attempt: i64,
    pub verdict: Verdict,
    /// The look's time by the gateway's clock, and what it showed of the card.
    pub gateway_time: DateTime<Utc>,
    pub shown: Option<Before>,
}

/// What ends or goes on by this pass.
#[derive(Default)]
pub struct Verdicts {
    pub attempt: Option<Settled>,
    pub refund: Option<(i64, RefundNote)>,
}

pub enum RefundNote {
    Waiting(String),
    Rejected(String),
    Review(String),
}

/// When and why the order is looked at next.
pub struct Park {
    pub next_at: Option<DateTime<Utc>>,
    pub rank: u8,
    pub rule: Rule,
    pub next_step: Option<String>,
    pub next_step_at: Option<DateTime<Utc>>,
}

impl Write for Record {
    /// The alerts that were raised by it, for the log.
    type Out = Vec<Raised>;

    fn is_one_statement(&self) -> bool {
        let Self { note, verdicts, take_over, alerts_change, .. } = self;
        let told = note.slot.is_some() || note.external_change.is_some() || note.news().is_some();
        let settled = verdicts.attempt.is_some() || verdicts.refund.is_some() || take_over.is_something();
        !told && !settled && !alerts_change
    }

    /// [`LedgerError::Stale`] when another row was seen to be of the same authorization meanwhile.
    fn apply(&self, tx: &Connection) -> Result<Vec<Raised>, LedgerError> {
        if let Some(Observation { seen: Seen::Card(card), .. }) = self.note.news()
            && followed_by_another(tx, self.order_id, self.merchant_id.as_str(), card.trade_no.as_str())?.is_some()
        {
            return Err(LedgerError::Stale);
        }
        let mut raised = Vec::new();
        let slot = match &self.note.slot {
            Some(request) => Some(slots::reserve(tx, self.order_id, &self.merchant_id, request)?),
            None => None,
        };
        if self.is_one_statement() && self.shows_the_same() {
            self.same_again(tx)?;
        } else {
            self.state(tx, slot)?;
        }
        if let Some(observation) = self.note.news() {
            events::of_order(tx, self.order_id, observation.at, "observed", &observation.seen)?;
        }
        if let Some(Settled { attempt, verdict, gateway_time, shown }) = &self.verdicts.attempt {
            attempts::settle(tx, *attempt, verdict, &By::Look(*gateway_time, *shown), self.now)?;
        }
        if let Some((refund, note)) = &self.verdicts.refund {
            raised.extend(self.refund(tx, *refund, note)?);
        }
        self.take_over.write(tx, self.order_id, self.now)?;
        if let Some(what) = &self.note.external_change {
            raised.extend(self.external_change(tx, what)?);
        }
        if self.alerts_change {
            raised.extend(alerts::reconcile(tx, &self.subject(), &self.alerts, self.now)?);
        }
        Ok(raised)
    }
}

impl Record {
    fn subject(&self) -> alerts::Subject<'_> {
        let about = About::Order(self.order_id, self.merchant_trade_no.as_str());
        alerts::Subject { merchant_id: self.merchant_id.as_str(), about }
    }

    fn shows_the_same(&self) -> bool {
        let Self { note, shown, .. } = self;
        let money = note.money.as_ref();
        let now = Shown {
            state: note.state.word().to_owned(),
            amount: money.and_then(|m| m.amount).map(Twd::dollars).or(shown.amount),
            captured: money.map_or(shown.captured, |m| m.captured.dollars()),
            refunded: money.map_or(shown.refunded, |m| m.refunded.dollars()),
            left: note.left.map(Twd::dollars),
            capture_by: note.capture_by.map(ms).or(shown.capture_by),
            expires_at: note.expires_at.map(ms).or(shown.expires_at),
        };
        note.failed.is_none() && now == *shown
    }

    /// Nothing that is shown differs, with a look or without: columns that indexes hold are left
    /// alone, since SQLite writes those indexes anew whether the value differs or not.
    fn same_again(&self, tx: &Connection) -> Result<(), LedgerError> {
        let observation = self.note.observation();
        let json = observation.map(to_json).transpose()?;
        let park = &self.park;
        let update = "UPDATE order_state SET observation = ifnull(?2, observation), last_checked_at = ifnull(?3, last_checked_at),
                    last_error = CASE WHEN ?2 IS NULL THEN last_error END, retry_at = CASE WHEN ?2 IS NULL THEN retry_at END,
                    look_failures = CASE WHEN ?2 IS NULL THEN look_failures ELSE 0 END, looks_403 = CASE WHEN ?2 IS NULL THEN looks_403 ELSE 0 END,
                    rank = CASE WHEN revision <> ?9 THEN min(rank, ?4) ELSE ?4 END, rule = ?5, next_step = ?6, next_step_at = ?7,
                    next_at = CASE WHEN revision <> ?9 THEN 0
                                   -- Resumed since the plan was made.
                                   WHEN ?5 = 'paused' AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                                   ELSE ?8 END
              WHERE order_id = ?1";
        tx.run(
            update,
            params![
                self.order_id,
                json,
                observation.map(|o| ms(o.at)),
                i64::from(park.rank),
                park.rule.word(),
                &park.next_step,
                park.next_step_at.map(ms),
                park.next_at.map(ms_up),
                self.revision
            ],
        )?;
        Ok(())
    }

    /// The order's row, in one statement.
    fn state(&self, tx: &Connection, slot: Option<i64>) -> Result<(), LedgerError> {
        let Self { note, park, .. } = self;
        let observation = note.observation();
        let json = observation.map(to_json).transpose()?;
        let card = observation.and_then(|o| match &o.seen {
            Seen::Card(card) => Some(card),
            _ => None,
        });
        let payment_type = observation.and_then(|o| match &o.seen {
            Seen::Card(card) => Some(card.payment_type.as_str()),
            Seen::NotCard { payment_type, .. } => Some(payment_type.as_str()),
            _ => None,
        });
        let update = "UPDATE order_state SET state = ?2, amount = ifnull(?3, amount), captured_amount = ifnull(?4, captured_amount),
                    refunded_amount = ifnull(?5, refunded_amount), left_amount = ?6,
                    capture_by = ifnull(?7, capture_by), expires_at = ifnull(?8, expires_at),
                    observation = ifnull(?9, observation), last_checked_at = ifnull(?10, last_checked_at),
                    trade_no = ifnull(?11, trade_no), payment_type = ifnull(?12, payment_type), authorized_at = ifnull(?13, authorized_at),
                    last_error = CASE WHEN ?14 IS NOT NULL THEN ?14 WHEN ?9 IS NULL THEN last_error END,
                    retry_at = CASE WHEN ?14 IS NOT NULL THEN ?15 WHEN ?9 IS NULL THEN retry_at END,
                    look_failures = CASE WHEN ?9 IS NULL THEN look_failures ELSE 0 END + (?14 IS NOT NULL),
                    looks_403 = CASE WHEN ?9 IS NULL THEN looks_403 ELSE 0 END,
                    rank = CASE WHEN revision <> ?22 THEN min(rank, ?16) ELSE ?16 END, rule = ?17, next_step = ?18,
                    next_step_at = CASE WHEN ?21 IS NOT NULL THEN min(?19, ?21) ELSE ?19 END,
                    next_at = CASE WHEN revision <> ?22 THEN 0
                                   -- Resumed since the plan was made.
                                   WHEN ?17 = 'paused' AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                                   WHEN ?21 IS NOT NULL THEN min(?20, ?21) ELSE ?20 END
              WHERE order_id = ?1";
        tx.run(
            update,
            params![
                self.order_id,
                note.state.word(),
                note.money.and_then(|m| m.amount).map(Twd::dollars),
                note.money.map(|m| m.captured.dollars()),
                note.money.map(|m| m.refunded.dollars()),
                note.left.map(Twd::dollars),
                note.capture_by.map(ms),
                note.expires_at.map(ms),
                json,
                observation.map(|o| ms(o.at)),
                card.map(|c| c.trade_no.as_str()),
                payment_type,
                card.map(|c| ms(c.authorized_at)),
                note.failed.as_ref().map(|f| f.why.as_str()),
                note.failed.as_ref().map(|f| ms_up(f.retry_at)),
                i64::from(park.rank),
                park.rule.word(),
                &park.next_step,
                park.next_step_at.map(ms),
                park.next_at.map(ms_up),
                slot,
                self.revision
            ],
        )?;
        Ok(())
    }

    fn refund(&self, tx: &Connection, refund: i64, note: &RefundNote) -> Result<Option<Raised>, LedgerError> {
        let (state, detail) = match note {
            RefundNote::Waiting(why) => ("waiting", why),
            RefundNote::Rejected(why) => ("rejected", why),
            RefundNote::Review(why) => ("review", why),
        };
        // What the shop has written since may be what the refund lacked.
        if state == "rejected" && self.is_overtaken(tx)? {
            return Ok(None);
        }
        if !refunds::set(tx, refund, state, detail, self.now)? || matches!(note, RefundNote::Waiting(_)) {
            return Ok(None);
        }
        let kind = if state == "rejected" { "refund_rejected" } else { "refund_in_review" };
        events::of_order(tx, self.order_id, self.now, kind, json!({ "refund": refund, "why": detail }))?;
        if state == "review" {
            return Ok(None);
        }
        let message = format!("refund {refund} was rejected: {detail}");
        let alert = Alert::new(AlertKind::RefundRejected, Severity::Warning, format!("refund {refund}"), message);
        alerts::raise(tx, &self.subject(), &alert, self.now)
    }

    fn is_overtaken(&self, tx: &Connection) -> Result<bool, LedgerError> {
        let select = "SELECT revision <> ? FROM order_state WHERE order_id = ?";
        tx.one(select, params![self.revision, self.order_id], |row| Ok(row.get(0)?))
    }

    fn external_change(&self, tx: &Connection, change: &ExternalChange) -> Result<Option<Raised>, LedgerError> {
        let ExternalChange { what, severity } = change;
        events::of_order(tx, self.order_id, self.now, "external_change", json!({ "what": what }))?;
        let alert = Alert::new(AlertKind::ExternalChange, *severity, what, what);
        alerts::raise(tx, &self.subject(), &alert, self.now)
    }
}
