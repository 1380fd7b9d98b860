//! Captured and given back, day by day.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::month::{DAYS, Month};
use crate::domain::report::days::Sums;
use crate::web::form::{money, percent};
use crate::web::words::Words;

/// Pixels above the axis for what was captured, and below it for what was given back; both by one scale.
const UP: i64 = 64;
const DOWN: i64 = 26;

/// A label at every so many days.
const LABELED: usize = 5;

pub(super) struct Daily {
    pub headline: String,
    pub desc: String,
    pub is_empty: bool,
    pub captured: String,
    pub back: String,
    pub labels: Vec<Label>,
    pub rows: Vec<Row>,
}

pub(super) struct Label {
    pub x: String,
    pub text: String,
    /// Of the stylesheet.
    pub class: &'static str,
}

pub(super) struct Row {
    pub date: NaiveDate,
    pub captured: String,
    pub called_back: String,
    pub refunded: String,
    pub net: String,
}

pub(super) fn daily(w: &Words, month: &Month) -> Daily {
    let (days, all) = (&month.days, &month.sums);
    let (captured, back) = columns(days);
    let has_moved = |day: &Sums| day.captured != 0 || back_of(day) != 0;
    let row = |(at, day): (usize, &Sums)| Row {
        date: month.date(at),
        captured: money(day.captured),
        called_back: money(day.called_back),
        refunded: money(day.refunded),
        net: money(day.net()),
    };
    let most = days.iter().map(|day| day.captured).max().unwrap_or_default();
    Daily {
        headline: (w.daily_sum)(&money(all.captured), &money(back_of(all)), &money(all.net())),
        desc: (w.daily_desc)(&month.first.to_string(), &month.last.to_string(), &money(most)),
        is_empty: !days.iter().any(has_moved),
        captured,
        back,
        labels: (0..DAYS).rev().step_by(LABELED).map(|at| label(at, month.date(at))).collect(),
        rows: days.iter().enumerate().filter(|(_, day)| has_moved(day)).map(row).collect(),
    }
}

/// Below 0 where ECPay undid more than was given back: then nothing is drawn, and the table has it.
fn back_of(day: &Sums) -> i64 {
    day.called_back + day.refunded
}

fn columns(days: &[Sums; DAYS]) -> (String, String) {
    let most = |of: fn(&Sums) -> i64| days.iter().map(of).max().unwrap_or_default().max(1);
    let (most_up, most_down) = (most(|day| day.captured), most(back_of));
    // The scale at which both fit.
    let tall = |amount: i64| {
        let by_up = amount.saturating_mul(UP) / most_up;
        let by_down = amount.saturating_mul(DOWN) / most_down;
        if amount > 0 { by_up.min(by_down).max(2) } else { 0 }
    };
    let (mut captured, mut back) = (String::new(), String::new());
    for (at, day) in days.iter().enumerate() {
        let (up, down) = (tall(day.captured), tall(back_of(day)));
        // Writing into a String cannot fail.
        let _ = if up > 0 { write!(captured, "M{at}.5 {UP}v-{up}") } else { Ok(()) };
        let _ = if down > 0 { write!(back, "M{at}.5 {UP}v{down}") } else { Ok(()) };
    }
    (captured, back)
}

/// The last one ends with the picture; every other one is not on a narrow screen.
fn label(at: usize, date: NaiveDate) -> Label {
    let is_last = at + 1 == DAYS;
    let x = if is_last { 1.0 } else { (at as f64 + 0.5) / DAYS as f64 };
    let class = match at % 2 {
        _ if is_last => "e",
        0 => "w",
        _ => "",
    };
    Label { x: percent(x * 100.0), text: format!("{}/{}", date.month(), date.day()), class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_columns_of_a_day_are_of_one_scale_and_fit() {
        let mut days = [Sums::default(); DAYS];
        (days[0].captured, days[1].captured, days[1].refunded, days[2].refunded) = (1000, 500, 500, 10);
        // 500 down fill the place below, so 1000 up are twice as tall.
        assert_eq!(columns(&days), ("M0.5 64v-52M1.5 64v-26".to_owned(), "M1.5 64v26M2.5 64v2".to_owned()));
        days[1].refunded = 0;
        assert_eq!(columns(&days).0, "M0.5 64v-64M1.5 64v-32");
        days[2].refunded = -10;
        assert_eq!(columns(&days).1, "");
    }
}
