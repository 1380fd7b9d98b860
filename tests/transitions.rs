//! The table of transitions in the domain and the triggers of the ledger say the same, pair by pair.

#[path = "support/ledger/mod.rs"]
mod ledger;

use ecpayd::domain::attempt::AttemptState;
use ecpayd::domain::order::OrderState;
use ecpayd::domain::refund::RefundState;
use ecpayd::domain::transitions::{AlertState, Transitions};
use ledger::LedgerHandle;

/// An order with a refund that the shop has canceled and one that it has not, and an attempt that took effect.
const ROWS: &str = "
    INSERT INTO merchants (merchant_id) VALUES ('3002607');
    INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'A1'), ('3002607', 'A2');
    INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'A1', 300, 'k1');
    UPDATE refund_intents SET cancel = 1;
    INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
    VALUES (1, 1, 'R', 300, 'T1', 'Captured', 1000, 0);
    UPDATE attempts SET state = 'applied', finished_at = 0, ended_at = 0;";

fn ledger() -> LedgerHandle {
    let ledger = LedgerHandle::of_migrations();
    ledger.does(ROWS);
    ledger
}

/// How a kind of row is brought into a state, by whoever is not asked.
struct Kind<S: 'static> {
    all: &'static [S],
    begin: fn(S) -> String,
    /// The row that the steps are tried on, in this state.
    set: fn(S) -> String,
}

/// Every first state and every step, against the table.
fn agrees<S: Transitions + std::fmt::Debug>(kind: &Kind<S>) {
    let ledger = ledger();
    let tried = |statement: &str, allowed: bool, what: String| {
        let done = ledger.tries(statement);
        assert_eq!(done.is_ok(), allowed, "{what}: {statement}: {done:?}");
        if let Err(error) = done {
            let said = error.to_string();
            assert!(!said.contains("constraint failed") && said.len() > 30, "a sentence, and not {said}");
        }
    };
    for &state in kind.all {
        ledger.does("SAVEPOINT first");
        tried(&(kind.begin)(state), state.may_begin(), format!("begins {state:?}"));
        ledger.does("ROLLBACK TO first; RELEASE first");
        for &next in kind.all {
            ledger.does("SAVEPOINT step");
            ledger.does_unguarded(&(kind.set)(state));
            tried(&(kind.set)(next), state == next || state.may_become(next), format!("{state:?} to {next:?}"));
            ledger.does("ROLLBACK TO step; RELEASE step");
        }
    }
}

#[test]
fn an_attempt_goes_on_as_the_table_says_and_no_other_way() {
    agrees(&Kind {
        all: AttemptState::ALL,
        begin: |state| {
            let finished = if state == AttemptState::Started { "NULL" } else { "1" };
            format!(
                "INSERT INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at, state, finished_at, code)
                 VALUES (2, 'C', 1, 'T1', 'Authorized', 0, 0, '{}', {finished}, 1)",
                state.word()
            )
        },
        set: |state| {
            let finished = if state == AttemptState::Started { "NULL" } else { "1" };
            let ended = if state.is_open() { "NULL" } else { "1" };
            format!(
                "UPDATE attempts SET state = '{}', finished_at = {finished}, ended_at = {ended}, code = 1 WHERE id = 1",
                state.word()
            )
        },
    });
}

#[test]
fn a_done_refund_cannot_be_queued_again_nor_any_end_be_undone() {
    agrees(&Kind {
        all: RefundState::ALL,
        begin: |state| {
            let (amount, method) = if state == RefundState::Done { (300, "'R'") } else { (0, "NULL") };
            format!(
                "INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('3002607', 'A2', 'k2');
                 CREATE TEMP TABLE was AS SELECT * FROM refunds WHERE intent_id = 2;
                 DROP TRIGGER refunds_are_kept; DELETE FROM refunds WHERE intent_id = 2;
                 INSERT INTO refunds (intent_id, request_key, order_id, state, refunded_amount, method, detail, updated_at) SELECT intent_id, request_key, order_id, '{}', {amount}, {method}, detail, updated_at FROM was",
                state.word()
            )
        },
        set: |state| {
            let (amount, method) = if state == RefundState::Done { (300, "'R'") } else { (0, "NULL") };
            format!(
                "UPDATE refunds SET state = '{}', refunded_amount = {amount}, method = {method} WHERE intent_id = 1",
                state.word()
            )
        },
    });
}

