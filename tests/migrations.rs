//! Every step that the ledger's schema takes, with a shop's rows in it; and files that are no ledger.

mod support;

use std::path::Path;

use sqlx::migrate::{Migration, Migrator};
use sqlx::{Connection, SqliteConnection};
use support::{BRISK, House, LedgerHandle};

/// Rows as they are written by shops and by the daemon of each migration, right after it.
/// A new migration adds a line; no line is ever taken out.
const SAMPLES: &[(i64, &[&str])] =
    &[(13, &[CARDS, RESTORED, VOUCHERS, SHOPS_AGAIN, UNDONE, SEEN]), (14, &[BOOKS]), (15, &[FORMS]), (16, &[LIGHTER])];

const CARDS: &str =
    "INSERT INTO merchants (merchant_id) VALUES ('3002607');
     INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount, capture, memo) VALUES ('3002607', 'M1', 1000, 'now', 'gift');
     INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'M2', '2601010000000001');
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason) VALUES ('3002607', 'M1', 300, 'k1', 'lid');
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('3002607', 'M3', 'k2');
     UPDATE refund_intents SET cancel = 1 WHERE request_key = 'k2';
     UPDATE order_state SET state = 'captured', trade_no = '2601010000000002', amount = 1000, captured_amount = 1000,
            refunded_amount = 300, left_amount = 700, payment_type = 'Credit_CreditCard', authorized_at = 1785547852000,
            capture_by = 1787362252000, expires_at = 1793323852000, last_checked_at = 1785547853000
      WHERE merchant_trade_no = 'M1';
     INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
     VALUES (1, 1, 'R', 300, '2601010000000002', 'Captured', 1000, 1785547853000);
     UPDATE attempts SET state = 'applied', finished_at = 1785547854000;
     UPDATE refunds SET state = 'done', refunded_amount = 300, method = 'R' WHERE intent_id = 1;
     UPDATE order_state SET next_at = NULL WHERE merchant_trade_no = 'M1';
     INSERT INTO alerts (kind, severity, merchant_id, order_id, merchant_trade_no, message, raised_at)
     VALUES ('external_change', 'warning', '3002607', 1, 'M1', 'by hand', 1785547855000);";

const RESTORED: &str =
    "INSERT INTO restores (noticed_at, reason, newest_attempt, answered_at) VALUES (1785547856000, 'its marker is not there', 1, 1785547857000);
     UPDATE order_state SET caught_up = 1, unclaimed_amount = 300, unclaimed_void = 1 WHERE merchant_trade_no = 'M2';
     UPDATE attempts SET asked = 1;";

const VOUCHERS: &str =
    "UPDATE merchants SET vouchers = 1;
     INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard, memo) VALUES ('3002607', 'M1', 0, 'hotel');
     INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1');
     UPDATE voucher_orders SET guard = 1 WHERE merchant_trade_no = 'M1';
     UPDATE order_state SET next_at = NULL WHERE merchant_trade_no = 'M1';
     UPDATE voucher_state SET state = 'issued', voucher_trade_no = '2601010000000009', trade_amount = 1000, redeemed_amount = 500,
            refunded_amount = 500, unused_amount = 0, looks = 1, last_checked_at = 1785547858000, changed_at = 1785547858000,
            known_amount = 1000, confirmed_amount = 0, unconfirmed_since = 1785547858000, next_at = 1785569458000, rule = 'refund-unconfirmed'
      WHERE number = 'M1';
     INSERT INTO tickets (voucher_id, ticket_no, use_status, kind, item_no, item_name, amount, starts_on, expires_on, redeemed_at)
     VALUES (1, 'CX01', 'redeemed', 'pickup', 'T00358', '平日住宿券', 500, '2026-08-01', '2027-07-31', 1785547852000);
     INSERT INTO tickets (voucher_id, ticket_no, use_status, amount, refunded_at) VALUES (1, 'CX02', 'refunded', 500, 1785547853000);
     INSERT INTO tickets (voucher_id, ticket_no, use_status, amount, listed) VALUES (1, 'CX03', 'unused', 500, 0);
     INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
     VALUES (1785547858000, '3002607', 'M1', 1, 'voucher_ticket', '{\"ticket\":\"CX02\",\"was\":\"unused\",\"is\":\"refunded\"}');
     INSERT INTO alerts (kind, severity, merchant_id, voucher_id, merchant_trade_no, message, raised_at)
     VALUES ('voucher_refund_unconfirmed', 'warning', '3002607', 1, 'M1', 'for a week', 1786152658000);
     INSERT INTO alerts (kind, severity, merchant_id, voucher_id, merchant_trade_no, message, raised_at)
     VALUES ('voucher_refund_unconfirmed', 'warning', '3002607', 2, 'F1', 'of another', 1786152658000);";

