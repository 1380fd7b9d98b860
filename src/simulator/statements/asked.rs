//! Which file is asked for.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::line::{Dates, Line};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum File {
    QueryTradeMedia,
    FundingReconDetail,
    TradeNoAio,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub file: File,
    pub dates: Dates,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// `CharSet` 2; else Big5.
    pub utf8: bool,
    /// `PaymentType`: 01 card, 03 ATM; nothing: all.
    pub payment_type: Option<String>,
    pub paid: Option<bool>,
    pub paid_out: Option<bool>,
    /// `MediaFormated`.
    pub format: u8,
}

impl Asked {
    pub(super) fn is_about(&self, line: &Line) -> bool {
        let fits = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
        line.day(self.dates).is_some_and(|day| self.from <= day && day <= self.to)
            && self.payment_type.as_ref().is_none_or(|code| code == line.payment_code())
            && fits(self.paid, line.paid_at.is_some())
            && fits(self.paid_out, line.paid_out_on.is_some())
    }

    fn of(file: File, dates: Dates, [from, to]: [NaiveDate; 2]) -> Result<Self, String> {
        // A range whose ends have changed places is no error: the file is empty then.
        if to > from + Months::new(1) {
            return Err("日期區間不可超過一個月".to_owned());
        }
        let (utf8, payment_type, paid, paid_out, format) = (false, None, None, None, 0);
        Ok(Self { file, dates, from, to, utf8, payment_type, paid, paid_out, format })
    }
}

/// Of the JSON call's `Data`.
pub fn media_fields(data: &Map<String, Value>) -> Result<Asked, String> {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let dates = match text("DateType") {
        "1" => Dates::Settled,
        "2" => Dates::PaidOut,
        _ => return Err("DateType Error".to_owned()),
    };
    let range = [day("BeginDate", text("BeginDate"))?, day("EndDate", text("EndDate"))?];
    let payment_type = payment_type(text("PaymentType"))?;
    Ok(Asked { payment_type, ..Asked::of(File::QueryTradeMedia, dates, range)? })
}

/// Of the fields of a form.
pub fn form_fields(file: File, fields: &BTreeMap<String, String>) -> Result<Asked, String> {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let (kind, first, last) = match file {
        File::FundingReconDetail => ("PayDateType", "StartDate", "EndDate"),
        File::TradeNoAio | File::QueryTradeMedia => ("DateType", "BeginDate", "EndDate"),
    };
    let dates = match (file, text(kind)) {
        (File::FundingReconDetail, "fund") => Dates::Settled,
        (File::FundingReconDetail, "close") => Dates::Closed,
        (File::FundingReconDetail, "enter") => Dates::PaidOut,
        (File::TradeNoAio, "2") => Dates::Paid,
        (File::TradeNoAio, "4") => Dates::PaidOut,
        (File::TradeNoAio, "6") => Dates::Ordered,
        _ => return Err(format!("{kind} Error")),
    };
    let range = [day(first, text(first))?, day(last, text(last))?];
    let format = match (file, text("MediaFormated")) {
        (File::TradeNoAio, "0") => 0,
        (File::TradeNoAio, "1") => 1,
        (File::TradeNoAio, "2") => 2,
        (File::TradeNoAio, _) => return Err("MediaFormated Error".to_owned()),
        _ => 0,
    };
    let yes_or_no = |name: &str| match text(name) {
        "" => Ok(None),
        "0" => Ok(Some(false)),
        "1" => Ok(Some(true)),
        _ => Err(format!("{name} Error")),
    };
    Ok(Asked {
        utf8: text("CharSet") == "2",
        payment_type: payment_type(text("PaymentType"))?,
        paid: yes_or_no("PaymentStatus")?,
        paid_out: yes_or_no("AllocateStatus")?,
        format,
        ..Asked::of(file, dates, range)?
    })
}

fn payment_type(code: &str) -> Result<Option<String>, String> {
    match code {
        "" => Ok(None),
        code if code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()) => Ok(Some(code.to_owned())),
        _ => Err("PaymentType Error".to_owned()),
    }
}

fn day(name: &str, text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| format!("{name} Error"))
}
