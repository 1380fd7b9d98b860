//! Reading what the gateway writes in more than one way: numbers in strings, strings as
//! numbers, empty text and null for absent, dates with either separator.
//!
//! For `#[serde(default, deserialize_with = "..")]`: `default` covers the missing field.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use serde_json::Number;

pub use super::shape::Fields;
use super::shape::Scalar;
use crate::domain::calendar;
use crate::domain::money::Twd;

/// Others are no dates of an order, and sums of days with them could leave what a date can hold.
const YEARS: std::ops::Range<i32> = 2000..3000;

/// Codes have up to eight digits (10000185).
const LARGEST_CODE: u64 = 9_999_999_999;

/// The largest whole number that a JSON number with a fraction part carries exactly.
const EXACT_IN_FLOAT: f64 = 9_007_199_254_740_992.0;

/// Text or a number; null is empty text.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    optional_text(from).map(Option::unwrap_or_default)
}

/// Text or a number; null and empty text are `None`.
pub fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Scalar::deserialize(from)? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) => Ok(Some(text).filter(|t| !t.is_empty())),
        Scalar::Number(number) => Ok(Some(number.to_string())),
        Scalar::Other => Err(de::Error::custom("neither text nor a number")),
    }
}

/// Text or a number that may be missing or of another shape: then it is `None`.
pub fn text_if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Scalar::deserialize(from)? {
        Scalar::Text(text) => Some(text),
        Scalar::Number(number) => Some(number.to_string()),
        Scalar::Null | Scalar::Other => None,
    })
}

/// Text that must not be shown: card digits, a bank's code, the shop's own words.
pub fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(optional_text(from)?.map(SecretString::from))
}

/// Whole New Taiwan dollars; absent and empty are `None`, anything that is no amount is an error.
pub fn optional_amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Twd>, D::Error> {
    optional_whole(from)?.map(Twd::new).transpose().map_err(de::Error::custom)
}

/// The same for an amount that has to be there.
pub fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Twd, D::Error> {
    optional_amount(from)?.ok_or_else(|| de::Error::custom("an amount is missing"))
}

/// How many; absent and empty are `None`, less than none is an error.
pub fn optional_count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    optional_whole(from)?.map(u32::try_from).transpose().map_err(de::Error::custom)
}

/// A whole number that has to be there.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    optional_whole(from)?.ok_or_else(|| de::Error::custom("a whole number is missing"))
}

/// A whole number, also as text; null and empty text are `None`, anything else is an error.
pub fn optional_whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Scalar::deserialize(from)? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) if text.trim().is_empty() => Ok(None),
        value => whole_of(&value).map(Some).ok_or_else(|| de::Error::custom("not a whole number")),
    }
}

/// A code, RtnCode or TransCode; null and empty text are `None`. It is told to people, and with more
/// digits than any code has it could be a card's number.
pub fn optional_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match optional_whole(from)? {
        Some(code) if code.unsigned_abs() > LARGEST_CODE => Err(de::Error::custom("not a code")),
        code => Ok(code),
    }
}

/// The same for a code that has to be there.
pub fn code<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    optional_code(from)?.ok_or_else(|| de::Error::custom("a code is missing"))
}

/// A whole number that nothing is decided by: unreadable is `None`.
pub fn whole_if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(whole_of(&Scalar::deserialize(from)?))
}

/// A number with a fraction that nothing is decided by: unreadable is `None`.
pub fn fraction_if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Ok(match Scalar::deserialize(from)? {
        Scalar::Number(number) => number.as_f64(),
        Scalar::Text(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        Scalar::Null | Scalar::Other => None,
    })
}

/// A date and time of Taipei; absent, empty and unreadable are `None`.
pub fn taipei_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match Scalar::deserialize(from)? {
        Scalar::Text(text) => taipei_time_of(&text),
        Scalar::Null | Scalar::Number(_) | Scalar::Other => None,
    })
}

