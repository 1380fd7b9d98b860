//! A ledger that was restored from an older copy: when that was noticed, what each order was
//! found to have gone through meanwhile, and whose it was.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde_json::json;

use super::sql::{Sql as _, from_columns};
use super::{Ledger, LedgerError, events, ms, refunds};
use crate::domain::action::Action;
use crate::domain::attempt::{AttemptState, Before};
use crate::domain::ids::TradeNo;
use crate::domain::money::Twd;
use crate::domain::restored::Unclaimed;

/// Writes down that more may have happened than the ledger knows. Until an order is taken
/// over after this, no money moves on it.
pub(super) fn notice(connection: &Connection, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    // Dropped without a commit, it is rolled back.
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let insert = "INSERT INTO takeovers (noticed_at, reason, newest_attempt) VALUES (?, ?, ifnull((SELECT max(id) FROM attempts), 0)) RETURNING id";
    let id: i64 = tx.one(insert, params![ms(now), reason], |row| row.get(0))?;
    events::of_merchant(&tx, None, now, "older_ledger_noticed", json!({ "takeover": id, "reason": reason }))?;
    tx.commit()?;
    Ok(())
}

/// What a pass found out about an order of a restored ledger.
#[derive(Default)]
pub struct TakeOver {
    /// The gateway's time of the first look since the takeover was noticed.
    pub answered: Option<(i64, DateTime<Utc>)>,
    /// What the looks of this pass showed beyond the ledger's knowledge.
    pub unknown: Unclaimed,
    /// The takeover that is done for this order.
    pub done: Option<i64>,
    pub question: Option<Question>,
}

/// Money went back, and only a person can tell whether it was this refund.
pub struct Question {
    /// The takeover that it is about, if it may have been made in the part that is lost.
    pub takeover: Option<i64>,
    pub refund: i64,
    pub action: Action,
    pub amount: Twd,
    pub trade_no: TradeNo,
    /// What the gateway showed before it went back.
    pub before: Before,
    /// And what it shows now.
    pub shown: Before,
    pub why: String,
}

impl TakeOver {
    pub(super) fn is_something(&self) -> bool {
        self.answered.is_some() || !self.unknown.is_nothing() || self.done.is_some() || self.question.is_some()
    }

    pub(super) fn write(&self, tx: &Connection, order_id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        if let Some((takeover, at)) = self.answered {
            tx.run(
                "UPDATE takeovers SET answered_at = ? WHERE id = ? AND answered_at IS NULL",
                params![ms(at), takeover],
            )?;
        }
        if !self.unknown.is_nothing() {
            let update = "UPDATE order_state SET unclaimed_amount = unclaimed_amount + ?2, unclaimed_void = max(unclaimed_void, ?3) WHERE order_id = ?1";
            tx.run(update, params![order_id, self.unknown.amount.dollars(), self.unknown.void])?;
        }
        if let Some(takeover) = self.done {
            done(tx, order_id, takeover, now)?;
        }
        match &self.question {
            Some(question) => question.ask(tx, order_id, now),
            None => Ok(()),
        }
    }
}

fn done(tx: &Connection, order_id: i64, takeover: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let update = "UPDATE order_state SET taken_over = ?2 WHERE order_id = ?1 RETURNING state, refunded_amount, unclaimed_amount, unclaimed_void";
    let (state, refunded, unclaimed, void): (String, i64, i64, bool) =
        tx.one(update, params![order_id, takeover], |row| row.try_into())?;
    let detail = json!({ "takeover": takeover, "state": state, "refunded_amount": refunded,
        "unclaimed_amount": unclaimed, "unclaimed_void": void });
    events::of_order(tx, order_id, now, "taken_over", detail)
}

impl Question {
    /// An attempt in review, so that a person settles it like any other. Nothing is sent for it.
    fn ask(&self, tx: &Connection, order_id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        // The shop may have canceled it meanwhile.
        let insert = "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, state, before_status, before_net, started_at, finished_at, text, asked, reviewed_status, reviewed_net, sent)
             SELECT ?1, intent_id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11, ?12, ?13, 0 FROM refunds
              WHERE intent_id = ?2 AND state IN ('queued', 'running', 'waiting', 'review') RETURNING id";
        let attempt: Option<i64> = tx.maybe(
            insert,
            params![
                order_id,
                self.refund,
                self.action.letter(),
                self.amount.dollars(),
                self.trade_no.as_str(),
                AttemptState::Review.word(),
                self.before.status.english(),
                self.before.net,
                ms(now),
                &self.why,
                self.takeover,
                self.shown.status.english(),
                self.shown.net
            ],
            |row| row.get(0),
        )?;
        let Some(attempt) = attempt else { return Ok(()) };
        refunds::set(tx, self.refund, "review", &format!("attempt {attempt}: {}", self.why), now)?;
        let detail = json!({ "attempt": attempt, "refund": self.refund, "action": self.action.letter(),
            "amount": self.amount, "why": self.why, "sent": false });
        events::of_order(tx, order_id, now, "attempt_in_review", detail)
    }
}

