//! The same for shops that sell vouchers: `voucher_orders`, `voucher_status`, `voucher_tickets`.

use super::support::vouchers::{at_the_counter, sold, sold_vouchers};
use super::support::{BRISK, House, MERCHANT, add_order, add_refund, ask, does, gateway, paid, refused};
use super::{MISCOUNTED, TAKEN, UNKNOWN, check, python_reads_the_same};
use ecpayd::simulator::bank::Pick;

/// A merchant in the settings without the voucher service.
const CARDS_ONLY: &str = "2000132";

const ONE: &str = "a voucher order has a merchant_trade_no or a free_trade_no: give one of them, never both";
const NUMBER: &str = "merchant_trade_no of a voucher order must be 1 to 25 letters and digits, as sent to ECPay";
const FREE: &str = "free_trade_no must be 1 to 20 letters and digits, as ECPay gave it";
const SERVICE: &str = "the merchant has no voucher service in the settings of ecpayd: add its [merchant.voucher] section and start ecpayd once";
const TWICE: &str = "the_voucher_order_is_in_the_ledger_already";
const REPLACED: &str = "the voucher order is in the ledger already and is never replaced: use INSERT OR IGNORE";
const KEPT: &str = "only guard and memo of a voucher order may be changed";
const GUARD: &str = "guard must be 0 or 1";

/// As in the table of orders; V1 is known to the voucher service, and nothing else is.
#[rustfmt::skip]
const WRITES: &[(&str, &str)] = &[
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V2')", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no, memo) VALUES ('3002607', 'F1', 'anniversary')", TAKEN),
    // A number of each kind is another order.
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'V2')", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'V3', 0)", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'abcdefghijABCDEFGHIJ12345')", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'abcdefghijABCDEFGHIJ')", TAKEN),
    // Both numbers, or neither.
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no) VALUES ('3002607', 'B1', 'B2')", ONE),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no) VALUES ('3002607', 'B1', '')", ONE),
    ("INSERT INTO voucher_orders (merchant_id) VALUES ('3002607')", ONE),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no) VALUES ('3002607', NULL, NULL)", ONE),
    ("INSERT OR IGNORE INTO voucher_orders (merchant_id) VALUES ('3002607')", ONE),
    // What a number may be.
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', '')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'abcdefghijABCDEFGHIJ123456')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'a b')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'a-b')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V4' || char(10))", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', '票券1')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'é')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V4' || char(0))", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V4' || char(0) || ';--')", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', char(0))", NUMBER),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', x'5634')", "cannot store BLOB value in TEXT column voucher_orders.merchant_trade_no"),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', '')", FREE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'abcdefghijABCDEFGHIJ1')", FREE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'a_b')", FREE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', '贈1')", FREE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F4' || char(0) || '5')", FREE),
    ("INSERT OR IGNORE INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'a b')", FREE),
    // Whose it may be.
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('9', 'B1')", UNKNOWN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES (NULL, 'B1')", UNKNOWN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('2000132', 'B1')", SERVICE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('2000132', 'B1')", SERVICE),
    // The guard.
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'B1', 2)", GUARD),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'B1', -1)", GUARD),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'B1', NULL)", GUARD),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'B1', 'off')", "cannot store TEXT value in INTEGER column voucher_orders.guard"),
    ("UPDATE voucher_orders SET guard = 0 WHERE merchant_trade_no = 'V2'", TAKEN),
    ("UPDATE voucher_orders SET guard = 1 WHERE merchant_trade_no = 'V2'", TAKEN),
    ("UPDATE voucher_orders SET guard = 2 WHERE merchant_trade_no = 'V2'", GUARD),
    ("UPDATE voucher_orders SET guard = NULL WHERE merchant_trade_no = 'V2'", GUARD),
    ("UPDATE voucher_orders SET memo = 'hotel' WHERE merchant_trade_no = 'V2'", TAKEN),
    // What is registered stays as it is.
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V2')", TWICE),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1')", TWICE),
    ("INSERT OR IGNORE INTO voucher_orders (merchant_id, merchant_trade_no, guard) VALUES ('3002607', 'V2', 0)", TAKEN),
    ("INSERT OR IGNORE INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1')", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V2') ON CONFLICT DO NOTHING", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V2') ON CONFLICT (merchant_id, merchant_trade_no) DO NOTHING", TAKEN),
    ("INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1') ON CONFLICT (merchant_id, free_trade_no) DO NOTHING", TAKEN),
    ("INSERT OR REPLACE INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V2')", REPLACED),
    ("INSERT OR REPLACE INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1')", REPLACED),
    ("REPLACE INTO voucher_orders (id, merchant_id, merchant_trade_no) VALUES (1, '3002607', 'B1')", REPLACED),
    ("UPDATE voucher_orders SET merchant_trade_no = 'B1' WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE voucher_orders SET merchant_trade_no = NULL, free_trade_no = 'B1' WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE voucher_orders SET free_trade_no = 'B1' WHERE free_trade_no = 'F1'", KEPT),
    ("UPDATE voucher_orders SET merchant_id = '2000132' WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE voucher_orders SET created_at = 0 WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE voucher_orders SET id = 99 WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE OR REPLACE voucher_orders SET id = 1 WHERE merchant_trade_no = 'V2'", KEPT),
    ("UPDATE voucher_orders SET rowid = 99 WHERE merchant_trade_no = 'V2'", KEPT),
    ("INSERT INTO voucher_orders (id, merchant_id, merchant_trade_no) VALUES (9223372036854775807, '3002607', 'Z1')", "id is given by the ledger: leave it out"),
    ("DELETE FROM voucher_orders WHERE merchant_trade_no = 'V2'", "voucher orders are never deleted: the ledger is the record of the money"),
    ("DELETE FROM voucher_orders", "voucher orders are never deleted: the ledger is the record of the money"),
];

