//! Orders: pages of fifty, newest first, by state, by merchant, or by number.

use askama::Template;

use super::ask::{Ask, PageError};
use super::form::{cut_or_dash, money, money_or_dash};
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::order::OrderState;
use crate::ledger::pages::{NEWEST, OrderFilter, PageOrder, Part};

const ROWS: i64 = 50;

struct Row {
    number: String,
    merchant: String,
    link: String,
    state: String,
    state_name: String,
    is_held: bool,
    amount: String,
    captured: String,
    refunded: String,
    authorized_at: String,
    next: String,
    error: Option<String>,
}

struct Choice {
    word: String,
    name: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "orders.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    states: Vec<Choice>,
    merchants: Vec<Choice>,
    q: String,
    lang: Option<&'static str>,
    deadlines_link: String,
    rows: Vec<Row>,
    next: Option<String>,
    is_cut: bool,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Orders, w.orders)?;
    let state = ask.query.value("state").and_then(OrderState::parse).map(OrderState::word);
    let known = |id: &&str| f.merchants.iter().any(|m| m.merchant_id == *id);
    let merchant = ask.query.value("merchant").filter(known);
    let number = ask.query.value("q");
    let part = match number {
        Some(number) => Part { rows: ask.reader.orders_by_number(number, ROWS)?, next: None },
        None => {
            let after = ask.query.number("after").unwrap_or(NEWEST);
            ask.reader.orders(OrderFilter { state, merchant }, after, ROWS)?
        }
    };
    let page = Page {
        headline: number.map_or_else(|| w.orders.to_owned(), w.numbers_like),
        states: states(ask, state),
        merchants: f.merchants.iter().map(|m| choice(&m.merchant_id, &m.merchant_id, merchant)).collect(),
        q: number.unwrap_or_default().to_owned(),
        lang: ask.query.lang().map(super::sentences::Lang::word),
        deadlines_link: ask.link("/deadlines"),
        is_cut: number.is_some() && i64::try_from(part.rows.len()).is_ok_and(|rows| rows >= ROWS),
        rows: part.rows.iter().map(|order| row(ask, order)).collect(),
        next: part.next.map(|id| ask.link(&older(id, state, merchant))),
        f,
    };
    Ok(page.render()?)
}

fn older(after: i64, state: Option<&str>, merchant: Option<&str>) -> String {
    let also = |name: &str, value: Option<&str>| value.map(|v| format!("&{name}={v}")).unwrap_or_default();
    format!("/orders?after={after}{}{}", also("state", state), also("merchant", merchant))
}

fn choice(word: &str, name: &str, chosen: Option<&str>) -> Choice {
    Choice { word: word.to_owned(), name: name.to_owned(), is_chosen: chosen == Some(word) }
}

fn states(ask: &Ask<'_>, chosen: Option<&str>) -> Vec<Choice> {
    let state = |s: &OrderState| choice(s.word(), &sentences::order_state(ask.lang, s.word()), chosen);
    OrderState::ALL.iter().map(state).collect()
}

fn row(ask: &Ask<'_>, order: &PageOrder) -> Row {
    let o = &order.status;
    let some = |amount: i64| if amount > 0 { money(amount) } else { String::new() };
    let next = o.next_step.as_ref().zip(o.next_step_at.as_deref());
    Row {
        number: o.merchant_trade_no.clone(),
        merchant: o.merchant_id.clone(),
        link: ask.order_link(&o.merchant_id, &o.merchant_trade_no, order.asked_trade_no.as_deref()),
        state_name: sentences::order_state(ask.lang, &o.state),
        state: o.state.clone(),
        is_held: o.capture == "hold",
        amount: money_or_dash(o.amount),
        captured: some(o.captured_amount),
        refunded: some(o.refunded_amount),
        authorized_at: cut_or_dash(o.authorized_at.as_deref()),
        next: next.map_or_else(
            || "–".to_owned(),
            |(step, at)| format!("{} {}", sentences::step(ask.lang, step), cut_or_dash(Some(at))),
        ),
        error: o.last_error.clone(),
    }
}