#[test]
fn an_order_that_was_looked_at_never_is_a_new_one_again() {
    agrees(&Kind {
        all: OrderState::ALL,
        begin: |state| {
            format!(
                "DROP TRIGGER order_state_is_kept; DELETE FROM order_state WHERE order_id = 2;
                 INSERT INTO order_state (order_id, merchant_id, merchant_trade_no, state) VALUES (2, '3002607', 'A2', '{}')",
                state.word()
            )
        },
        set: |state| {
            let look = if state == OrderState::Registered { "observation" } else { "'{}'" };
            format!("UPDATE order_state SET state = '{}', observation = {look} WHERE order_id = 1", state.word())
        },
    });
}

#[test]
fn a_closed_alert_stays_closed() {
    fn closed(state: AlertState) -> &'static str {
        if state == AlertState::Closed { "7" } else { "NULL" }
    }
    agrees(&Kind {
        all: AlertState::ALL,
        begin: |state| {
            format!(
                "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at, closed_at) VALUES ('expired', 'critical', '3002607', 'm', 1, {})",
                closed(state)
            )
        },
        set: |state| {
            format!(
                "INSERT INTO alerts (id, kind, severity, merchant_id, message, raised_at)
                   SELECT 1, 'expiring', 'notice', '3002607', 'm', 1 WHERE NOT EXISTS (SELECT 1 FROM alerts);
                 UPDATE alerts SET closed_at = {} WHERE id = 1",
                closed(state)
            )
        },
    });
}

