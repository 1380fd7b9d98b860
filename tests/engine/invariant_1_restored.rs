//! Invariant 1 with a ledger that is an older copy of itself: what was refunded in the part that
//! is lost is not refunded again.

use std::path::PathBuf;

use ecpayd::domain::action::Action;
use ecpayd::ledger::{LedgerError, Resolve};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, Shop, minutes, shop};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    PartByR,
    WholeByR,
    N,
    EN,
}

const METHODS: [Method; 4] = [Method::PartByR, Method::WholeByR, Method::N, Method::EN];

impl Method {
    fn amount(self) -> Option<i64> {
        (self == Self::PartByR).then_some(300)
    }

    fn letters(self) -> &'static str {
        match self {
            Self::PartByR | Self::WholeByR => "R",
            Self::N => "N",
            Self::EN => "EN",
        }
    }
}

/// A refund, a copy of before it was made, the refund made, and the copy in the ledger's place.
async fn lost(method: Method, queued_in_the_copy: bool) -> Shop {
    let mut shop = shop().await;
    match method {
        Method::PartByR | Method::WholeByR => shop.order_captured("A1", 1000).await,
        Method::N => shop.order("A1", Kind::Card, 1000).await,
        Method::EN => shop.order_to_be_captured("A1", Kind::Card, 1000).await,
    }
    shop.settle().await;
    shop.sleep_until(shop.now() + minutes(5));
    if queued_in_the_copy {
        shop.refund("A1", method.amount(), "rma-1").await;
    }
    let copy = shop.copy().await;
    if !queued_in_the_copy {
        shop.refund("A1", method.amount(), "rma-1").await;
    }
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.refund_state("rma-1").await, "done");
    assert_eq!(shop.letters("A1"), method.letters());
    shop.put_in_place(&copy).await;
    if !queued_in_the_copy {
        // The shop sees that its row is gone.
        shop.refund("A1", method.amount(), "rma-1").await;
    }
    shop.start().await;
    shop
}

async fn question(shop: &mut Shop) -> Option<i64> {
    sqlx::query_scalar("SELECT id FROM attempts WHERE state = 'review'")
        .fetch_optional(&mut shop.sql)
        .await
        .expect("sql")
}

async fn try_resolve(shop: &mut Shop, applied: bool) -> Result<(), LedgerError> {
    let attempt_id = question(shop).await.expect("a question");
    let resolve = Resolve { attempt_id, applied, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resolve).await
}

async fn resolve(shop: &mut Shop, applied: bool) {
    try_resolve(shop, applied).await.expect("in review");
    shop.run_for(minutes(30)).await;
}

/// `(noticed, reason of the newest)`.
async fn notices(shop: &mut Shop) -> (i64, String) {
    sqlx::query_as(
        "SELECT count(*), ifnull((SELECT reason FROM takeovers ORDER BY id DESC LIMIT 1), '') FROM takeovers",
    )
    .fetch_one(&mut shop.sql)
    .await
    .expect("the table")
}

async fn unclaimed(shop: &mut Shop) -> (i64, bool) {
    sqlx::query_as("SELECT sum(unclaimed_amount), max(unclaimed_void) FROM order_state")
        .fetch_one(&mut shop.sql)
        .await
        .expect("the table")
}

async fn event(shop: &mut Shop, kind: &str) -> String {
    sqlx::query_scalar("SELECT ifnull((SELECT detail FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1), '')")
        .bind(kind)
        .fetch_one(&mut shop.sql)
        .await
        .expect("the table")
}

/// Until a person is asked, and what stands then.
async fn asked(shop: &mut Shop, method: Method, told: &str) {
    shop.run_for(minutes(14)).await;
    assert_eq!(shop.letters("A1"), method.letters(), "{told}: nothing moves while a lost call may be under way");
    let row = shop.refund_row("rma-1").await;
    assert!(row.state == "waiting" && row.detail.contains("older copy"), "{told}: {row:?}");
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.letters("A1"), method.letters(), "{told}: nothing moves before a person has told");
    let row = shop.refund_row("rma-1").await;
    assert!(row.state == "review" && row.detail.contains("this restored ledger does not know"), "{told}: {row:?}");
    let alert = shop.alert("refund_review").await.unwrap_or_else(|| panic!("{told}: an alert"));
    assert!(alert.message.contains("--applied"), "{alert:?}");
    assert!(shop.alert("external_change").await.is_some(), "{told}");
    let refused = shop.cancel("rma-1").await.expect_err("money may have moved").to_string();
    assert!(refused.contains("money may be moving"), "{refused}");
    let figures = event(shop, "taken_over").await;
    let (amount, void) = unclaimed(shop).await;
    assert!(figures.contains(&format!("\"unclaimed_amount\":{amount}")), "{figures}");
    let is = match method {
        Method::PartByR => (300, false),
        Method::WholeByR => (1000, false),
        Method::N | Method::EN => (0, true),
    };
    assert_eq!((amount, void), is, "{told}");
}

