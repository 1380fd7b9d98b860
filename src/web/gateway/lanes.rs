//! A service's calls of 48 hours: a lane for each outcome, so that one 403 among a thousand answers is seen.

use std::fmt::Write as _;

use chrono::{DateTime, Timelike as _, Utc};

use crate::domain::calendar::taipei;
use crate::domain::traffic::{CallEnd, begin_of, hour_of};
use crate::ledger::pages::CallsOfHour;
use crate::web::ask::Ask;
use crate::web::form::{minute, money, percent};
use crate::web::words::Words;

pub const HOURS: usize = 48;

/// Pixels of the lane of answers, and of any other.
const TALL: i64 = 48;
const LOW: i64 = 28;
/// What is left free above the tallest column and below all.
const ABOVE: i64 = 6;
const BELOW: i64 = 2;

/// In whose hour the closing window is.
const CLOSING: u32 = 20;

pub struct Lanes {
    pub id: String,
    pub name: String,
    /// In place of the lanes, where nothing but answers came.
    pub sentence: Option<String>,
    pub mark: &'static str,
    pub span: String,
    pub lanes: Vec<Lane>,
    /// The outcomes that did not occur.
    pub none: String,
    pub band: String,
    pub labels: Vec<Label>,
    pub desc: String,
    pub rows: Vec<Row>,
}

pub struct Lane {
    pub name: &'static str,
    pub class: &'static str,
    pub tall: i64,
    pub path: String,
    pub calls: String,
}

pub struct Label {
    pub x: String,
    pub text: &'static str,
    /// Left out where there is little room.
    pub is_wide: bool,
}

pub struct Row {
    pub hour: String,
    pub calls: Vec<String>,
}

/// Calls by outcome, in the order of [`CallEnd::ALL`], an hour each.
type Hours = [[i64; HOURS]; 5];

pub fn since(now: DateTime<Utc>) -> i64 {
    hour_of(now) - HOURS as i64 + 1
}

pub fn lanes(ask: &Ask<'_>, id: usize, name: String, calls: &[CallsOfHour]) -> Lanes {
    let w = ask.w();
    let first = since(ask.now);
    let hours = by_hour(calls, first);
    let sums: Vec<i64> = hours.iter().map(|hours| hours.iter().sum()).collect();
    let all: i64 = sums.iter().sum();
    let (sentence, mark) = match (all, sums.first()) {
        (0, _) => (Some(w.no_call_in_48.to_owned()), "wait"),
        (_, Some(answered)) if *answered == all => (Some((w.all_answered)(&money(all))), "ok"),
        _ => (None, "warn"),
    };
    let shown: Vec<usize> = (0..sums.len()).filter(|at| *at == 0 || sums[*at] > 0).collect();
    let absent = CallEnd::ALL.iter().zip(&sums).filter(|(_, sum)| **sum == 0).map(|(end, _)| end_name(w, *end));
    Lanes {
        id: format!("g{id}"),
        name,
        sentence,
        mark,
        span: (w.calls_per_hour)(&minute(begin_of(first)), &minute(ask.now)),
        lanes: shown.iter().map(|at| lane(w, CallEnd::ALL[*at], &hours[*at], sums[*at])).collect(),
        none: absent.collect::<Vec<_>>().join(w.comma),
        band: band(first),
        labels: labels(first),
        desc: shown
            .iter()
            .map(|at| format!("{}{}{}", end_name(w, CallEnd::ALL[*at]), w.colon, money(sums[*at])))
            .collect::<Vec<_>>()
            .join(w.comma),
        rows: (0..HOURS).filter_map(|hour| row(first, hour, &shown, &hours)).collect(),
    }
}

fn by_hour(calls: &[CallsOfHour], first: i64) -> Hours {
    let mut hours = [[0; HOURS]; 5];
    for sum in calls {
        let end = CallEnd::ALL.iter().position(|end| end.word() == sum.outcome);
        let hour = usize::try_from(sum.hour - first).ok();
        if let Some(place) = end.zip(hour).and_then(|(end, hour)| hours.get_mut(end)?.get_mut(hour)) {
            *place += sum.calls;
        }
    }
    hours
}

