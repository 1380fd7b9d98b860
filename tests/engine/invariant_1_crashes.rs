//! Invariant 1: a refund intent moves its amount at most once, whatever crashes or restarts.

use ecpayd::domain::action::Action;
use ecpayd::domain::policy::PartialOnAuthorized;
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::Kind;

use crate::harness::{Shop, at, days, minutes, shop};
use crate::wire::Death;

/// More requests than any of the lives below has.
const MOST: usize = 40;

#[derive(Clone, Copy, Debug)]
enum Life {
    RefundOfCaptured,
    PartOfToBeCaptured,
    FullOfToBeCaptured,
    FullOfAuthorized,
    PartOfAuthorized,
}

async fn begin(life: Life) -> Shop {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| {
        setup.policy.partial_on_authorized = PartialOnAuthorized::Capture;
    })
    .await;
    match life {
        Life::RefundOfCaptured => shop.order_captured("A1", 1000).await,
        Life::PartOfToBeCaptured | Life::FullOfToBeCaptured => {
            shop.order_to_be_captured("A1", Kind::Card, 1000).await;
        }
        Life::FullOfAuthorized | Life::PartOfAuthorized => shop.order("A1", Kind::Card, 1000).await,
    }
    shop.settle().await;
    shop.sleep_until(shop.now() + minutes(2));
    let amount = match life {
        Life::FullOfToBeCaptured | Life::FullOfAuthorized => None,
        _ => Some(300),
    };
    shop.refund("A1", amount, "k").await;
    shop
}

async fn assert_once(shop: &mut Shop, life: Life, death: &str) {
    let truth = shop.truth("A1");
    let told = format!("{life:?}, {death}: {truth:?}");
    match life {
        Life::FullOfToBeCaptured | Life::FullOfAuthorized => assert!(truth.void && truth.refunded == 0, "{told}"),
        _ => assert_eq!((truth.captured, truth.refunded), (1000, 300), "{told}"),
    }
    assert_eq!(shop.refund_state("k").await, "done", "{told}");
    assert_eq!(shop.attempts("A1").await.iter().filter(|a| a.state == "review").count(), 0, "{told}");
    shop.assert_books_agree().await;
}

const LIVES: [Life; 5] = [
    Life::RefundOfCaptured,
    Life::PartOfToBeCaptured,
    Life::FullOfToBeCaptured,
    Life::FullOfAuthorized,
    Life::PartOfAuthorized,
];

json_only! {
    /// Every request of every life is once the last one of its daemon, before and after it was sent.
    #[tokio::test]
    async fn invariant_1_a_daemon_that_dies_at_any_request_moves_the_money_once_after_its_restart() {
        for life in LIVES {
            for death in [Death::BeforeSending, Death::BeforeReading] {
                for nth in 1..MOST {
                    let mut shop = begin(life).await;
                    shop.wire.die_at(nth, death);
                    shop.run_until_in_spite_of_death(at("2026-08-04 12:00:00") + minutes(180)).await;
                    if shop.wire.lives() {
                        assert!(nth > 3, "{life:?} has more requests than {nth}");
                        break;
                    }
                    assert_once(&mut shop, life, &format!("{death:?} {nth}")).await;
                }
            }
        }
    }
}

json_only! {
    /// The daemon dies again and again, every so many requests, over lost answers.
    #[tokio::test]
    async fn invariant_1_a_daemon_that_dies_all_the_time_still_comes_through() {
        for life in LIVES {
            for every in 2..6 {
                let mut shop = begin(life).await;
                for action in [Action::R, Action::E, Action::N, Action::C] {
                    shop.strike(action, if every % 2 == 0 { FaultKind::LostAfter } else { FaultKind::LostBefore }, 1);
                }
                for round in 0..30 {
                    let death = if round % 2 == 0 { Death::BeforeReading } else { Death::BeforeSending };
                    shop.wire.die_at(every, death);
                    let dies_by = shop.now() + minutes(4);
                    shop.run_until_in_spite_of_death(dies_by).await;
                }
                let end = shop.now() + days(1);
                shop.run_until_in_spite_of_death(end).await;
                assert_once(&mut shop, life, &format!("every {every}")).await;
            }
        }
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_a_restart_between_call_back_and_abandon_goes_on_with_the_abandon() {
        let mut shop = shop().await;
        shop.order_to_be_captured("A1", Kind::Card, 1000).await;
        shop.sleep_until(shop.now() + minutes(2));
        shop.refund("A1", None, "k").await;
        // The look before E, E, the look after it; then N would be sent.
        shop.wire.die_at(4, Death::BeforeSending);
        assert!(shop.settle_or_die().await);
        assert_eq!(shop.attempt_states("A1").await, ["E applied", "N started"]);
        shop.reopen().await;
        assert_eq!(shop.letters("A1"), "E");
        shop.run_for(minutes(30)).await;
        assert_eq!(shop.attempt_states("A1").await, ["E applied", "N not_applied", "N applied"]);
        shop.assert_done("k", 1000, "E+N").await;
        shop.assert_books_agree().await;
    }
}
