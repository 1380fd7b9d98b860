//! The closing state of an authorization: what the header and the rows of a card detail add up to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::money::Twd;
use crate::domain::quote::quote;
use crate::domain::status::{CardStatus, StatusWord};

/// One row of `CloseData`: a capture (positive) or a refund (negative).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseRow {
    pub status: StatusWord,
    pub amount: i64,
    pub at: Option<DateTime<Utc>>,
}

/// A row of `CloseData` whose word is in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedRow {
    pub status: CardStatus,
    /// Below 0: a refund.
    pub amount: i64,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    pub at: Option<DateTime<Utc>>,
}

/// The closing state that the header and the rows of a card detail add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub status: CardStatus,
    pub net: i64,
    /// Oldest first: the vendor's samples come in both orders.
    pub rows: Vec<ClosedRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnclearClosing {
    #[error("status '{0}' is not in the table")]
    RawWord(String),
    #[error("closing rows of the same time disagree")]
    RowsDisagree,
    #[error("the header says {header} and the newest closing row says {row}")]
    Contradiction { header: &'static str, row: &'static str },
    #[error("the closing rows add up to {}, outside 0 to {amount}", quote(&net.to_string(), 20))]
    NetOutOfRange { net: i64, amount: Twd },
}

impl Closing {
    /// The newest row with a positive amount decides, by its time and never by its
    /// place; without such rows the header does (vendor's card detail page).
    pub fn read(header: &StatusWord, rows: &[CloseRow], amount: Twd) -> Result<Self, UnclearClosing> {
        let header = known(header)?;
        // In 128 bits: a sum that stopped at the end of 64 would come back into range with the next row.
        let mut net = 0_i128;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let status = known(&row.status)?;
            if !matches!(status, CardStatus::Canceled | CardStatus::OperationCanceled) {
                net += i128::from(row.amount);
            }
            listed.push(ClosedRow { status, amount: row.amount, at: row.at });
        }
        listed.sort_by_key(|row| (row.at, row.amount, row.status as u8));
        let net = i64::try_from(net).unwrap_or(if net < 0 { i64::MIN } else { i64::MAX });
        let status = match newest_capture(rows)? {
            Some(row) => reconcile(header, row)?,
            None => header,
        };
        if status.is_closing() && !(0..=amount.dollars()).contains(&net) {
            return Err(UnclearClosing::NetOutOfRange { net, amount });
        }
        // A closing state without any row: the vendor's answer lists what is closed, and an
        // empty list beside "Captured" is a header ahead of its rows; nothing went back yet.
        let net = if status.is_closing() && rows.is_empty() { amount.dollars() } else { net };
        let net = if deliberate!(MissesShrunkRows) && status.is_closing() {
            amount.dollars() + rows.iter().map(|row| row.amount.min(0)).sum::<i64>()
        } else {
            net
        };
        Ok(Self { status, net, rows: listed })
    }
}

fn known(word: &StatusWord) -> Result<CardStatus, UnclearClosing> {
    match word {
        StatusWord::Known(status) => Ok(*status),
        StatusWord::Raw(raw) => Err(UnclearClosing::RawWord(raw.clone())),
    }
}

/// A row of nothing is a capture that refunds have shrunk to nothing: it counts as one, or an
/// older row that was called back would decide in its place.
fn newest_capture(rows: &[CloseRow]) -> Result<Option<CardStatus>, UnclearClosing> {
    let captures: Vec<&CloseRow> = rows.iter().filter(|r| r.amount >= 0).collect();
    let newest_at = captures.iter().map(|r| r.at).max().flatten();
    let undated = captures.iter().any(|r| r.at.is_none());
    let mut newest: Option<CardStatus> = None;
    // An undated row could be the newest: then all of them have to agree.
    for row in captures.iter().filter(|r| undated || r.at == newest_at) {
        let status = known(&row.status)?;
        if newest.is_some_and(|n| n != status) {
            return Err(UnclearClosing::RowsDisagree);
        }
        newest = Some(status);
    }
    Ok(newest)
}

/// Which of the two words holds, where a step of the life of an order explains both.
fn reconcile(header: CardStatus, row: CardStatus) -> Result<CardStatus, UnclearClosing> {
    use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};
    let explained = match (header, row) {
        (same, other) if same == other => Some(row),
        // The header lags behind a capture, a claim, or a capture called back.
        (Authorized | OperationCanceled, ToBeCaptured | Captured) => Some(row),
        (ToBeCaptured, Captured) => Some(row),
        (Authorized | ToBeCaptured, OperationCanceled) => Some(row),
        (OperationCanceled | ToBeCaptured, Authorized) => Some(row),
        (Authorized | OperationCanceled, Canceled) => Some(row),
        // The order was abandoned after its capture was called back; the row stays as it was.
        (Canceled, OperationCanceled) => Some(header),
        _ => None,
    };
    explained.ok_or(UnclearClosing::Contradiction { header: header.english(), row: row.english() })
}
