//! What happens next to authorized orders, and when: on the overview, and whole on a page of its own.

use askama::Template;
use chrono::{DateTime, Duration, Utc};

use super::ask::{Ask, PageError};
use super::form::{minute, money, money_or_dash};
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::calendar::{from_taipei, taipei_date};
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT};
use crate::domain::pause::PauseOf;
use crate::ledger::pages::{AheadOrder, AuthorizedGroup};

/// ECPay writes to the merchant then (vendor page 信用卡請退款功能, note on capture).
const ECPAY_WRITES: Duration = Duration::days(80);

const ROWS: i64 = 50;

pub struct Ahead {
    pub at: DateTime<Utc>,
    pub when: String,
    pub number: String,
    pub link: String,
    pub amount: String,
    pub what: String,
    pub why: String,
}

#[derive(Template)]
#[template(path = "deadlines.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    rows: Vec<Ahead>,
    next: Option<String>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let f = Frame::new(ask, Tab::Orders, ask.w().deadlines)?;
    let after = ask.query.value("after").and_then(|place| {
        let (time, order) = place.split_once('.')?;
        Some((time.parse().ok()?, order.parse().ok()?))
    });
    let orders = ask.reader.ahead(after.unwrap_or_default(), ROWS)?;
    let is_full = i64::try_from(orders.len()).is_ok_and(|rows| rows == ROWS);
    let next = orders.last().filter(|_| is_full).map(|last| {
        let (time, order) = last.place();
        ask.link(&format!("/deadlines?after={time}.{order}"))
    });
    let rows = orders.iter().map(|order| ahead(ask, &f, order)).collect();
    Ok(Page { f, rows, next }.render()?)
}

/// The merchants of the settings whose authorized orders ECPay captures by itself each evening, and the next evening.
pub struct AutoClose<'a> {
    merchants: Vec<&'a str>,
    at: DateTime<Utc>,
}

impl<'a> AutoClose<'a> {
    pub fn of(ask: &Ask<'a>) -> Self {
        let site = ask.site;
        let merchants = site.merchants.iter().filter(|(_, terms)| terms.daily_auto_close).map(|(id, _)| id.as_str());
        let evening = |day: i64| {
            let date = taipei_date(ask.now) + Duration::days(day);
            from_taipei(date.and_time(site.policy.window.start))
        };
        let at = if evening(0) > ask.now { evening(0) } else { evening(1) };
        Self { merchants: merchants.collect(), at }
    }

    /// Past day 21 nothing captures an order by itself.
    pub fn takes(&self, merchant: &str, age_days: i64) -> bool {
        age_days < CAPTURE_LIMIT.num_days() && self.merchants.contains(&merchant)
    }

    /// In so many days, by Taipei's calendar.
    pub fn in_days(&self, now: DateTime<Utc>) -> i64 {
        (taipei_date(self.at) - taipei_date(now)).num_days()
    }

    /// One row for each of them that has something to capture.
    pub fn rows(&self, ask: &Ask<'_>, groups: &[AuthorizedGroup]) -> Vec<Ahead> {
        let of = |merchant: &&str| {
            let taken = groups.iter().filter(|g| g.merchant_id == *merchant && self.takes(merchant, g.age));
            taken.fold((0, 0), |(orders, amount), g| (orders + g.orders, amount + g.amount))
        };
        let sums = self.merchants.iter().map(|merchant| (*merchant, of(merchant)));
        sums.filter(|(_, (orders, _))| *orders > 0).map(|(merchant, sum)| self.row(ask, merchant, sum)).collect()
    }

    fn row(&self, ask: &Ask<'_>, merchant: &str, (orders, amount): (i64, i64)) -> Ahead {
        Ahead {
            at: self.at,
            when: minute(self.at),
            number: format!("{orders} × {merchant}"),
            link: ask.link(&format!("/orders?state=authorized&merchant={merchant}")),
            amount: money(amount),
            what: ask.w().ecpay_captures.to_owned(),
            why: ask.w().daily_auto_close.to_owned(),
        }
    }
}

/// What comes first for an order: its capture, or the limit that it runs into.
pub fn ahead(ask: &Ask<'_>, f: &Frame, order: &AheadOrder) -> Ahead {
    let (w, since) = (ask.w(), order.authorized_at());
    let is_paused = f.is_paused(&order.merchant_id, PauseOf::Capture);
    let limit = since + CAPTURE_LIMIT;
    let step = order.next_step.as_deref().filter(|step| *step != "look").zip(order.next_step_at());
    // A pause lets no step happen: what comes then is the limit.
    let step = step.filter(|(_, at)| !is_paused || *at < limit);
    let auto = AutoClose::of(ask);
    let (at, what, why) = match step {
        _ if auto.takes(&order.merchant_id, (ask.now - since).num_days()) => {
            (auto.at, w.ecpay_captures.to_owned(), w.daily_auto_close.to_owned())
        }
        Some((step, at)) => {
            let why = if is_paused { w.if_resumed.to_owned() } else { why(ask, order) };
            (at.max(ask.now), sentences::step(ask.lang, step), why)
        }
        None if ask.now < limit => {
            let why = if is_paused { w.paused_no_capture.to_owned() } else { why(ask, order) };
            (limit, w.day_21_ends.to_owned(), why)
        }
        None if ask.now < since + ECPAY_WRITES => (since + ECPAY_WRITES, w.line_written.to_owned(), why(ask, order)),
        None => (since + ABANDONED_AFTER, w.ecpay_abandons.to_owned(), why(ask, order)),
    };
    Ahead {
        at,
        when: minute(at),
        number: order.merchant_trade_no.clone(),
        link: ask.order_link(&order.merchant_id, &order.merchant_trade_no, Some(&order.asked_trade_no)),
        amount: money_or_dash(order.amount),
        what,
        why,
    }
}

fn why(ask: &Ask<'_>, order: &AheadOrder) -> String {
    match (order.capture.as_str(), order.rule.as_str()) {
        ("hold", _) => ask.w().on_hold.to_owned(),
        (_, "capture-ahead") => ask.w().planned.to_owned(),
        _ => sentences::reason(ask.lang, order.reason.as_ref(), &order.rule),
    }
}
