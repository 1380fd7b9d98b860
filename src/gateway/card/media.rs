//! `Cashier/QueryTradeMedia`, the statement of the JSON products (vendor page 特店對帳媒體檔, ?p=22999): a file, where
//! every other call answers with JSON. What is no file says in which of many ways there is none.

use chrono::{Months, NaiveDate};
use serde::Serialize;

use super::CardGateway;
use crate::domain::api::CardApi;
use crate::domain::ids::MerchantId;
use crate::domain::quote::quote;
use crate::domain::reason::Fetching;
use crate::domain::statement::StatementKind;
use crate::domain::traffic::CallEnd;
use crate::gateway::caller::{Errand, bytes_without_bom, read_envelope, read_json};
use crate::gateway::errors::{LookError, refused};
use crate::gateway::wire::liberal;

pub const PATH: &str = "/1.0.0/Cashier/QueryTradeMedia";

/// `PaymentType` of cards on that page; its twin (?p=41186) does not have the field, so rows are told apart all the same.
const BY_CARD: &str = "01";

/// The merchant has no such file, or the vendor gives out none at present: never that there are no rows.
const NOT_AVAILABLE: i64 = 128;

/// In the vendor's line of text about an address that is not in the dashboard's list.
const OF_THE_ADDRESS: &str = "ip is the same as the settings";

const LONGEST_WORDS: usize = 100;

/// Which of a row's days the file is asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaDates {
    /// 結算日期
    Settled,
    /// 撥款日期
    PaidOut,
}

/// Days that one file can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaDays {
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDays {
    /// The vendor answers with an empty file, as if there were no rows.
    #[error("the first day, {from}, is after the last, {to}: have the two changed places?")]
    Swapped { from: NaiveDate, to: NaiveDate },
    #[error("{from} to {to} is more than the month that ECPay gives out in a file")]
    TooLong { from: NaiveDate, to: NaiveDate },
}

impl MediaDays {
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, BadDays> {
        if from > to {
            return Err(BadDays::Swapped { from, to });
        }
        if to >= from + Months::new(1) {
            return Err(BadDays::TooLong { from, to });
        }
        Ok(Self { from, to })
    }

    /// Any span of days, a month at a time.
    pub fn months(from: NaiveDate, to: NaiveDate) -> Result<Vec<Self>, BadDays> {
        if from > to {
            return Err(BadDays::Swapped { from, to });
        }
        let mut months = Vec::new();
        let mut next = from;
        while next <= to {
            let after = next + Months::new(1);
            months.push(Self { from: next, to: to.min(after.pred_opt().unwrap_or(after)) });
            next = after;
        }
        Ok(months)
    }

    pub fn from(self) -> NaiveDate {
        self.from
    }

    pub fn to(self) -> NaiveDate {
        self.to
    }
}

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    #[error(transparent)]
    Call(#[from] LookError),
    #[error("the merchant has no such file, or ECPay gives out none at present (TransCode 128: {0})")]
    NotAvailable(String),
    #[error("this server's address is not in the merchant's list (廠商後台 → 系統開發管理 → 系統介接設定)")]
    AddressNotListed,
    #[error("the answer is empty, without even a line of columns")]
    Empty,
    #[error("a web page came instead of a file")]
    Html,
    #[error("no file came, but the words: {0}")]
    Words(String),
}

impl MediaError {
    /// As the call is counted.
    pub fn end(&self) -> CallEnd {
        match self {
            Self::Call(error) => error.end(),
            Self::NotAvailable(_) | Self::AddressNotListed | Self::Words(_) => CallEnd::Refused,
            Self::Empty | Self::Html => CallEnd::Unusable,
        }
    }

    /// In the words of reports.
    pub fn reason(&self) -> Fetching {
        match self {
            Self::Call(LookError::RateLimited) => Fetching::StatementsLimited,
            Self::Call(error) => Fetching::StatementNotGiven { error: error.to_string() },
            Self::NotAvailable(text) => Fetching::StatementsNotAvailable { text: text.clone() },
            Self::AddressNotListed => Fetching::AddressNotListed,
            Self::Empty => Fetching::StatementEmpty,
            Self::Html => Fetching::PageForStatement,
            Self::Words(text) => Fetching::WordsForStatement { text: text.clone() },
        }
    }
}

#[derive(Serialize)]
struct MediaQuery {
    #[serde(rename = "PlatformID", skip_serializing_if = "Option::is_none")]
    platform_id: Option<MerchantId>,
    #[serde(rename = "MerchantID")]
    merchant_id: MerchantId,
    #[serde(rename = "DateType")]
    date_type: &'static str,
    #[serde(rename = "BeginDate")]
    begin_date: NaiveDate,
    #[serde(rename = "EndDate")]
    end_date: NaiveDate,
    #[serde(rename = "PaymentType")]
    payment_type: &'static str,
}

/// What a refusal says, where it says it inside `Data`.
#[derive(serde::Deserialize)]
struct Refusal {
    #[serde(rename = "RtnCode", deserialize_with = "liberal::code")]
    rtn_code: i64,
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    rtn_msg: String,
}

