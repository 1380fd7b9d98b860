//! What the gateway does by itself, and when.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};

use super::limits::{ABANDON_DAYS, capture_has_ended, closing_time};
use super::order::Authorization;
use super::terms::Terms;
use crate::domain::calendar::{from_taipei, taipei_date};
use crate::domain::status::CardStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// 20:15: everything authorized is captured (vendor page 信用卡請退款功能, note 1 of C).
    Close,
    /// 03:00 of the next day: what is to be captured is claimed from the bank. The hour is ours.
    Claim,
    /// Day 90.
    Abandon,
}

/// The next thing that happens to an authorization. Only the closing depends on `after`:
/// a run that is past will not come back for an order that was entered later.
pub(super) fn next(a: &Authorization, terms: &Terms, after: DateTime<Utc>) -> Option<(DateTime<Utc>, Event)> {
    let abandon = a.status.is_open().then(|| (a.authorized_at + Duration::days(ABANDON_DAYS), Event::Abandon));
    let close = next_closing(a, terms, after).map(|at| (at, Event::Close));
    let unclaimed = a.rows.iter().filter(|r| terms.claims && r.status == CardStatus::ToBeCaptured);
    let claim = unclaimed.map(|r| claimed_at(r.at)).min().map(|at| (at, Event::Claim));
    [abandon, close, claim].into_iter().flatten().min_by_key(|(at, _)| *at)
}

pub(super) fn apply(a: &mut Authorization, event: Event, at: DateTime<Utc>) {
    match event {
        Event::Close => a.capture(at, CardStatus::ToBeCaptured),
        Event::Abandon => a.status = CardStatus::Canceled,
        Event::Claim => {
            let due = |at_row| claimed_at(at_row) <= at;
            for row in a.rows.iter_mut().filter(|r| r.status == CardStatus::ToBeCaptured && due(r.at)) {
                row.status = CardStatus::Captured;
            }
            if a.status == CardStatus::ToBeCaptured {
                a.status = CardStatus::Captured;
            }
        }
    }
}

fn next_closing(a: &Authorization, terms: &Terms, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !terms.daily_auto_close || !a.status.is_open() {
        return None;
    }
    let after = after.max(a.authorized_at);
    let mut day = taipei_date(after);
    if closing_on(day) <= after {
        day = day + Days::new(1);
    }
    if !terms.closes_called_back && a.called_back_on == Some(day) {
        day = day + Days::new(1);
    }
    let at = closing_on(day);
    (!capture_has_ended(a, at)).then_some(at)
}

fn closing_on(day: NaiveDate) -> DateTime<Utc> {
    from_taipei(day.and_time(closing_time()))
}

fn claimed_at(row_at: DateTime<Utc>) -> DateTime<Utc> {
    from_taipei((taipei_date(row_at) + Days::new(1)).and_time(NaiveTime::MIN + Duration::hours(3)))
}