/// `yyyy/MM/dd HH:mm:ss` (vendor page "Searching Order", `TradeDate`), also with `-`, without seconds,
/// with a fraction of one, and with 上午 or 下午 (recorded: `2016/5/12 下午 07:09:17`).
fn taipei_time_of(text: &str) -> Option<DateTime<Utc>> {
    let (half, text) = half_of_day_in(&text.trim().replace('-', "/"));
    let civil = ["%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .filter(|civil| YEARS.contains(&civil.year()))?;
    let hour = match half {
        Some(half) => half.hour(civil.hour())?,
        None => civil.hour(),
    };
    Some(calendar::from_taipei(civil.with_hour(hour)?))
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

impl Half {
    /// The hour of 24. One past twelve is one of 24 already, and there is none in the morning.
    fn hour(self, hour: u32) -> Option<u32> {
        match (self, hour) {
            (Self::Morning, 13..) => None,
            (Self::Morning, hour) => Some(hour % 12),
            (Self::Afternoon, 12..) => Some(hour),
            (Self::Afternoon, hour) => Some(hour + 12),
        }
    }
}

/// The word for the half of the day, and the text without it.
fn half_of_day_in(text: &str) -> (Option<Half>, String) {
    let words = [("上午", Half::Morning), ("下午", Half::Afternoon), ("AM", Half::Morning), ("PM", Half::Afternoon)];
    let upper = text.to_ascii_uppercase();
    let Some((word, half)) = words.into_iter().find(|(word, _)| upper.contains(word)) else {
        return (None, text.to_owned());
    };
    let without = upper.replacen(word, " ", 1);
    (Some(half), without.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The same for the voucher calls, which also write `yyyymmdd hh:mm` and the day alone, which is
/// its midnight (vendor page QueryOrderInfo, `IssueDate` and `WriteOffDate`).
pub fn taipei_time_or_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let read = |text: &str| taipei_time_of(text).or_else(|| compact_time_of(text));
    Ok(text_if_readable(from)?.and_then(|text| read(&text)))
}

/// `yyyymmdd`, also with `/` or `-`, with or without a time; absent, empty and unreadable are `None`.
pub fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    Ok(text_if_readable(from)?.and_then(|text| day_of(text.split_whitespace().next()?)))
}

fn compact_time_of(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.trim().split_once(' ').unwrap_or((text.trim(), "00:00"));
    let time = ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| NaiveTime::parse_from_str(time.trim(), form).ok());
    Some(calendar::from_taipei(day_of(day)?.and_time(time?)))
}

fn day_of(text: &str) -> Option<NaiveDate> {
    let compact = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let form = if compact { "%Y%m%d" } else { "%Y/%m/%d" };
    NaiveDate::parse_from_str(&text.replace('-', "/"), form).ok().filter(|day| YEARS.contains(&day.year()))
}

fn whole_of(value: &Scalar) -> Option<i64> {
    match value {
        Scalar::Number(number) => whole_of_number(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Null | Scalar::Other => None,
    }
}

fn whole_of_number(number: &Number) -> Option<i64> {
    let exact = |n: &f64| n.fract() == 0.0 && n.abs() < EXACT_IN_FLOAT;
    // The cast cannot lose anything: the number is whole and well inside 64 bits.
    number.as_i64().or_else(|| number.as_f64().filter(exact).map(|n| n as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn whole_in(value: Value) -> Result<Option<i64>, serde_json::Error> {
        optional_whole(value)
    }

    #[test]
    fn a_whole_number_is_read_as_number_or_text() {
        for value in [json!(199), json!("199"), json!(" 199 "), json!(199.0), json!("0199")] {
            assert_eq!(whole_in(value).expect("a whole number"), Some(199));
        }
        assert_eq!(whole_in(json!("-30")).expect("a whole number"), Some(-30));
        for absent in [json!(null), json!(""), json!("  ")] {
            assert_eq!(whole_in(absent).expect("an absent number"), None);
        }
    }

    #[test]
    fn a_number_that_is_not_whole_is_an_error_where_it_decides() {
        for bad in [json!(4.98), json!("4.98"), json!("abc"), json!(1e300), json!([1]), json!(true)] {
            assert_eq!(whole_if_readable(bad.clone()).expect("lenient"), None);
            assert!(whole_in(bad.clone()).is_err(), "{bad}");
        }
        assert!(whole(json!(null)).is_err());
    }

    #[test]
    fn a_code_is_never_as_long_as_a_cards_number() {
        assert_eq!(code(json!("10000185")).expect("a code"), 10_000_185);
        assert_eq!(optional_code(json!("")).expect("absent"), None);
        for bad in
            [json!(4_311_952_222_222_222_i64), json!("-123456789012"), json!(10_000_000_000_i64), json!(i64::MIN)]
        {
            assert!(optional_code(bad.clone()).is_err() && code(bad).is_err());
        }
        assert!(code(json!(null)).is_err());
    }

    #[test]
    fn an_amount_is_never_negative_nor_a_fraction() {
        assert_eq!(optional_amount(json!("199")).expect("an amount"), Twd::new(199).ok());
        assert_eq!(optional_amount(json!(null)).expect("absent"), None);
        for bad in [json!(-1), json!(1.5), json!(2_147_483_648_i64), json!("NT$5")] {
            assert!(optional_amount(bad).is_err());
        }
    }

    #[test]
    fn text_may_come_as_a_number() {
        assert_eq!(text(json!(3_002_607)).expect("text"), "3002607");
        assert_eq!(text(json!(null)).expect("text"), "");
        assert_eq!(optional_text(json!("")).expect("text"), None);
        assert!(text(json!({})).is_err());
    }

    #[test]
    fn a_fee_may_have_a_fraction() {
        assert_eq!(fraction_if_readable(json!(4.98)).expect("lenient"), Some(4.98));
        assert_eq!(fraction_if_readable(json!("4.98")).expect("lenient"), Some(4.98));
        assert_eq!(fraction_if_readable(json!("")).expect("lenient"), None);
    }

    #[test]
    fn a_date_is_taipei_time_in_either_spelling() {
        for spelling in ["2026/08/01 09:30:00", "2026-08-01 09:30:00", "2026/08/01 09:30", " 2026/8/1 9:30:00 "] {
            let at = taipei_time(json!(spelling)).expect("lenient").expect("a date");
            assert_eq!(at.to_rfc3339(), "2026-08-01T01:30:00+00:00", "{spelling}");
        }
        for absent in [json!(""), json!(null), json!("soon"), json!("2026/02/30 09:30:00"), json!(0), json!([])] {
            assert_eq!(taipei_time(absent).expect("lenient"), None);
        }
        // Ninety days after it there has to be a date.
        for year in ["+262142", "9999", "0001"] {
            assert_eq!(taipei_time(json!(format!("{year}/12/31 23:59:59"))).expect("lenient"), None);
        }
    }

    #[test]
    fn a_time_of_twelve_hours_is_read_by_its_half_of_the_day() {
        for (text, hour) in [
            ("2016/5/12 下午 07:09:17", Some(19)),
            ("2016/5/12 上午 07:09:17", Some(7)),
            ("2016/05/12 上午07:09:17", Some(7)),
            ("2016-5-12 下午 7:09:17", Some(19)),
            ("2016/5/12 上午 12:09:17", Some(0)),
            ("2016/5/12 上午 00:09:17", Some(0)),
            ("2016/5/12 下午 12:09:17", Some(12)),
            ("2016/5/12 下午 00:09:17", Some(12)),
            ("2016/5/12 下午 11:09:17", Some(23)),
            ("2016/5/12 下午 19:09:17", Some(19)),
            ("2016/5/12 上午 19:09:17", None),
            ("2016/5/12 下午 24:09:17", None),
            ("2016/5/12 07:09:17 pm", Some(19)),
            ("2016/5/12 07:09:17PM", Some(19)),
            ("2016/5/12 12:09:17 AM", Some(0)),
            ("2016/5/12 07:09:17.250", Some(7)),
            ("2016/5/12 下午 上午 07:09:17", None),
            ("下午", None),
        ] {
            let at = taipei_time(json!(text)).expect("lenient");
            let civil = NaiveDate::from_ymd_opt(2016, 5, 12).expect("a day");
            let expected = hour.and_then(|hour| civil.and_hms_opt(hour, 9, 17)).map(calendar::from_taipei);
            assert_eq!(at.map(|at| at.timestamp()), expected.map(|at| at.timestamp()), "{text}");
            assert_eq!(taipei_time_or_day(json!(text)).expect("lenient"), at, "{text}");
        }
    }

    #[test]
    fn a_vouchers_date_comes_in_every_form_of_the_vendors_page() {
        for (form, utc) in [
            ("20230601", "2023-05-31T16:00:00+00:00"),
            ("2023/06/01", "2023-05-31T16:00:00+00:00"),
            ("2023-06-01", "2023-05-31T16:00:00+00:00"),
            ("20230601 10:35", "2023-06-01T02:35:00+00:00"),
            ("20230601 10:35:21", "2023-06-01T02:35:21+00:00"),
            ("2023/06/01 10:35", "2023-06-01T02:35:00+00:00"),
            (" 2023/06/01 10:35:21 ", "2023-06-01T02:35:21+00:00"),
        ] {
            let at = taipei_time_or_day(json!(form)).expect("lenient");
            assert_eq!(at.map(|at| at.to_rfc3339()).as_deref(), Some(utc), "{form}");
            assert_eq!(day(json!(form)).expect("lenient"), NaiveDate::from_ymd_opt(2023, 6, 1), "{form}");
        }
        assert_eq!(day(json!(20_230_601)).expect("lenient"), NaiveDate::from_ymd_opt(2023, 6, 1));
        for absent in [
            json!(""),
            json!(null),
            json!([]),
            json!(true),
            json!("0"),
            json!("20230230"),
            json!("2023061"),
            json!("99991231"),
            json!("+2621421231"),
            json!("20230601T10"),
            json!("付付08"),
        ] {
            assert_eq!(taipei_time_or_day(absent.clone()).expect("lenient"), None, "{absent}");
            assert_eq!(day(absent.clone()).expect("lenient"), None, "{absent}");
        }
        assert_eq!(taipei_time_or_day(json!("20230601 25:00")).expect("lenient"), None);
    }

    #[test]
    fn a_count_is_never_negative_nor_a_fraction_and_an_amount_may_have_to_be_there() {
        assert_eq!(optional_count(json!("3")).expect("a count"), Some(3));
        assert_eq!(optional_count(json!("")).expect("absent"), None);
        for bad in [json!(-1), json!(1.5), json!(4_294_967_296_i64)] {
            assert!(optional_count(bad).is_err());
        }
        assert_eq!(amount(json!("0")).expect("an amount"), Twd::ZERO);
        assert!(amount(json!(null)).is_err() && amount(json!(-1)).is_err());
    }
}
