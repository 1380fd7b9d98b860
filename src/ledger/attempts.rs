//! The money step: written down before it is sent, and what became of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::sql::{Sql as _, from_columns, to_json};
use super::{LedgerError, Write, events, ms, refunds, takeovers};
use crate::domain::action::{Action, CommittedAttempt, Leave, MoneyCall, Outcome};
use crate::domain::attempt::{Before, Verdict};
use crate::domain::facts::Observation;
use crate::domain::money::Twd;

/// Writes an attempt as started. The token it answers with is the licence for one call.
pub struct StartAttempt {
    pub order_id: i64,
    /// What the plan was made from; a shop that wrote since makes it stale.
    pub revision: i64,
    pub refund_id: Option<i64>,
    /// Other refunds of the order that end with it.
    pub together: Vec<i64>,
    pub call: MoneyCall,
    pub before: Before,
    /// The look that the plan was made from.
    pub observation: Observation,
    pub order_amount: Twd,
    pub now: DateTime<Utc>,
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
    type Out = AttemptToken;

    fn apply(&self, tx: &Connection) -> Result<AttemptToken, LedgerError> {
        self.check_still_wanted(tx)?;
        let insert = "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
        let attempt_id: i64 = tx.one(
            insert,
            params![
                self.order_id,
                self.refund_id,
                self.call.action.letter(),
                self.call.amount.dollars(),
                self.call.trade_no.as_str(),
                self.before.status.english(),
                self.before.net,
                ms(self.now)
            ],
            |row| row.get(0),
        )?;
        if let Some(refund_id) = self.refund_id {
            let detail = format!("attempt {attempt_id}: {} {}", self.call.action, self.call.amount);
            refunds::lead(tx, refund_id, &self.together)?;
            refunds::set_all(tx, refund_id, "running", &detail, self.now)?;
        }
        // Whatever happens to this process, the order is looked at first thing.
        let observation = to_json(&self.observation)?;
        let update = "UPDATE order_state SET observation = ?, last_checked_at = ?, last_error = NULL, look_failures = 0, retry_at = NULL, next_at = 0, rank = 0 WHERE order_id = ?";
        tx.run(update, params![observation, ms(self.observation.at), self.order_id])?;
        let mut detail = json!({ "attempt": attempt_id, "refund": self.refund_id, "action": self.call.action.letter(),
            "amount": self.call.amount, "before": self.before.status.english(), "before_net": self.before.net });
        if !self.together.is_empty() {
            detail["together"] = json!(self.together);
        }
        events::of_order(tx, self.order_id, self.now, "attempt_started", detail)?;
        Ok(AttemptToken { attempt_id, call: self.call.clone(), leave: None })
    }
}

impl StartAttempt {
    fn check_still_wanted(&self, tx: &Connection) -> Result<(), LedgerError> {
        let select = "SELECT s.revision, m.paused_at IS NOT NULL AS paused,
                    EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = s.order_id AND a.state IN ('started', 'accepted', 'unknown', 'review')) AS open,
                    (SELECT ifnull(max(a.id), 0) FROM attempts a WHERE a.order_id = s.order_id) AS newest,
                    (SELECT ifnull(sum(a.amount), 0) FROM attempts a WHERE a.order_id = s.order_id AND a.action = 'R' AND a.state = 'applied' AND a.undone_at IS NULL) AS refunded,
                    ?2 IS NULL OR EXISTS (SELECT 1 FROM refunds r WHERE r.intent_id = ?2 AND r.order_id = s.order_id
                                            AND r.state IN ('queued', 'running', 'waiting', 'review')) AS wanted,
                    EXISTS (SELECT 1 FROM attempts a WHERE a.refund_id = ?2 AND a.action IN ('R', 'N') AND a.state = 'applied')
                      OR EXISTS (SELECT 1 FROM refunds r JOIN attempts a ON a.refund_id = r.led_by
                                  WHERE r.intent_id = ?2 AND a.action = 'N' AND a.state = 'applied') AS done
               FROM order_state s JOIN merchants m ON m.merchant_id = s.merchant_id WHERE s.order_id = ?1";
        let wanted: Wanted = tx.one(select, params![self.order_id, self.refund_id], |row| row.try_into())?;
        // The look has to be younger than every attempt, whoever made it.
        let stale = wanted.newest != self.observation.after_attempt
            || wanted.open
            || !deliberate!(IgnoresTheShopsLastWord)
                && (wanted.revision != self.revision || wanted.paused || !wanted.wanted);
        if stale {
            return Err(LedgerError::Stale);
        }
        // Whatever its row says: the row can be written by others, the record of its calls cannot.
        let moved = wanted.done && !deliberate!(LeavesTransitionsUnguarded);
        if let Some(refund) = self.refund_id.filter(|_| moved) {
            return Err(LedgerError::Refused(format!(
                "refund {refund} has moved its money already, though its row says that it has not ended: no second call is made"
            )));
        }
        let refunded = wanted.refunded;
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

/// What has to hold still when an attempt begins.
struct Wanted {
    revision: i64,
    paused: bool,
    open: bool,
    newest: i64,
    refunded: i64,
    wanted: bool,
    done: bool,
}

from_columns!(Wanted: revision, paused, open, newest, refunded, wanted, done);

/// Writes down what became of the call.
pub struct RecordOutcome {
    pub order_id: i64,
    pub attempt_id: i64,
    pub refund_id: Option<i64>,
    pub outcome: Outcome,
    pub now: DateTime<Utc>,
}

impl Write for RecordOutcome {
    type Out = ();

