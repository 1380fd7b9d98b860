//! Orders of 全方位金流 (AIO): whose they are, what befalls their calls, and what a call without a stamp may not do.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Timelike as _, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::taipei;
use ecpayd::gateway::transport::{HttpAnswer, TransportError};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{ActionRecord, Bank, By, Kind};
use fastrand::Rng;

use crate::actors::{AUTO_CLOSING, merchant_of, number};
use crate::checks::Case;
use crate::hands::{Shop, names};
use crate::strange::MORE;
use crate::world::World;

/// Whose orders a merchant has, and by which calls they are acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sells {
    /// Of the products with a JSON interface.
    ByJson,
    /// Of AIO, acted on by form.
    ByForm,
    /// Of AIO, acted on by JSON where ECPay takes that.
    AioByJson,
}

impl Sells {
    pub fn draw(rng: &mut Rng) -> Self {
        match rng.u32(0..20) {
            0..10 => Self::ByJson,
            10..18 => Self::ByForm,
            _ => Self::AioByJson,
        }
    }
}

/// `gateway.quiet`
const QUIET: Duration = Duration::minutes(30);

/// A request by form acts at any time later; here at the latest so many seconds after it, so that there is a time
/// at which a person can tell.
const LATEST_S: u32 = 20 * 3600;

/// So long a person waits before he says of a call by form whether it was made.
pub const A_PERSON_WAITS: Duration = Duration::days(1);

/// What befalls only a request that no stamp ends.
pub fn fault(rng: &mut Rng) -> (&'static str, FaultKind) {
    let s = match rng.u32(0..3) {
        0 => rng.u32(1..1_900),
        1 => rng.u32(1_900..7_200),
        _ => rng.u32(7_200..LATEST_S),
    };
    if rng.bool() {
        ("copy later", FaultKind::CopyLater { s })
    } else {
        ("delayed for hours", FaultKind::Delayed { s })
    }
}

/// What a shop says of an order: in how many parts it is paid, which it gets wrong now and then.
pub fn told(rng: &mut Rng, kind: Kind) -> i64 {
    match kind {
        Kind::Installments(parts) if rng.u32(0..20) > 0 => i64::from(parts),
        _ => 0,
    }
}

/// An order query whose answer somebody has changed on its way, under the checksum of the true one.
pub fn forged(rng: &mut Rng, body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let (from, to) = [
        ("PaymentType=Credit_CreditCard", "PaymentType=ATM_TAISHIN"),
        ("TradeStatus=1", "TradeStatus=0"),
        ("TradeAmt=", "TradeAmt=1"),
    ][rng.usize(0..3)];
    let forged = text.replacen(from, to, 1);
    (forged != text).then(|| forged.into_bytes())
}

/// An order, and ECPay's number of what of it a call acts on.
type ActedOn = (usize, String);

/// Calls by form that nobody has answered.
#[derive(Default)]
pub struct Unanswered(HashMap<ActedOn, Vec<(Action, DateTime<Utc>)>>);

impl Unanswered {
    /// What a call by form that goes out now may not do.
    pub fn watch(&self, order: usize, body: &[u8], now: DateTime<Utc>, bank: &Bank) -> Option<String> {
        let (next, trade_no) = (action(body)?, trade_no(body));
        let (id, no) = names(order);
        let minute = taipei(now).hour() * 60 + taipei(now).minute();
        if merchant_of(order) == AUTO_CLOSING && next == Action::E && !(6 * 60..20 * 60 + 15).contains(&minute) {
            return Some(format!("{no} was called back in the night of its closing, at {now}"));
        }
        let young = |at: DateTime<Utc>| now - at < QUIET;
        for (first, at) in self.0.get(&(order, trade_no.clone())).into_iter().flatten().filter(|(_, at)| young(*at)) {
            if crosses(*first, next) {
                return Some(format!("{no}: {next} was sent at {now}, and a {first} of {at} has no answer"));
            }
            let of_it = |a: &&ActionRecord| a.effect && a.action == *first && a.trade_no == trade_no;
            let shown = bank.actions_of(&id, &no).filter(of_it).any(|a| a.at >= *at);
            if *first == next && !shown {
                return Some(format!("{no}: {next} was sent again at {now}, and the one of {at} may still come"));
            }
        }
        None
    }

