//! The overview: what needs somebody, what is next, whether the money is right; then the pictures.

mod daily;
mod foreseen;
mod money;

use askama::Template;

use self::daily::{Daily, daily};
use self::foreseen::{Foreseen, foreseen};
use self::money::{Money, money};
use super::ask::{Ask, PageError};
use super::deadlines::{Ahead, AutoClose, ahead};
use super::form;
use super::frame::{Frame, Tab};
use super::refunds::{OpenRefund, open_refund};
use super::sentences;
use super::wall::{Wall, wall};

/// Authorized orders that are counted for the pictures.
const COUNTED: i64 = 20_000;

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

#[derive(Template)]
#[template(path = "overview.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    needs: String,
    next: String,
    next_mark: &'static str,
    money: Money,
    daily: Daily,
    wall: Wall,
    wall_intro: String,
    is_part: bool,
    ahead: Vec<Ahead>,
    deadlines_link: String,
    foreseen: Foreseen,
    refunds: Vec<OpenRefund>,
    refunds_link: String,
    alerts_link: String,
    states: Vec<StateCount>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Overview, w.overview)?.refreshing(ask);
    let groups = ask.reader.authorized(ask.now, COUNTED)?;
    let wall = wall(ask, &groups);
    let auto = AutoClose::of(ask);
    let orders = ask.reader.ahead((0, 0), LOOKED_AT)?;
    let alone = orders.iter().filter(|o| !auto.takes(&o.merchant_id, (ask.now - o.authorized_at()).num_days()));
    let mut ahead: Vec<Ahead> = alone.map(|order| ahead(ask, &f, order)).chain(auto.rows(ask, &groups)).collect();
    ahead.sort_by_key(|a| a.at);
    ahead.truncate(ROWS);
    let refunds = ask.reader.open_refunds(ROWS as i64)?;
    let money = money(ask, &f, &wall)?;
    let any_paused = f.any_paused();
    let page = Page {
        headline: if f.needing == 0 { w.all_is_well.to_owned() } else { (w.things_need_you)(f.needing) },
        needs: needs(ask, &f),
        next: ahead
            .first()
            .map_or_else(|| w.nothing_ahead.to_owned(), |a| (w.next_is)(&a.when, &a.what, &a.number, &a.amount)),
        next_mark: if any_paused { "warn" } else { "wait" },
        wall_intro: if wall.late == 0 { w.nobody_late.to_owned() } else { (w.n_late)(wall.late) },
        is_part: wall.orders >= COUNTED,
        foreseen: foreseen(ask, &f, &auto, &groups),
        refunds: refunds.iter().map(|r| open_refund(ask, &f, r)).collect(),
        ahead,
        deadlines_link: ask.link("/deadlines"),
        refunds_link: ask.link("/refunds"),
        alerts_link: ask.link("/alerts"),
        states: states(ask)?,
        daily: daily(ask)?,
        money,
        wall,
        f,
    };
    Ok(page.render()?)
}

fn needs(ask: &Ask<'_>, f: &Frame) -> String {
    let others = |severity: &str| f.tasks.iter().filter(|t| !t.needs_you && t.severity == severity).count();
    let (critical, warnings, notices) = (others("critical"), others("warning"), others("notice"));
    match (f.needing, critical + warnings + notices) {
        (0, 0) => ask.w().no_alert_open.to_owned(),
        (0, _) => (ask.w().can_wait)(critical + warnings, notices),
        (_, 0) => ask.w().lost_first.to_owned(),
        _ => format!("{}{}{}", ask.w().lost_first, ask.w().gap, (ask.w().can_wait)(critical + warnings, notices)),
    }
}

fn states(ask: &Ask<'_>) -> Result<Vec<StateCount>, PageError> {
    let count = |c: &crate::ledger::views::Count| StateCount {
        word: c.state.clone(),
        name: sentences::order_state(ask.lang, &c.state),
        link: ask.link(&format!("/orders?state={}", c.state)),
        orders: form::money(c.count),
    };
    Ok(ask.reader.order_counts()?.iter().map(count).collect())
}