    fn apply(&self, tx: &Connection) -> Result<(), LedgerError> {
        let (state, code, text, kind) = match &self.outcome {
            Outcome::Accepted => ("accepted", None, "", "attempt_accepted"),
            Outcome::Refused { code, text } => ("refused", Some(*code), text.as_str(), "attempt_refused"),
            Outcome::Unknown { code, why } => ("unknown", *code, why.as_str(), "attempt_unknown"),
            Outcome::NotSent { why } => ("not_sent", None, why.as_str(), "attempt_not_sent"),
        };
        tx.run(
            "UPDATE attempts SET state = ?, code = ?, text = ?, finished_at = ? WHERE id = ? AND state = 'started'",
            params![state, code, text, ms(self.now), self.attempt_id],
        )?;
        if let Some(refund_id) = self.refund_id {
            let (state, detail) = match &self.outcome {
                Outcome::Accepted => ("running", format!("attempt {} was accepted; looking", self.attempt_id)),
                // Not to be canceled before a look has shown that nothing moved all the same.
                Outcome::Refused { text, .. } => {
                    ("running", format!("attempt {} was refused: {text}; looking again", self.attempt_id))
                }
                Outcome::Unknown { why, .. } => {
                    ("running", format!("attempt {} has no answer that counts ({why}); looking", self.attempt_id))
                }
                Outcome::NotSent { why } => ("waiting", format!("attempt {} was not sent: {why}", self.attempt_id)),
            };
            refunds::set_all(tx, refund_id, state, &detail, self.now)?;
        }
        if matches!(self.outcome, Outcome::Accepted | Outcome::Refused { .. }) {
            let update = "UPDATE order_state SET money_calls_403 = 0 WHERE order_id = ? AND money_calls_403 > 0";
            tx.run(update, params![self.order_id])?;
        }
        let detail = json!({ "attempt": self.attempt_id, "refund": self.refund_id, "code": code, "text": text });
        events::of_order(tx, self.order_id, self.now, kind, detail)
    }
}

/// What has settled an attempt.
pub(super) enum By<'a> {
    /// A look: the gateway's time of it, and what it showed of the card.
    Look(DateTime<Utc>, Option<Before>),
    Person(&'a str),
}

/// Settles an attempt in the transaction of the look that settled it.
pub(super) fn settle(
    tx: &Connection,
    attempt_id: i64,
    verdict: &Verdict,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (gateway_time, shown, by) = match by {
        By::Look(at, shown) => (*at, *shown, None),
        By::Person(name) => (now, None, Some(*name)),
    };
    let select = "SELECT order_id, refund_id, action, amount FROM attempts WHERE id = ?";
    let (order_id, refund_id, action, amount): (i64, Option<i64>, String, i64) =
        tx.one(select, [attempt_id], |row| row.try_into())?;
    if *verdict == Verdict::AbsentOnce {
        tx.run("UPDATE attempts SET first_absence_at = ? WHERE id = ?", params![ms(gateway_time), attempt_id])?;
        return Ok(());
    }
    let (state, kind, why) = match verdict {
        Verdict::Applied => ("applied", "attempt_applied", ""),
        Verdict::NotApplied | Verdict::AbsentOnce => ("not_applied", "attempt_not_applied", ""),
        Verdict::Review { why } => ("review", "attempt_in_review", why.as_str()),
    };
    let update = "UPDATE attempts SET state = ?1, finished_at = ?2, text = CASE ?3 WHEN '' THEN text ELSE ?3 END, resolved_by = ?4,
                -- Put before a person after the ledger was restored: that is the question whether it was made.
                asked = CASE WHEN ?1 = 'review' THEN ifnull((SELECT max(id) FROM takeovers WHERE newest_attempt >= ?5), asked) ELSE asked END,
                reviewed_status = CASE WHEN ?1 = 'review' THEN ?6 ELSE reviewed_status END,
                reviewed_net = CASE WHEN ?1 = 'review' THEN ?7 ELSE reviewed_net END
          WHERE id = ?5";
    let (status, net) = shown.map(|shown| (shown.status.english(), shown.net)).unzip();
    tx.run(update, params![state, ms(now), why, by, attempt_id, status, net])?;
    let detail =
        json!({ "attempt": attempt_id, "refund": refund_id, "action": action, "amount": amount, "why": why, "by": by });
    events::of_order(tx, order_id, now, kind, detail)?;
    if *verdict == Verdict::Applied {
        takeovers::claim(tx, order_id, attempt_id)?;
    }
    if let Some(refund_id) = refund_id {
        refunds::follow(tx, refund_id, attempt_id, &action, amount, verdict, now)?;
    }
    Ok(())
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

    fn apply(&self, tx: &Connection) -> Result<(), LedgerError> {
        let select = "SELECT order_id, state FROM attempts WHERE id = ?";
        let row: Option<(i64, String)> = tx.maybe(select, params![self.attempt_id], |row| row.try_into())?;
        let Some((order_id, state)) = row else {
            return Err(LedgerError::Refused(format!("there is no attempt {}", self.attempt_id)));
        };
        match state.as_str() {
            "review" => {}
            "started" | "accepted" | "unknown" => {
                let why = format!(
                    "attempt {} is still being settled by looks at the gateway; wait until it is done or in review",
                    self.attempt_id
                );
                return Err(LedgerError::Refused(why));
            }
            ended => {
                return Err(LedgerError::Refused(format!(
                    "attempt {} is not in review, it is {ended}",
                    self.attempt_id
                )));
            }
        }
        if self.applied {
            takeovers::check_claim(tx, order_id, self.attempt_id)?;
        }
        let verdict = if self.applied { Verdict::Applied } else { Verdict::NotApplied };
        settle(tx, self.attempt_id, &verdict, &By::Person(&self.by), self.now)?;
        tx.run(
            "UPDATE order_state SET next_at = 0, rank = 0, revision = revision + 1 WHERE order_id = ?",
            params![order_id],
        )?;
        Ok(())
    }
}
