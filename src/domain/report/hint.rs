//! What the invoice of a payment may need after its refund. Hints: ecpayd does not know the invoice.
//!
//! Since 2025-01-01 the seller issues the allowance (折讓單) and uploads it within the term of the invoice itself.

use chrono::NaiveDate;

use super::roc;
use crate::domain::language::Language;
use crate::domain::order::words;
use crate::domain::refund::Method;

words! {
    /// `allowances.hint` in JSON.
    Hint {
        NothingCharged = "nothing_charged",
        VoidOrAllowance = "void_or_allowance",
        Allowance = "allowance",
        Undone = "undone",
    }
}

impl Hint {
    /// Of money that was given back, on the invoice of the day on which the order was paid.
    pub fn of(amount: i64, method: Option<Method>, refunded_on: NaiveDate, paid_on: Option<NaiveDate>) -> Self {
        match method {
            _ if amount < 0 => Self::Undone,
            Some(Method::N | Method::EN) => Self::NothingCharged,
            _ if paid_on.is_some_and(|paid_on| roc::is_one_period(paid_on, refunded_on)) => Self::VoidOrAllowance,
            _ => Self::Allowance,
        }
    }

    /// Whether an allowance may be due: then the days without one are counted.
    pub fn may_need_allowance(self) -> bool {
        matches!(self, Self::VoidOrAllowance | Self::Allowance)
    }

    pub fn told(self, language: Language) -> &'static str {
        match self {
            Self::NothingCharged => language.pick(
                "nothing was charged: void the invoice, or none was to be issued",
                "未實際請款：發票作廢，或本不須開立",
            ),
            Self::VoidOrAllowance => language.pick(
                "in the two months of the payment: void the invoice (all of it), or issue an allowance",
                "與付款同一申報期：全額可作廢發票，否則開立折讓單",
            ),
            Self::Allowance => language.pick("a later period: issue an allowance", "已跨申報期：開立折讓單"),
            Self::Undone => {
                language.pick("ECPay undid a refund: look at its allowance", "綠界撤銷了退款：請核對其折讓單")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_follows_from_how_and_when_the_money_went_back() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let paid = Some(day("2026-11-29"));
        for (amount, method, on, paid, hint) in [
            (300, Some(Method::N), "2026-11-30", paid, Hint::NothingCharged),
            (300, Some(Method::EN), "2027-01-30", paid, Hint::NothingCharged),
            (300, Some(Method::R), "2026-12-31", paid, Hint::VoidOrAllowance),
            (300, Some(Method::R), "2027-01-01", paid, Hint::Allowance),
            (300, None, "2026-12-31", paid, Hint::VoidOrAllowance),
            (300, Some(Method::R), "2026-12-31", None, Hint::Allowance),
            (-300, Some(Method::R), "2026-12-31", paid, Hint::Undone),
        ] {
            assert_eq!(Hint::of(amount, method, day(on), paid), hint, "{method:?} {on}");
        }
    }
}
