//! The life line of an order: from its authorization to the day on which ECPay abandons it.

use chrono::{DateTime, Duration, Utc};

use super::ask::Ask;
use super::form::{minute, percent};
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT};

/// A captured order ends here, or now, whichever is later.
const CAPTURED: Duration = Duration::days(30);

/// Percent of the picture that is left free on either side.
const MARGIN: f64 = 2.0;

/// And so much between two points, of which each is a circle with a number.
const APART: f64 = 2.8;

pub struct LifeLine {
    pub desc: String,
    pub limits: Vec<Limit>,
    pub parts: Vec<Part>,
    pub points: Vec<Point>,
    pub now: Option<Now>,
}

/// A line at a day that counts.
pub struct Limit {
    pub x: String,
    pub class: &'static str,
    pub day: i64,
}

pub struct Part {
    pub from: String,
    pub to: String,
    pub class: &'static str,
}

pub struct Point {
    pub x: String,
    pub n: usize,
    pub name: &'static str,
    pub at: String,
}

pub struct Now {
    pub x: String,
    pub words: String,
    pub anchor: &'static str,
}

/// What the line is drawn from.
pub struct Life {
    pub authorized_at: DateTime<Utc>,
    /// The capture, the void or the last refund, as far as the ledger knows when.
    pub captured_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub planned_at: Option<DateTime<Utc>>,
}

impl Life {
    /// Captured, voided or given back whole.
    fn is_over(&self) -> bool {
        self.captured_at.is_some() || self.ended_at.is_some()
    }

    fn line_ends(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let since = self.authorized_at;
        if self.is_over() { (since + CAPTURED).max(now) } else { since + ABANDONED_AFTER }
    }
}

struct Scale {
    from: DateTime<Utc>,
    seconds: f64,
}

impl Scale {
    fn x(&self, at: DateTime<Utc>) -> String {
        percent(self.place(at))
    }

    fn place(&self, at: DateTime<Utc>) -> f64 {
        let part = (at - self.from).num_seconds() as f64 / self.seconds;
        MARGIN + part.clamp(0.0, 1.0) * (100.0 - 2.0 * MARGIN)
    }
}

/// Points that fall together stand beside each other, in their order.
fn apart(places: &mut [f64]) {
    for at in 1..places.len() {
        places[at] = places[at].max(places[at - 1] + APART);
    }
    let mut limit = 100.0 - MARGIN;
    for place in places.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - APART;
    }
}

pub fn life_line(ask: &Ask<'_>, life: &Life) -> LifeLine {
    let (since, now) = (life.authorized_at, ask.now);
    let end = life.line_ends(now);
    let scale = Scale { from: since, seconds: (end - since).num_seconds().max(1) as f64 };
    let points = points(ask, life, &scale, end);
    let told: Vec<String> = points.iter().map(|p| format!("{}: {}, {}", p.n, p.name, p.at)).collect();
    let day = (now - since).num_days();
    LifeLine {
        desc: told.join("; "),
        limits: limits(ask, life, &scale, end),
        parts: parts(life, &scale, now, end),
        points,
        now: (now <= end).then(|| Now {
            x: scale.x(now),
            words: (ask.w().now_day)(day),
            // At the edges the words would leave the picture.
            anchor: match (now - since).num_seconds() as f64 / scale.seconds {
                part if part < 0.08 => "st",
                part if part > 0.92 => "e",
                _ => "",
            },
        }),
    }
}

fn limits(ask: &Ask<'_>, life: &Life, scale: &Scale, end: DateTime<Utc>) -> Vec<Limit> {
    let since = life.authorized_at;
    let warned = ask.site.policy.expiry_days.first().copied();
    // What is over runs into none of the later ones.
    let later = |day: Option<i64>| day.filter(|_| !life.is_over());
    let days =
        [Some(CAPTURE_LIMIT.num_days()), later(warned), later(Some(80)), later(Some(ABANDONED_AFTER.num_days()))];
    let limit = |day: i64| Limit {
        x: scale.x(since + Duration::days(day)),
        class: if day == CAPTURE_LIMIT.num_days() { "l21" } else { "li" },
        day,
    };
    days.into_iter().flatten().filter(|day| since + Duration::days(*day) <= end).map(limit).collect()
}

/// Waiting until day 21, late behind it, done behind the capture, and what is still to come.
fn parts(life: &Life, scale: &Scale, now: DateTime<Utc>, end: DateTime<Utc>) -> Vec<Part> {
    let since = life.authorized_at;
    let limit = since + CAPTURE_LIMIT;
    let done = life.captured_at.or(life.ended_at);
    let waits = done.unwrap_or(now).min(end).max(since);
    let mut parts = vec![(since, waits.min(limit), "run"), (limit.min(waits), waits, "over")];
    if done.is_some() {
        parts.push((waits, now.min(end), "done"));
    }
    parts.push((now.min(end), end, "todo"));
    let part =
        |(from, to, class): (DateTime<Utc>, DateTime<Utc>, _)| Part { from: scale.x(from), to: scale.x(to), class };
    parts.into_iter().filter(|(from, to, _)| from < to).map(part).collect()
}

fn points(ask: &Ask<'_>, life: &Life, scale: &Scale, end: DateTime<Utc>) -> Vec<Point> {
    let (w, since) = (ask.w(), life.authorized_at);
    let at = |days| since + days;
    let is_over = life.is_over();
    let ahead = |time| Some(time).filter(|time| !is_over && *time <= end);
    let warned = ask.site.policy.expiry_days.first().map(|day| at(Duration::days(*day)));
    let mut points = vec![
        (Some(since), w.point_authorized),
        (life.planned_at.filter(|_| !is_over), w.point_planned),
        (life.captured_at, w.point_captured),
        (life.ended_at, w.point_ended),
        (ahead(at(CAPTURE_LIMIT)), if ask.now < at(CAPTURE_LIMIT) { w.point_limit } else { w.point_limit_over }),
        (warned.and_then(ahead), w.point_warned),
        (ahead(at(Duration::days(80))), w.line_written),
        (ahead(at(ABANDONED_AFTER)), w.ecpay_abandons),
    ];
    points.sort_by_key(|(at, _)| *at);
    let known: Vec<_> = points.into_iter().filter_map(|(at, name)| at.map(|at| (at, name))).collect();
    let mut places: Vec<f64> = known.iter().map(|(at, _)| scale.place(*at)).collect();
    apart(&mut places);
    let numbered = known.into_iter().zip(places).enumerate();
    numbered.map(|(n, ((at, name), place))| Point { x: percent(place), n: n + 1, name, at: minute(at) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_captured_order_ends_after_thirty_days_or_now_and_of_another_at_day_90() {
        let day = |days| DateTime::UNIX_EPOCH + Duration::days(days);
        let open = Life { authorized_at: day(0), captured_at: None, ended_at: None, planned_at: None };
        let captured = Life { captured_at: Some(day(19)), ..open };
        for (life, now, end) in [(&captured, 20, 30), (&captured, 45, 45), (&captured, 200, 200), (&open, 5, 90)] {
            assert_eq!(life.line_ends(day(now)), day(end), "on day {now}");
        }
    }

    #[test]
    fn points_that_fall_together_stand_beside_each_other_inside_the_picture() {
        let mut places = [2.0, 2.0, 50.0, 97.9, 98.0];
        apart(&mut places);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] > APART - 0.01), "{places:?}");
        assert_eq!([0, 2, 4].map(|at| percent(places[at])), ["2.00%", "50.00%", "98.00%"]);
    }
}