impl CardGateway {
    /// The card rows of some days, as the vendor has written them down.
    async fn query_trade_media(&self, dates: MediaDates, days: MediaDays, stamp_s: i64) -> Result<Vec<u8>, MediaError> {
        let query = MediaQuery {
            platform_id: self.caller.platform_id.clone(),
            merchant_id: self.caller.merchant_id.clone(),
            date_type: match dates {
                MediaDates::Settled => "1",
                MediaDates::PaidOut => "2",
            },
            begin_date: days.from,
            end_date: days.to,
            payment_type: BY_CARD,
        };
        let (envelope, keys) = self.sealed(&query, stamp_s)?;
        let answer = self.caller.send(PATH, &envelope, Errand::Statement).await?;
        let text = bytes_without_bom(&answer.body).trim_ascii_start();
        if text.first() != Some(&b'{') {
            return file_of(answer.body);
        }
        let answered = read_envelope(&answer, keys)?;
        if answered.envelope.trans_code == NOT_AVAILABLE {
            return Err(MediaError::NotAvailable(quote(&answered.envelope.trans_msg, LONGEST_WORDS)));
        }
        let Refusal { rtn_code, rtn_msg } = read_json(&self.open(&answered)?)?;
        Err(refused(rtn_code, &rtn_msg).into())
    }

    /// The file that lists the captures and refunds by card of this merchant's orders.
    pub fn statement_kind(&self) -> StatementKind {
        match self.api() {
            CardApi::Json => StatementKind::QueryTradeMedia,
            CardApi::Form => StatementKind::FundingReconDetail,
        }
    }

    /// That file, of some days.
    pub async fn statement(&self, dates: MediaDates, days: MediaDays, stamp_s: i64) -> Result<Vec<u8>, MediaError> {
        match self.form() {
            Some(form) => form.funding(dates, days).await,
            None => self.query_trade_media(dates, days, stamp_s).await,
        }
    }
}

/// An answer that names columns; what else can have come says why there is no file.
pub(super) fn file_of(body: Vec<u8>) -> Result<Vec<u8>, MediaError> {
    let text = bytes_without_bom(&body).trim_ascii_start();
    match text.first() {
        None => Err(MediaError::Empty),
        Some(b'<') => Err(MediaError::Html),
        Some(_) => match words_of(text) {
            Some(words) if words.to_lowercase().contains(OF_THE_ADDRESS) => Err(MediaError::AddressNotListed),
            Some(words) => Err(MediaError::Words(quote(&words, LONGEST_WORDS))),
            None => Ok(body),
        },
    }
}

/// Of an answer that is no file: its first line names no columns.
fn words_of(text: &[u8]) -> Option<String> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_header = line.contains(&b',')
        && !line.to_ascii_lowercase().windows(OF_THE_ADDRESS.len()).any(|part| part == OF_THE_ADDRESS.as_bytes());
    (!is_header).then(|| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_file_is_of_a_month_at_most_and_its_days_are_in_order() {
        for (from, to, told) in [
            ("2026-08-01", "2026-08-01", None),
            ("2026-08-01", "2026-08-31", None),
            ("2026-01-31", "2026-02-27", None),
            ("2026-08-02", "2026-08-01", Some("is after the last")),
            ("2026-08-01", "2026-09-01", Some("more than the month")),
        ] {
            let said = MediaDays::new(day(from), day(to)).err().map(|error| error.to_string());
            assert_eq!(said.is_some(), told.is_some(), "{from} {to}: {said:?}");
            assert!(said.unwrap_or_default().contains(told.unwrap_or_default()));
        }
    }

    #[test]
    fn a_longer_span_is_asked_for_month_by_month() {
        let months = MediaDays::months(day("2026-01-31"), day("2026-04-02")).expect("days in order");
        let told: Vec<String> = months.iter().map(|m| format!("{}..{}", m.from, m.to)).collect();
        assert_eq!(told, ["2026-01-31..2026-02-27", "2026-02-28..2026-03-27", "2026-03-28..2026-04-02"]);
        assert!(months.iter().all(|m| MediaDays::new(m.from, m.to) == Ok(*m)));
        assert!(MediaDays::months(day("2026-02-01"), day("2026-01-31")).is_err());
    }

    #[test]
    fn a_file_is_told_from_words_by_its_columns() {
        for (text, words) in [
            ("=\"特店交易編號\",=\"綠界交易編號\"\r\n=\"A\",=\"B\"\r\n", None),
            ("Please check, if the downloaded IP is the same as the settings", Some("Please check, if")),
            ("系統維護中\r\n=\"A\",=\"B\"", Some("系統維護中")),
        ] {
            let told = words_of(text.as_bytes());
            assert_eq!(told.is_some(), words.is_some(), "{text}");
            assert!(told.unwrap_or_default().contains(words.unwrap_or_default()));
        }
    }
}
