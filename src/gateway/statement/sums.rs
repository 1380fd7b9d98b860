//! 每日小計 and 合計, which name no order: ECPay's sums of the rows above them.

use std::fmt;

use super::sheet::Row;

/// Fees and net amounts of a sum may have been rounded.
const ROUNDED_MILLI: i64 = 1000;

/// Sums of some rows.
#[derive(Clone, Copy, Debug, Default)]
struct Added {
    gross: i64,
    fee_milli: i64,
    net_milli: i64,
}

/// What a row of sums says, as far as it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// What stands in the column of the amount.
    pub amount: Option<String>,
    pub gross: Option<i64>,
    pub fee_milli: Option<i64>,
    pub net_milli: Option<i64>,
}

/// The rows since the last 小計, and all of them.
#[derive(Debug, Default)]
pub(super) struct Sums {
    part: Added,
    all: Added,
}

/// A sum of ECPay's that is not that of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSum {
    label: String,
    told: String,
    /// None: it names no sum.
    added: Option<String>,
}

impl fmt::Display for WrongSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, told, added } = self;
        match added {
            Some(added) => write!(f, "{label} is {told}, and the rows above it add up to {added}"),
            None => write!(f, "'{label}' has the amount {told}, and is neither an order nor a sum"),
        }
    }
}

impl Sums {
    pub fn add(&mut self, gross: i64, fee_milli: i64, net_milli: Option<i64>) {
        for sum in [&mut self.part, &mut self.all] {
            sum.gross = sum.gross.saturating_add(gross);
            sum.fee_milli = sum.fee_milli.saturating_add(fee_milli);
            sum.net_milli = sum.net_milli.saturating_add(net_milli.unwrap_or_default());
        }
    }

    /// Compares, and begins the next part.
    pub fn hold(&mut self, row: &Row, told: Told) -> Result<(), WrongSum> {
        let label = row.cells.iter().map(super::decode::bare).find(|cell| !cell.is_empty()).unwrap_or_default();
        let label: String = label.trim_end_matches([':', '：']).chars().take(20).collect();
        if label.contains("小計") {
            let part = std::mem::take(&mut self.part);
            return part.is(&label, told);
        }
        let is_total = ["合計", "總計", "總額"].iter().any(|word| label.contains(word));
        match (is_total, told.amount.clone()) {
            (true, _) => self.all.is(&label, told),
            // A note below the rows.
            (false, None) => Ok(()),
            // What has an amount and is neither a payment nor a sum was a row once.
            (false, Some(amount)) => {
                let told = amount.chars().take(20).collect();
                Err(WrongSum { label, told, added: None })
            }
        }
    }
}

impl Added {
    fn is(&self, label: &str, told: Told) -> Result<(), WrongSum> {
        let wrong = |told: String, added: String| WrongSum { label: label.to_owned(), told, added: Some(added) };
        if let Some(gross) = told.gross.filter(|gross| *gross != self.gross) {
            return Err(wrong(gross.to_string(), self.gross.to_string()));
        }
        for (told, added) in [(told.fee_milli, self.fee_milli), (told.net_milli, self.net_milli)] {
            if let Some(told) = told.filter(|told| told.saturating_sub(added).saturating_abs() >= ROUNDED_MILLI) {
                return Err(wrong(decimal(told), decimal(added)));
            }
        }
        Ok(())
    }
}

/// Dollars with three decimals.
fn decimal(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let milli = milli.unsigned_abs();
    format!("{sign}{}.{:03}", milli / 1000, milli % 1000)
}
