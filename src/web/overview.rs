//! The overview: what needs somebody, what is next, whether the money is right; then the pictures.

mod daily;
mod foreseen;
mod money;
mod month;

use askama::Template;

use self::daily::{Daily, daily};
use self::foreseen::{Foreseen, foreseen};
use self::money::{Money, money};
use self::month::month;
use super::ask::{Ask, PageError};
use super::deadlines::{Ahead, AutoClose, ahead};
use super::form;
use super::frame::{Frame, Tab};
use super::parts::Part;
use super::refunds::{OpenRefund, open_refund};
use super::sentences;
use super::wall::{COUNTED, Wall, wall};
use crate::ledger::LedgerError;

/// The oldest authorizations, among which the next deadlines are looked for.
const LOOKED_AT: i64 = 300;

/// Rows of a list here; the rest has a page of its own.
const ROWS: usize = 8;

struct StateCount {
    word: String,
    name: String,
    link: String,
    orders: String,
}

/// What is authorized: the wall, what is next for it, and the captures that are foreseen.
struct Authorized {
    wall: Wall,
    intro: String,
    is_part: bool,
    ahead: Vec<Ahead>,
    foreseen: Foreseen,
}

/// The sums and the picture by day.
struct Books {
    money: Money,
    daily: Daily,
}

#[derive(Template)]
#[template(path = "overview.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    needs: String,
    next: String,
    next_mark: &'static str,
    right: String,
    right_mark: &'static str,
    authorized: Part<Authorized>,
    books: Part<Books>,
    refunds: Part<Vec<OpenRefund>>,
    states: Part<Vec<StateCount>>,
    deadlines_link: String,
    refunds_link: String,
    alerts_link: String,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Overview, w.overview)?.refreshing(ask);
    let authorized = ask.part("authorized", authorized(ask, &f))?;
    let books = match &authorized {
        Ok(authorized) => ask.part("books", books(ask, &f, &authorized.wall))?,
        Err(why) => Err(why.clone()),
    };
    let refunds = ask.reader.open_refunds(ROWS as i64);
    let refunds = refunds.map(|rows| rows.iter().map(|r| open_refund(ask, &f, r)).collect());
    let first = |a: &Ahead| (w.next_is)(&a.when, &a.what, &a.number, &a.amount);
    let next = |found: &Authorized| found.ahead.first().map_or_else(|| w.nothing_ahead.to_owned(), first);
    let page = Page {
        headline: if f.needing == 0 { w.all_is_well.to_owned() } else { (w.things_need_you)(f.needing) },
        needs: needs(ask, &f),
        next: authorized.as_ref().map_or_else(Clone::clone, next),
        next_mark: if f.any_paused() || authorized.is_err() { "warn" } else { "wait" },
        right: books.as_ref().map_or_else(Clone::clone, |books| books.money.sentence.clone()),
        right_mark: books.as_ref().map_or("warn", |books| books.money.mark),
        authorized,
        books,
        refunds: ask.part("refunds", refunds)?,
        states: ask.part("states", states(ask))?,
        deadlines_link: ask.link("/deadlines"),
        refunds_link: ask.link("/refunds"),
        alerts_link: ask.link("/alerts"),
        f,
    };
    Ok(page.render()?)
}

fn authorized(ask: &Ask<'_>, f: &Frame) -> Result<Authorized, LedgerError> {
    let w = ask.w();
    let groups = ask.reader.authorized(ask.now, COUNTED)?;
    let wall = wall(ask, &groups);
    let auto = AutoClose::of(ask);
    let orders = ask.reader.ahead((0, 0), LOOKED_AT)?;
    let alone = orders.iter().filter(|o| !auto.takes(&o.merchant_id, (ask.now - o.authorized_at()).num_days()));
    let mut ahead: Vec<Ahead> = alone.map(|order| ahead(ask, f, order)).chain(auto.rows(ask, &groups)).collect();
    ahead.sort_by_key(|a| a.at);
    ahead.truncate(ROWS);
    Ok(Authorized {
        intro: if wall.late == 0 { w.nobody_late.to_owned() } else { (w.n_late)(wall.late) },
        is_part: wall.orders >= COUNTED,
        foreseen: foreseen(ask, f, &auto, &groups),
        wall,
        ahead,
    })
}

fn books(ask: &Ask<'_>, f: &Frame, wall: &Wall) -> Result<Books, LedgerError> {
    let month = month(ask)?;
    Ok(Books { money: money(ask, f, wall, &month)?, daily: daily(ask.w(), &month) })
}

fn needs(ask: &Ask<'_>, f: &Frame) -> String {
    let others = |severity: &str| f.tasks.iter().filter(|t| !t.needs_you && t.severity == severity).count();
    let (critical, warnings, notices) = (others("critical"), others("warning"), others("notice"));
    match (f.needing, critical + warnings + notices) {
        (0, 0) => ask.w().no_alert_open.to_owned(),
        (_, 0) => ask.w().lost_first.to_owned(),
        (0 | 1, _) => (ask.w().can_wait)(critical + warnings, notices),
        _ => format!("{}{}{}", ask.w().lost_first, ask.w().gap, (ask.w().can_wait)(critical + warnings, notices)),
    }
}

fn states(ask: &Ask<'_>) -> Result<Vec<StateCount>, LedgerError> {
    let count = |c: &crate::ledger::views::Count| StateCount {
        word: c.state.clone(),
        name: sentences::order_state(ask.lang, &c.state),
        link: ask.link(&format!("/orders?state={}", c.state)),
        orders: form::money(c.count),
    };
    Ok(ask.reader.order_counts()?.iter().map(count).collect())
}
