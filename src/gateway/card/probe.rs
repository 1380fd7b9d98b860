//! Do the JSON calls know an order of 全方位金流? Asked by the order query, and by E on an order that a look has just
//! shown authorized, which ECPay refuses in that state.
//!
//! It is a money call without an attempt in the ledger, so it is nothing but this one: the action is no argument, and
//! the order is one that [`CardGateway::untouched`] has seen.

use chrono::{DateTime, Utc};

use super::action::{ActionAnswer, ActionRequest};
use super::order_query::{self, OrderAnswer, OrderQuery};
use super::{CardGateway, OrderSeen, PaidOrder, action};
use crate::domain::action::{Action, Leave};
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::probe::{self, Answer};
use crate::domain::quote::quote;
use crate::gateway::caller::{Dated, Errand, read_json};
use crate::gateway::errors::{LONGEST_RTN_MSG, LookError, is_unknown_order};

/// Proof of a look that showed an order authorized, with nothing captured of it and nothing to be captured.
#[derive(Debug)]
pub struct Untouched {
    order: MerchantTradeNo,
    trade_no: TradeNo,
    amount: Twd,
    /// Which authorization that is.
    of: (Option<i64>, DateTime<Utc>),
    seen_at_s: i64,
}

impl Untouched {
    /// The card detail names no order: where nothing else tells which authorization it is of, two have to agree.
    pub fn agrees_with(&self, other: &Self) -> bool {
        (&self.trade_no, self.amount, self.of) == (&other.trade_no, other.amount, other.of)
    }
}

/// What a look before or after the question saw.
#[derive(Debug)]
pub enum Looked {
    Untouched(Untouched),
    Otherwise(Seen),
}

impl CardGateway {
    /// The card detail of an order whose charges are one.
    pub async fn untouched(
        &self,
        paid: &PaidOrder,
        order: &MerchantTradeNo,
        stamp_s: i64,
    ) -> Result<Dated<Looked>, LookError> {
        let Dated { gateway_clock_s, answer } = self.card_detail(paid, order, None, stamp_s).await?;
        let looked = match answer {
            Seen::Card(card) if probe::is_untouched(&Seen::Card(card.clone())) => Looked::Untouched(Untouched {
                order: order.clone(),
                trade_no: card.trade_no,
                amount: card.amount,
                of: (card.gwsr, card.authorized_at),
                seen_at_s: stamp_s,
            }),
            other => Looked::Otherwise(other),
        };
        Ok(Dated { gateway_clock_s, answer: looked })
    }

    /// Whether the JSON order query finds the order as the form's does.
    pub async fn json_query_knows(&self, order: &Untouched, stamp_s: i64) -> Result<bool, LookError> {
        let request = OrderQuery {
            platform_id: self.caller.platform_id.clone(),
            merchant_id: self.caller.merchant_id.clone(),
            merchant_trade_no: order.order.clone(),
        };
        let answered = self.post(order_query::PATH, &request, stamp_s, Errand::Query).await?;
        let answer: OrderAnswer = read_json(&self.open(&answered)?)?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        let seen = OrderSeen::of(answer, &order.order)?;
        Ok(matches!(seen, OrderSeen::Paid(paid) if paid.trade_no == order.trade_no))
    }

    /// Sends E, once, by JSON. `leave` is asked as late as possible.
    pub async fn probe(&self, order: Untouched, stamp_s: i64, leave: Leave) -> Answer {
        let not_sent = |why: &str| Answer::NotSent { why: why.to_owned() };
        if self.form.is_none() {
            return not_sent("the orders of this merchant go by JSON");
        }
        if !(0..=probe::FRESH.num_seconds()).contains(&stamp_s.saturating_sub(order.seen_at_s)) {
            return not_sent("the look before it is too old");
        }
        let asked = self.call_back(&order, stamp_s, leave).await;
        asked.unwrap_or_else(|error| match error {
            LookError::NotSent(why) => Answer::NotSent { why },
            LookError::NotTaken { .. } | LookError::NoSuchCall(_) => Answer::NotServed { why: error.to_string() },
            LookError::RateLimited => Answer::Limited,
            other => Answer::Unanswered { why: other.to_string() },
        })
    }

    async fn call_back(&self, order: &Untouched, stamp_s: i64, leave: Leave) -> Result<Answer, LookError> {
        let request = ActionRequest {
            platform_id: self.caller.platform_id.clone(),
            merchant_id: self.caller.merchant_id.clone(),
            merchant_trade_no: order.order.clone(),
            trade_no: order.trade_no.clone(),
            action: Action::E,
            total_amount: order.amount,
        };
        let answered = self.post(action::PATH, &request, stamp_s, Errand::Money(leave)).await?;
        let answer: ActionAnswer = read_json(&self.open(&answered)?)?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        Ok(judge(&answer, order))
    }
}

fn judge(answer: &ActionAnswer, order: &Untouched) -> Answer {
    let text = quote(&answer.rtn_msg, LONGEST_RTN_MSG);
    let is_bound = answer.merchant_trade_no.as_deref() == Some(order.order.as_str())
        && answer.trade_no.as_deref() == Some(order.trade_no.as_str());
    match answer.rtn_code {
        Some(1) => Answer::Accepted,
        Some(code) if is_unknown_order(code) || probe::says_unknown(&text) => Answer::NotKnown { code, text },
        Some(code) if is_bound => Answer::Known { code, text },
        Some(code) => Answer::Bare { code, text },
        None => Answer::Unanswered { why: "the answer has no RtnCode".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn judged(code: Value, text: &str, numbers: bool) -> Answer {
        let order = Untouched {
            order: MerchantTradeNo::parse("A1").expect("a number"),
            trade_no: TradeNo::parse("T1").expect("a number"),
            amount: Twd::new(35).expect("an amount"),
            of: (None, DateTime::UNIX_EPOCH),
            seen_at_s: 0,
        };
        let (no, trade_no) = if numbers { ("A1", "T1") } else { ("", "") };
        let answer = json!({"RtnCode": code, "RtnMsg": text, "MerchantTradeNo": no, "TradeNo": trade_no});
        judge(&serde_json::from_value(answer).expect("an answer"), &order)
    }

    #[test]
    fn a_refusal_is_of_an_unknown_order_or_of_the_state_or_proves_nothing() {
        let of = |make: fn(i64, String) -> Answer, code: i64, text: &str| make(code, text.to_owned());
        let not_known = |code, text| Answer::NotKnown { code, text };
        let known = |code, text| Answer::Known { code, text };
        let bare = |code, text| Answer::Bare { code, text };
        let state = "更新失敗.(error_status_E)";
        for (code, text, numbers, expected) in [
            (
                10_000_185,
                "Cant not find the trade data",
                true,
                of(not_known, 10_000_185, "Cant not find the trade data"),
            ),
            (10_000_185, "", false, of(not_known, 10_000_185, "")),
            (10_200_047, "", false, of(not_known, 10_200_047, "")),
            (5, "訂單不存在", false, of(not_known, 5, "訂單不存在")),
            (10_000_002, state, true, of(known, 10_000_002, state)),
            (10_000_002, state, false, of(bare, 10_000_002, state)),
            (1, "Succeeded.", true, Answer::Accepted),
            (1, "Succeeded.", false, Answer::Accepted),
        ] {
            assert_eq!(judged(json!(code), text, numbers), expected, "{code} {text}");
        }
        assert!(matches!(judged(json!(null), "", true), Answer::Unanswered { .. }));
    }
}