const SHOPS_AGAIN: &str = "UPDATE voucher_state SET tickets_digest = x'00' WHERE number = 'M1';
     UPDATE order_state SET state = 'unpaid' WHERE merchant_trade_no = 'M2';
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, trade_no, amount, request_key) VALUES ('3002607', 'M2', '2601010000000001', 1, 'k0');
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'M3', 1, '退貨 0001 😀');
     INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'M3') ON CONFLICT (merchant_id, merchant_trade_no) WHERE trade_no IS NULL DO NOTHING;
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'M3', 1, '退貨 0001 😀') ON CONFLICT (request_key) DO NOTHING;";

/// What was there is guarded: the first is a refund that was done.
const GUARDED: [(&str, &str); 4] = [
    (
        "UPDATE refunds SET state = 'queued', refunded_amount = 0, method = NULL WHERE request_key = 'k1'",
        "the refund has ended",
    ),
    ("UPDATE attempts SET state = 'review'", "an attempt cannot go from this state to that one"),
    ("UPDATE order_state SET trade_no = '2601010000000099' WHERE merchant_trade_no = 'M1'", "changes only with a look"),
    ("DELETE FROM alerts", "alerts are never deleted"),
];

const UNDONE: &str = "UPDATE attempts SET reviewed_status = 'Captured', reviewed_net = 1000, undone_at = 1785547859000;
     UPDATE refunds SET undone_at = 1785547859000, undone_by = 'the accountant', undone_why = 'ECPay says so' WHERE request_key = 'k1';
     UPDATE order_state SET look_failures = 1, looks_403 = 2, money_calls_403 = 1 WHERE merchant_trade_no = 'M3';
     UPDATE voucher_state SET look_failures = 1, looks_403 = 1 WHERE number = 'M1';";

/// The looks at an order that was captured, refunded in part by an attempt, called back and voided; and at one that
/// ECPay has abandoned.
const SEEN: &str = "INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'S1'), ('3002607', 'S2');
     INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'S1', 300, 's1');
     INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
     SELECT order_id, intent_id, 'R', 300, '2601010000000003', 'Captured', 1000, 1785633052000 FROM refunds WHERE request_key = 's1';
     UPDATE attempts SET state = 'applied', finished_at = 1785633053000 WHERE trade_no = '2601010000000003';
     UPDATE refunds SET state = 'done', refunded_amount = 300, method = 'R' WHERE request_key = 's1';
     INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
     SELECT s.at, '3002607', 'S1', o.id, s.kind, replace(s.detail, 'ATTEMPT', (SELECT max(id) FROM attempts)) FROM orders o JOIN (
       SELECT 1785547853000 AS at, 'observed' AS kind, '{\"unpaid\":{\"amount\":1000}}' AS detail
       UNION ALL SELECT 1785547854000, 'observed', '{\"card\":{\"amount\":1000,\"authorized_at\":1785547852000,\"status\":\"authorized\",\"net\":0,\"kind\":{\"union_pay\":false}}}'
       UNION ALL SELECT 1785633051000, 'observed', '{\"card\":{\"amount\":1000,\"authorized_at\":1785547852000,\"status\":\"captured\",\"net\":1000}}'
       UNION ALL SELECT 1785633052500, 'observed', '{\"unclear\":{\"raw\":\"a word\"}}'
       UNION ALL SELECT 1785633053000, 'observed', '{\"card\":{\"amount\":1000,\"authorized_at\":1785547852000,\"status\":\"captured\",\"net\":700}}'
       UNION ALL SELECT 1785633053000, 'attempt_applied', '{\"attempt\":ATTEMPT}'
       UNION ALL SELECT 1785719453000, 'observed', '{\"card\":{\"amount\":1000,\"authorized_at\":1785547852000,\"status\":\"captured\",\"net\":500}}') AS s
      WHERE o.merchant_trade_no = 'S1';
     INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
     SELECT 1793410252000, '3002607', 'S2', id, 'observed', '{\"card\":{\"amount\":80,\"authorized_at\":1785547852000,\"status\":\"canceled\",\"net\":0}}'
       FROM orders WHERE merchant_trade_no = 'S2';
     UPDATE order_state SET state = 'captured', trade_no = '2601010000000003', amount = 1000, captured_amount = 1000, refunded_amount = 500,
            left_amount = 500, authorized_at = 1785547852000, last_checked_at = 1785719453000, next_at = NULL WHERE merchant_trade_no = 'S1';
     UPDATE order_state SET state = 'expired', trade_no = '2601010000000004', amount = 80, authorized_at = 1785547852000,
            last_checked_at = 1793410252000, next_at = NULL WHERE merchant_trade_no = 'S2';";

