//! How often an order is looked at when there is nothing to do about its money.

use super::*;
use CardStatus::{Authorized, ToBeCaptured, Unauthorized};

fn until(case: &Case) -> DateTime<Utc> {
    let plan = case.plan();
    match plan.step {
        Step::Wait { until: Some(until) } => until,
        _ => panic!("{plan:?}"),
    }
}

#[test]
fn an_unpaid_order_is_looked_at_less_and_less_often_up_to_a_day() {
    for shown in [Seen::NotFound, Seen::Unpaid { amount: None }, Seen::Card(card(Unauthorized, 0))] {
        for (age, pause) in [
            (Duration::minutes(5), Duration::minutes(10)),
            (Duration::minutes(80), Duration::minutes(10)),
            (Duration::hours(8), Duration::hours(1)),
            (Duration::days(4), Duration::hours(12)),
            (Duration::days(8), Duration::days(1)),
            (Duration::days(29), Duration::days(1)),
        ] {
            let case = seen(shown.clone()).on(at(AUTHORIZED) + age).seen_ago(0);
            assert_eq!(until(&case), case.now + pause, "{age}");
            let refunded = case.refund(None);
            assert_eq!(until(&refunded), refunded.now + pause, "{age}");
        }
    }
}

#[test]
fn a_look_that_is_waited_for_is_not_put_off_by_the_waiting() {
    for age_s in [1, 5_017, 30_001, 300_007, 900_011] {
        let case = seen(Seen::NotFound).on(at(AUTHORIZED) + secs(age_s)).seen_ago(0);
        let next = until(&case);
        case.with(|c| c.now = next).says("look by not-paid");
    }
}

#[test]
fn an_order_the_bank_has_not_answered_for_is_looked_at_every_ten_minutes() {
    for days in [0, 1, 20] {
        let case = seen(Seen::BankPending { amount: None }).on(day(days));
        assert_eq!(until(&case), case.now - secs(5) + Duration::minutes(10));
    }
}

#[test]
fn an_unpaid_order_is_given_up() {
    for shown in [Seen::NotFound, Seen::Unpaid { amount: None }, Seen::BankPending { amount: None }] {
        seen(shown).on(day(30) + secs(5)).says("wait by give-up-unpaid");
    }
}

/// Paid between its last look and the end of the time, it would never be captured and nobody told.
#[test]
fn an_unpaid_order_is_given_up_only_by_a_look_made_when_the_time_was_up() {
    for shown in [Seen::NotFound, Seen::Unpaid { amount: None }, Seen::Card(card(Unauthorized, 0))] {
        let limit = day(30);
        let before = seen(shown.clone()).on(limit).look(|o| o.at = limit - secs(1));
        assert_eq!(until(&before), limit - secs(1) + Duration::days(1));
        before.clone().with(|c| c.now = limit + Duration::days(1)).says("look by not-paid");
        before.with(|c| c.now = limit + Duration::days(400)).says("look by not-paid");
        seen(shown).on(limit).look(|o| o.at = limit).says("wait by give-up-unpaid");
    }
}

#[test]
fn a_clock_that_is_not_believed_gives_no_unpaid_order_up() {
    let ahead = seen(Seen::NotFound).on(day(40)).look(|o| o.skew_s = Some(-864_000));
    assert_eq!(until(&ahead), ahead.now - secs(5) + Duration::days(1));
}

#[test]
fn a_shops_write_to_an_order_given_up_is_looked_into() {
    let written = seen(Seen::NotFound).on(day(36)).with(|c| c.s.order.revision = 2);
    written.clone().says("look by look-after-write");
    written.look(|o| o.after_revision = 2).says("wait by give-up-unpaid");
}

#[test]
fn a_poll_slower_than_a_day_is_kept() {
    let case = seen(Seen::NotFound).with(|c| c.policy.poll_unpaid = Duration::days(2));
    assert_eq!(until(&case), case.now - secs(5) + Duration::days(2));
}

#[test]
fn a_capture_to_be_claimed_is_looked_at_every_six_hours_until_it_is() {
    let case = order(ToBeCaptured, 1000).says("wait until 2026-08-01 17:59:55 by settling");
    case.seen_ago(6 * 3600).says("look by settling");
    order(ToBeCaptured, 700).says("wait until 2026-08-01 17:59:55 by settling");
}

#[test]
fn an_authorized_order_is_looked_at_once_a_day_and_at_its_capture() {
    let case = order(Authorized, 0).says("wait until 2026-08-02 11:59:55 by capture-ahead");
    case.seen_ago(86_400).says("look by capture-ahead");
}

#[test]
fn a_status_outside_the_table_is_looked_at_on() {
    let case = seen(Seen::Unclear { raw: "Settling".to_owned() });
    case.says("wait until 2026-08-01 17:59:55 by unknown-status").seen_ago(6 * 3600).says("look by unknown-status");
}

#[test]
fn a_failed_look_is_tried_again_at_its_time_and_not_before() {
    let retry = at("2026-08-01 12:05:00");
    for case in [
        order(Authorized, 0).seen_ago(86_400),
        order(ToBeCaptured, 1000).seen_ago(86_400),
        seen(Seen::NotFound).seen_ago(86_400),
        seen(Seen::Unclear { raw: "Settling".to_owned() }).seen_ago(86_400),
    ] {
        let case = case.with(|c| c.s.retry_at = Some(retry));
        assert_eq!(until(&case), retry);
        assert!(case.plan().why().contains("the last look failed"));
        assert_eq!(case.with(|c| c.now = retry).plan().step, Step::Look);
    }
}
