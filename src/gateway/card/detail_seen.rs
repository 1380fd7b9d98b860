//! What a card detail says about the authorization that was asked for.

use chrono::TimeDelta;

use super::detail::{CardDetail, DetailAnswer};
use super::order_seen::PaidOrder;
use crate::domain::facts::{CardFacts, Closing, Seen};
use crate::domain::ids::TradeNo;
use crate::domain::payment::PaidBy;
use crate::domain::status::{CardStatus, StatusWord};
use crate::gateway::errors::{self, LookError};

/// After a payment the card detail may not know the order at once.
const NOT_KNOWN_YET: TimeDelta = TimeDelta::minutes(10);

/// `asked` is the authorization's TradeNo: the order's own or, for a recurring order, a later one.
pub fn seen(answer: DetailAnswer, paid: &PaidOrder, asked: &TradeNo, stamp_s: i64) -> Result<Seen, LookError> {
    match answer {
        DetailAnswer::Found(detail) => facts(&detail, paid, asked),
        DetailAnswer::BankPending => Ok(Seen::BankPending { amount: paid.amount }),
        DetailAnswer::BadCredentials(word) => Err(LookError::BadCredentials(word.to_owned())),
        DetailAnswer::Failed { code, text } if errors::is_unknown_order(code) => {
            // Soon asked again as any look that failed; later it is a word that nobody explains.
            if is_fresh(paid, stamp_s) { Err(errors::refused(code, &text)) } else { Ok(unknown_to_the_detail(paid)) }
        }
        DetailAnswer::Failed { code, text } => Err(errors::refused(code, &text)),
    }
}

fn is_fresh(paid: &PaidOrder, stamp_s: i64) -> bool {
    let age_s = paid.paid_at.map(|at| stamp_s.saturating_sub(at.timestamp()));
    age_s.is_some_and(|age_s| age_s.unsigned_abs() < NOT_KNOWN_YET.num_seconds().unsigned_abs())
}

/// The card detail has one code for an unknown order and for one that is not by card: that it does
/// not know the order is no proof that it is not by card.
fn unknown_to_the_detail(paid: &PaidOrder) -> Seen {
    let word = &paid.payment_type;
    let raw = match PaidBy::of(word) {
        PaidBy::Card => format!("paid by card ({word}), but the card detail does not find it"),
        _ if paid.gwsr.is_some() => {
            format!("paid by '{word}', with a card authorization that the card detail does not find")
        }
        _ => format!("paid by '{word}', a word that is not in the list, and the card detail does not find it"),
    };
    Seen::Unclear { raw }
}

/// Unauthorized, without a time or without an amount: there is no authorization yet.
fn is_not_begun(detail: &CardDetail) -> bool {
    detail.status == StatusWord::Known(CardStatus::Unauthorized)
        && detail.rows.is_empty()
        && (detail.authorized_at.is_none() || detail.amount.is_zero())
}

fn facts(detail: &CardDetail, paid: &PaidOrder, asked: &TradeNo) -> Result<Seen, LookError> {
    // Later authorizations have a number and an amount of their own, which the order query does not tell.
    let own = *asked == paid.trade_no;
    let (amount, gwsr) = if own { (paid.amount, paid.gwsr) } else { (None, None) };
    let names_another = gwsr.is_some() && detail.trade_id != gwsr;
    if is_not_begun(detail) && (!names_another || detail.trade_id.unwrap_or_default() == 0) {
        return Ok(Seen::BankPending { amount });
    }
    let (amount, gwsr) = if deliberate!(BelievesForeignAnswers) { (None, None) } else { (amount, gwsr) };
    if gwsr.is_some() && detail.trade_id != gwsr {
        return Err(LookError::NotBound("the card detail is of another authorization".to_owned()));
    }
    // A card is never charged nothing; such an order would be captured for NT$0.
    if detail.amount.is_zero() {
        return Ok(Seen::Unclear { raw: format!("{}, with an amount of NT$0", words_of(&detail.status)) });
    }
    if let Some(order) = amount.filter(|order| *order != detail.amount) {
        let raw = format!("the order query says {order}, the card detail says {}", detail.amount);
        return Ok(Seen::Unclear { raw });
    }
    let closing = match Closing::read(&detail.status, &detail.rows, detail.amount) {
        Ok(closing) => closing,
        Err(unclear) => return Ok(Seen::Unclear { raw: unclear.to_string() }),
    };
    // `CloseData` tells what went back; without it `ClsAmt` is the only witness of a part that did.
    let part = |closed: &i64| (1..detail.amount.dollars()).contains(closed);
    if let Some(closed) = detail.closed.filter(part)
        && closing.status.is_closing()
        && detail.rows.is_empty()
    {
        let raw = format!("{}, ClsAmt {closed} of {}, and no rows", closing.status.english(), detail.amount);
        return Ok(Seen::Unclear { raw });
    }
    let authorized_at =
        detail.authorized_at.ok_or_else(|| LookError::Unreadable("card detail without AuthTime".to_owned()))?;
    Ok(Seen::Card(CardFacts {
        trade_no: asked.clone(),
        gwsr: detail.trade_id.or(gwsr),
        amount: detail.amount,
        authorized_at,
        payment_type: paid.payment_type.clone(),
        kind: paid.kind,
        status: closing.status,
        net: closing.net,
        listed: !closing.rows.is_empty(),
        recurring: paid.recurring,
        charges: paid.charges,
        periods: paid.periods,
        rows: closing.rows,
        fee_milli: paid.fee_milli.filter(|_| own),
    }))
}