fn lane(w: &Words, end: CallEnd, hours: &[i64; HOURS], sum: i64) -> Lane {
    let (class, tall) = match end {
        CallEnd::Answered => ("b1", TALL),
        CallEnd::Refused | CallEnd::Unusable => ("b5", LOW),
        CallEnd::Unanswered | CallEnd::Limited => ("b4", LOW),
    };
    let most = hours.iter().copied().max().unwrap_or_default().max(1);
    let foot = tall - BELOW;
    let path =
        hours.iter().enumerate().filter(|(_, calls)| **calls > 0).fold(String::new(), |mut path, (at, calls)| {
            let up = (calls * (tall - ABOVE - BELOW) / most).max(3);
            // Writing into a String cannot fail.
            let _ = write!(path, "M{at}.5 {foot}v-{up}");
            path
        });
    Lane { name: end_name(w, end), class, tall, path, calls: money(sum) }
}

fn end_name(w: &Words, end: CallEnd) -> &'static str {
    match end {
        CallEnd::Answered => w.answered,
        CallEnd::Refused => w.refused_by_ecpay,
        CallEnd::Unusable => w.unusable,
        CallEnd::Unanswered => w.unanswered,
        CallEnd::Limited => w.limited,
    }
}

fn civil_hour(first: i64, at: usize) -> u32 {
    taipei(begin_of(first + at as i64)).hour()
}

/// The hour of the closing window.
fn band(first: i64) -> String {
    (0..HOURS).filter(|at| civil_hour(first, *at) == CLOSING).fold(String::new(), |mut path, at| {
        // Writing into a String cannot fail.
        let _ = write!(path, "M{at} 0h1v{TALL}h-1z");
        path
    })
}

fn labels(first: i64) -> Vec<Label> {
    let label = |at: usize| {
        let (text, is_wide) = match civil_hour(first, at) {
            0 => ("00", false),
            12 => ("12", false),
            CLOSING => ("20:15", true),
            _ => return None,
        };
        // Times of the hours stand at their begin, the window's in its middle.
        let middle = if is_wide { 0.5 } else { 0.0 };
        Some(Label { x: percent((at as f64 + middle) / HOURS as f64 * 100.0), text, is_wide })
    };
    (0..HOURS).filter_map(label).collect()
}

/// None: nothing happened in that hour.
fn row(first: i64, hour: usize, shown: &[usize], hours: &Hours) -> Option<Row> {
    let calls: Vec<i64> = shown.iter().map(|at| hours[*at][hour]).collect();
    let hour = taipei(begin_of(first + hour as i64)).format("%m-%d %H").to_string();
    let text = |calls: &i64| if *calls == 0 { String::new() } else { money(*calls) };
    calls.iter().any(|calls| *calls > 0).then(|| Row { hour, calls: calls.iter().map(text).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(hour: i64, outcome: &str, calls: i64) -> CallsOfHour {
        CallsOfHour { hour, outcome: outcome.to_owned(), calls }
    }

    #[test]
    fn each_call_of_the_last_48_hours_stands_in_its_lane_and_no_other_does() {
        let first = 495_000;
        let given = [
            calls(first - 1, "answered", 7),
            calls(first, "answered", 30),
            calls(first + 47, "answered", 600),
            calls(first + 47, "limited", 1),
            calls(first + 48, "limited", 7),
            calls(first, "of a later version", 7),
        ];
        let hours = by_hour(&given, first);
        let sums = hours.map(|hours| hours.iter().sum::<i64>());
        assert_eq!(sums, [630, 0, 0, 0, 1]);
        assert_eq!((hours[0][0], hours[0][47], hours[4][47]), (30, 600, 1));
    }

    #[test]
    fn one_call_among_many_is_as_tall_as_its_lane_and_a_few_beside_many_are_still_seen() {
        let w = Words::of(crate::web::sentences::Lang::En);
        let mut hours = [0; HOURS];
        hours[3] = 1;
        assert_eq!(lane(w, CallEnd::Limited, &hours, 1).path, "M3.5 26v-20");
        hours[4] = 100_000;
        assert_eq!(lane(w, CallEnd::Answered, &hours, 100_001).path, "M3.5 46v-3M4.5 46v-40");
    }

    #[test]
    fn the_closing_window_stands_at_its_hour_in_taipei() {
        // 1970-01-01 00:00 is 08:00 there.
        assert_eq!(band(0), "M12 0h1v48h-1zM36 0h1v48h-1z");
        let texts: Vec<&str> = labels(0).iter().map(|l| l.text).collect();
        assert_eq!(texts, ["12", "20:15", "00", "12", "20:15", "00"]);
    }
}
