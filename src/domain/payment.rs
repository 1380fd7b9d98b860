//! `PaymentType`, the way an order was paid, as far as its words are known.

/// What a word says about whether card actions reach the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidBy {
    Card,
    /// Known to be none: the gateway has no refund for it.
    NotCard,
    /// Not in the list: never taken for "not a card" by one answer.
    Unlisted,
}

/// Recorded, or in the vendor's lists of ways to pay. `Credit` alone is also the start of other words.
const CARDS: [&str; 6] = ["credit", "applepay", "googlepay", "samsungpay", "unionpay", "union_pay"];
/// A card too, of 永豐's 30 periods.
const FLEXIBLE_INSTALLMENT: &str = "flexible_installment";
const OTHERS: [&str; 8] = ["atm", "webatm", "cvs", "barcode", "twqr", "weixin", "bnpl", "digitalpayment"];

impl PaidBy {
    pub fn of(payment_type: &str) -> Self {
        let word = payment_type.trim().to_ascii_lowercase();
        // `ATM_TAISHIN` is an ATM's; a word that only begins alike is another word.
        let is = |known: &str| word.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        if CARDS.iter().any(|card| word.starts_with(card)) || is_flexible_installment(&word) {
            Self::Card
        } else if OTHERS.iter().any(|other| is(other)) {
            Self::NotCard
        } else {
            Self::Unlisted
        }
    }
}

/// Whether the word says that the order is paid in installments: `Credit_CreditCard3` in three.
pub fn installments_in(payment_type: &str) -> bool {
    let word = payment_type.trim().to_ascii_lowercase();
    let stages = word.strip_prefix("credit_creditcard").and_then(|stages| stages.parse::<u32>().ok());
    stages.is_some_and(|stages| stages > 1) || is_flexible_installment(&word)
}

pub fn is_union_pay(payment_type: &str) -> bool {
    let word = payment_type.to_ascii_lowercase();
    word.contains("unionpay") || word.contains("union_pay")
}

fn is_flexible_installment(lower_case: &str) -> bool {
    lower_case.starts_with(FLEXIBLE_INSTALLMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_cards_or_not_or_not_in_the_list() {
        for (words, paid_by) in [
            (
                "Credit Credit_CreditCard Credit_CreditCard3 Credit_UnionPay CREDIT ApplePay applepay_x GooglePay \
                 SamsungPay UnionPay union_pay Flexible_Installment FLEXIBLE_INSTALLMENT_30",
                PaidBy::Card,
            ),
            (
                "ATM ATM_TAISHIN atm_land WebATM_FIRST CVS CVS_CVS CVS_IBON BARCODE_BARCODE barcode TWQR_OPAY \
                 WeiXin WEIXIN_PAY BNPL_URICH DigitalPayment_JKOPAY",
                PaidBy::NotCard,
            ),
            ("SomethingNew AliPay ATMOSPHERE CVSCredit TWQRCredit BarcodeCard Flexible Paid 信用卡", PaidBy::Unlisted),
        ] {
            for word in words.split_whitespace() {
                assert_eq!(PaidBy::of(word), paid_by, "{word}");
                assert_eq!(PaidBy::of(&format!(" {word} ")), paid_by, "{word}");
            }
        }
        assert_eq!(PaidBy::of(""), PaidBy::Unlisted);
    }

    #[test]
    fn some_words_say_what_limits_a_refund() {
        for installments in
            ["Credit_CreditCard3", "credit_creditcard30", "Flexible_Installment", " flexible_installment"]
        {
            assert!(installments_in(installments), "{installments}");
        }
        for one in ["Credit", "Credit_CreditCard", "Credit_CreditCard1", "ApplePay", ""] {
            assert!(!installments_in(one), "{one}");
        }
        assert!(is_union_pay("UnionPay") && is_union_pay("Credit_Union_Pay") && !is_union_pay("Credit"));
    }
}
