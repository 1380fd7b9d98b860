//! The values of arguments, as they are typed.

use chrono::{Datelike as _, NaiveDate};

use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::order::CaptureMode;

pub(super) fn merchant(text: &str) -> Result<MerchantId, String> {
    MerchantId::parse(text).map_err(|e| e.to_string())
}

pub(super) fn merchant_trade_no(text: &str) -> Result<MerchantTradeNo, String> {
    MerchantTradeNo::parse(text).map_err(|e| e.to_string())
}

pub(super) fn trade_no(text: &str) -> Result<TradeNo, String> {
    TradeNo::parse(text).map_err(|e| e.to_string())
}

/// Of a person, for the history.
pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= 100 && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| "a name of 1 to 100 characters on one line is needed".to_owned())
}

/// In a person's words, on one line.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| "a reason of at most 200 characters on one line is needed".to_owned())
}

pub(super) fn amount(text: &str) -> Result<Twd, String> {
    let wrong = || format!("'{text}' is not a whole number of New Taiwan dollars from 1 to 2147483647");
    let dollars: i64 = text.parse().map_err(|_| wrong())?;
    Twd::new(dollars).ok().filter(|a| !a.is_zero()).ok_or_else(wrong)
}

pub(super) fn capture(text: &str) -> Result<CaptureMode, String> {
    CaptureMode::parse(text).ok_or_else(|| "auto, now or hold is needed".to_owned())
}

/// Of orders that others have made, which nobody has said are shipped.
pub(super) fn capture_or_hold(text: &str) -> Result<CaptureMode, String> {
    let mode = CaptureMode::parse(text).filter(|mode| *mode != CaptureMode::Now);
    mode.ok_or_else(|| "auto or hold is needed".to_owned())
}

/// Of Taiwan's calendar.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    let wrong = || format!("'{text}' is no day: it is written as 2026-08-31");
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    (2000..3000).contains(&day.year()).then_some(day).ok_or_else(wrong)
}