/// What somebody may try beside the states, and a part of the sentence that says no.
#[rustfmt::skip]
const MEDDLING: &[(&str, &str)] = &[
    ("DELETE FROM refunds", "refunds are never deleted"),
    ("UPDATE refunds SET rowid = 9", "what a refund was asked for is never changed"),
    ("UPDATE refunds SET order_id = 2", "what a refund was asked for is never changed"),
    ("UPDATE refunds SET request_key = 'other'", "what a refund was asked for is never changed"),
    ("INSERT OR REPLACE INTO refunds (intent_id, request_key, order_id, updated_at) VALUES (1, 'k1', 1, 0)", "refunds are never replaced"),
    ("REPLACE INTO refunds (intent_id, request_key, order_id, updated_at) VALUES (9, 'k1', 1, 0)", "refunds are never replaced"),
    ("INSERT INTO refunds (intent_id, request_key, order_id, updated_at) VALUES (9, 'k9', 1, 0)", "ecpayd alone writes refunds"),
    ("INSERT OR REPLACE INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at) VALUES (2, 'C', 1, 'T1', 'Authorized', 0, 0)", "the order has an open attempt"),
    ("UPDATE attempts SET before_net = 0", "what an attempt was is never changed"),
    ("INSERT INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at, ended_at) VALUES (1, 'C', 1, 'T1', 'Authorized', 0, 0, 1)", "an attempt has ended when its state says so"),
    ("UPDATE attempts SET ended_at = NULL WHERE id = 1", "an attempt has ended when its state says so"),
    ("UPDATE attempts SET ended_at = 1 WHERE state = 'started'", "an attempt has ended when its state says so"),
    ("UPDATE attempts SET state = 'unknown', finished_at = 1, ended_at = 1 WHERE state = 'started'", "an attempt has ended when its state says so"),
    ("UPDATE attempts SET state = 'applied', finished_at = 1 WHERE state = 'started'", "an attempt has ended when its state says so"),
    ("UPDATE OR REPLACE attempts SET state = 'review', ended_at = NULL WHERE state = 'refused'", "the order has an open attempt"),
    ("DELETE FROM order_state", "orders are never deleted"),
    ("UPDATE order_state SET rowid = 9 WHERE order_id = 1", "which order a row of order_state is about is never changed"),
    ("UPDATE order_state SET merchant_id = '9'", "which order a row of order_state is about is never changed"),
    ("UPDATE order_state SET revision = revision - 1", "only grow"),
    ("UPDATE order_state SET changed_after = -1", "only grow"),
    ("UPDATE order_state SET caught_up = 7", "only grow"),
    ("UPDATE order_state SET caught_up = 0 WHERE order_id = 1", "only grow"),
    ("UPDATE order_state SET trade_no = 'T3' WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET trade_no = NULL, observation = '{\"at\":2}' WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET authorized_at = 5 WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET authorized_at = NULL WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET amount = 1 WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET observation = NULL WHERE order_id = 1", "changes only with a look"),
    ("UPDATE order_state SET observation = 'looked' WHERE order_id = 1", "is the last look as JSON"),
    ("UPDATE order_state SET captured_amount = 1001 WHERE order_id = 1", "captured_amount is more than the amount"),
    ("UPDATE order_state SET captured_amount = 1 WHERE order_id = 2", "captured_amount is more than the amount"),
    ("UPDATE order_state SET refunded_amount = 1001 WHERE order_id = 1", "CHECK constraint failed"),
    ("UPDATE OR REPLACE order_state SET trade_no = 'T1' WHERE order_id = 2", "is the authorization of another order"),
    ("UPDATE order_state SET unclaimed_amount = 0 WHERE order_id = 2", "claimed with ecpayd resolve"),
    ("UPDATE order_state SET unclaimed_void = 0 WHERE order_id = 2", "claimed with ecpayd resolve"),
    ("REPLACE INTO order_state (order_id, merchant_id, merchant_trade_no) VALUES (1, '3002607', 'A1')", "never replaced"),
    ("REPLACE INTO order_state (order_id, merchant_id, merchant_trade_no) VALUES (9, '3002607', 'A1')", "never replaced"),
    ("INSERT INTO order_state (order_id, merchant_id, merchant_trade_no, state) VALUES (9, '3002607', 'A9', 'captured')", "ecpayd alone writes order_state"),
    ("UPDATE order_state SET next_at = NULL WHERE order_id = 2", "is not finished"),
    ("DELETE FROM alerts", "alerts are never deleted"),
    ("UPDATE alerts SET kind = 'expired'", "what an alert is about is never changed"),
    ("UPDATE alerts SET order_id = 2", "what an alert is about is never changed"),
    ("UPDATE alerts SET raised_at = 9", "what an alert is about is never changed"),
    ("UPDATE alerts SET rowid = 9", "what an alert is about is never changed"),
    ("REPLACE INTO alerts (id, kind, severity, merchant_id, message, raised_at) VALUES (1, 'expired', 'notice', '3002607', 'm', 1)", "alerts are never replaced"),
    ("DELETE FROM merchants", "merchants are never deleted"),
    ("UPDATE merchants SET merchant_id = '9'", "merchant_id is never changed"),
    ("REPLACE INTO merchants (merchant_id) VALUES ('3002607')", "merchants come from the settings and are never replaced"),
    ("DELETE FROM restores", "restores are never deleted"),
    ("UPDATE restores SET newest_attempt = 0", "restores are never changed"),
    ("UPDATE restores SET answered_at = 9", "restores are never changed"),
    ("REPLACE INTO restores (id, noticed_at, reason, newest_attempt) VALUES (1, 0, 'r', 0)", "restores are never replaced"),
    ("DELETE FROM tickets", "tickets are never deleted"),
    ("UPDATE tickets SET ticket_no = 'x'", "the number of a ticket is never changed"),
    ("DELETE FROM voucher_state", "voucher orders are never deleted"),
    ("UPDATE voucher_state SET number = 'x'", "is never changed"),
    ("UPDATE voucher_state SET looks = looks - 1", "looks only grow"),
    ("REPLACE INTO voucher_state (voucher_id, merchant_id, number) VALUES (1, '3002607', 'A1')", "never replaced"),
    ("DELETE FROM channels", "channels are never deleted"),
    ("DELETE FROM messages", "messages are never deleted"),
    ("UPDATE messages SET text = 'x'", "what a message says is never changed"),
    ("UPDATE messages SET key = 'x'", "what a message says is never changed"),
    ("UPDATE messages SET next_at = 5", "a message that was sent or given up has ended"),
    ("DELETE FROM deliveries", "deliveries are never deleted"),
    ("UPDATE deliveries SET edge = 'closed'", "what a delivery is about is never changed"),
    ("UPDATE deliveries SET message_id = NULL", "a delivery is told in one message alone"),
    ("DELETE FROM daemon", "never deleted"),
    ("UPDATE daemon SET identity = 'x'", "the identity of a ledger is never changed"),
];