const BOOKS: &str =
    "INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('k1', 'AB12345678', 300);
     UPDATE refund_allowances SET canceled = 1;
     UPDATE order_state SET observation = '{\"at\":1785719453000,\"after_attempt\":0,\"after_revision\":0,\"seen\":{\"card\":{\"trade_no\":\"2601010000000004\",\"gwsr\":1,\"amount\":80,\"authorized_at\":1785547852000,\"payment_type\":\"Credit\",\"kind\":{\"installments\":false,\"bonus_points\":false,\"union_pay\":false},\"status\":\"canceled\",\"net\":0,\"recurring\":true}}}' WHERE merchant_trade_no = 'S2';";

const FORMS: &str = "UPDATE orders SET installments = 3 WHERE merchant_trade_no = 'M2';
     UPDATE orders SET installments = 0 WHERE merchant_trade_no = 'M3';
     INSERT INTO form_calls SELECT max(id) FROM attempts;";

/// A call that is accepted and settled, and the rows of CloseData that two looks have shown.
const LIGHTER: &str = "INSERT INTO attempts (order_id, action, amount, trade_no, before_status, before_net, started_at)
     SELECT order_id, 'C', 80, '2601010000000004', 'Authorized', 0, 1785547855000 FROM order_state WHERE merchant_trade_no = 'S2';
     UPDATE attempts SET state = 'accepted', finished_at = 1785547855000 WHERE state = 'started';
     UPDATE attempts SET state = 'not_applied', finished_at = 1785547856000, ended_at = 1785547856000 WHERE state = 'accepted';
     INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
     SELECT l.at, '3002607', 'S2', o.id, 'observed', l.detail FROM orders o JOIN (
       SELECT 1785633053000 AS at, '{\"card\":{\"rows\":[{\"status\":\"to_be_captured\",\"amount\":80,\"at\":1785633051000}]}}' AS detail
       UNION ALL SELECT 1785719453000, '{\"card\":{\"rows\":[{\"status\":\"to_be_captured\",\"amount\":80,\"at\":1785633051000},{\"status\":\"captured\",\"amount\":-5},{\"status\":\"captured\",\"amount\":-5}]}}') AS l
      WHERE o.merchant_trade_no = 'S2';";