    /// Whether it has no answer.
    pub fn note(
        &mut self,
        order: usize,
        body: &[u8],
        answer: &Result<HttpAnswer, TransportError>,
        sent: DateTime<Utc>,
    ) -> bool {
        let silent = action(body).filter(|_| !is_answered(answer, order));
        if let Some(action) = silent {
            self.0.entry((order, trade_no(body))).or_default().push((action, sent));
        }
        silent.is_some()
    }
}

fn field<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let fields = std::str::from_utf8(body).ok()?.split('&').filter_map(|field| field.split_once('='));
    fields.filter(|(of, _)| *of == name).map(|(_, value)| value).next()
}

fn trade_no(body: &[u8]) -> String {
    field(body, "TradeNo").unwrap_or_default().to_owned()
}

fn action(body: &[u8]) -> Option<Action> {
    let letter = field(body, "Action")?;
    Action::ALL.into_iter().find(|action| action.letter() == letter)
}

fn is_answered(answer: &Result<HttpAnswer, TransportError>, order: usize) -> bool {
    let Ok(HttpAnswer { status: 200, body, .. }) = answer else { return false };
    let text = String::from_utf8_lossy(body);
    text.contains(&format!("MerchantTradeNo={}&", number(order))) && text.contains("RtnCode=")
}

/// Whether `first`, were it to come late, would undo what `next` does.
fn crosses(first: Action, next: Action) -> bool {
    use Action::{C, E, N, R};
    matches!((first, next), (C, E | N) | (E, C | R) | (N, C))
}

impl Case<'_> {
    /// The second effect of one request. No stamp ends a request by form: nobody can keep a copy from coming.
    pub fn is_copy(&self, done: &ActionRecord) -> bool {
        let first = |a: &&&ActionRecord| a.effect && a.by == By::Form && a.asked_at.is_none() && same(a, done);
        done.by == By::Form && self.actions.iter().filter(first).any(|a| Some(a.at) == done.asked_at)
    }
}

fn same(one: &ActionRecord, other: &ActionRecord) -> bool {
    (one.action, one.amount) == (other.action, other.amount)
}

pub fn all(case: &Case, plain: bool, world: &World, shop: &Shop, check: &mut impl FnMut(bool, &str)) {
    parts_are_of_what_is_paid_at_once(case, world, shop, check);
    for copy in case.actions.iter().filter(|a| a.effect && a.action == Action::R && case.is_copy(a)) {
        let told = !plain || case.undone().next().is_some() || case.book.was_told(&MORE, copy.at);
        check(told, &format!("a copy of a call gave {} back at {}, and no alert says so", copy.amount, copy.at));
    }
}

/// Installments do not show by form unless the shop asked for more when it made the order.
fn parts_are_of_what_is_paid_at_once(case: &Case, world: &World, shop: &Shop, check: &mut impl FnMut(bool, &str)) {
    // Nobody pays what recurs by installments.
    if case.kind == Kind::Recurring {
        return;
    }
    let (id, _) = names(case.order);
    if world.hands.bank.with_bank(|bank, _| bank.terms(&id).is_some_and(|terms| terms.card_info)) {
        return;
    }
    let told_at = shop.told.get(&case.order).map(|(_, at)| *at);
    let part = |a: &&&ActionRecord| a.by == By::Form && a.action == Action::R && a.amount < case.truth.amount;
    for sent in case.actions.iter().filter(part) {
        let at = sent.asked_at.unwrap_or(sent.at);
        let known = told_at.is_some_and(|told_at| told_at <= at);
        check(known, &format!("{} was asked back at {at} of what may be installments", sent.amount));
    }
}
