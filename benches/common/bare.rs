//! SQLite without anything around it: the statements of the ledger's transitions on one connection.
//!
//! The statements are the files of `src/ledger/sql`, so that both do the same work.

use std::path::Path;

use ecpayd::domain::status::CardStatus;
use rusqlite::{Connection, named_params, params};

use super::books::{MERCHANT, card, noon, number, observation};
use super::connect;

const RECORD: &str = include_str!("../../src/ledger/sql/record_look.sql");

const TRADE_NO: &str = include_str!("../../src/ledger/sql/record_trade_no.sql");

const SAME_AGAIN: &str = include_str!("../../src/ledger/sql/record_same_look.sql");

const EVENT: &str = include_str!("../../src/ledger/sql/order_event.sql");

const WANTED: &str = include_str!("../../src/ledger/sql/start_attempt_check.sql");

const ATTEMPT: &str = include_str!("../../src/ledger/sql/start_attempt.sql");

const LOOKED: &str = include_str!("../../src/ledger/sql/start_attempt_order.sql");

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
        let later = at + 2 * day;
        self.0.prepare_cached(RECORD)?.execute(named_params! {
            ":order": order, ":state": state, ":amount": card.amount.dollars(), ":captured": card.net, ":refunded": 0,
            ":left": card.amount.dollars(), ":captured_at": status.is_closing().then_some(at),
            ":capture_by": at + 20 * day, ":expires_at": at + 89 * day, ":observation": json(&observation),
            ":seen_at": at, ":payment_type": card.payment_type,
            ":authorized_at": card.authorized_at.timestamp_millis(), ":error": nothing, ":retry_at": nothing,
            ":rank": 2, ":rule": "settling", ":step": "look", ":step_at": later, ":next_at": later, ":slot": nothing,
            ":on_resume": None::<String>, ":revision": revision,
        })?;
        self.0.prepare_cached(TRADE_NO)?.execute(named_params! {
            ":order": order, ":trade_no": card.trade_no.as_str(),
        })?;
        Ok(())
    }

    fn same_again(&self, order: i64, revision: i64) -> rusqlite::Result<()> {
        let (at, next) = (noon().timestamp_millis(), noon().timestamp_millis() + 2 * 86_400_000);
        let observation = json(&observation(order, CardStatus::Authorized));
        self.0.prepare_cached(SAME_AGAIN)?.execute(named_params! {
            ":order": order, ":observation": observation, ":seen_at": at, ":rank": 2, ":rule": "settling",
            ":step": "look", ":step_at": next, ":next_at": next, ":on_resume": None::<String>, ":revision": revision,
        })?;
        Ok(())
    }

    fn event(&self, order: i64, kind: &str, detail: impl serde::Serialize) -> rusqlite::Result<()> {
        let (at, number) = (noon().timestamp_millis(), number(order));
        self.0.prepare_cached(EVENT)?.execute(named_params! {
            ":at": at, ":merchant": MERCHANT, ":number": number.as_str(), ":order": order, ":kind": kind,
            ":detail": json(&detail),
        })?;
        Ok(())
    }

    fn start(&self, order: i64) -> rusqlite::Result<i64> {
        let (at, card) = (noon().timestamp_millis(), card(order, CardStatus::Authorized));
        let wanted = named_params! { ":order": order, ":refund": None::<i64> };
        let revision: i64 = self.0.prepare_cached(WANTED)?.query_row(wanted, |row| row.get("revision"))?;
        assert_eq!(revision, 1, "nobody else writes here");
        let new = named_params! {
            ":order": order, ":refund": None::<i64>, ":action": "C", ":amount": card.amount.dollars(),
            ":trade_no": card.trade_no.as_str(), ":before": "Authorized", ":before_net": 0, ":at": at,
        };
        let attempt: i64 = self.0.prepare_cached(ATTEMPT)?.query_row(new, |row| row.get(0))?;
        self.0.prepare_cached(LOOKED)?.execute(named_params! { ":order": order })?;
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
