//! What an answer to the order query says about the order.

use chrono::{DateTime, Utc};

use super::order_query::{CardInfo, OrderAnswer, OrderInfo};
use crate::domain::facts::{CardKind, Periods, Seen};
use crate::domain::ids::{MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::payment::{PaidBy, installments_in, is_union_pay};
use crate::domain::quote::quote;
use crate::gateway::errors::{self, LookError};

/// An order as the order query sees it: whether it is paid, not how far its capture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderSeen {
    NotFound,
    Unpaid {
        amount: Option<Twd>,
    },
    /// Paid in a way that no card action reaches.
    NotCard {
        amount: Option<Twd>,
        payment_type: String,
    },
    /// Paid, by card as far as this call can tell: the card detail decides.
    Paid(PaidOrder),
    Unclear {
        raw: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidOrder {
    pub trade_no: TradeNo,
    pub amount: Option<Twd>,
    /// The authorization's number, where the answer gave one.
    pub gwsr: Option<i64>,
    pub payment_type: String,
    pub kind: CardKind,
    /// When it was paid, where the answer says so.
    pub paid_at: Option<DateTime<Utc>>,
    /// It has later authorizations, each with a TradeNo of its own.
    pub recurring: bool,
    /// How many of a recurring order's authorizations have succeeded.
    pub charges: Option<i64>,
    pub periods: Option<Periods>,
    /// Its charge and processing fee, thousandths of a dollar.
    pub fee_milli: Option<i64>,
}

impl OrderSeen {
    /// Or what there is to see without a card detail.
    pub fn paid(self) -> Result<PaidOrder, Box<Seen>> {
        let seen = match self {
            Self::Paid(paid) => return Ok(paid),
            Self::NotFound => Seen::NotFound,
            Self::Unpaid { amount } => Seen::Unpaid { amount },
            Self::NotCard { amount, payment_type } => Seen::NotCard { amount, payment_type },
            Self::Unclear { raw } => Seen::Unclear { raw },
        };
        Err(Box::new(seen))
    }

    pub fn of(answer: OrderAnswer, asked: &MerchantTradeNo) -> Result<Self, LookError> {
        let OrderAnswer { rtn_code, rtn_msg, order_info: order, card_info: card, .. } = answer;
        if order.merchant_trade_no.as_deref().is_some_and(|named| named != asked.as_str()) {
            return Err(LookError::NotBound(format!("order {asked} was asked for, the answer names another")));
        }
        if errors::is_unknown_order(rtn_code) {
            return Ok(Self::NotFound);
        }
        if rtn_code != 1 {
            return Err(errors::refused(rtn_code, &rtn_msg));
        }
        if order.merchant_trade_no.is_none() {
            return Err(LookError::NotBound(format!("order {asked} was asked for, the answer names none")));
        }
        let some = |amount: Option<Twd>| amount.filter(|amount| !amount.is_zero());
        let amount = some(order.trade_amt).or(some(card.amount));
        let gwsr = card.gwsr.filter(|g| *g != 0);
        match order.trade_status.as_deref().map(str::trim) {
            Some("1") => paid(order, &card, amount, gwsr),
            None if gwsr.is_some() => paid(order, &card, amount, gwsr),
            // 10200095: the payment was not established, the card or 3-D Secure failed; 10200163: declined.
            Some("0" | "10200095" | "10200163") | None => Ok(Self::Unpaid { amount }),
            Some(word) => Ok(Self::Unclear { raw: format!("TradeStatus '{}'", quote(word, 60)) }),
        }
    }
}

fn paid(order: OrderInfo, card: &CardInfo, amount: Option<Twd>, gwsr: Option<i64>) -> Result<OrderSeen, LookError> {
    let kind = card_kind(&order.payment_type, card);
    let recurring = card.period_type.is_some() || order.period_type.is_some();
    let payment_type = quote(&order.payment_type, 60);
    if PaidBy::of(&order.payment_type) == PaidBy::NotCard {
        return Ok(OrderSeen::NotCard { amount, payment_type });
    }
    // Nobody pays nothing; taken for an amount that is not told, the card detail's would be bound to none.
    if amount.is_none() && order.trade_amt.or(card.amount).is_some() {
        return Ok(OrderSeen::Unclear { raw: "paid, with an amount of NT$0".to_owned() });
    }
    let trade_no = order.trade_no.as_deref().and_then(|no| TradeNo::parse(no).ok());
    let trade_no = trade_no.ok_or_else(|| LookError::Unreadable("paid order without a TradeNo".to_owned()))?;
    let paid_at = order.payment_date.or(card.process_date);
    let charges = card.total_success_times.filter(|_| recurring);
    let period_type = card.period_type.as_deref().or(order.period_type.as_deref());
    let periods = Periods::of(period_type, card.frequency, card.exec_times);
    let periods = Periods { ended: charges.zip(periods.times).is_some_and(|(made, times)| made >= times), ..periods };
    let fees = [order.charge_fee, order.process_fee];
    let fee_milli =
        fees.iter().any(Option::is_some).then(|| fees.iter().flatten().fold(0_i64, |a, b| a.saturating_add(*b)));
    Ok(OrderSeen::Paid(PaidOrder {
        trade_no,
        amount,
        gwsr,
        payment_type,
        kind,
        paid_at,
        recurring,
        charges,
        periods: recurring.then_some(periods),
        fee_milli,
    }))
}

fn card_kind(payment_type: &str, card: &CardInfo) -> CardKind {
    let some = |n: Option<i64>| n.is_some_and(|n| n != 0);
    CardKind {
        // Paid one-off orders come without CardInfo; then only the word tells.
        installments: card.stage.is_some_and(|s| s > 1) || installments_in(payment_type),
        bonus_points: some(card.red_dan) || some(card.red_ok_amt) || some(card.red_yet),
        union_pay: is_union_pay(payment_type),
        // Said by the word where nothing else says it.
        unknown: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn seen(answer: Value) -> Result<OrderSeen, LookError> {
        let answer = serde_json::from_value(answer).expect("an answer");
        OrderSeen::of(answer, &MerchantTradeNo::parse("A1").expect("a number"))
    }

    fn paid_as(payment_type: &str, card: Value) -> OrderSeen {
        let order = json!({"MerchantTradeNo": "A1", "TradeNo": "T1", "TradeAmt": 199, "TradeStatus": "1",
            "PaymentType": payment_type});
        seen(json!({"RtnCode": 1, "OrderInfo": order, "CardInfo": card})).expect("a bound answer")
    }

    fn kind_of(payment_type: &str, card: Value) -> CardKind {
        match paid_as(payment_type, card) {
            OrderSeen::Paid(paid) => paid.kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_vendors_sample_is_a_paid_order() {
        let answer = json!({"RtnCode": 1, "RtnMsg": "Success", "MerchantID": "3002607",
            "OrderInfo": {"MerchantTradeNo": "A1", "TradeNo": "1809261503338172", "TradeDate": "2018/09/26 14:59:54"},
            "CardInfo": {"Gwsr": 10735183, "Amount": 100, "RedDan": 0, "RedOkAmt": 0, "RedYet": 0}});
        let expected = PaidOrder {
            trade_no: TradeNo::parse("1809261503338172").expect("a number"),
            amount: Twd::new(100).ok(),
            gwsr: Some(10_735_183),
            payment_type: String::new(),
            kind: CardKind::default(),
            paid_at: None,
            recurring: false,
            charges: None,
            periods: None,
            fee_milli: None,
        };
        assert_eq!(seen(answer), Ok(OrderSeen::Paid(expected)));
    }

    #[test]
    fn the_trade_status_decides_and_an_unknown_one_stays_unclear() {
        let with = |status: Value, gwsr: i64| {
            seen(json!({"RtnCode": 1, "CardInfo": {"Gwsr": gwsr}, "OrderInfo":
                {"MerchantTradeNo": "A1", "TradeNo": "T1", "TradeAmt": 5, "TradeStatus": status}}))
            .expect("a bound answer")
        };
        let unpaid = OrderSeen::Unpaid { amount: Twd::new(5).ok() };
        assert_eq!(with(json!("0"), 9), unpaid);
        assert_eq!(with(json!(null), 0), unpaid);
        assert!(matches!(with(json!(1), 0), OrderSeen::Paid(PaidOrder { gwsr: None, .. })));
        assert!(matches!(with(json!(null), 9), OrderSeen::Paid(PaidOrder { gwsr: Some(9), .. })));
        for not_established in [json!("10200095"), json!(10_200_095)] {
            assert_eq!(with(not_established, 9), unpaid);
        }
        assert_eq!(with(json!("10200096"), 9), OrderSeen::Unclear { raw: "TradeStatus '10200096'".to_owned() });
        let digits = with(json!("4311952222222222"), 9);
        assert_eq!(digits, OrderSeen::Unclear { raw: "TradeStatus '****'".to_owned() });
    }

    #[test]
    fn known_other_ways_to_pay_are_not_card_and_unknown_ones_are_asked_about() {
        for other in ["ATM_TAISHIN", "WebATM_FIRST", "CVS_CVS", "barcode_barcode", "WeiXin", "DigitalPayment_X"] {
            assert!(matches!(paid_as(other, json!(null)), OrderSeen::NotCard { .. }), "{other}");
        }
        for card in ["Credit", "Credit_CreditCard", "ApplePay", "UnionPay", "SomethingNew", ""] {
            assert!(matches!(paid_as(card, json!(null)), OrderSeen::Paid(_)), "{card}");
        }
    }

    #[test]
    fn what_limits_refunds_is_read_from_the_card_and_from_the_payment_type() {
        assert!(kind_of("Flexible_Installment", json!(null)).installments);
        let installments = CardKind { installments: true, ..CardKind::default() };
        assert_eq!(kind_of("Credit_CreditCard3", json!(null)), installments);
        assert_eq!(kind_of("Credit", json!({"Stage": 6})), installments);
        for plain in ["Credit", "Credit_CreditCard", "Credit_CreditCard1"] {
            assert_eq!(kind_of(plain, json!({"Stage": 0, "RedDan": "0"})), CardKind::default(), "{plain}");
        }
        for points in [json!({"RedDan": 10}), json!({"RedOkAmt": 90}), json!({"RedYet": 3})] {
            assert!(kind_of("Credit", points).bonus_points);
        }
        for word in ["UnionPay", "Credit_UnionPay", "union_pay"] {
            assert!(kind_of(word, json!(null)).union_pay, "{word}");
        }
    }

    #[test]
    fn a_period_type_makes_it_recurring_and_then_its_charges_are_counted() {
        let of = |card| match paid_as("Credit", card) {
            OrderSeen::Paid(paid) => (paid.recurring, paid.charges),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(json!({"PeriodType": "M", "TotalSuccessTimes": "3"})), (true, Some(3)));
        assert_eq!(of(json!({"PeriodType": "M"})), (true, None));
        assert_eq!(of(json!({"PeriodType": "", "TotalSuccessTimes": 0})), (false, None));
    }

    #[test]
    fn nothing_is_no_amount_that_an_order_is_paid_with() {
        let with = |status: &str, order: Value, card: Value| {
            seen(json!({"RtnCode": 1, "CardInfo": {"Amount": card}, "OrderInfo": {"MerchantTradeNo": "A1", "TradeNo": "T1",
                "TradeAmt": order, "TradeStatus": status, "PaymentType": "Credit"}}))
            .expect("a bound answer")
        };
        let unclear = OrderSeen::Unclear { raw: "paid, with an amount of NT$0".to_owned() };
        for (order, card) in [(json!(0), json!(null)), (json!("0"), json!(0)), (json!(null), json!(0))] {
            assert_eq!(with("1", order.clone(), card.clone()), unclear);
            assert_eq!(with("0", order, card), OrderSeen::Unpaid { amount: None });
        }
        for (order, card) in [(json!(199), json!(0)), (json!(0), json!(199))] {
            assert!(matches!(with("1", order, card), OrderSeen::Paid(paid) if paid.amount == Twd::new(199).ok()));
        }
    }

    #[test]
    fn both_codes_for_an_unknown_order_are_not_found_and_others_are_refusals() {
        for code in [10_000_185, 10_200_047] {
            assert_eq!(
                seen(json!({"RtnCode": code, "RtnMsg": "Cant not find the trade data"})),
                Ok(OrderSeen::NotFound)
            );
        }
        let refused = LookError::Refused { code: 10_200_050, text: "busy".to_owned() };
        assert_eq!(seen(json!({"RtnCode": 10_200_050, "RtnMsg": "busy"})), Err(refused));
    }

    #[test]
    fn an_answer_of_another_order_or_of_none_is_not_bound() {
        for order in [json!({"MerchantTradeNo": "A2", "TradeStatus": "0"}), json!({"TradeStatus": "0"}), json!(null)] {
            assert!(matches!(seen(json!({"RtnCode": 1, "OrderInfo": order})), Err(LookError::NotBound(_))));
        }
        let elsewhere = json!({"RtnCode": 10_000_185, "OrderInfo": {"MerchantTradeNo": "A2"}});
        assert!(matches!(seen(elsewhere), Err(LookError::NotBound(_))));
    }

    #[test]
    fn a_paid_order_without_its_number_is_unreadable() {
        let order = json!({"MerchantTradeNo": "A1", "TradeStatus": "1", "PaymentType": "Credit"});
        assert!(matches!(seen(json!({"RtnCode": 1, "OrderInfo": order})), Err(LookError::Unreadable(_))));
    }
}