#[tokio::test]
async fn invariant_1_a_refund_made_in_the_lost_part_is_not_made_again_and_a_person_says_that_it_was_made() {
    for (method, queued) in METHODS.into_iter().flat_map(|m| [(m, true), (m, false)]) {
        let told = format!("{method:?}, queued in the copy: {queued}");
        let mut shop = lost(method, queued).await;
        assert_eq!(notices(&mut shop).await.0, 1, "{told}");
        asked(&mut shop, method, &told).await;
        let before = shop.truth("A1");
        resolve(&mut shop, true).await;
        assert_eq!(shop.truth("A1"), before, "{told}");
        assert_eq!(shop.letters("A1"), method.letters(), "{told}");
        match method {
            Method::PartByR => shop.assert_done("rma-1", 300, "R").await,
            Method::WholeByR => shop.assert_done("rma-1", 1000, "R").await,
            Method::N | Method::EN => shop.assert_done("rma-1", 1000, "N").await,
        }
        assert_eq!(unclaimed(&mut shop).await, (0, false), "{told}");
        assert!(shop.alert("refund_review").await.is_none(), "{told}");
        let state = if before.void { "voided" } else { ["captured", "refunded"][usize::from(before.net == 0)] };
        assert_eq!(shop.state("A1").await, state, "{told}");
        // From here on the order is like any other.
        if method == Method::PartByR {
            shop.refund("A1", Some(200), "rma-2").await;
            shop.run_for(minutes(5)).await;
            shop.assert_done("rma-2", 200, "R").await;
            assert_eq!(shop.truth("A1").refunded, 500);
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn invariant_1_a_refund_that_a_person_says_was_not_made_is_planned_as_usual_and_not_asked_about_again() {
    for (method, queued) in METHODS.into_iter().flat_map(|m| [(m, true), (m, false)]) {
        let told = format!("{method:?}, queued in the copy: {queued}");
        let mut shop = lost(method, queued).await;
        asked(&mut shop, method, &told).await;
        resolve(&mut shop, false).await;
        assert_eq!(question(&mut shop).await, None, "{told}");
        let truth = shop.truth("A1");
        if method == Method::PartByR {
            // Somebody else had refunded NT$300, as the person has seen.
            shop.assert_done("rma-1", 300, "R").await;
            assert_eq!((truth.refunded, shop.letters("A1").as_str()), (600, "RR"), "{told}");
        } else {
            // The person was wrong, or another system did the same: nothing is left, and that is said aloud.
            assert_eq!(shop.refund_state("rma-1").await, "rejected", "{told}");
            assert!(shop.alert("refund_rejected").await.is_some(), "{told}");
            assert_eq!(shop.letters("A1"), method.letters(), "{told}");
        }
    }
}

/// Several refunds of one order are asked about one after the other.
#[tokio::test]
async fn invariant_1_each_refund_of_the_order_is_asked_about_until_all_that_moved_is_claimed() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let copy = shop.copy().await;
    shop.refund("A1", Some(300), "rma-1").await;
    shop.refund("A1", Some(200), "rma-2").await;
    shop.run_for(minutes(5)).await;
    shop.put_in_place(&copy).await;
    shop.start().await;
    // Another one comes first, under a key of its own.
    shop.refund("A1", Some(600), "rma-3").await;
    shop.run_for(minutes(30)).await;
    let refused = try_resolve(&mut shop, true).await.expect_err("more than what moved").to_string();
    assert!(refused.contains("cannot have taken effect") && refused.contains("NT$500"), "{refused}");
    resolve(&mut shop, false).await;
    assert_eq!(shop.refund_state("rma-3").await, "rejected");
    shop.refund("A1", Some(300), "rma-1").await;
    shop.refund("A1", Some(200), "rma-2").await;
    shop.run_for(minutes(5)).await;
    resolve(&mut shop, true).await;
    assert_eq!(shop.refund_state("rma-2").await, "review");
    resolve(&mut shop, true).await;
    shop.assert_done("rma-1", 300, "R").await;
    shop.assert_done("rma-2", 200, "R").await;
    assert_eq!((shop.truth("A1").refunded, shop.letters("A1").as_str()), (500, "RR"));
    shop.refund("A1", None, "rma-4").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("rma-4", 500, "R").await;
    assert_eq!(shop.letters("A1"), "RRR");
    shop.assert_books_agree().await;
}

/// The request of the lost part arrives after the copy was put in place.
#[tokio::test]
async fn invariant_1_a_request_that_is_under_way_at_the_restore_is_waited_for() {
    for (action, seconds) in [(Action::R, 500), (Action::R, 30), (Action::N, 595)] {
        let mut shop = shop().await;
        match action {
            Action::N => shop.order("A1", Kind::Card, 1000).await,
            _ => shop.order_captured("A1", 1000).await,
        }
        shop.settle().await;
        shop.refund("A1", (action == Action::R).then_some(300), "rma-1").await;
        let copy = shop.copy().await;
        shop.strike(action, FaultKind::Delayed { s: seconds }, 1);
        shop.settle().await;
        assert_eq!(shop.attempt_states("A1").await, [format!("{action} unknown")]);
        shop.put_in_place(&copy).await;
        shop.start().await;
        shop.settle().await;
        assert_eq!((shop.truth("A1").refunded, shop.truth("A1").void), (0, false), "it is still under way");
        shop.run_for(minutes(60)).await;
        assert_eq!(shop.letters("A1"), action.letter());
        assert_eq!(shop.refund_state("rma-1").await, "review");
        resolve(&mut shop, true).await;
        assert_eq!(shop.refund_state("rma-1").await, "done");
        assert_eq!(shop.letters("A1"), action.letter());
    }
}

/// A copy that was made in the middle of a call.
#[tokio::test]
async fn invariant_1_a_call_that_was_open_in_the_copy_is_settled_after_the_wait() {
    for (kind, moved) in [(FaultKind::LostAfter, true), (FaultKind::LostBefore, false)] {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        shop.strike(Action::R, kind, 1);
        shop.refund("A1", Some(300), "rma-1").await;
        if moved {
            // Its own look would settle it at once.
            shop.wire.die_at(2, crate::wire::Death::BeforeSending);
            assert!(shop.settle_or_die().await);
        } else {
            shop.settle().await;
        }
        assert_eq!(shop.attempt_states("A1").await.len(), 1);
        let copy = shop.copy().await;
        shop.reopen().await;
        shop.run_for(minutes(60)).await;
        shop.assert_done("rma-1", 300, "R").await;
        let letters = shop.letters("A1");
        shop.put_in_place(&copy).await;
        shop.start().await;
        shop.run_for(minutes(14)).await;
        assert_eq!(shop.refund_state("rma-1").await, "running", "not before the wait is over");
        shop.run_for(minutes(60)).await;
        assert_eq!(shop.letters("A1"), letters);
        // Whether by this call or by one of the lost part, no look can tell.
        assert_eq!(shop.refund_state("rma-1").await, "review");
        resolve(&mut shop, true).await;
        shop.assert_done("rma-1", 300, "R").await;
        assert_eq!((shop.truth("A1").refunded, shop.letters("A1")), (300, letters));
        assert_eq!(unclaimed(&mut shop).await, (0, false));
    }
}

#[tokio::test]
async fn invariant_1_a_capture_in_the_lost_part_is_taken_over_without_a_question() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    let copy = shop.copy().await;
    shop.set_capture("A1", "now").await;
    shop.settle().await;
    assert_eq!(shop.letters("A1"), "C");
    shop.put_in_place(&copy).await;
    shop.start().await;
    shop.refund("A1", Some(300), "rma-1").await;
    shop.run_for(minutes(14)).await;
    assert_eq!(shop.letters("A1"), "C");
    shop.run_for(minutes(10)).await;
    shop.assert_done("rma-1", 300, "R").await;
    assert_eq!((shop.truth("A1").refunded, shop.letters("A1").as_str()), (300, "CR"));
    assert_eq!(question(&mut shop).await, None);
}

#[tokio::test]
async fn an_order_authorized_after_the_notice_does_not_wait() {
    let mut shop = lost(Method::PartByR, true).await;
    shop.settle().await;
    shop.sleep_until(shop.now() + minutes(1));
    shop.order("A2", Kind::Card, 1000).await;
    shop.refund("A2", None, "young").await;
    shop.settle().await;
    shop.assert_done("young", 1000, "N").await;
    // One that is older and new to the ledger does.
    let earlier = shop.now() - minutes(30);
    shop.sold(MERCHANT, "A3", Kind::Card, 1000, earlier, Paid::Yes);
    shop.refund("A3", None, "old").await;
    shop.run_for(minutes(10)).await;
    assert_eq!(shop.refund_state("old").await, "waiting");
    shop.run_for(minutes(10)).await;
    shop.assert_done("old", 1000, "N").await;
}

/// What the marker says, and whether the next start goes about it with care.
async fn started_with(marker: impl FnOnce(&PathBuf)) -> (Shop, i64, String) {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let copy = shop.copy().await;
    shop.put_in_place(&copy).await;
    marker(&shop.marker());
    shop.start().await;
    let (count, reason) = notices(&mut shop).await;
    (shop, count, reason)
}

#[tokio::test]
async fn a_ledger_with_its_own_marker_is_simply_normal() {
    let (mut shop, count, reason) = started_with(|_| ()).await;
    assert_eq!((count, reason.as_str()), (0, ""));
    shop.refund("A1", Some(300), "rma-1").await;
    shop.settle().await;
    shop.assert_done("rma-1", 300, "R").await;
    shop.reopen().await;
    assert_eq!(notices(&mut shop).await.0, 0);
}

#[tokio::test]
async fn a_marker_that_is_missing_damaged_or_anothers_is_a_reason_for_care() {
    let rewrite = |path: &PathBuf, change: fn(String) -> String| {
        let text = std::fs::read_to_string(path).expect("a marker");
        std::fs::write(path, change(text)).expect("a marker");
    };
    let gone = started_with(|path| std::fs::remove_file(path).expect("a marker")).await;
    let empty = started_with(|path| std::fs::write(path, "").expect("a marker")).await;
    let torn = started_with(|path| rewrite(path, |text| text[..40].to_owned())).await;
    let noise = started_with(|path| std::fs::write(path, [0xff; 100]).expect("a marker")).await;
    let foreign = started_with(|path| rewrite(path, |text| text.replacen(&text[14..46], &"0".repeat(32), 1))).await;
    for ((mut shop, count, reason), why) in [
        (gone, "is not there"),
        (empty, "is empty"),
        (torn, "is damaged"),
        (noise, "cannot be read"),
        (foreign, "of another ledger"),
    ] {
        assert_eq!(count, 1, "{why}");
        assert!(reason.contains(why), "{reason}");
        // All it costs is the wait.
        shop.refund("A1", Some(300), "rma-1").await;
        shop.run_for(minutes(15)).await;
        assert_eq!(shop.letters("A1"), "", "{why}");
        shop.run_for(minutes(5)).await;
        shop.assert_done("rma-1", 300, "R").await;
        shop.reopen().await;
        assert_eq!(notices(&mut shop).await.0, 1, "noticed once: {why}");
        shop.assert_books_agree().await;
    }
}

/// A shop that writes to the copy before the daemon's start hides nothing by it.
#[tokio::test]
async fn a_copy_that_has_grown_past_its_marker_is_noticed_all_the_same() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let copy = shop.copy().await;
    shop.refund("A1", Some(300), "rma-1").await;
    shop.settle().await;
    shop.put_in_place(&copy).await;
    for n in 0..40 {
        shop.refund("A1", Some(1), &format!("again-{n}")).await;
    }
    shop.start().await;
    let (count, reason) = notices(&mut shop).await;
    assert!(count == 1 && reason.contains("is another one"), "{reason}");
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.letters("A1"), "R");
}

