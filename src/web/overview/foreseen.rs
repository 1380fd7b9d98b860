//! The captures that are foreseen, day by day.

use std::fmt::Write as _;

use chrono::{Datelike as _, Duration, NaiveDate};

use crate::domain::calendar::taipei_date;
use crate::domain::pause::PauseOf;
use crate::ledger::pages::AuthorizedGroup;
use crate::web::ask::Ask;
use crate::web::deadlines::AutoClose;
use crate::web::form::{money, percent};
use crate::web::frame::Frame;

const DAYS: usize = 21;

/// Pixels of the tallest column.
const TALLEST: i64 = 76;
/// Where the columns stand.
const ABOVE: i64 = 18;

pub(super) struct Foreseen {
    pub desc: String,
    pub headline: String,
    pub is_paused: bool,
    pub weekends: String,
    pub solid: String,
    pub hollow: String,
    pub labels: Vec<Label>,
    pub rows: Vec<Row>,
}

pub(super) struct Label {
    pub x: String,
    pub y: i64,
    pub orders: i64,
    pub day: u32,
}

pub(super) struct Row {
    pub date: String,
    pub orders: i64,
    pub amount: String,
}

#[derive(Clone, Copy, Default)]
struct Day {
    orders: i64,
    amount: i64,
    /// Of merchants that are not paused.
    free: i64,
}

pub(super) fn foreseen(ask: &Ask<'_>, f: &Frame, auto: &AutoClose<'_>, groups: &[AuthorizedGroup]) -> Foreseen {
    let days = by_day(ask, f, auto, groups);
    let (orders, amount) = days.iter().fold((0, 0), |(o, a), d| (o + d.orders, a + d.amount));
    let most = days.iter().map(|d| d.amount).max().unwrap_or_default();
    let today = taipei_date(ask.now);
    let date = |at: usize| today + Duration::days(i64::try_from(at).unwrap_or_default());
    let (solid, hollow) = columns(&days, most);
    let amount = money(amount);
    Foreseen {
        desc: (ask.w().foreseen_desc)(orders, &amount, &money(most)),
        headline: (ask.w().foreseen_in)(orders, &amount),
        is_paused: days.iter().any(|d| d.orders > d.free),
        weekends: weekends(today),
        solid,
        hollow,
        labels: days.iter().enumerate().map(|(at, d)| label(at, *d, most, date(at))).collect(),
        rows: days
            .iter()
            .enumerate()
            .filter(|(_, d)| d.orders > 0)
            .map(|(at, d)| Row { date: date(at).to_string(), orders: d.orders, amount: money(d.amount) })
            .collect(),
    }
}

fn by_day(ask: &Ask<'_>, f: &Frame, auto: &AutoClose<'_>, groups: &[AuthorizedGroup]) -> [Day; DAYS] {
    let mut days = [Day::default(); DAYS];
    for group in groups {
        let by_ecpay = auto.takes(&group.merchant_id, group.age);
        let foreseen = if by_ecpay { Some(auto.in_days(ask.now)) } else { group.foreseen };
        // What is due already goes today.
        let at = foreseen.map(|day| usize::try_from(day.max(0)).unwrap_or(DAYS));
        let Some(day) = at.and_then(|at| days.get_mut(at)) else { continue };
        day.orders += group.orders;
        day.amount += group.amount;
        // Our pause does not stop ECPay.
        if by_ecpay || !f.is_paused(&group.merchant_id, PauseOf::Capture) {
            day.free += group.orders;
        }
    }
    days
}

/// By amount; hollow where a pause keeps some of the day's captures.
fn columns(days: &[Day; DAYS], most: i64) -> (String, String) {
    let (mut solid, mut hollow) = (String::new(), String::new());
    for (at, day) in days.iter().enumerate().filter(|(_, d)| d.orders > 0) {
        let tall = tall(*day, most);
        // Writing into a String cannot fail.
        let _ = if day.free == day.orders {
            write!(solid, "M{at}.5 {TALLEST}v-{tall}")
        } else {
            write!(hollow, "M{at}.14 {TALLEST}v-{tall}h.72v{tall}")
        };
    }
    (solid, hollow)
}

fn tall(day: Day, most: i64) -> i64 {
    if day.orders == 0 { 0 } else { (day.amount * TALLEST / most.max(1)).max(2) }
}

fn label(at: usize, day: Day, most: i64, date: NaiveDate) -> Label {
    let x = percent((at as f64 + 0.5) / DAYS as f64 * 100.0);
    Label { x, y: ABOVE + TALLEST - tall(day, most) - 3, orders: day.orders, day: date.day() }
}

fn weekends(today: NaiveDate) -> String {
    let is_weekend = |at: &usize| {
        let date = today + Duration::days(i64::try_from(*at).unwrap_or_default());
        date.weekday().num_days_from_monday() >= 5
    };
    (0..DAYS).filter(is_weekend).fold(String::new(), |mut path, at| {
        // Writing into a String cannot fail.
        let _ = write!(path, "M{at} 0h1v{TALLEST}h-1z");
        path
    })
}