/// What the books hold of all that.
fn check_books(sql: &LedgerHandle) {
    for (query, expected) in [
        (
            "SELECT merchant_trade_no || ' ' || day || ' ' || kind || ' ' || amount || ' ' || by || ' ' || (attempt_id IS NOT NULL) || ' ' || ifnull(refund_id, '-')
               FROM movements WHERE merchant_trade_no IN ('S1', 'S2') ORDER BY id",
            "S1 2026-08-01 authorized 1000 other 0 -,S1 2026-08-02 captured 1000 other 0 -,S1 2026-08-02 refunded 300 ecpayd 1 6,\
             S1 2026-08-03 refunded 200 other 0 -,S2 2026-08-01 authorized 80 other 0 -,S2 2026-10-31 expired 80 ecpay 0 -",
        ),
        (
            "SELECT kind || amount FROM movements WHERE merchant_trade_no = 'M1' ORDER BY id",
            "authorized1000,captured1000,refunded300",
        ),
        (
            "SELECT count(*) FROM order_state s WHERE captured_amount <> (SELECT ifnull(sum(amount * ((kind = 'captured') - (kind = 'called_back'))), 0)
                FROM journal j WHERE j.order_id = s.order_id)
              OR refunded_amount <> (SELECT ifnull(sum(amount), 0) FROM journal j WHERE j.order_id = s.order_id AND kind = 'refunded')",
            "0",
        ),
        ("SELECT group_concat(kind || amount || 'x' || count) FROM journal_days WHERE day = '2026-08-02'", "captured1000x1,refunded300x1"),
        ("PRAGMA foreign_key_check", ""),
    ] {
        assert_eq!(sql.ask(query), expected, "{query}");
    }
    for (statement, sentence) in [
        ("UPDATE journal SET amount = 1", "movements are never changed"),
        ("DELETE FROM journal", "movements are never deleted"),
        (
            "INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by) VALUES (1, '3002607', '2026-08-01', 0, 'refunded', 1, 'other')",
            "ecpayd alone writes them",
        ),
        (
            "INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('none', 'AB1', 1)",
            "names no refund",
        ),
        ("UPDATE refund_allowances SET amount = 2", "never changed"),
    ] {
        assert!(sql.refused(statement).contains(sentence), "{statement}");
    }
}

/// Counted before and after each later step.
const TABLES: [&str; 15] = [
    "merchants",
    "orders",
    "order_state",
    "refund_intents",
    "refunds",
    "attempts",
    "events",
    "alerts",
    "restores",
    "voucher_orders",
    "voucher_state",
    "tickets",
    "channels",
    "messages",
    "deliveries",
];

/// A connection of the library that makes the daemon's migrations, for one step.
async fn migrating(house: &House) -> SqliteConnection {
    let url = format!("sqlite://{}", house.ledger().display());
    SqliteConnection::connect(&url).await.expect("the file")
}

fn counts(sql: &LedgerHandle) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push((table, sql.value(&format!("SELECT count(*) FROM {table}"), ())));
    }
    counts
}

/// What the sample of cards has to look like after every step.
fn check_cards(sql: &LedgerHandle) {
    for (query, expected) in [
        (
            "SELECT merchant_trade_no || ' ' || state || ' ' || capture || ' ' || refunded_amount || ' ' || authorized_at
               FROM order_status WHERE merchant_trade_no = 'M1'",
            "M1 captured now 300 2026-08-01 09:30:52",
        ),
        ("SELECT group_concat(merchant_trade_no) FROM (SELECT merchant_trade_no FROM order_status ORDER BY merchant_trade_no)", "M1,M2,M3,S1,S2"),
        ("SELECT group_concat(request_key || ' ' || state || ' ' || ifnull(method, '-')) FROM refund_status WHERE request_key IN ('k1', 'k2')", "k1 done R,k2 canceled -"),
        ("SELECT group_concat(kind || ' ' || message) FROM open_alerts WHERE message NOT IN ('for a week', 'of another')", "external_change by hand"),
        ("SELECT kind FROM order_events ORDER BY id LIMIT 1", "order_registered"),
        ("SELECT state || amount FROM attempts WHERE action = 'R' ORDER BY id", "applied300,applied300"),
        ("PRAGMA foreign_key_check", ""),
        ("PRAGMA integrity_check", "ok"),
    ] {
        assert_eq!(sql.ask(query), expected, "{query}");
    }
}