/// What all of it leaves.
const LEAVES: &[(&str, &str)] = &[
    (
        "SELECT ifnull(merchant_trade_no, 'free ' || free_trade_no) || ' ' || guard FROM voucher_orders ORDER BY id",
        "V1 1,V2 1,free F1 1,free V2 1,V3 0,abcdefghijABCDEFGHIJ12345 1,free abcdefghijABCDEFGHIJ 1",
    ),
    ("SELECT memo FROM voucher_orders WHERE memo IS NOT NULL ORDER BY id", "hotel,anniversary"),
    (
        "SELECT kind FROM order_events WHERE merchant_trade_no = 'V2' ORDER BY id",
        "voucher_registered,voucher_guard_changed,voucher_guard_changed",
    ),
    ("SELECT count(*) FROM voucher_state", "7"),
    (MISCOUNTED, "0"),
    ("SELECT sum(count) FROM voucher_counts", "7"),
];

/// V1: four tickets of NT$300, one of them redeemed and one refunded, paid by a card order.
async fn house() -> House {
    let bank = gateway().await;
    let house = House::with_vouchers(&bank.url(), BRISK);
    house.settle(&[MERCHANT, CARDS_ONLY], &bank.url(), &[MERCHANT], BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    paid(&bank.handle, "V1", 1200);
    sold_vouchers(&bank.handle, sold("V1"), 4, 300);
    add_order(&mut sql, "V1").await;
    does(&mut sql, "INSERT INTO voucher_orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'V1')").await;
    house.done(&["run", "--once"]);
    at_the_counter(&bank.handle, &sold("V1"), |bank, id, no, now| bank.redeem(id, no, &Pick::Unused(1), now));
    at_the_counter(&bank.handle, &sold("V1"), |bank, id, no, now| {
        bank.refund_tickets(id, no, &Pick::Unused(1), 0, now)
    });
    // A refund is looked at with its vouchers; the rest has its own time.
    add_refund(&mut sql, "V1", Some(901), "k1").await;
    house.done(&["run", "--once"]);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_voucher_row_is_refused_with_a_sentence() {
    let house = house().await;
    let mut sql = house.sql().await;
    for (statement, sentence) in WRITES {
        if *sentence == TAKEN {
            does(&mut sql, statement).await;
        } else {
            let said = refused(&mut sql, statement).await;
            assert!(said.contains(sentence), "{statement}: {said}");
        }
    }
    check(&mut sql, LEAVES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_python_reads_the_same_sentences_about_vouchers() {
    let house = house().await;
    if python_reads_the_same(&house, WRITES) {
        check(&mut house.sql().await, LEAVES).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_of_vouchers_have_the_columns_of_the_contract_and_their_types() {
    let house = house().await;
    let mut sql = house.sql().await;
    for (query, expected) in [
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('voucher_status')",
            "merchant_id, merchant_trade_no, free_trade_no, voucher_trade_no, state, trade_amount, redeemed_amount, \
             refunded_amount, refund_confirmed_amount, unused_amount, last_checked_at, last_error",
        ),
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('voucher_tickets')",
            "merchant_id, merchant_trade_no, free_trade_no, ticket_no, item_no, item_name, kind, amount, use_status, \
             starts_on, expires_on, redeemed_at, refunded_at",
        ),
        (
            "SELECT typeof(merchant_id) || typeof(merchant_trade_no) || typeof(free_trade_no) || typeof(voucher_trade_no) || typeof(state)
               FROM voucher_status",
            "texttextnulltexttext",
        ),
        (
            "SELECT trade_amount || ' ' || redeemed_amount || ' ' || refunded_amount || ' ' || unused_amount || ' ' ||
                    typeof(trade_amount) || ' ' || typeof(redeemed_amount) || ' ' || typeof(last_checked_at) || ' ' || typeof(last_error)
               FROM voucher_status",
            "1200 300 300 600 integer integer text null",
        ),
        (
            "SELECT use_status || ' ' || amount || ' ' || item_name || ' ' || typeof(redeemed_at) || ' ' || typeof(refunded_at)
               FROM voucher_tickets ORDER BY ticket_no",
            "redeemed 300 平日住宿券 text null,refunded 300 平日住宿券 null text,unused 300 平日住宿券 null null,unused 300 平日住宿券 null null",
        ),
        ("SELECT state FROM refund_status", "rejected"),
    ] {
        assert_eq!(ask(&mut sql, query).await, expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_order_that_was_not_looked_at_is_registered_and_due_at_once() {
    let house = House::with_vouchers("http://127.0.0.1:9", BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    does(&mut sql, "INSERT INTO voucher_orders (merchant_id, free_trade_no) VALUES ('3002607', 'F1')").await;
    let known = "SELECT state || ' ' || (trade_amount IS NULL) || (redeemed_amount IS NULL) || (refunded_amount IS NULL)
                        || (refund_confirmed_amount IS NULL) || (unused_amount IS NULL) || (last_checked_at IS NULL) FROM voucher_status";
    assert_eq!(ask(&mut sql, known).await, "registered 111111");
    assert_eq!(ask(&mut sql, "SELECT next_at FROM voucher_state").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn voucher_states_are_the_words_of_the_contract_and_no_others() {
    let house = house().await;
    let sql = house.sql().await;
    let words = "registered issuing issued issue_failed not_found review";
    assert_eq!(
        ecpayd::domain::voucher::VoucherState::ALL.iter().map(|s| s.word()).collect::<Vec<_>>().join(" "),
        words
    );
    let set = |word| sql.write("UPDATE voucher_state SET state = ?", [word]);
    for word in words.split(' ') {
        assert!(set(word).is_ok(), "{word}");
    }
    for word in ["", "Issued", "sold"] {
        assert!(set(word).is_err(), "{word}");
    }
}