/// The newest notice that the ledger may be an older copy, and what is still to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct OlderCopy {
    pub noticed_at: String,
    pub reason: String,
    /// Unfinished orders on which no money moves yet.
    pub waiting_orders: i64,
    /// Orders with a refund or a void that nobody has claimed.
    pub unclaimed_orders: i64,
}

from_columns!(OlderCopy: noticed_at, reason, waiting_orders, unclaimed_orders);

impl Ledger {
    /// None: never noticed, or over and done with.
    pub fn older_copy(&self) -> Result<Option<OlderCopy>, LedgerError> {
        let db = self.reader();
        let select = "SELECT strftime('%Y-%m-%d %H:%M:%S', noticed_at / 1000 + 28800, 'unixepoch') AS noticed_at, reason,
                    (SELECT count(*) FROM order_state s WHERE s.next_at IS NOT NULL AND s.taken_over < t.id
                                                          AND s.authorized_at < ifnull(t.answered_at, 9e18)) AS waiting_orders,
                    (SELECT count(*) FROM order_state s WHERE s.unclaimed_amount > 0 OR s.unclaimed_void = 1) AS unclaimed_orders
               FROM takeovers t ORDER BY t.id DESC LIMIT 1";
        let newest: Option<OlderCopy> = db.maybe(select, [], |row| row.try_into())?;
        Ok(newest.filter(|n| n.waiting_orders > 0 || n.unclaimed_orders > 0))
    }
}

/// An attempt that took effect in the part that is lost explains as much of what was found.
pub(super) fn claim(tx: &Connection, order_id: i64, attempt: i64) -> Result<(), LedgerError> {
    let update = "UPDATE order_state
            SET unclaimed_void = CASE a.action WHEN 'N' THEN 0 ELSE unclaimed_void END,
                -- Of an attempt that was in review already when the copy was made, the effect may have been known then.
                unclaimed_amount = CASE WHEN a.action = 'R' AND a.asked IS NOT NULL THEN max(0, unclaimed_amount - a.amount)
                                        ELSE unclaimed_amount END
           FROM attempts a
          WHERE order_state.order_id = ?1 AND a.id = ?2 AND (unclaimed_amount > 0 OR unclaimed_void = 1)";
    tx.run(update, params![order_id, attempt])?;
    Ok(())
}

/// A refund that is larger than what was found cannot be what was found, nor one for which the order's other
/// refunds leave no room: what a person says of two calls may be said of one and the same money.
pub(super) fn check_claim(tx: &Connection, order_id: i64, attempt: i64) -> Result<(), LedgerError> {
    let select = "SELECT a.amount, CASE WHEN a.asked IS NULL THEN a.before_net - a.reviewed_net ELSE s.unclaimed_amount END AS found
           FROM attempts a JOIN order_state s ON s.order_id = a.order_id
          WHERE a.id = ?2 AND s.order_id = ?1 AND (a.asked IS NOT NULL OR a.sent = 0) AND a.action = 'R'";
    let claim: Option<(i64, i64)> = tx.maybe(select, params![order_id, attempt], |row| row.try_into())?;
    if let Some((amount, found)) = claim.filter(|(amount, found)| amount > found) {
        return Err(LedgerError::Refused(format!(
            "attempt {attempt} of NT${amount} cannot have taken effect: the last look shows only NT${found} refunded that the ledger does not know of; settle it as not applied"
        )));
    }
    let select = "SELECT a.amount, s.amount - ifnull((SELECT sum(amount) FROM attempts d WHERE d.order_id = ?1 AND d.action = 'R'
                                                 AND d.state = 'applied' AND d.undone_at IS NULL), 0) AS room
           FROM attempts a JOIN order_state s ON s.order_id = a.order_id
          WHERE a.id = ?2 AND s.order_id = ?1 AND a.action = 'R' AND s.amount IS NOT NULL";
    let claim: Option<(i64, i64)> = tx.maybe(select, params![order_id, attempt], |row| row.try_into())?;
    let Some((amount, room)) = claim.filter(|(amount, room)| amount > room) else { return Ok(()) };
    Err(LedgerError::Refused(format!(
        "attempt {attempt} of NT${amount} cannot have taken effect: the order's other refunds leave only NT${room} of its amount; settle it as not applied"
    )))
}
