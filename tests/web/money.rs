//! Whether the money is right: what the overview says of it, and where it says that it does not know.

use chrono::Duration;
use ecpayd::domain::calendar::taipei_date;

use crate::http::get;
use crate::ledger::MERCHANT;
use crate::stage::{Pages, Stage};

const NONE: [i64; 0] = [];

async fn overview(pages: &Pages, lang: &str) -> String {
    // Each is asked for under a name of its own: a page is kept for two seconds.
    static ASKED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    get(pages.at, &format!("/?lang={lang}&n={n}")).await.body
}

/// What stands in the section of that name.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let rest = page.split(&format!("id=\"{id}\"")).nth(1).expect("the section");
    rest.split("</section>").next().unwrap_or_default()
}

/// The amount of the line with that name.
fn amount(section: &str, name: &str) -> i64 {
    let row = section
        .split(&format!("<th scope=\"row\">{name}<"))
        .nth(1)
        .unwrap_or_else(|| panic!("no line {name}: {section}"));
    let row = row.split("<tr").next().unwrap_or_default();
    let cell = row.split("<td class=\"n\">").nth(1).expect("its amount");
    let digits = cell.split('<').next().unwrap_or_default();
    let number: i64 = digits.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number");
    if digits.starts_with('−') { -number } else { number }
}

/// A statement with what the books have captured, as ECPay would list it.
fn read_statement(stage: &Stage, merchant: &str) {
    let day = taipei_date(stage.now() - Duration::days(1));
    stage.sql.does(&format!(
        "INSERT INTO statements (id, sha256, name, kind, merchant_id, from_day, to_day, row_count, read_at)
         VALUES ({merchant}, '{merchant}', 'x.csv', 'QueryTradeMedia', '{merchant}', '2026-08-01', '{day}', 1, 1788220800000);
         INSERT INTO statement_rows
             (statement_id, line, kind, merchant_id, merchant_trade_no, traded_on, gross, nth, settled_on, fee_milli)
         SELECT {merchant}, j.id, 'QueryTradeMedia', j.merchant_id, s.merchant_trade_no, j.day,
                CASE WHEN j.kind = 'captured' THEN j.amount ELSE -j.amount END, j.id, '{day}', 1500
           FROM journal j JOIN order_state s ON s.order_id = j.order_id
          WHERE j.merchant_id = '{merchant}' AND j.kind IN ('captured', 'refunded')"
    ));
}

#[tokio::test]
async fn the_bridge_of_the_money_ends_at_the_figure_of_the_wall() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    let page = overview(&pages, "en").await;
    let money = section(&page, "mo");
    let first = taipei_date(stage.now() - Duration::days(29));
    let opening = amount(money, &format!("on {first}, 00:00"));
    let moved = ["authorized since", "captured"].map(|name| amount(money, name));
    let closing = amount(money, "authorized now, as on the wall");
    assert_eq!(opening + moved.iter().sum::<i64>(), closing, "{opening} {moved:?}");
    assert_eq!(opening, 2380, "of before there is the order on hold");
    assert!(moved[0] > 0 && moved[1] < 0, "{moved:?}");
    let wall: i64 = stage.sql.value("SELECT sum(amount) FROM order_state WHERE state = 'authorized'", NONE);
    assert_eq!(closing, wall);
    let sum = |kind: &str| -> i64 {
        let select =
            format!("SELECT coalesce(sum(amount), 0) FROM day_sums WHERE kind = '{kind}' AND day >= '{first}'");
        stage.sql.value(&select, NONE)
    };
    assert_eq!(amount(money, "= net"), sum("captured") - sum("refunded"));
    assert!(!page.contains("ECPay's statement ") && !money.contains("mark ok"), "none is read");
}

