//! What ECPay keeps of a payment, and when it pays out the rest.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::order::Kind;
use super::terms::Terms;

/// For each payment at an ATM, NT$. What is not by card is here for its rows alone.
const ATM_FEE: i64 = 10;

/// In thousandths of NT$; below 0 where a refund gives it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    pub service: i64,
    pub process: i64,
}

impl Terms {
    pub fn fees(&self, kind: Kind, amount: i64) -> Fees {
        let service = match kind {
            Kind::Atm => ATM_FEE * 1000,
            // Thousandths of a percent of dollars are hundredths of thousandths.
            _ => ((amount * i64::from(self.fee_rate) + 50) / 100).max(i64::from(self.least_fee) * 1000),
        };
        Fees { service, process: i64::from(self.process_fee) * 1000 }
    }

    /// As the files tell it.
    pub fn rate(&self, kind: Kind) -> String {
        match kind {
            Kind::Atm => ATM_FEE.to_string(),
            _ => format!("{}%", decimals(i64::from(self.fee_rate))),
        }
    }

    pub fn paid_out_on(&self, settled_on: NaiveDate) -> NaiveDate {
        (0..self.payout_days).fold(settled_on, |day, _| working_day(day + Days::new(1)))
    }
}

/// The service charge that a refund gives back, after `before` of `amount` were refunded: the parts add up to all of it.
pub fn given_back(service: i64, amount: i64, before: i64, part: i64) -> i64 {
    let of = |refunded: i64| if amount == 0 { 0 } else { service * refunded / amount };
    of(before) - of(before + part)
}

/// The day itself, or the Monday after it. The bank's other holidays are left out.
pub fn working_day(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// Thousandths, without zeros at the end.
pub fn decimals(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:03}", milli.abs() / 1000, milli.abs() % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_payment_costs_its_rate_and_at_least_the_least_fee() {
        let terms = Terms::default();
        for (amount, milli) in [(1000, 27_500), (199, 5_473), (100, 5_000), (1, 5_000)] {
            assert_eq!(terms.fees(Kind::Card, amount).service, milli, "{amount}");
        }
        assert_eq!((terms.rate(Kind::Card), terms.rate(Kind::Atm)), ("2.75%".to_owned(), "10".to_owned()));
    }

    #[test]
    fn what_refunds_give_back_adds_up_to_the_fee() {
        for parts in [&[1000][..], &[300, 700], &[333, 333, 333, 1]] {
            let mut before = 0;
            let back: i64 = parts
                .iter()
                .map(|part| {
                    let back = given_back(27_503, 1000, before, *part);
                    before += part;
                    back
                })
                .sum();
            assert_eq!(back, -27_503, "{parts:?}");
        }
    }

    #[test]
    fn money_is_paid_out_on_working_days() {
        let terms = Terms { payout_days: 5, ..Terms::default() };
        // A Wednesday, and the Wednesday after.
        assert_eq!(terms.paid_out_on(day("2026-08-05")), day("2026-08-12"));
        for (from, to) in [("2026-08-07", "2026-08-07"), ("2026-08-08", "2026-08-10"), ("2026-08-09", "2026-08-10")] {
            assert_eq!(working_day(day(from)), day(to));
        }
    }

    #[test]
    fn thousandths_are_written_without_zeros_at_the_end() {
        for (milli, text) in [(25_800, "25.8"), (-1, "-0.001"), (0, "0"), (-43_600, "-43.6"), (10_000, "10")] {
            assert_eq!(decimals(milli), text);
        }
    }
}
