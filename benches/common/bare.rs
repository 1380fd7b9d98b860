//! SQLite without anything around it: the statements of the ledger's transitions on one connection.
//!
//! The statements are those of `src/ledger`, word for word where their work depends on it.

use std::path::Path;

use ecpayd::domain::status::CardStatus;
use rusqlite::{Connection, params};

use super::books::{card, noon, observation};
use super::connect;

const RECORD: &str = "UPDATE order_state SET state = ?2, amount = ifnull(?3, amount), captured_amount = ifnull(?4, captured_amount),
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
                       WHEN ?17 = 'paused' AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                       WHEN ?21 IS NOT NULL THEN min(?20, ?21) ELSE ?20 END
  WHERE order_id = ?1";

const SAME_AGAIN: &str = "UPDATE order_state SET observation = ifnull(?2, observation), last_checked_at = ifnull(?3, last_checked_at),
        last_error = CASE WHEN ?2 IS NULL THEN last_error END, retry_at = CASE WHEN ?2 IS NULL THEN retry_at END,
        look_failures = CASE WHEN ?2 IS NULL THEN look_failures ELSE 0 END, looks_403 = CASE WHEN ?2 IS NULL THEN looks_403 ELSE 0 END,
        rank = CASE WHEN revision <> ?9 THEN min(rank, ?4) ELSE ?4 END, rule = ?5, next_step = ?6, next_step_at = ?7,
        next_at = CASE WHEN revision <> ?9 THEN 0
                       WHEN ?5 = 'paused' AND EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = order_state.merchant_id AND m.paused_at IS NULL) THEN 0
                       ELSE ?8 END
  WHERE order_id = ?1";

const EVENT: &str = "INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
     SELECT ?2, merchant_id, merchant_trade_no, id, ?3, ?4 FROM orders WHERE id = ?1";

const WANTED: &str = "SELECT s.revision, m.paused_at IS NOT NULL AS paused,
            EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = s.order_id AND a.is_open = 1) AS open,
            (SELECT ifnull(max(a.id), 0) FROM attempts a WHERE a.order_id = s.order_id) AS newest,
            (SELECT ifnull(sum(a.amount), 0) FROM attempts a WHERE a.order_id = s.order_id AND a.action = 'R' AND a.state = 'applied') AS refunded,
            ?2 IS NULL OR EXISTS (SELECT 1 FROM refunds r WHERE r.intent_id = ?2 AND r.order_id = s.order_id
                                    AND r.is_open = 1) AS wanted,
            EXISTS (SELECT 1 FROM attempts a WHERE a.refund_id = ?2 AND a.action IN ('R', 'N') AND a.state = 'applied') AS done
       FROM order_state s JOIN merchants m ON m.merchant_id = s.merchant_id WHERE s.order_id = ?1";

const ATTEMPT: &str =
    "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
     VALUES (?, NULL, 'C', ?, ?, 'Authorized', 0, ?) RETURNING id";

const LOOKED: &str = "UPDATE order_state SET observation = ?, last_checked_at = ?, last_error = NULL, look_failures = 0, retry_at = NULL,
        next_at = 0, rank = 0 WHERE order_id = ?";

const OUTCOME: &str = "UPDATE attempts SET state = 'accepted', code = NULL, text = '', finished_at = ? WHERE id = ? AND state = 'started'";

/// What is written of an order, without a question whether it may be.
#[derive(Clone, Copy, Debug)]
pub enum Transition {
    /// A look that shows what was known.
    Unchanged { order: i64, revision: i64 },
    /// A look that shows something new, and its event.
    Changed { order: i64, revision: i64 },
    /// An attempt that starts, and its event.
    Start { order: i64 },
    /// What became of it, and its event.
    Outcome { order: i64, attempt: i64 },
}

/// The loop that the ledger is measured against.
pub struct Bare(Connection);

impl Bare {
    pub fn open(path: &Path) -> Self {
        Self(connect(path).expect("the ledger opens"))
    }

    /// All of them in one commit; on the disk when this returns. The attempts that were started.
    pub fn commit(&self, together: &[Transition]) -> Vec<i64> {
        let committed = match together {
            // One statement is a transaction of its own.
            [Transition::Unchanged { .. }] => self.apply_all(together),
            _ => self.transaction(together),
        };
        committed.expect("a commit")
    }

