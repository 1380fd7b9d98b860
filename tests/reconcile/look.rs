//! `--look`: what ECPay shows of every unfinished order, whether or not a daemon runs.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::money::Twd;
use ecpayd::simulator::bank::{Ask, By};
use ecpayd::simulator::{Fault, FaultKind, Running};
use serde_json::json as value;

use crate::json;
use crate::support::{House, MERCHANT, gateway, number, paid};

/// Nothing is due by itself for long.
const SLOW: &str = r#"
[capture]
policy = "manual"
[gateway]
timeout = "5s"
min_interval = "0s"
settle_gap = "20ms"
[poll]
foreign_writes = "20ms"
[log]
level = "error"
"#;

/// By hand in ECPay's dashboard.
fn by_hand(bank: &Running, no: &str, action: Action, amount: i64) {
    let merchant_id = MerchantId::parse(MERCHANT).expect("an id");
    bank.handle.with_bank(|bank, now| {
        let trade_no = bank.order(&merchant_id, &number(no)).expect("the order").trade_no.clone();
        let (merchant_trade_no, amount) = (number(no), Twd::new(amount).expect("an amount"));
        bank.act(&Ask { at: now, by: By::Dashboard, merchant_id, merchant_trade_no, trade_no, action, amount })
            .expect("by hand");
    });
}

async fn authorized(bank: &Running) -> House {
    let house = House::new(&bank.url(), SLOW);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    for no in ["A1", "A2", "A3"] {
        paid(&bank.handle, no, 1000);
        sql.add_order(no);
    }
    house.done(&["run", "--once"]);
    assert_eq!(sql.ask("SELECT count(*) FROM order_status WHERE state = 'authorized'"), "3");
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_each_unfinished_order_is_looked_at_and_what_changed_is_told() {
    let bank = gateway().await;
    let house = authorized(&bank).await;
    let told = house.tell(&["reconcile", "--look"]);
    assert_eq!(
        (told.code, told.out.as_str()),
        (Some(0), "looked at 3 of 3 unfinished orders: 0 changed, 0 looks failed\n"),
        "{told:?}"
    );
    by_hand(&bank, "A2", Action::N, 1000);
    let told = house.tell(&["reconcile", "--look", "--json"]);
    let found = json(&told);
    assert_eq!(told.code, Some(1), "{told:?}");
    let changed = &found["look"]["changed"];
    assert_eq!(
        (&changed[0]["before"]["state"], &changed[0]["after"]["state"]),
        (&value!("authorized"), &value!("voided"))
    );
    assert_eq!(changed[0]["by_others"], value!([{ "kind": "voided", "amount": 1000 }]));
    assert_eq!(changed.as_array().expect("a list").len(), 1);
    assert!(told.err.contains("1 of 3 orders have changed at ECPay without a call of ours"), "{told:?}");
    let again = house.tell(&["reconcile", "--look"]);
    assert_eq!((again.code, again.out.contains("looked at 2 of 2")), (Some(0), true), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_runs_does_the_looks_and_no_second_engine_is_begun() {
    let bank = gateway().await;
    let house = authorized(&bank).await;
    let daemon = house.started().await;
    by_hand(&bank, "A1", Action::C, 1000);
    let looks = || house.tell(&["reconcile", "--look", "--json"]);
    let told = looks();
    assert_eq!(told.code, Some(1), "{told:?}");
    let found = json(&told);
    assert_eq!((&found["look"]["orders"], &found["look"]["not_reached"]), (&value!(3), &value!(0)));
    assert_eq!(found["look"]["changed"][0]["after"]["state"], "to_be_captured");
    // Keys that only the daemon has are not needed.
    std::fs::set_permissions(house.settings(), Permissions::from_mode(0o600)).expect("a mode");
    assert_eq!(looks().code, Some(0));
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_that_fail_are_told_with_their_error() {
    let bank = gateway().await;
    let house = authorized(&bank).await;
    for _ in 0..3 {
        bank.handle.strike(Fault::any(FaultKind::Status { code: 500 }));
    }
    let told = house.tell(&["reconcile", "--look"]);
    assert_eq!(told.error(1), "looks at 3 of 3 orders failed");
    assert!(told.out.contains("A1") && told.out.contains("500"), "{told:?}");
}