/// What they are tried on: A1 has been captured, A2 has an open attempt and has not caught up.
const SCENE: &str = "
    UPDATE refunds SET updated_at = 1;
    INSERT INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at) VALUES (2, 'C', 1, 'T2', 'Authorized', 0, 0);
    UPDATE attempts SET state = 'refused', code = 1, finished_at = 1, ended_at = 1 WHERE id = 2;
    INSERT INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at) VALUES (2, 'C', 1, 'T2', 'Authorized', 0, 0);
    INSERT INTO restores (noticed_at, reason, newest_attempt, answered_at) VALUES (0, 'r', 1, 1);
    UPDATE order_state SET state = 'captured', observation = '{}', trade_no = 'T1', amount = 1000, captured_amount = 1000,
           authorized_at = 1, caught_up = 1 WHERE order_id = 1;
    UPDATE order_state SET unclaimed_amount = 300, unclaimed_void = 1 WHERE order_id = 2;
    INSERT INTO alerts (kind, severity, merchant_id, order_id, message, raised_at) VALUES ('expiring', 'notice', '3002607', 1, 'm', 1);
    INSERT INTO channels (name, what) VALUES ('mail', 'alerts');
    INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('disk_low', 'critical', '', 'm', 1);
    INSERT INTO messages (channel, severity, title, text, body, created_at, next_at) VALUES ('mail', 'critical', 't', 't', '{}', 1, 1);
    UPDATE deliveries SET message_id = 1;
    UPDATE messages SET next_at = NULL, sent_at = 1;
    UPDATE merchants SET vouchers = 1;
    INSERT INTO pauses (merchant_id, action, at, by) VALUES ('3002607', 'refund', 1, 'Lin');
    INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'A1');
    UPDATE daemon SET identity = 'i' WHERE identity = '';
    INSERT INTO tickets (voucher_id, ticket_no, use_status, amount) VALUES (1, 'CX', 'unused', 1);";

fn all_rows(ledger: &LedgerHandle) -> String {
    let tables = [
        "refunds",
        "attempts",
        "order_state",
        "alerts",
        "merchants",
        "restores",
        "tickets",
        "voucher_state",
        "daemon",
        "channels",
        "messages",
        "deliveries",
    ];
    let rows = |table| format!("{:?}", ledger.rows(&format!("SELECT * FROM {table}"), (), |row| row.cells()));
    tables.map(rows).concat()
}

#[test]
fn rows_of_the_record_keep_what_they_are_about_whoever_writes() {
    let ledger = ledger();
    ledger.does(SCENE);
    for recursive in [false, true] {
        ledger.does(&format!("PRAGMA recursive_triggers = {recursive}"));
        let before = all_rows(&ledger);
        for (statement, sentence) in MEDDLING {
            let said = ledger.refused(statement);
            assert!(said.contains(sentence), "{statement}: {said}");
            assert_eq!(all_rows(&ledger), before, "{statement}");
        }
        // The open one stays, whatever the conflict clause says, and no second one is reported.
        let again = "INSERT OR REPLACE INTO alerts (kind, severity, merchant_id, order_id, message, raised_at) VALUES ('expiring', 'critical', '3002607', 1, 'n', 2)";
        ledger.does(again); // It is left out.
        assert_eq!(all_rows(&ledger), before);
    }
}
