//! A shop's own list of its orders.

use std::io::Read;

use super::list::{List, Listed};
use crate::config::nearest;
use crate::gateway::statement::decode::{bare, dollars, unarmour};
use crate::gateway::statement::{Row, Sheet, SheetError};
use crate::ledger::ListedOrder;

const NUMBER: &str = "merchant_trade_no";
const MERCHANT: &str = "merchant_id";
const TRADE_NO: &str = "trade_no";
const AMOUNT: &str = "expected_amount";
const INSTALLMENTS: &str = "installments";
const CAPTURE: &str = "capture";
const MEMO: &str = "memo";

/// The columns, as the contract names them and as ECPay does.
const COLUMNS: [(&str, &[&str]); 7] = [
    (NUMBER, &["特店訂單編號", "特店交易編號"]),
    (MERCHANT, &["特店編號"]),
    (TRADE_NO, &["綠界交易編號"]),
    (AMOUNT, &["交易金額", "訂單金額"]),
    (INSTALLMENTS, &["分期期數"]),
    (CAPTURE, &[]),
    (MEMO, &[]),
];

/// What a file of refused rows has before its own columns: corrected, it can be imported as it is.
pub(super) const WHERE_AND_WHY: [&str; 2] = ["refused_line", "refused_because"];

#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error("has a column '{name}', which is unknown{hint}; known are {known}")]
    Unknown { name: String, hint: String, known: String },
    #[error("has no column {NUMBER} (特店訂單編號): its first line has to name the columns")]
    NoNumber,
    #[error("has the column {0} twice")]
    Twice(&'static str),
}

/// What holds for rows that say nothing about it.
pub(super) struct Defaults {
    pub merchant_id: Option<String>,
    pub capture: &'static str,
}

pub(super) struct ShopList<R: Read> {
    sheet: Sheet<R>,
    /// The place of each of [`COLUMNS`].
    places: [Option<usize>; COLUMNS.len()],
    defaults: Defaults,
}

impl<R: Read> ShopList<R> {
    pub fn of(sheet: Sheet<R>, defaults: Defaults) -> Result<Self, HeaderError> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in sheet.header().iter().enumerate() {
            let lower = name.to_lowercase();
            if WHERE_AND_WHY.contains(&lower.as_str()) {
                continue;
            }
            let is = |(own, others): &(&str, &[&str])| *own == lower || others.contains(&name.as_str());
            let column = COLUMNS.iter().position(is).ok_or_else(|| unknown(name))?;
            if places[column].replace(place).is_some() {
                return Err(HeaderError::Twice(COLUMNS[column].0));
            }
        }
        match places[0] {
            Some(_) => Ok(Self { sheet, places, defaults }),
            None => Err(HeaderError::NoNumber),
        }
    }

    pub fn names_merchants(&self) -> bool {
        self.places[1].is_some()
    }

    fn order(&self, row: &Row) -> ListedOrder {
        let [number, merchant, trade_no, amount, installments, capture, memo] =
            self.places.map(|place| place.map_or("", |place| row.cell(place)));
        let filled = |cell: &str| Some(bare(cell)).filter(|text| !text.is_empty());
        ListedOrder {
            merchant_id: filled(merchant).or_else(|| self.defaults.merchant_id.clone()).unwrap_or_default(),
            merchant_trade_no: bare(number),
            trade_no: filled(trade_no),
            // What is no whole number is put to the ledger as one that it refuses, in its own words.
            expected_amount: filled(amount).map(|text| dollars(&text).unwrap_or(0)),
            installments: filled(installments).map(|text| dollars(&text).unwrap_or(-1)),
            capture: filled(capture).map_or_else(|| self.defaults.capture.to_owned(), |mode| mode.to_lowercase()),
            memo: Some(unarmour(memo).into_owned()).filter(|memo| !memo.trim().is_empty()),
        }
    }
}

impl<R: Read> List for ShopList<R> {
    fn kind(&self) -> Option<&'static str> {
        None
    }

    fn header(&self) -> &[String] {
        self.sheet.header()
    }

    fn read(&mut self) -> Result<Option<(Row, Listed)>, SheetError> {
        let Some(row) = self.sheet.read()? else { return Ok(None) };
        let listed = match &row.fault {
            Some(fault) => Listed::Refused(fault.to_string()),
            None => Listed::Order(self.order(&row)),
        };
        Ok(Some((row, listed)))
    }
}

fn unknown(name: &str) -> HeaderError {
    let known = || COLUMNS.iter().flat_map(|(own, others)| std::iter::once(own).chain(*others)).copied();
    let near = nearest(&name.to_lowercase(), known());
    HeaderError::Unknown {
        name: name.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect(),
        hint: near.map_or_else(String::new, |near| format!(" (is {near} meant?)")),
        known: COLUMNS.map(|(own, _)| own).join(", "),
    }
}