    fn transaction(&self, together: &[Transition]) -> rusqlite::Result<Vec<i64>> {
        self.0.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let started = self.apply_all(together)?;
        self.0.prepare_cached("COMMIT")?.execute([])?;
        Ok(started)
    }

    fn apply_all(&self, together: &[Transition]) -> rusqlite::Result<Vec<i64>> {
        let mut started = Vec::new();
        for transition in together {
            match *transition {
                Transition::Unchanged { order, revision } => self.same_again(order, revision)?,
                Transition::Changed { order, revision } => {
                    self.record(order, revision, CardStatus::ToBeCaptured)?;
                    self.event(order, "observed", observation(order, CardStatus::ToBeCaptured).seen)?;
                }
                Transition::Start { order } => started.push(self.start(order)?),
                Transition::Outcome { order, attempt } => self.outcome(order, attempt)?,
            }
        }
        Ok(started)
    }

    fn record(&self, order: i64, revision: i64, status: CardStatus) -> rusqlite::Result<()> {
        let (at, card, observation) = (noon().timestamp_millis(), card(order, status), observation(order, status));
        let state = if status.is_closing() { "to_be_captured" } else { "authorized" };
        let (day, nothing) = (86_400_000, None::<i64>);
        self.0.prepare_cached(RECORD)?.execute(params![
            order,
            state,
            card.amount.dollars(),
            card.net,
            0,
            card.amount.dollars(),
            at + 20 * day,
            at + 89 * day,
            json(&observation),
            at,
            card.trade_no.as_str(),
            card.payment_type,
            card.authorized_at.timestamp_millis(),
            nothing,
            nothing,
            2,
            "settling",
            "look",
            at + 2 * day,
            at + 2 * day,
            nothing,
            revision
        ])?;
        Ok(())
    }

    fn same_again(&self, order: i64, revision: i64) -> rusqlite::Result<()> {
        let (at, next) = (noon().timestamp_millis(), noon().timestamp_millis() + 2 * 86_400_000);
        let observation = json(&observation(order, CardStatus::Authorized));
        let row = params![order, observation, at, 2, "settling", "look", next, next, revision];
        self.0.prepare_cached(SAME_AGAIN)?.execute(row)?;
        Ok(())
    }

    fn event(&self, order: i64, kind: &str, detail: impl serde::Serialize) -> rusqlite::Result<()> {
        self.0.prepare_cached(EVENT)?.execute(params![order, noon().timestamp_millis(), kind, json(&detail)])?;
        Ok(())
    }

    fn start(&self, order: i64) -> rusqlite::Result<i64> {
        let (at, card) = (noon().timestamp_millis(), card(order, CardStatus::Authorized));
        let revision: i64 = self.0.prepare_cached(WANTED)?.query_row(params![order, None::<i64>], |row| row.get(0))?;
        assert_eq!(revision, 1, "nobody else writes here");
        let new = params![order, card.amount.dollars(), card.trade_no.as_str(), at];
        let attempt: i64 = self.0.prepare_cached(ATTEMPT)?.query_row(new, |row| row.get(0))?;
        let looked = params![json(&observation(order, CardStatus::Authorized)), at, order];
        self.0.prepare_cached(LOOKED)?.execute(looked)?;
        let detail = serde_json::json!({ "attempt": attempt, "refund": null, "action": "C", "amount": card.amount,
            "before": "Authorized", "before_net": 0 });
        self.event(order, "attempt_started", detail)?;
        Ok(attempt)
    }

    fn outcome(&self, order: i64, attempt: i64) -> rusqlite::Result<()> {
        self.0.prepare_cached(OUTCOME)?.execute(params![noon().timestamp_millis(), attempt])?;
        let detail = serde_json::json!({ "attempt": attempt, "refund": null, "code": null, "text": "" });
        self.event(order, "attempt_accepted", detail)
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

/// How many transactions the log has seen: `iChange` of its index, as SQLite's format of it says.
pub fn commits(path: &Path) -> u32 {
    use std::os::unix::fs::FileExt;
    let mut name = path.as_os_str().to_owned();
    name.push("-shm");
    let mut counter = [0; 4];
    let file = std::fs::File::open(name).expect("the index of an open ledger's log");
    file.read_exact_at(&mut counter, 8).expect("its header");
    u32::from_ne_bytes(counter)
}