/// The same of vouchers sold for M1, and of others given away.
fn check_vouchers(sql: &LedgerHandle) {
    for (query, expected) in [
        (
            "SELECT merchant_trade_no || ' ' || voucher_trade_no || ' ' || state || ' ' || trade_amount || ' ' || redeemed_amount || ' ' ||
                    refunded_amount || ' ' || refund_confirmed_amount || ' ' || unused_amount || ' ' || last_checked_at
               FROM voucher_status WHERE merchant_trade_no = 'M1'",
            "M1 2601010000000009 issued 1000 500 500 0 0 2026-08-01 09:30:58",
        ),
        ("SELECT free_trade_no || ' ' || state FROM voucher_status WHERE merchant_trade_no IS NULL", "F1 registered"),
        (
            "SELECT ticket_no || ' ' || use_status || ' ' || ifnull(redeemed_at, refunded_at) FROM voucher_tickets ORDER BY ticket_no",
            "CX01 redeemed 2026-08-01 09:30:52,CX02 refunded 2026-08-01 09:30:53",
        ),
        ("SELECT item_name || ' ' || kind || ' ' || starts_on || ' ' || expires_on FROM voucher_tickets WHERE ticket_no = 'CX01'",
         "平日住宿券 pickup 2026-08-01 2027-07-31"),
        (
            "SELECT kind FROM events WHERE voucher_id = 1 ORDER BY id",
            "voucher_registered,voucher_guard_changed,voucher_ticket",
        ),
        ("SELECT kind || ' ' || merchant_trade_no FROM open_alerts WHERE message = 'for a week'", "voucher_refund_unconfirmed M1"),
        ("SELECT kind || ' ' || merchant_trade_no FROM open_alerts WHERE message = 'of another'", "voucher_refund_unconfirmed F1"),
        ("SELECT guard || ' ' || memo FROM voucher_orders WHERE merchant_trade_no = 'M1'", "1 hotel"),
        ("PRAGMA foreign_key_check", ""),
    ] {
        assert_eq!(sql.ask(query), expected, "{query}");
    }
}

