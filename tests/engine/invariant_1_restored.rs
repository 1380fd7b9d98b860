//! Invariant 1 with a ledger that was put back from a copy: what was refunded in the part that
//! is lost is not refunded again.

use chrono::Duration;
use ecpayd::domain::action::Action;
use ecpayd::ledger::{LedgerError, Resolve};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, Shop, minutes, shop};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
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
pub async fn lost(method: Method, queued_in_the_copy: bool) -> Shop {
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

async fn try_resolve(shop: &mut Shop, applied: bool) -> Result<(), LedgerError> {
    let attempt_id = shop.in_review().await.expect("a question");
    let resolve = Resolve { attempt_id, applied, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resolve).await
}

async fn resolve(shop: &mut Shop, applied: bool) {
    try_resolve(shop, applied).await.expect("in review");
    shop.run_for(minutes(30)).await;
}

/// `(noticed, reason of the newest)`.
pub async fn notices(shop: &mut Shop) -> (i64, String) {
    let notices = "SELECT count(*), ifnull((SELECT reason FROM restores ORDER BY id DESC LIMIT 1), '') FROM restores";
    shop.sql.row(notices, (), |row| row.all())
}

async fn unclaimed(shop: &mut Shop) -> (i64, bool) {
    shop.sql.row("SELECT sum(unclaimed_amount), max(unclaimed_void) FROM order_state", (), |row| row.all())
}

async fn event(shop: &mut Shop, kind: &str) -> String {
    let newest = "SELECT ifnull((SELECT detail FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1), '')";
    shop.sql.value(newest, [kind])
}

/// Until a person is asked, and what stands then.
async fn asked(shop: &mut Shop, method: Method, told: &str) {
    shop.run_for(minutes(14)).await;
    assert_eq!(shop.letters("A1"), method.letters(), "{told}: nothing moves while a lost call may be under way");
    let row = shop.refund_row("rma-1").await;
    assert!(row.state == "waiting" && row.detail.contains("put back from a copy"), "{told}: {row:?}");
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.letters("A1"), method.letters(), "{told}: nothing moves before a person has told");
    let row = shop.refund_row("rma-1").await;
    assert!(row.state == "review" && row.detail.contains("this restored ledger does not know"), "{told}: {row:?}");
    let alert = shop.alert("refund_review").await.unwrap_or_else(|| panic!("{told}: an alert"));
    assert!(alert.message.contains("--applied"), "{alert:?}");
    assert!(shop.alert("external_change").await.is_some(), "{told}");
    let refused = shop.cancel("rma-1").await.expect_err("money may have moved").to_string();
    assert!(refused.contains("money may be moving"), "{refused}");
    let figures = event(shop, "caught_up").await;
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
        assert_eq!(shop.in_review().await, None, "{told}");
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

json_only! {
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
}

/// One that was asked about before the copy was made, and one that asks for all that moved since.
#[tokio::test]
async fn invariant_1_what_a_person_says_of_two_refunds_is_never_more_than_the_order_and_stops_nothing() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.refund("A1", Some(300), "rma-1").await;
    shop.run_for(Duration::seconds(10)).await;
    shop.by_hand("A1", Action::R, 1).expect("by hand");
    shop.run_for(minutes(30)).await;
    assert_eq!(shop.refund_state("rma-1").await, "review");
    let copy = shop.copy().await;
    shop.by_hand("A1", Action::R, 999).expect("the rest, by hand");
    shop.order_captured("A2", 500).await;
    shop.run_for(minutes(60)).await;
    shop.put_in_place(&copy).await;
    shop.start().await;
    shop.refund("A1", None, "rma-2").await;
    shop.run_for(minutes(30)).await;
    resolve(&mut shop, true).await;
    assert_eq!(shop.refund_state("rma-1").await, "done");
    let refused = try_resolve(&mut shop, true).await.expect_err("more than the order").to_string();
    assert!(refused.contains("cannot have taken effect") && refused.contains("NT$700"), "{refused}");
    resolve(&mut shop, false).await;
    // The one that was lost on its way, and none since.
    assert_eq!((shop.refund_state("rma-2").await.as_str(), shop.letters("A1").as_str()), ("rejected", "R"));
    assert_eq!(shop.truth("A1").refunded, 1000);
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

json_only! {
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
}

json_only! {
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
        assert_eq!(shop.in_review().await, None);
    }
}

json_only! {
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
}

json_only! {
    /// Restored again before it had caught up, and once more after a person has answered.
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
}
