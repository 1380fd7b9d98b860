//! The statement of docs/sql.md that tells a shop which refunds have ended, run on a real ledger; and its tables
//! of reasons.

mod support;

use std::collections::BTreeSet;

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::reason::{Code, Reason};
use ecpayd::simulator::bank::{Ask, By};
use ecpayd::simulator::{Fault, FaultKind, Running};
use support::{BRISK, House, MERCHANT, gateway, number, paid};

const PAGES: [&str; 2] = [include_str!("../docs/sql.md"), include_str!("../docs/sql.zh-TW.md")];

/// As it stands in PHP, in Python and in Node.
fn recipes(page: &str) -> Vec<String> {
    let (start, end) = ("SELECT max(e.id) AS event", "ORDER BY event");
    let found = page.split(start).skip(1);
    found.map(|rest| format!("{start}{}{end}", rest.split_once(end).expect("its end").0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_learns_of_each_refund_that_is_done_rejected_or_before_a_person() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    for no in ["D1", "V1", "W1", "X1", "Y1"] {
        paid(&bank.handle, no, 1000);
        sql.add_order(no);
    }
    sql.does("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no IN ('W1', 'X1')");
    house.done(&["run", "--once"]);
    sql.add_refund("D1", None, "done");
    house.done(&["run", "--once"]);
    // ECPay says no, and does it all the same: only a person can tell.
    bank.handle.strike(Fault::on(Action::N, FaultKind::RefusedAfter));
    sql.add_refund("V1", None, "review");
    sql.add_refund("W1", Some(300), "waiting");
    // Nothing is left of an order that is void, and an unknown word is for a person, without an attempt.
    at_the_bank(&bank, "X1", Some(Action::N), None);
    sql.add_refund("X1", None, "rejected");
    at_the_bank(&bank, "Y1", None, Some("Settling"));
    sql.add_refund("Y1", None, "unknown");
    assert!(house.tell(&["run", "--once"]).err.contains("needs a person"));
    let all: Vec<String> = PAGES.into_iter().flat_map(recipes).collect();
    assert_eq!(all.len(), 6);
    for recipe in all {
        let told = |after: i64| -> Vec<(i64, String)> {
            sql.rows(&recipe, [after], |r| (r.get(0), format!("{} {}", r.get::<String>(1), r.get::<String>(3))))
        };
        let rows = told(0);
        let shown: Vec<String> = rows.iter().map(|(_, shown)| shown.clone()).collect();
        let expected = ["done done", "rejected rejected", "review review", "unknown review"];
        assert_eq!(shown.iter().collect::<BTreeSet<_>>(), expected.map(str::to_owned).iter().collect(), "{recipe}");
        let (last, _) = rows.last().expect("rows");
        assert_eq!(told(*last).len(), 0, "each is told once");
    }
}

/// What a hand does there, or what its card detail says.
fn at_the_bank(bank: &Running, no: &str, hand: Option<Action>, says: Option<&str>) {
    let (merchant_id, merchant_trade_no) = (MerchantId::parse(MERCHANT).expect("an id"), number(no));
    bank.handle.with_bank(|bank, now| {
        let order = bank.order(&merchant_id, &merchant_trade_no).expect("the order").clone();
        if let Some(action) = hand {
            let (trade_no, amount) = (order.trade_no, order.amount);
            let (merchant_id, merchant_trade_no) = (merchant_id.clone(), merchant_trade_no.clone());
            let ask = Ask { at: now, by: By::Dashboard, merchant_id, merchant_trade_no, trade_no, action, amount };
            bank.act(&ask).expect("by hand");
        }
        bank.say(&merchant_id, &merchant_trade_no, says).expect("the order");
    });
}

/// The rows below a heading, cell by cell: of each table whose first column has this name.
fn rows<'p>(page: &'p str, heading: &str, column: &str) -> Vec<Vec<&'p str>> {
    let (_, section) = page.split_once(heading).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = |line: &'p str| -> Vec<&'p str> { line.trim_matches('|').split('|').map(str::trim).collect() };
    let tables = section.split("\n\n").map(|part| part.lines().collect::<Vec<_>>());
    let tables = tables.filter(|table| table.first().is_some_and(|line| line.starts_with(&format!("| {column} |"))));
    tables.flat_map(|table| table.into_iter().skip(2).map(cells).collect::<Vec<_>>()).collect()
}

#[test]
fn both_pages_list_every_reason_with_its_arguments() {
    let codes: Vec<&Code> = Reason::CODES.iter().flat_map(|subject| subject.codes).collect();
    let [english, chinese] = PAGES;
    for (page, heading, column, comma) in
        [(english, "\n## Reasons\n", "code", ", "), (chinese, "\n## 原因代碼\n", "代碼", "、")]
    {
        let listed = rows(page, heading, column);
        let expected = codes.iter().map(|code| {
            let args: Vec<String> = code.args.iter().map(|arg| format!("`{arg}`")).collect();
            [format!("`{}`", code.code), args.join(comma)]
        });
        let shown: Vec<[String; 2]> = listed.iter().map(|row| [row[0].to_owned(), row[1].to_owned()]).collect();
        assert_eq!(shown, expected.collect::<Vec<_>>(), "{heading}");
        assert!(listed.iter().all(|row| row.len() == 3 && !row[2].is_empty()), "{heading}");
    }
    let meanings = codes.iter().map(|code| code.meaning().trim_end_matches('.'));
    let listed = rows(english, "\n## Reasons\n", "code");
    assert_eq!(listed.iter().map(|row| row[2]).collect::<Vec<_>>(), meanings.collect::<Vec<_>>());
    for subject in Reason::CODES {
        assert!(english.contains(&format!("\n\n{}\n\n| code |", subject.about())), "{}", subject.about());
    }
}