/// What is there is counted.
fn check_counts(sql: &LedgerHandle) {
    for (query, expected) in [
        (
            "SELECT state || count FROM order_counts WHERE count > 0 ORDER BY state",
            "captured2,expired1,registered1,unpaid1",
        ),
        ("SELECT state || count FROM voucher_counts WHERE count > 0 ORDER BY state", "issued1,registered1"),
    ] {
        assert_eq!(sql.ask(query), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_keeps_what_was_written_before_it() {
    let house = House::without_gateway(BRISK);
    let all = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.expect("migrations");
    let sql = LedgerHandle::create(&house.ledger());
    let mut done: Vec<Migration> = Vec::new();
    for migration in all.iter() {
        let before = if done.is_empty() { Vec::new() } else { counts(&sql) };
        done.push(migration.clone());
        let step = Migrator::with_migrations(done.clone());
        step.run(&mut migrating(&house).await).await.unwrap_or_else(|e| panic!("migration {}: {e}", migration.version));
        for (table, rows) in before {
            let after = counts(&sql);
            assert!(after.contains(&(table, rows)), "migration {}: {table} had {rows} rows", migration.version);
        }
        let sample = SAMPLES.iter().find(|(version, _)| *version == migration.version);
        let (_, sample) = sample.unwrap_or_else(|| panic!("migration {} has no sample", migration.version));
        for statements in *sample {
            sql.does(statements);
        }
        check_cards(&sql);
        check_vouchers(&sql);
        check_counts(&sql);
        if migration.version >= 14 {
            check_books(&sql);
        }
        let looked_for = sql.ask("SELECT count(*) FROM order_state WHERE merchant_trade_no = 'S2' AND next_at = 0");
        assert_eq!(looked_for == "1", migration.version == 15, "a recurring order is looked at for its next charge");
        sql.does("UPDATE order_state SET next_at = NULL WHERE merchant_trade_no = 'S2'");
        for (statement, sentence) in GUARDED {
            assert!(sql.refused(statement).contains(sentence), "{statement}");
        }
        let loose = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'";
        assert_eq!(sql.ask(loose), "0");
        let done = sql.ask("SELECT max(version) FROM _sqlx_migrations WHERE success = 1");
        assert_eq!(done, migration.version.to_string());
    }
    sql.close();
    // The daemon finds nothing left to do, and the rows where they were.
    house.done(&["run", "--once"]);
    for command in [&["show", "M3"][..], &["show", "M3", "--json"], &["status"], &["explain", "M3"]] {
        house.done(command);
    }
    let sql = house.sql().await;
    check_cards(&sql);
    check_vouchers(&sql);
    let told = "SELECT group_concat(merchant_trade_no || installments) FROM (SELECT * FROM orders WHERE installments IS NOT NULL ORDER BY id)";
    assert_eq!((sql.ask(told), sql.ask("SELECT count(*) FROM form_calls")), ("M23,M30".into(), "1".into()));
    let closings = "SELECT ifnull(row_at, '-') || ' ' || amount || ' ' || status || ' ' || nth || ' ' || seen_at FROM closings ORDER BY seen_at, nth";
    assert_eq!(
        sql.ask(closings),
        "2026-08-02 09:10:51 80 to_be_captured 1 2026-08-02 09:10:53,- -5 captured 1 2026-08-03 09:10:53,- -5 captured 2 2026-08-03 09:10:53"
    );
    for (query, expected) in [
        ("SELECT count(*) FROM attempts WHERE (ended_at IS NULL) <> (is_open = 1)", "0"),
        (
            "SELECT group_concat(kind || amount || 'x' || count) FROM day_sums WHERE day = '2026-08-02'",
            "captured1000x1,refunded300x1",
        ),
        (
            "SELECT count(*) FROM journal j WHERE NOT EXISTS (SELECT 1 FROM journal_by_day d WHERE d.movement_id = j.id AND d.day = j.day)",
            "0",
        ),
    ] {
        assert_eq!(sql.ask(query), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_marker_is_not_there_is_noticed_once() {
    let house = House::without_gateway(BRISK);
    let all = Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).await.expect("migrations");
    let sql = LedgerHandle::create(&house.ledger());
    all.run(&mut migrating(&house).await).await.expect("a ledger that no daemon has opened");
    sql.does(&CARDS.replace("finished_at = 1785547854000", "finished_at = 1785547854000, ended_at = 1785547854000"));
    sql.close();
    for _ in 0..2 {
        house.done(&["run", "--once"]);
        let sql = house.sql().await;
        assert_eq!(sql.ask("SELECT newest_attempt FROM restores WHERE instr(reason, 'is not there')"), "1");
        assert_eq!(sql.ask("SELECT length(identity) FROM daemon"), "32");
        sql.close();
    }
}

/// What a build before the first release left: its tables as far as the recipe of docs/operations.md reads them.
const EARLY: &str = "PRAGMA application_id = 1162039364;
    CREATE TABLE _sqlx_migrations (version INTEGER PRIMARY KEY, description TEXT, installed_on TEXT, success INTEGER, checksum BLOB, execution_time INTEGER);
    INSERT INTO _sqlx_migrations (version, success) VALUES (1, 1), (12, 1);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, merchant_id TEXT, merchant_trade_no TEXT, trade_no TEXT, expected_amount INTEGER, capture TEXT, memo TEXT, created_at INTEGER);
    CREATE TABLE order_state (order_id INTEGER PRIMARY KEY, next_at INTEGER);
    CREATE TABLE refund_intents (id INTEGER PRIMARY KEY, merchant_id TEXT, merchant_trade_no TEXT, trade_no TEXT, amount INTEGER, request_key TEXT, reason TEXT, created_at INTEGER);
    CREATE TABLE refunds (intent_id INTEGER PRIMARY KEY, state TEXT);
    CREATE TABLE attempts (id INTEGER PRIMARY KEY, order_id INTEGER, refund_id INTEGER, state TEXT);
    INSERT INTO orders VALUES (1, '3002607', 'E1', NULL, 500, 'hold', 'gift', 1785547852000), (2, '3002607', 'E2', NULL, NULL, 'auto', NULL, 1785547852000),
                              (3, '3002607', 'E3', NULL, NULL, 'auto', NULL, 1785547852000);
    INSERT INTO order_state VALUES (1, 0), (2, NULL), (3, 5);
    INSERT INTO refund_intents VALUES (1, '3002607', 'E1', NULL, 300, 'e1', 'lid', 1785547853000), (2, '3002607', 'E2', NULL, 300, 'e2', NULL, 1785547853000),
                                      (3, '3002607', 'E3', NULL, 300, 'e3', NULL, 1785547853000);
    INSERT INTO refunds VALUES (1, 'waiting'), (2, 'done'), (3, 'waiting');
    INSERT INTO attempts VALUES (1, 2, 2, 'applied'), (2, 3, 3, 'not_applied');";

/// The statements of the recipe, in either language.
fn recipe(docs: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(docs);
    let text = std::fs::read_to_string(path).expect("the docs");
    let (_, recipe) = text.split_once("ATTACH 'early.db' AS early;").expect("the recipe");
    recipe.split("```").next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_an_early_build_is_refused_and_kept_and_its_orders_are_carried_over_by_the_docs() {
    let early = House::without_gateway(BRISK);
    let sql = LedgerHandle::create(&early.ledger());
    sql.does(EARLY);
    sql.close();
    let before = std::fs::read(early.ledger()).expect("a database");
    for opener in OPENERS {
        let told = early.tell(opener);
        let said = told.error(1);
        assert!(said.contains("of a build before the first release (migration 12)"), "{said}");
        assert!(said.contains("nothing was changed in it") && said.contains("docs/operations.md"), "{said}");
    }
    let after = std::fs::read(early.ledger()).expect("it is there");
    // But for the header, in which SQLite notes that it keeps a log, and its counter of changes.
    assert!(after.len() == before.len() && after[100..] == before[100..]);
    for docs in ["operations.md", "operations.zh-TW.md"] {
        let house = House::without_gateway(BRISK);
        house.done(&["run", "--once"]);
        let sql = house.sql().await;
        sql.does(&format!("ATTACH '{}' AS early", early.ledger().display()));
        sql.does(&recipe(docs));
        let orders = "SELECT merchant_trade_no || ' ' || capture || ' ' || coalesce(memo, '-') || ' ' || created_at FROM orders ORDER BY id";
        assert_eq!(sql.ask(orders), "E1 hold gift 1785547852000,E3 auto - 1785547852000", "what has not ended");
        // One for which something was sent is no business of a ledger that does not know of it.
        assert_eq!(sql.ask("SELECT request_key || ' ' || state FROM refund_status"), "e1 queued");
    }
}

/// Every command that opens a ledger, the daemon first.
const OPENERS: [&[&str]; 3] = [&["run", "--once"], &["status"], &["orders", "add", "A1"]];

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_a_newer_daemon_is_refused_and_kept() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    sql.does("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)");
    sql.close();
    for opener in OPENERS {
        let told = house.tell(opener);
        let said = told.error(1);
        assert!(said.contains("is of a newer ecpayd (migration 9999") && said.contains("upgrade"), "{said}");
    }
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_stays_byte_for_byte() {
    let page = "id,order\n1,A1\n".repeat(1000);
    for content in [page.as_bytes(), b"x", b"SQLite format 2\0 and more", &[0; 4096]] {
        let house = House::without_gateway(BRISK);
        std::fs::write(house.ledger(), content).expect("a file");
        for opener in OPENERS {
            let told = house.tell(opener);
            let said = told.error(1);
            assert!(said.contains("is no SQLite database; nothing was changed"), "{said}");
            assert!(said.contains("ledger.db"), "{said}");
        }
        assert!(std::fs::read(house.ledger()).expect("it is there") == content, "{} bytes", content.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_programs_database_is_refused_and_stays_byte_for_byte() {
    for mode in ["DELETE", "WAL"] {
        for id in [0, 7] {
            let house = House::without_gateway(BRISK);
            let sql = LedgerHandle::create(&house.ledger());
            let content = format!(
                "PRAGMA journal_mode = {mode}; PRAGMA application_id = {id}; CREATE TABLE orders (no TEXT); INSERT INTO orders VALUES ('x');"
            );
            sql.does(&content);
            sql.close();
            let before = std::fs::read(house.ledger()).expect("a database");
            for opener in OPENERS {
                let told = house.tell(opener);
                let said = told.error(1);
                assert!(said.contains("but no ecpayd ledger; nothing was changed in it"), "{said}");
            }
            assert!(std::fs::read(house.ledger()).expect("it is there") == before, "{mode}, application {id}");
        }
    }
}

#[test]
fn a_ledger_that_is_not_there_is_created_by_the_daemon_alone() {
    let house = House::without_gateway(BRISK);
    for opener in &OPENERS[1..] {
        let told = house.tell(opener);
        let said = told.error(1);
        assert!(said.contains("there is no ledger at") && said.contains("ledger.db"), "{said}");
        assert!(!house.ledger().exists(), "{opener:?}");
    }
    house.done(&["run", "--once"]);
    house.done(&["status"]);
}

#[test]
fn an_empty_file_becomes_a_ledger() {
    let house = House::without_gateway(BRISK);
    std::fs::write(house.ledger(), b"").expect("a file");
    assert!(house.tell(&["status"]).error(1).contains("there is no ledger at"));
    house.done(&["run", "--once"]);
    assert!(house.done(&["status"]).contains("no orders yet"));
}
