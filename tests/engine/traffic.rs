//! Calls by the hour, for people: each that left is counted once, over restarts.

use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, days, minutes, shop};

async fn keep(shop: &Shop) {
    shop.engine().shared().tally.traffic.keep(shop.ledger()).await.expect("the ledger");
}

fn counted(shop: &Shop) -> i64 {
    shop.sql.value("SELECT coalesce(sum(calls), 0) FROM traffic", ())
}

#[tokio::test]
async fn each_call_is_counted_once_by_what_became_of_it_and_a_restart_adds_to_the_hour() {
    let mut shop = shop().await;
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    shop.sql.add_order("A1");
    shop.settle().await;
    keep(&shop).await;
    let hour = "SELECT outcome || ' ' || sum(calls) FROM traffic GROUP BY outcome ORDER BY outcome";
    assert_eq!(shop.sql.ask(hour), "answered 2");
    keep(&shop).await;
    assert_eq!(counted(&shop), 2, "what was kept is not kept again");

    shop.reopen().await;
    shop.sql.set_capture(MERCHANT, "A1", "now");
    shop.settle().await;
    keep(&shop).await;
    assert_eq!(shop.sql.ask("SELECT count(DISTINCT hour) FROM traffic"), "1", "all within one hour");
    assert_eq!(shop.sql.ask("SELECT calls FROM traffic WHERE call = 'action' AND outcome = 'answered'"), "1");

    // A 403, then a day later one that is lost.
    shop.strike_looks(OnCall::CardDetail, FaultKind::Status { code: 403 }, 1);
    shop.sleep_until(shop.now() + days(1));
    shop.settle().await;
    shop.strike_looks(OnCall::CardDetail, FaultKind::LostBefore, 1);
    shop.sleep_until(shop.now() + minutes(31));
    shop.settle().await;
    keep(&shop).await;
    let ends = shop.sql.ask(
        "SELECT outcome || ' ' || sum(calls) FROM traffic WHERE outcome <> 'answered' GROUP BY outcome ORDER BY 1",
    );
    assert_eq!(ends, "limited 1,unanswered 1");
    assert_eq!(usize::try_from(counted(&shop)), Ok(shop.wire.posts()), "as many as have left");
    assert_eq!(shop.sql.ask("SELECT merchant_id || service FROM last_answers"), format!("{MERCHANT}card"));
}

#[tokio::test]
async fn what_the_ledger_does_not_take_is_kept_for_the_next_minute() {
    let shop = shop().await;
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    shop.sql.add_order("A1");
    shop.settle().await;
    shop.sql.does_unguarded("CREATE TRIGGER no_traffic BEFORE INSERT ON traffic BEGIN SELECT RAISE(ABORT, 'no'); END");
    let tally = &shop.engine().shared().tally.traffic;
    tally.keep(shop.ledger()).await.expect_err("refused");
    shop.sql.does_unguarded("DROP TRIGGER no_traffic");
    keep(&shop).await;
    assert_eq!(counted(&shop), 2);
}

#[tokio::test]
async fn calls_are_forgotten_after_ninety_days() {
    let shop = shop().await;
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    shop.sql.add_order("A1");
    shop.settle().await;
    keep(&shop).await;
    for (later, left) in [(days(90), 2), (days(90) + minutes(60), 0)] {
        let now = shop.now() + later;
        shop.ledger().write(ecpayd::ledger::Housekeeping { now }).await.expect("the ledger");
        assert_eq!(counted(&shop), left, "after {later}");
    }
}
