//! After the run: the ledger's books against the bank's, dollar by dollar.

use chrono::{DateTime, Duration, Timelike, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::taipei;
use ecpayd::simulator::bank::{ActionRecord, By, Kind, Truth};
use sqlx::Row;

use crate::actors::{has_other_hands, number};
use crate::world::{World, names};

struct Books {
    state: String,
    amount: Option<i64>,
    captured: i64,
    refunded: i64,
    capture: String,
    /// What refunds that are done say went back: by R, by N.
    by_r: i64,
    by_n: i64,
    /// Attempts that took effect, by what the ledger holds.
    applied_r: Vec<i64>,
    open_attempts: i64,
    in_review: i64,
}

/// Every difference, in words.
pub async fn all(mut world: World) -> Vec<String> {
    let mut faults = Vec::new();
    let actions: Vec<ActionRecord> = world.bank.with_bank(|bank, _| bank.actions().to_vec());
    window(&actions, &mut faults);
    for order in 0..world.orders {
        let (id, no) = names(order);
        let Some((truth, kind)) = world.bank.with_bank(|bank, _| bank.order(&id, &no).map(|o| (o.truth(), o.kind)))
        else {
            continue;
        };
        let books = books(&mut world, order).await;
        let of_order: Vec<&ActionRecord> = actions.iter().filter(|a| a.merchant_trade_no == no && a.effect).collect();
        let mut check = |right: bool, what: &str| {
            if !right {
                faults.push(format!("{no} ({kind:?}, {}): {what}; bank {truth:?}", books.state));
            }
        };
        money(order, &books, &truth, &of_order, &mut check);
        ends(&books, &truth, kind, &of_order, &mut check);
    }
    refunds(&mut world, &mut faults).await;
    world.engine().shared().ledger.foreign_commits().await.expect("the ledger");
    faults
}

fn window(actions: &[ActionRecord], faults: &mut Vec<String>) {
    for a in actions.iter().filter(|a| a.by == By::Api) {
        let at = taipei(a.at);
        let minute = at.hour() * 60 + at.minute();
        // A call that dawdled on the way arrives when it does; it was sent outside the window.
        if (20 * 60 + 15..20 * 60 + 30).contains(&minute) && !dawdled(a.at) {
            faults.push(format!("{} {} arrived in the closing window at {at}", a.merchant_trade_no, a.action));
        }
    }
}

/// The simulator stamps the arrival; what is sent before the guard can arrive up to ten minutes later.
fn dawdled(at: DateTime<Utc>) -> bool {
    let at = taipei(at);
    at.hour() == 20 && at.minute() < 24
}

fn money(order: usize, books: &Books, truth: &Truth, actions: &[&ActionRecord], check: &mut impl FnMut(bool, &str)) {
    let sum = |by: By, action: Action| -> i64 {
        actions.iter().filter(|a| a.by == by && a.action == action).map(|a| a.amount.dollars()).sum()
    };
    check(truth.refunded <= truth.amount.dollars(), "more refunded than the order was worth");
    if has_other_hands(order) {
        // A lost R and the same amount given back by hand look alike; neither may be counted twice.
        check(
            books.by_r <= sum(By::Api, Action::R) + sum(By::Dashboard, Action::R),
            "a refund is done that nobody made",
        );
        return;
    }
    let mut sent: Vec<i64> = actions.iter().filter(|a| a.action == Action::R).map(|a| a.amount.dollars()).collect();
    let mut applied = books.applied_r.clone();
    sent.sort_unstable();
    applied.sort_unstable();
    if books.in_review == 0 {
        check(sent == applied, &format!("R took effect as {sent:?}, the ledger holds {applied:?}"));
        check(books.by_r == truth.refunded, &format!("refunds say {} went back", books.by_r));
        check((books.by_n > 0) <= truth.void, "a refund says the order was abandoned, and it was not");
        check(books.captured == truth.captured, &format!("the ledger says {} captured", books.captured));
        check(books.refunded == truth.refunded, &format!("the ledger says {} refunded", books.refunded));
        check(books.amount.is_none_or(|a| a == truth.amount.dollars()), "the ledger has another amount");
    }
    let voids = actions.iter().filter(|a| a.action == Action::N).count();
    check(voids <= 1, "abandoned twice");
}

fn ends(books: &Books, truth: &Truth, kind: Kind, actions: &[&ActionRecord], check: &mut impl FnMut(bool, &str)) {
    check(books.open_attempts == books.in_review, "an attempt is neither settled nor in review");
    if let (Some(authorized), true) = (truth.authorizations.first().map(|a| a.authorized_at), kind != Kind::UnionPay) {
        let captured = actions.iter().find(|a| a.action == Action::C && a.by == By::Api).map(|a| a.at);
        let late = captured.is_some_and(|at| at > authorized + Duration::days(21));
        check(!late, "captured after day 21");
        let lost = books.state == "expired" && books.capture != "hold";
        check(!lost || books.in_review > 0, "not on hold, and abandoned by ECPay");
    }
}

async fn refunds(world: &mut World, faults: &mut Vec<String>) {
    let rows = sqlx::query(
        "SELECT r.request_key, r.merchant_trade_no, r.state, r.detail,
                (SELECT count(*) FROM attempts a WHERE a.refund_id = r.id AND a.state = 'applied' AND a.action IN ('R', 'N')) AS moved
           FROM refund_status r",
    );
    for row in rows.fetch_all(&mut world.shop).await.expect("the ledger") {
        let text = |name: &str| row.get::<String, _>(name);
        let moved: i64 = row.get("moved");
        let right = match text("state").as_str() {
            "done" => moved == 1,
            "rejected" | "canceled" => moved == 0,
            "review" => moved == 0,
            // Nothing is under way for ever: the run ends long after the last refund was asked for.
            _ => false,
        };
        if !right {
            faults.push(format!(
                "refund {} of {} is {} ({}) with {moved} moves",
                text("request_key"),
                text("merchant_trade_no"),
                text("state"),
                text("detail")
            ));
        }
    }
}

async fn books(world: &mut World, order: usize) -> Books {
    let no = number(order);
    let row = sqlx::query(
        "SELECT o.state, o.amount, o.captured_amount, o.refunded_amount, o.capture,
                (SELECT ifnull(sum(refunded_amount), 0) FROM refund_status r WHERE r.merchant_trade_no = ?1 AND method = 'R') AS by_r,
                (SELECT ifnull(sum(refunded_amount), 0) FROM refund_status r WHERE r.merchant_trade_no = ?1 AND method IN ('N', 'E+N')) AS by_n
           FROM order_status o WHERE o.merchant_trade_no = ?1",
    )
    .bind(&no)
    .fetch_one(&mut world.shop)
    .await
    .expect("the order");
    let attempts = sqlx::query(
        "SELECT a.action, a.amount, a.state FROM attempts a JOIN orders o ON o.id = a.order_id WHERE o.merchant_trade_no = ?",
    )
    .bind(&no)
    .fetch_all(&mut world.shop)
    .await
    .expect("the attempts");
    let state = |r: &sqlx::sqlite::SqliteRow| r.get::<String, _>("state");
    let applied_r = attempts.iter().filter(|r| r.get::<String, _>("action") == "R" && state(r) == "applied");
    let open = |r: &&sqlx::sqlite::SqliteRow| ["started", "accepted", "unknown", "review"].contains(&state(r).as_str());
    Books {
        state: row.get("state"),
        amount: row.get("amount"),
        captured: row.get("captured_amount"),
        refunded: row.get("refunded_amount"),
        capture: row.get("capture"),
        by_r: row.get("by_r"),
        by_n: row.get("by_n"),
        applied_r: applied_r.map(|r| r.get("amount")).collect(),
        open_attempts: i64::try_from(attempts.iter().filter(open).count()).expect("few"),
        in_review: i64::try_from(attempts.iter().filter(|r| state(r) == "review").count()).expect("few"),
    }
}
