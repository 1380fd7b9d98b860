//! 民國 years, in which Taiwan's books are kept: 1912 is the first.

use chrono::{Datelike as _, NaiveDate};

/// `115/11/29`.
pub fn day(day: NaiveDate) -> String {
    format!("{}/{:02}/{:02}", year(day), day.month(), day.day())
}

/// The two months for which business tax is declared together: `115年11-12月`.
pub fn tax_period(day: NaiveDate) -> String {
    let (year, first) = period(day);
    format!("{year}年{first:02}-{:02}月", first + 1)
}

/// Whether business tax is declared for both days together.
pub fn is_one_period(one: NaiveDate, other: NaiveDate) -> bool {
    period(one) == period(other)
}

fn period(day: NaiveDate) -> (i32, u32) {
    // Of months from 1 on: the odd one of the two.
    (year(day), (day.month() - 1) / 2 * 2 + 1)
}

fn year(day: NaiveDate) -> i32 {
    day.year() - 1911
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_year_of_the_republic_and_its_two_months_of_tax() {
        for (text, roc, period) in [
            ("2026-11-29", "115/11/29", "115年11-12月"),
            ("2026-12-31", "115/12/31", "115年11-12月"),
            ("2027-01-01", "116/01/01", "116年01-02月"),
            ("2027-02-28", "116/02/28", "116年01-02月"),
            ("2027-03-01", "116/03/01", "116年03-04月"),
            ("2010-10-10", "99/10/10", "99年09-10月"),
        ] {
            let date: NaiveDate = text.parse().expect("a day");
            assert_eq!((day(date).as_str(), tax_period(date).as_str()), (roc, period));
        }
    }

    #[test]
    fn the_two_months_of_a_period_are_one_and_those_of_another_year_are_not() {
        let date = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        assert!(is_one_period(date("2026-11-01"), date("2026-12-31")));
        assert!(!is_one_period(date("2026-10-31"), date("2026-11-01")));
        assert!(!is_one_period(date("2025-11-01"), date("2026-11-01")));
    }
}
