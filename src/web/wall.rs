//! The wall: authorized orders by their age, a brick for each, and the lines that they must not pass.

use std::fmt::Write as _;

use super::ask::Ask;
use super::form::{money, percent};
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT};
use crate::domain::policy::CapturePolicy;
use crate::ledger::pages::AuthorizedGroup;

/// Authorized orders that are counted, the oldest.
pub const COUNTED: i64 = 20_000;

/// Days 0 to 90.
const DAYS: usize = 91;

/// Bricks of the tallest column at most.
const TALLEST: i64 = 12;
/// And of the picture at least, so that few orders do not stretch.
const LOWEST: i64 = 8;

/// Pixels: a brick, the room above for names, and below for numbers.
const BRICK: i64 = 12;
const ABOVE: i64 = 34;
const BELOW: i64 = 22;

pub struct Wall {
    pub title: &'static str,
    pub desc: String,
    pub orders: i64,
    pub amount: i64,
    pub held: i64,
    pub late: i64,
    /// Orders that a brick stands for.
    pub brick: i64,
    pub height: i64,
    pub top: i64,
    pub inside: i64,
    pub base: i64,
    pub bricks: i64,
    pub solid: String,
    pub hollow: String,
    pub late_solid: String,
    pub late_hollow: String,
    pub lines: Vec<Line>,
    pub marks: Vec<Mark>,
    pub ticks: Vec<(String, usize)>,
    pub zones: Vec<Zone>,
    pub rows: Vec<Row>,
}

pub struct Line {
    pub x: String,
    pub class: &'static str,
    /// Before or behind the line.
    pub anchor: &'static str,
    pub dx: i64,
    pub number: String,
    pub name: &'static str,
}

pub struct Mark {
    pub x: String,
    pub y: i64,
}

pub struct Zone {
    pub orders: String,
    pub is_late: bool,
    pub range: &'static str,
    pub amount: String,
    pub note: &'static str,
}

pub struct Row {
    pub day: usize,
    pub orders: i64,
    pub held: i64,
    pub amount: String,
}

#[derive(Clone, Copy, Default)]
struct Day {
    orders: i64,
    held: i64,
    amount: i64,
}

impl Day {
    fn all(self) -> i64 {
        self.orders + self.held
    }
}

pub fn wall(ask: &Ask<'_>, groups: &[AuthorizedGroup]) -> Wall {
    let days = by_day(groups);
    let sum = |from: usize, to: usize| days[from..to].iter().fold(Day::default(), |sum, day| add(sum, *day));
    let (all, limit) = (sum(0, DAYS), usize::try_from(CAPTURE_LIMIT.num_days()).unwrap_or(DAYS));
    let brick = brick(days.iter().map(|d| d.all()).max().unwrap_or_default());
    let bricks = days.iter().map(|d| tall(*d, brick)).max().unwrap_or_default().max(LOWEST);
    let (solid, hollow) = columns(&days, brick, bricks, 0..limit);
    let (late_solid, late_hollow) = columns(&days, brick, bricks, limit..DAYS);
    let w = ask.w();
    let zones = [(0, limit), (limit, 60), (60, 80), (80, DAYS)].map(|(from, to)| sum(from, to));
    Wall {
        title: w.wall_title,
        desc: (w.wall_desc)(all.all(), &money(all.amount), zones.map(Day::all)),
        orders: all.all(),
        amount: all.amount,
        held: all.held,
        late: zones[1..].iter().map(|z| z.all()).sum(),
        brick,
        height: bricks * BRICK + ABOVE + BELOW,
        top: ABOVE,
        inside: bricks * BRICK,
        base: bricks * BRICK + ABOVE,
        bricks,
        solid,
        hollow,
        late_solid,
        late_hollow,
        lines: lines(ask),
        marks: marks(&days, brick, bricks, limit),
        ticks: [0, 10, 30, 40, 50, 70].map(|day| (place(day as f64 + 0.5), day)).into(),
        zones: self::zones(ask, zones),
        rows: days.iter().enumerate().filter(|(_, d)| d.all() > 0).map(|(day, d)| row(day, *d)).collect(),
    }
}

fn by_day(groups: &[AuthorizedGroup]) -> [Day; DAYS] {
    let mut days = [Day::default(); DAYS];
    for group in groups {
        let day = usize::try_from(group.age.max(0)).unwrap_or(DAYS).min(DAYS - 1);
        let (orders, held) = if group.held { (0, group.orders) } else { (group.orders, 0) };
        days[day] = add(days[day], Day { orders, held, amount: group.amount });
    }
    days
}

fn add(a: Day, b: Day) -> Day {
    Day { orders: a.orders + b.orders, held: a.held + b.held, amount: a.amount + b.amount }
}