#[tokio::test]
async fn a_new_ledger_beside_the_marker_of_an_old_one_is_begun_with_care() {
    let mut shop = lost(Method::PartByR, true).await;
    let empty = shop.settings.database_path.with_extension("empty");
    std::fs::write(&empty, "").expect("a file");
    shop.put_in_place(&empty).await;
    shop.start().await;
    assert!(notices(&mut shop).await.1.contains("of another ledger"));
    shop.refund("A1", Some(300), "rma-1").await;
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("rma-1").await.as_str()), ("R", "review"));
}

/// Restored again before it was taken over, and once more after a person has answered.
#[tokio::test]
async fn invariant_1_an_answer_that_was_lost_with_a_second_restore_is_asked_for_again() {
    let mut shop = lost(Method::PartByR, true).await;
    shop.run_for(minutes(30)).await;
    try_resolve(&mut shop, false).await.expect("in review");
    let copy = shop.copy().await;
    shop.run_for(minutes(30)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("RR", 600));
    shop.put_in_place(&copy).await;
    shop.start().await;
    assert_eq!(notices(&mut shop).await.0, 2);
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("rma-1").await.as_str()), ("RR", "review"));
    assert_eq!(unclaimed(&mut shop).await, (600, false));
    resolve(&mut shop, true).await;
    shop.assert_done("rma-1", 300, "R").await;
    assert_eq!((shop.letters("A1").as_str(), unclaimed(&mut shop).await), ("RR", (300, false)));
}