#[tokio::test]
async fn the_money_is_right_only_where_all_of_it_was_held_against_statements() {
    let stage = Stage::open().await;
    for (merchant, no) in [(MERCHANT, "A1"), ("2000132", "B1")] {
        stage.sell(merchant, no, 1000);
        stage.sql.set_capture(merchant, no, "now");
    }
    stage.live_for(Duration::days(3)).await;
    let pages = stage.pages(|_| {}).await;
    let nothing_read = overview(&pages, "en").await;
    assert!(nothing_read.contains("No statement of ECPay is read for merchant 2000132"), "{nothing_read}");

    read_statement(&stage, "2000132");
    let one_read = overview(&pages, "en").await;
    let money = section(&one_read, "mo");
    assert!(money.contains("No statement of ECPay is read for merchant 3002607"), "{money}");
    assert!(money.contains("Not compared") && !money.contains("mark ok"), "{money}");

    read_statement(&stage, MERCHANT);
    for (lang, right) in [("en", "The money is right"), ("zh", "帳目相符")] {
        let page = overview(&pages, lang).await;
        assert!(section(&page, "mo").contains(&format!("<b class=\"mark ok\">{right}</b>")), "{page}");
        assert!(page.contains("<dt class=\"mark ok\"><a href=\"#mo\">"), "among the three answers too");
    }
    let page = overview(&pages, "en").await;
    let money = section(&page, "mo");
    let statement = money.split("ECPay&#39;s statement").last().expect("the statement");
    assert_eq!(amount(statement, "captured"), 2000);
    // 1.5 dollars of each merchant: half a dollar is dropped.
    assert_eq!((amount(statement, "− fees"), amount(statement, "= paid out or due")), (-2, 1998));

    stage.sql.does(
        "INSERT INTO alerts (kind, severity, stage, merchant_id, message, raised_at)
         VALUES ('statement_differs', 'warning', '', '2000132', 'said', 1785729600000)",
    );
    let page = overview(&pages, "en").await;
    assert!(section(&page, "mo").contains("<b class=\"mark warn\">1 difference</b>"), "{page}");

    stage.live_for(Duration::days(12)).await;
    stage.sql.does("UPDATE alerts SET closed_at = 1785729600000 WHERE kind = 'statement_differs'");
    let page = overview(&pages, "en").await;
    assert!(section(&page, "mo").contains("Not compared"), "what came after the last statement is not: {page}");
}

#[tokio::test]
async fn a_ledger_that_does_not_add_up_is_said_with_the_orders() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "A1", 1000);
    stage.sell(MERCHANT, "A2", 500);
    stage.live_for(Duration::hours(1)).await;
    stage.sql.does_unguarded("UPDATE order_state SET amount = 900 WHERE merchant_trade_no = 'A1'");
    let pages = stage.pages(|_| {}).await;
    for (lang, name) in [("en", "The ledger does not add up"), ("zh", "帳本內部不平")] {
        let page = overview(&pages, lang).await;
        let money = section(&page, "mo");
        assert!(money.contains(&format!("<b class=\"mark crit\">{name}</b>")), "{money}");
        assert!(money.contains("1,400") && money.contains("1,500") && money.contains("A1"), "{money}");
        assert!(!money.contains("A2"), "{money}");
    }
}

#[tokio::test]
async fn an_order_whose_newest_look_tells_something_else_stays_on_the_wall_as_long_as_its_money_is_held() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "A1", 1000);
    stage.sell(MERCHANT, "VOID1", 300);
    stage.live_for(Duration::hours(1)).await;
    stage.sql.add_refund("VOID1", None, "void");
    stage.live_for(Duration::days(1)).await;
    stage.sql.does("UPDATE order_state SET state = 'review' WHERE merchant_trade_no IN ('A1', 'VOID1')");
    let pages = stage.pages(|_| {}).await;
    let page = overview(&pages, "en").await;
    assert!(section(&page, "wa").contains("1 authorized orders, NT$1,000."), "{}", section(&page, "wa"));
    assert!(
        section(&page, "nx").contains("A1") && !section(&page, "nx").contains("VOID1"),
        "its limit comes all the same"
    );
    assert!(section(&page, "mo").contains("= 1,000") && !section(&page, "mo").contains("mark crit"));
}

#[tokio::test]
async fn a_part_that_cannot_be_read_says_so_in_its_place_and_the_others_are_shown() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "A1", 1000);
    stage.live_for(Duration::hours(1)).await;
    stage.sql.does("ALTER TABLE journal_days RENAME TO journal_days_gone");
    let pages = stage.pages(|_| {}).await;
    for (lang, said) in [("en", "This part could not be read, since 2026-08-03 "), ("zh", "讀不到這一部分")] {
        let page = overview(&pages, lang).await;
        assert!(section(&page, "mo").contains(said), "{page}");
        assert!(section(&page, "wa").contains("1,000") && !section(&page, "wa").contains(said), "{page}");
        assert!(page.contains("<dt class=\"mark warn\"><a href=\"#mo\">"), "nor a tick above");
        assert!(!page.contains("journal_days"), "the reason is for the log");
    }
    let since = |page: &str| section(page, "mo").split("since 2026-08-03 ").nth(1).map(|rest| rest[..5].to_owned());
    let first = since(&overview(&pages, "en").await);
    stage.live_for(Duration::minutes(7)).await;
    assert_eq!(since(&overview(&pages, "en").await), first, "it says since when, not when it was asked for");
}