/// 1, 2, 5, 10 ... orders, so that the tallest column has few enough.
fn brick(most: i64) -> i64 {
    let sizes = (0..12).flat_map(|zeros| [1, 2, 5].map(|n| n * 10_i64.pow(zeros)));
    sizes.into_iter().find(|size| most <= size * TALLEST).unwrap_or(most)
}

fn tall(day: Day, brick: i64) -> i64 {
    of_size(day.orders, brick) + of_size(day.held, brick)
}

/// The last one may be a part.
fn of_size(orders: i64, brick: i64) -> i64 {
    (orders + brick - 1) / brick
}

/// Paths of the solid bricks, and of the hollow ones on top of them.
fn columns(days: &[Day; DAYS], brick: i64, bricks: i64, range: std::ops::Range<usize>) -> (String, String) {
    let (mut solid, mut hollow) = (String::new(), String::new());
    for day in range {
        let (full, held) = (of_size(days[day].orders, brick), of_size(days[day].held, brick));
        // Writing into a String cannot fail.
        if full > 0 {
            let _ = write!(solid, "M{day}.5 {bricks}v-{full}");
        }
        for n in 0..held {
            let _ = write!(hollow, "M{day}.12 {:.1}h.76v-.78h-.76z", (bricks - full - n) as f64 - 0.1);
        }
    }
    (solid, hollow)
}

/// A triangle above each column behind the limit: colour never says it alone.
fn marks(days: &[Day; DAYS], brick: i64, bricks: i64, limit: usize) -> Vec<Mark> {
    let late = (limit..DAYS).filter(|day| days[*day].all() > 0);
    late.map(|day| Mark { x: place(day as f64 + 0.5), y: ABOVE + (bricks - tall(days[day], brick)) * BRICK - 4 })
        .collect()
}

fn place(day: f64) -> String {
    percent(day / DAYS as f64 * 100.0)
}

fn lines(ask: &Ask<'_>) -> Vec<Line> {
    let (w, policy) = (ask.w(), &ask.site.policy);
    let line = |day: f64, class, anchor: &'static str, name| {
        let dx = if anchor == "e" { -4 } else { 4 };
        Line { x: place(day), class, anchor, dx, number: format!("{day:.0}"), name }
    };
    let planned = policy.deadline_days as f64 - policy.lead.num_minutes() as f64 / 1440.0;
    let planned =
        (policy.capture == CapturePolicy::Deadline).then(|| line(planned.max(0.0), "li", "e", w.line_planned));
    let warned =
        policy.expiry_days.first().filter(|day| **day < 80).map(|day| line(*day as f64, "li", "st", w.line_warned));
    let limit = line(CAPTURE_LIMIT.num_days() as f64, "l21", "st", w.line_limit);
    let written = line(80.0, "li", "st", w.line_written);
    let last = Line { dx: 0, ..line(ABANDONED_AFTER.num_days() as f64 + 1.0, "end", "e", "") };
    let last = Line { number: ABANDONED_AFTER.num_days().to_string(), ..last };
    planned.into_iter().chain([limit]).chain(warned).chain([written, last]).collect()
}

fn zones(ask: &Ask<'_>, sums: [Day; 4]) -> Vec<Zone> {
    let w = ask.w();
    let told = w.zones.iter().zip(sums).enumerate();
    let zone = |(at, ((range, note), sum)): (usize, (&(&'static str, &'static str), Day))| Zone {
        orders: (w.n_orders)(usize::try_from(sum.all()).unwrap_or_default()),
        is_late: at > 0 && sum.all() > 0,
        range,
        amount: if sum.all() > 0 { format!(" · {}", money(sum.amount)) } else { String::new() },
        note,
    };
    told.map(zone).collect()
}

fn row(day: usize, sum: Day) -> Row {
    Row { day, orders: sum.orders, held: sum.held, amount: money(sum.amount) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brick_stands_for_so_many_orders_that_no_column_is_too_tall() {
        for (most, size) in [(0, 1), (12, 1), (13, 2), (24, 2), (25, 5), (60, 5), (61, 10), (10_000, 1000)] {
            assert_eq!(brick(most), size, "{most}");
        }
    }

    #[test]
    fn an_order_older_than_day_90_stands_at_the_end_of_the_wall() {
        let group = |age, held| AuthorizedGroup {
            age,
            foreseen: None,
            held,
            merchant_id: "3002607".to_owned(),
            orders: 2,
            amount: 500,
        };
        let days = by_day(&[group(-1, false), group(400, true), group(90, false)]);
        assert_eq!((days[0].orders, days[90].held, days[90].orders, days[90].amount), (2, 2, 2, 1000));
        let (solid, hollow) = columns(&days, 1, 8, 0..DAYS);
        assert_eq!(solid, "M0.5 8v-2M90.5 8v-2");
        assert_eq!(hollow.matches('M').count(), 2);
    }
}
