//! The statement of docs/sql.md that tells a shop which refunds have ended, run on a real ledger.

mod support;

use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind};
use sqlx::{AssertSqlSafe, Row};
use support::{BRISK, House, add_order, add_refund, does, gateway, paid};

const PAGES: [&str; 2] = [include_str!("../docs/sql.md"), include_str!("../docs/sql.zh-TW.md")];

/// As it stands in PHP, in Python and in Node.
fn recipes(page: &str) -> Vec<String> {
    let found = page.split("SELECT max(e.id) AS event").skip(1);
    found
        .map(|rest| format!("SELECT max(e.id) AS event{}", &rest[..rest.find("ORDER BY event").expect("its end")]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_learns_of_each_refund_that_is_done_rejected_or_before_a_person() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    for no in ["D1", "V1", "W1"] {
        paid(&bank.handle, no, 1000);
        add_order(&mut sql, no).await;
    }
    does(&mut sql, "UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = 'W1'").await;
    house.done(&["run", "--once"]);
    add_refund(&mut sql, "D1", None, "done").await;
    house.done(&["run", "--once"]);
    // ECPay says no, and does it all the same: only a person can tell.
    bank.handle.strike(Fault::on(Action::N, FaultKind::RefusedAfter));
    add_refund(&mut sql, "V1", None, "review").await;
    add_refund(&mut sql, "W1", Some(300), "waiting").await;
    assert!(house.tell(&["run", "--once"]).err.contains("needs a person"));
    let all: Vec<String> = PAGES.into_iter().flat_map(recipes).collect();
    assert_eq!(all.len(), 6);
    for recipe in all {
        let told = |after: i64| sqlx::query(AssertSqlSafe(recipe.clone())).bind(after);
        let rows = told(0).fetch_all(&mut sql).await.unwrap_or_else(|e| panic!("{recipe}: {e}"));
        let shown: Vec<String> =
            rows.iter().map(|r| format!("{} {}", r.get::<String, _>(1), r.get::<String, _>(3))).collect();
        assert_eq!(shown, ["done done", "review review"], "{recipe}");
        let last: i64 = rows.last().expect("rows").get(0);
        assert_eq!(told(last).fetch_all(&mut sql).await.expect("rows").len(), 0, "each is told once");
    }
}
