//! The fields of a request's `Data`.

use serde_json::{Map, Value};

use super::request::{Call, Question};
use crate::domain::action::Action;
use crate::domain::ids::{FreeTradeNo, MerchantTradeNo, TradeNo, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::VoucherNumber;
use crate::simulator::statements::media_fields;

pub fn read(call: Call, data: &Map<String, Value>) -> Result<Question, String> {
    let no = || number(data, "MerchantTradeNo", MerchantTradeNo::parse);
    Ok(match call {
        Call::QueryOrder => Question::Order { no: no()? },
        Call::CardDetail => Question::Card { no: no()?, trade_no: optional(data, "TradeNo", TradeNo::parse)? },
        Call::DoAction => Question::Act {
            no: no()?,
            trade_no: number(data, "TradeNo", TradeNo::parse)?,
            action: number(data, "Action", |letter| Action::parse(letter).ok_or(()))?,
            amount: amount(data)?,
        },
        Call::QueryOrderInfo => Question::Voucher { number: voucher_number(data)?, page: page(data)? },
        Call::QueryRefundInfo => Question::VoucherRefunds {
            number: VoucherNumber::MerchantTradeNo(number(data, "MerchantTradeNo", VoucherTradeNo::parse)?),
        },
        Call::QueryTradeMedia => Question::Statement(media_fields(data)?),
        // Asked for by a form.
        Call::FundingReconDetail
        | Call::TradeNoAio
        | Call::QueryTradeInfo
        | Call::QueryTradeV2
        | Call::FormAction
        | Call::QueryCreditCardPeriodInfo => return Err("the body is not a form".to_owned()),
    })
}

pub fn number<T, E>(data: &Map<String, Value>, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, String> {
    optional(data, name, parse)?.ok_or_else(|| format!("{name} is required"))
}

/// Empty text stands for absent (vendor page 信用卡請退款功能, `PlatformID`).
pub fn optional<T, E>(
    data: &Map<String, Value>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    let wrong = || format!("{name} format error");
    match data.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => parse(text).map(Some).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

fn amount(data: &Map<String, Value>) -> Result<Twd, String> {
    let dollars = data.get("TotalAmount").ok_or("TotalAmount is required")?.as_i64();
    let amount = dollars.and_then(|d| Twd::new(d).ok()).filter(|a| !a.is_zero());
    amount.ok_or_else(|| "TotalAmount format error".to_owned())
}

/// "Either this field or FreeTradeNo must be filled in, and only one of them" (vendor page QueryOrderInfo).
fn voucher_number(data: &Map<String, Value>) -> Result<VoucherNumber, String> {
    let paid = optional(data, "MerchantTradeNo", VoucherTradeNo::parse)?;
    let free = optional(data, "FreeTradeNo", FreeTradeNo::parse)?;
    match (paid, free) {
        (Some(no), None) => Ok(VoucherNumber::MerchantTradeNo(no)),
        (None, Some(no)) => Ok(VoucherNumber::FreeTradeNo(no)),
        (Some(_), Some(_)) => Err("MerchantTradeNo and FreeTradeNo cannot both be filled".to_owned()),
        (None, None) => Err("MerchantTradeNo or FreeTradeNo is required".to_owned()),
    }
}

/// 1 where it is left out; digits are taken as text too.
fn page(data: &Map<String, Value>) -> Result<usize, String> {
    let page = match data.get("PageNum") {
        None | Some(Value::Null) => Some(1),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    let page = page.filter(|page| *page > 0).and_then(|page| usize::try_from(page).ok());
    page.ok_or_else(|| "PageNum format error".to_owned())
}
