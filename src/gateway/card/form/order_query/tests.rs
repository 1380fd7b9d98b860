use super::*;
use crate::domain::facts::CardKind;
use crate::gateway::card::PaidOrder;

fn keys() -> Keys {
    Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys")
}

/// Signed as the vendor signs it.
fn signed(fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_by_key(|(name, _)| name.to_lowercase());
    let text: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}&CheckMacValue={}", text.join("&"), form::of(&keys(), fields))
}

fn seen(changed: &[(&str, &str)]) -> Result<OrderSeen, LookError> {
    let usual = [
        ("MerchantID", "3002607"),
        ("MerchantTradeNo", "A1"),
        ("TradeNo", "2607022124117236"),
        ("TradeAmt", "1234"),
        ("PaymentDate", "2026/07/02 21:27:45"),
        ("PaymentType", "Credit_CreditCard"),
        ("PaymentTypeChargeFee", "31"),
        ("HandlingCharge", "30"),
        ("TradeStatus", "1"),
        ("ItemName", "茶 x 1+1"),
    ];
    let mut fields: Vec<(&str, &str)> =
        usual.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).collect();
    fields.extend(changed);
    TradeInfo::read(&signed(&fields), &keys())?.seen(&MerchantTradeNo::parse("A1").expect("a number"))
}

fn paid(changed: &[(&str, &str)]) -> PaidOrder {
    match seen(changed) {
        Ok(OrderSeen::Paid(paid)) => paid,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_paid_order_has_its_number_its_amount_and_its_fee() {
    let order = paid(&[]);
    assert_eq!((order.trade_no.as_str(), order.amount), ("2607022124117236", Twd::new(1234).ok()));
    assert_eq!((order.fee_milli, order.gwsr, order.recurring), (Some(31_000), None, false));
    assert_eq!(order.paid_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-07-02T13:27:45+00:00"));
}

#[test]
fn whether_it_is_one_of_installments_is_known_only_where_the_answer_says_so() {
    let unknown = CardKind { unknown: true, ..CardKind::default() };
    let installments = CardKind { installments: true, ..CardKind::default() };
    assert_eq!(paid(&[]).kind, unknown);
    assert_eq!(paid(&[("stage", ""), ("gwsr", "7")]).kind, unknown);
    assert_eq!(paid(&[("stage", "0"), ("gwsr", "7")]).kind, CardKind::default());
    assert_eq!(paid(&[("stage", "12"), ("gwsr", "7")]).kind, installments);
    assert_eq!(paid(&[("PaymentType", "Flexible_Installment")]).kind, installments);
    let points = paid(&[("stage", "0"), ("red_dan", "100")]).kind;
    assert!(points.bonus_points && !points.unknown);
    let recurring = paid(&[("stage", ""), ("PeriodType", "M"), ("TotalSuccessTimes", "3")]);
    assert_eq!((recurring.kind, recurring.recurring, recurring.charges), (CardKind::default(), true, Some(3)));
}

#[test]
fn the_trade_status_says_what_an_order_is() {
    for unknown in ["10200047", "10200052"] {
        let fields = [("TradeStatus", unknown), ("TradeNo", ""), ("MerchantTradeNo", ""), ("TradeAmt", "0")];
        assert_eq!(seen(&fields), Ok(OrderSeen::NotFound));
    }
    for unpaid in ["0", "10200095", "10200163"] {
        assert!(matches!(seen(&[("TradeStatus", unpaid)]), Ok(OrderSeen::Unpaid { .. })), "{unpaid}");
    }
    assert!(matches!(seen(&[("TradeStatus", "10200096")]), Ok(OrderSeen::Unclear { .. })));
    assert!(matches!(seen(&[("TradeStatus", "")]), Err(LookError::Unreadable(_))));
    assert!(matches!(seen(&[("TradeStatus", "10200073")]), Err(LookError::BadCredentials(_))));
    assert!(matches!(seen(&[("PaymentType", "ATM_LAND")]), Ok(OrderSeen::NotCard { .. })));
}

#[test]
fn an_answer_of_another_order_is_not_bound() {
    assert!(matches!(seen(&[("MerchantTradeNo", "A2")]), Err(LookError::NotBound(_))));
    assert!(matches!(seen(&[("MerchantTradeNo", "A2"), ("TradeStatus", "10200047")]), Err(LookError::NotBound(_))));
}

#[test]
fn what_is_not_signed_is_believed_only_where_it_says_that_our_signature_or_our_stamp_is_wrong() {
    let read = |body: &str| TradeInfo::read(body, &keys()).map(|_| ()).expect_err("not signed");
    for refusal in ["TradeStatus=10200073", "RtnCode=10200073&RtnMsg=", "10200073|CheckMacValue Error"] {
        assert!(matches!(read(refusal), LookError::BadCredentials(_)), "{refusal}");
    }
    for refusal in ["TimeStamp Error", "10200050|TimeStamp Error", "RtnCode=10200050&RtnMsg=TimeStamp Error"] {
        assert!(matches!(read(refusal), LookError::NotTaken { .. }), "{refusal}");
    }
    for other in ["", "<html>維護中</html>", "MerchantTradeNo=A1&TradeStatus=1&TradeNo=T1&CheckMacValue=00"] {
        assert!(matches!(read(other), LookError::Forged(_)), "{other}");
    }
}

#[test]
fn card_digits_are_not_shown() {
    let body =
        signed(&[("MerchantTradeNo", "A1"), ("auth_code", "777777"), ("card4no", "2222"), ("card6no", "431195")]);
    let shown = format!("{:?}", TradeInfo::read(&body, &keys()).expect("an answer"));
    for hidden in ["777777", "2222", "431195"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
