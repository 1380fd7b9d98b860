//! Refunds: those that have not ended, and the ended ones.

use askama::Template;

use super::ask::{Ask, PageError};
use super::form::{cut, cut_or_dash, money, money_or_dash};
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::pause::PauseOf;
use crate::domain::refund::RefundState;
use crate::ledger::pages::NEWEST;
use crate::ledger::views::RefundStatus;

const OPEN: i64 = 200;
const ENDED: i64 = 50;

pub struct OpenRefund {
    pub id: i64,
    pub number: String,
    pub order_link: String,
    pub link: String,
    pub asked_at: String,
    pub amount: String,
    pub mark: &'static str,
    pub state: String,
    pub why: String,
    pub key: String,
    pub comment: Option<String>,
}

struct EndedRefund {
    id: i64,
    number: String,
    order_link: String,
    ended_at: String,
    amount: String,
    refunded: String,
    method: Option<String>,
    mark: &'static str,
    state: String,
    why: String,
    key: String,
    comment: Option<String>,
}

struct Choice {
    name: String,
    link: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "refunds.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    mark: &'static str,
    open: Vec<OpenRefund>,
    is_part: bool,
    tabs: Vec<Choice>,
    ended: Vec<EndedRefund>,
    next: Option<String>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Refunds, w.refunds)?;
    let state = ask.query.value("state").and_then(RefundState::parse).filter(|s| !s.is_open()).map(RefundState::word);
    let after = ask.query.number("after");
    // The list that goes on is the one of the ended.
    let open = if after.is_none() { ask.reader.open_refunds(OPEN)? } else { Vec::new() };
    let part = ask.reader.ended_refunds(state, after.unwrap_or(NEWEST), ENDED)?;
    let chosen = state.map(|s| format!("&state={s}")).unwrap_or_default();
    let needing = open.iter().filter(|r| r.state == "review").count();
    let page = Page {
        headline: (w.n_refunds_open)(f.open_refunds),
        mark: if needing > 0 {
            "crit"
        } else if f.open_refunds > 0 {
            "wait"
        } else {
            "ok"
        },
        is_part: after.is_none() && i64::try_from(open.len()).is_ok_and(|shown| shown < f.open_refunds),
        open: open.iter().map(|r| open_refund(ask, &f, r)).collect(),
        tabs: tabs(ask, state),
        ended: part.rows.iter().map(|r| ended_refund(ask, r)).collect(),
        next: part.next.map(|id| ask.link(&format!("/refunds?after={id}{chosen}#dn"))),
        f,
    };
    Ok(page.render()?)
}

fn tabs(ask: &Ask<'_>, here: Option<&str>) -> Vec<Choice> {
    let ended = RefundState::ALL.iter().filter(|s| !s.is_open()).map(|s| s.word());
    let all = std::iter::once(None).chain(ended.map(Some));
    let tab = |state: Option<&'static str>| Choice {
        name: state.map_or_else(|| ask.w().all.to_owned(), |s| sentences::state(ask.lang, s)),
        link: ask.link(&state.map_or_else(|| "/refunds#dn".to_owned(), |s| format!("/refunds?state={s}#dn"))),
        is_here: state == here,
    };
    all.map(tab).collect()
}

pub fn open_refund(ask: &Ask<'_>, f: &Frame, refund: &RefundStatus) -> OpenRefund {
    let mark = match refund.state.as_str() {
        "review" => "crit",
        _ if f.is_paused(&refund.merchant_id, PauseOf::Refund) || refund.rule == "balance-short" => "warn",
        _ => "wait",
    };
    OpenRefund {
        id: refund.id,
        number: refund.merchant_trade_no.clone(),
        order_link: ask.order_link(&refund.merchant_id, &refund.merchant_trade_no, None),
        link: ask.link(&format!("/refunds#r{}", refund.id)),
        asked_at: cut(&refund.created_at),
        amount: refund.amount.map_or_else(|| ask.w().all_left.to_owned(), money),
        mark,
        state: sentences::state(ask.lang, &refund.state),
        why: sentences::of_refund(ask.lang, refund),
        key: refund.request_key.to_string(),
        comment: comment(refund),
    }
}

fn ended_refund(ask: &Ask<'_>, refund: &RefundStatus) -> EndedRefund {
    EndedRefund {
        id: refund.id,
        number: refund.merchant_trade_no.clone(),
        order_link: ask.order_link(&refund.merchant_id, &refund.merchant_trade_no, None),
        ended_at: cut_or_dash(refund.ended_at.as_deref()),
        amount: refund.amount.map_or_else(|| ask.w().all_left.to_owned(), money),
        refunded: money_or_dash(Some(refund.refunded_amount).filter(|amount| *amount > 0)),
        method: refund.method.clone(),
        mark: match refund.state.as_str() {
            "done" if refund.refunded_amount > 0 => "ok",
            "done" => "warn",
            _ => "no",
        },
        state: sentences::state(ask.lang, &refund.state),
        why: if refund.state == "done" && refund.refunded_amount > 0 {
            String::new()
        } else {
            sentences::of_refund(ask.lang, refund)
        },
        key: refund.request_key.to_string(),
        comment: comment(refund),
    }
}

fn comment(refund: &RefundStatus) -> Option<String> {
    refund.comment.as_ref().map(|comment| comment.to_string()).filter(|comment| !comment.is_empty())
}
