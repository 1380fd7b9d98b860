//! Reading what the gateway writes in more than one way: numbers in strings, strings as
//! numbers, empty text and null for absent.
//!
//! For `#[serde(default, deserialize_with = "..")]`: `default` covers the missing field.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use serde_json::Number;

pub use super::shape::Fields;
use super::shape::Scalar;
use crate::domain::money::Twd;

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

/// Thousandths of a number with a fraction that nothing is decided by: unreadable is `None`.
pub fn thousandths_if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let number: Option<f64> = match Scalar::deserialize(from)? {
        Scalar::Number(number) => number.as_f64(),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Null | Scalar::Other => None,
    };
    // Above that nobody's fee is, and below it a double holds thousandths.
    let sane = number.filter(|n| n.abs() < 1e9);
    Ok(sane.map(|n| (n * 1000.0).round() as i64))
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
        for (told, thousandths) in [
            (json!(4.98), Some(4980)),
            (json!("4.98"), Some(4980)),
            (json!(27.845), Some(27_845)),
            (json!(5), Some(5000)),
            (json!(""), None),
            (json!("NaN"), None),
            (json!("1e300"), None),
        ] {
            assert_eq!(thousandths_if_readable(told).expect("lenient"), thousandths);
        }
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
