use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Body, Named, Refused, Whose, span, time};
use crate::domain::action::Action;
use crate::domain::calendar;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::simulator::bank::{Ask, Bank, By, Kind, NewOrder, Order, Paid, Product, Undo, Undone};
use crate::simulator::handle::SimHandle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    merchant_id: Option<MerchantId>,
    merchant_trade_no: MerchantTradeNo,
    amount: Twd,
    kind: Option<KindWord>,
    /// Nothing: the merchant's usual one.
    product: Option<Product>,
    /// The number of installments.
    stage: Option<u32>,
    authorized_at: Option<String>,
    /// The same, as a span before the bank's time.
    authorized_ago: Option<String>,
    #[serde(default)]
    payment: PaymentWord,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    Card,
    Installments,
    BonusPoints,
    UnionPay,
    Recurring,
    Atm,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaymentWord {
    #[default]
    Paid,
    Unpaid,
    BankPending,
    Unauthorized,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByHand {
    action: Action,
    amount: Twd,
    /// Only needed for the later authorizations of a recurring order.
    trade_no: Option<TradeNo>,
    #[serde(default)]
    by: HandWord,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HandWord {
    #[default]
    Dashboard,
    /// ECPay's customer service.
    Service,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Says {
    /// Nothing: the order's own status again.
    status: Option<String>,
    /// Nothing: the kind's own payment type again.
    payment_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeBack {
    what: Undone,
    amount: Option<Twd>,
    #[serde(default)]
    vanishes: bool,
    trade_no: Option<TradeNo>,
}

pub(super) async fn create(State(handle): State<SimHandle>, body: Body) -> Answer {
    let asked: Create = body.read()?;
    let kind = kind(asked.kind, asked.stage)?;
    let (at, ago) = (asked.authorized_at.as_deref().map(time), asked.authorized_ago.as_deref().map(span));
    handle.with_bank(|bank, now| {
        let created_at = match (at.transpose()?, ago.transpose()?) {
            (Some(_), Some(_)) => {
                return Err(Refused("authorized_at and authorized_ago cannot both be told".to_owned()));
            }
            (at, ago) => at.or_else(|| ago.map(|ago| now - ago)).unwrap_or(now),
        };
        if created_at > now {
            return Err(Refused(format!("authorized_at lies ahead of the bank's time {}", calendar::show(now))));
        }
        let new = NewOrder {
            merchant_id: asked.merchant_id.map_or_else(|| only_merchant(bank), Ok)?,
            merchant_trade_no: asked.merchant_trade_no,
            kind,
            amount: asked.amount,
            created_at,
            paid: match asked.payment {
                PaymentWord::Paid => Paid::Yes,
                PaymentWord::Unpaid => Paid::No,
                PaymentWord::BankPending => Paid::BankPending,
                PaymentWord::Unauthorized => Paid::Unauthorized,
            },
        };
        Ok(Json(json!(match asked.product {
            Some(product) => bank.create_by(product, new, now)?,
            None => bank.create(new, now)?,
        })))
    })
}

pub(super) async fn list(State(handle): State<SimHandle>, whose: Whose) -> Answer {
    handle.look(|bank, _| {
        let wanted = bank.orders().filter(|o| whose.is_of(&o.merchant_id));
        Ok(Json(wanted.map(|o| json!(o.truth())).collect()))
    })
}

pub(super) async fn show(State(handle): State<SimHandle>, Named(no): Named, whose: Whose) -> Answer {
    handle.read(|desk, _| {
        let truth = find(&desk.bank, &no, whose.merchant_id.as_ref())?.truth();
        let (id, number) = (&truth.merchant_id, &truth.merchant_trade_no);
        let done = desk.bank.actions_of(id, number).map(|a| json!(a));
        let coming = desk.on_their_way().filter(|ask| ask.merchant_id == *id && ask.merchant_trade_no == *number);
        let mut shown = json!(truth);
        shown["actions"] = done.chain(coming.map(|ask| on_its_way(&ask))).collect();
        Ok(Json(shown))
    })
}

pub(super) async fn actions(State(handle): State<SimHandle>, whose: Whose) -> Answer {
    handle.read(|desk, _| {
        let done = desk.bank.actions().iter().filter(|a| whose.is_of(&a.merchant_id)).map(|a| json!(a));
        let coming = desk.on_their_way().filter(|ask| whose.is_of(&ask.merchant_id));
        Ok(Json(done.chain(coming.map(|ask| on_its_way(&ask))).collect()))
    })
}

/// An action that the bank has not heard of yet: whether it takes effect shows when it arrives.
fn on_its_way(ask: &Ask) -> Value {
    json!({
        "arrives_at": calendar::show(ask.at),
        "by": ask.by,
        "merchant_id": ask.merchant_id,
        "merchant_trade_no": ask.merchant_trade_no,
        "trade_no": ask.trade_no,
        "action": ask.action,
        "amount": ask.amount,
        "effect": null,
    })
}

pub(super) async fn pay(State(handle): State<SimHandle>, Named(no): Named, whose: Whose) -> Answer {
    handle.with_bank(|bank, now| {
        let order = find(bank, &no, whose.merchant_id.as_ref())?;
        let (merchant_id, no) = (order.merchant_id.clone(), order.merchant_trade_no.clone());
        Ok(Json(json!(bank.pay(&merchant_id, &no, now)?)))
    })
}

/// A refusal is an answer here, not an error: it is what the person at the dashboard would see.
pub(super) async fn dashboard(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let asked: ByHand = body.read()?;
    handle.with_bank(|bank, now| {
        let ask = by_hand(find(bank, &no, whose.merchant_id.as_ref())?, asked, now);
        let refused = bank.act(&ask).err().map(|refusal| refusal.to_string());
        let truth = find(bank, &no, Some(&ask.merchant_id))?.truth();
        Ok(Json(json!({ "effect": refused.is_none(), "refused": refused, "order": truth })))
    })
}

/// The card detail says another status than the order has, the order query another payment type.
pub(super) async fn say(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let asked: Says = body.read()?;
    handle.with_bank(|bank, _| {
        let order = find(bank, &no, whose.merchant_id.as_ref())?;
        let (merchant_id, no) = (order.merchant_id.clone(), order.merchant_trade_no.clone());
        bank.say_paid_by(&merchant_id, &no, asked.payment_type.as_deref())?;
        Ok(Json(json!(bank.say(&merchant_id, &no, asked.status.as_deref())?)))
    })
}

/// The bank takes back what it has done.
pub(super) async fn undo(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let TakeBack { what, amount, vanishes, trade_no } = body.read()?;
    handle.with_bank(|bank, now| {
        let order = find(bank, &no, whose.merchant_id.as_ref())?;
        let (merchant_id, no) = (order.merchant_id.clone(), order.merchant_trade_no.clone());
        Ok(Json(json!(bank.undo(&merchant_id, &no, &Undo { what, amount, vanishes, trade_no }, now)?)))
    })
}

fn by_hand(order: &Order, asked: ByHand, at: DateTime<Utc>) -> Ask {
    Ask {
        at,
        by: match asked.by {
            HandWord::Dashboard => By::Dashboard,
            HandWord::Service => By::Service,
        },
        merchant_id: order.merchant_id.clone(),
        merchant_trade_no: order.merchant_trade_no.clone(),
        trade_no: asked.trade_no.unwrap_or_else(|| order.trade_no.clone()),
        action: asked.action,
        amount: asked.amount,
    }
}

fn kind(word: Option<KindWord>, stage: Option<u32>) -> Result<Kind, Refused> {
    let kind = match word {
        None if stage.is_some_and(|n| n > 1) => Kind::Installments(stage.unwrap_or(3)),
        Some(KindWord::Installments) => Kind::Installments(stage.unwrap_or(3)),
        None | Some(KindWord::Card) => Kind::Card,
        Some(KindWord::BonusPoints) => Kind::BonusPoints,
        Some(KindWord::UnionPay) => Kind::UnionPay,
        Some(KindWord::Recurring) => Kind::Recurring,
        Some(KindWord::Atm) => Kind::Atm,
    };
    match (kind, stage) {
        (Kind::Installments(n), _) if !(2..=60).contains(&n) => Err(Refused("stage must be 2 to 60".to_owned())),
        (Kind::Installments(_), _) | (_, None | Some(0 | 1)) => Ok(kind),
        _ => Err(Refused("only an order in installments has a stage".to_owned())),
    }
}

pub(super) fn only_merchant(bank: &Bank) -> Result<MerchantId, Refused> {
    let mut ids = bank.merchants().map(|(id, _)| id);
    match (ids.next(), ids.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(Refused("several merchants are known here: name one with merchant_id".to_owned())),
    }
}

fn find<'a>(bank: &'a Bank, no: &str, whose: Option<&MerchantId>) -> Result<&'a Order, Refused> {
    let unknown = || Refused(format!("order {no} is not known here"));
    let number = MerchantTradeNo::parse(no).map_err(|_| unknown())?;
    let asked = bank.merchants().map(|(id, _)| id).filter(|id| whose.is_none_or(|whose| whose == *id));
    let mut found = asked.filter_map(|id| bank.order(id, &number));
    match (found.next(), found.next()) {
        (Some(order), None) => Ok(order),
        (Some(_), Some(_)) => Err(Refused(format!("several merchants have an order {no}: add ?merchant_id="))),
        (None, _) => Err(unknown()),
    }
}