fn words_of(status: &StatusWord) -> &str {
    match status {
        StatusWord::Known(status) => status.english(),
        StatusWord::Raw(raw) => raw,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::facts::CardKind;
    use crate::domain::money::Twd;

    const STAMP_S: i64 = 1_785_547_852;

    fn no(text: &str) -> TradeNo {
        TradeNo::parse(text).expect("a number")
    }

    fn paid(payment_type: &str) -> PaidOrder {
        PaidOrder {
            trade_no: no("T1"),
            amount: Twd::new(199).ok(),
            gwsr: Some(7),
            payment_type: payment_type.to_owned(),
            kind: CardKind::default(),
            paid_at: None,
            recurring: true,
            charges: None,
            periods: None,
            fee_milli: None,
        }
    }

    fn look(answer: Value, paid: &PaidOrder, asked: &str) -> Result<Seen, LookError> {
        seen(DetailAnswer::read(&answer.to_string()).expect("an answer"), paid, &no(asked), STAMP_S)
    }

    fn detail(trade_id: i64, amount: i64, status: &str) -> Value {
        json!({"RtnMsg": "", "RtnValue": {"TradeID": trade_id, "Amount": amount, "ClsAmt": 0,
            "AuthTime": "2026/08/01 09:30:52", "Status": status}, "CloseData": {}})
    }

    #[test]
    fn an_authorized_order_is_seen_with_its_facts() {
        let Ok(Seen::Card(facts)) = look(detail(7, 199, "已授權"), &paid("Credit"), "T1") else {
            panic!("no facts")
        };
        assert_eq!((facts.status, facts.net, facts.gwsr), (CardStatus::Authorized, 0, Some(7)));
        assert_eq!((facts.amount.dollars(), facts.authorized_at.timestamp()), (199, 1_785_547_852));
    }

    #[test]
    fn rows_add_up_to_what_is_still_captured() {
        let mut answer = detail(7, 199, "Captured");
        answer["CloseData"] = json!([{"Status": "Captured", "Amount": -50, "DateTime": "2026/08/03 20:15:00"},
            {"Status": "Captured", "Amount": 199, "DateTime": "2026/08/02 20:15:00"}]);
        let Ok(Seen::Card(facts)) = look(answer, &paid("Credit"), "T1") else { panic!("no facts") };
        assert_eq!((facts.status, facts.net, facts.refunded().dollars()), (CardStatus::Captured, 149, 50));
    }

    #[test]
    fn a_part_of_the_amount_that_is_closed_without_a_row_is_unclear() {
        for (status, closed, clear) in [
            ("Captured", 199, true),
            ("Captured", 0, true),
            ("Captured", 149, false),
            ("To be captured", 1, false),
            ("Authorized", 149, true),
        ] {
            let mut answer = detail(7, 199, status);
            answer["RtnValue"]["ClsAmt"] = json!(closed);
            let shown = look(answer, &paid("Credit"), "T1").expect("an answer");
            assert_eq!(matches!(shown, Seen::Card(_)), clear, "{status} {closed}: {shown:?}");
        }
        let mut answer = detail(7, 199, "Captured");
        answer["RtnValue"]["ClsAmt"] = json!(149);
        answer["CloseData"] = json!([{"Status": "Captured", "Amount": 199, "DateTime": "2026/08/02 20:15:00"}]);
        assert!(matches!(look(answer, &paid("Credit"), "T1"), Ok(Seen::Card(_))), "the rows tell");
    }

    #[test]
    fn a_detail_of_another_amount_or_authorization_is_not_believed() {
        let raw = "the order query says NT$199, the card detail says NT$198".to_owned();
        assert_eq!(look(detail(7, 198, "Authorized"), &paid("Credit"), "T1"), Ok(Seen::Unclear { raw }));
        let foreign = look(detail(8, 199, "Authorized"), &paid("Credit"), "T1");
        assert!(matches!(foreign, Err(LookError::NotBound(_))));
        let unnamed = json!({"RtnValue": {"Amount": 199, "Status": "Authorized"}});
        assert!(matches!(look(unnamed, &paid("Credit"), "T1"), Err(LookError::NotBound(_))));
    }

    #[test]
    fn a_later_authorization_has_its_own_amount_and_number() {
        let Ok(Seen::Card(facts)) = look(detail(8, 299, "Authorized"), &paid("Credit"), "T2") else {
            panic!("no facts")
        };
        assert_eq!((facts.trade_no, facts.amount.dollars(), facts.gwsr), (no("T2"), 299, Some(8)));
    }

    #[test]
    fn an_unknown_word_is_unclear_and_told_raw() {
        let seen = look(detail(7, 199, "Bank chargeback in progress"), &paid("Credit"), "T1");
        let raw = "status 'Bank chargeback in progress' is not in the table".to_owned();
        assert_eq!(seen, Ok(Seen::Unclear { raw }));
    }

    #[test]
    fn only_what_is_not_authorized_may_come_without_its_time_or_its_amount() {
        let pending = Seen::BankPending { amount: Twd::new(199).ok() };
        for status in CardStatus::ALL {
            let mut timeless = detail(7, 199, status.english());
            timeless["RtnValue"]["AuthTime"] = json!("");
            let lost = LookError::Unreadable("card detail without AuthTime".to_owned());
            let expected = if status == CardStatus::Unauthorized { Ok(pending.clone()) } else { Err(lost) };
            assert_eq!(look(timeless, &paid("Credit"), "T1"), expected, "{status:?}");

            let free = look(detail(7, 0, status.english()), &paid("Credit"), "T1");
            let raw = format!("{}, with an amount of NT$0", status.english());
            let unclear = Seen::Unclear { raw };
            let expected = if status == CardStatus::Unauthorized { pending.clone() } else { unclear };
            assert_eq!(free, Ok(expected), "{status:?}");
        }
        let begun = look(detail(7, 199, "未授權"), &paid("Credit"), "T1");
        assert!(matches!(begun, Ok(Seen::Card(card)) if card.status == CardStatus::Unauthorized));
        let unnumbered = json!({"RtnValue": {"Amount": 199, "AuthTime": "", "Status": "Unauthorized"}});
        assert_eq!(look(unnumbered, &paid("Credit"), "T1"), Ok(pending));
        let mut foreign = detail(8, 199, "Unauthorized");
        foreign["RtnValue"]["AuthTime"] = json!("");
        assert!(matches!(look(foreign, &paid("Credit"), "T1"), Err(LookError::NotBound(_))));
    }

    /// What the card detail answers, and what becomes of an order paid by each word.
    #[test]
    fn no_single_answer_of_the_detail_makes_an_order_one_that_is_not_paid_by_card() {
        let unknown = || json!({"RtnCode": 10000185, "RtnMsg": "Cant not find the trade data"});
        for word in
            ["Credit", "Credit_CreditCard3", "ApplePay", "GooglePay", "Flexible_Installment", "", "SomethingNew"]
        {
            for gwsr in [Some(7), None] {
                let old = PaidOrder { gwsr, ..paid(word) };
                let Ok(Seen::Unclear { raw }) = look(unknown(), &old, "T1") else { panic!("{word} {gwsr:?}") };
                assert!(raw.contains(word) && raw.contains("card detail does not find"), "{raw}");
                assert!(matches!(look(detail(7, 199, "Authorized"), &old, "T1"), Ok(Seen::Card(_))), "{word}");
                for (age_s, soon) in [(0, true), (599, true), (-599, true), (600, false), (-600, false)] {
                    let paid_at = chrono::DateTime::from_timestamp(STAMP_S - age_s, 0);
                    let seen = look(unknown(), &PaidOrder { paid_at, ..old.clone() }, "T1");
                    let again = matches!(seen, Err(LookError::Refused { code: 10_000_185, .. }));
                    let told = matches!(seen, Ok(Seen::Unclear { .. }));
                    assert_eq!((again, told), (soon, !soon), "{word} paid {age_s} s ago");
                }
            }
        }
    }

    #[test]
    fn the_three_words_and_other_codes_are_told_apart() {
        let pending = Seen::BankPending { amount: Twd::new(199).ok() };
        assert_eq!(look(json!({"RtnMsg": "error_nopay"}), &paid("Credit"), "T1"), Ok(pending));
        for word in ["error_Stop", "error"] {
            let bad = LookError::BadCredentials(word.to_owned());
            assert_eq!(look(json!({"RtnMsg": word}), &paid("Credit"), "T1"), Err(bad));
        }
        let refused = LookError::Refused { code: 5, text: "no".to_owned() };
        assert_eq!(look(json!({"RtnCode": 5, "RtnMsg": "no"}), &paid("Credit"), "T1"), Err(refused));
    }
}
