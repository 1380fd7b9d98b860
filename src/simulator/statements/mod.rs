//! The files in which ECPay accounts for what it was paid, made from the bank's truth.

mod asked;
mod columns;
mod line;
mod sheet;
mod wrong;

pub use asked::{Asked, File, form_fields, media_fields};

use chrono::{DateTime, Utc};

use self::line::Line;
use self::sheet::Sheet;
use super::bank::Bank;
use crate::domain::ids::MerchantId;

/// A file as it is sent.
pub fn file(bank: &Bank, merchant_id: &MerchantId, asked: &Asked, now: DateTime<Utc>) -> Vec<u8> {
    let Some(terms) = bank.terms(merchant_id) else { return Vec::new() };
    let orders = bank.orders().filter(|order| order.merchant_id == *merchant_id);
    let mut lines: Vec<Line> = match asked.file {
        File::TradeNoAio => orders.flat_map(|order| line::of_order(order, terms, now)).collect(),
        File::QueryTradeMedia | File::FundingReconDetail => {
            orders.flat_map(|order| line::settled(order, terms, now)).collect()
        }
    };
    lines.retain(|line| asked.is_about(line) && (asked.file != File::FundingReconDetail || line.is_by_card()));
    wrong::alter(&mut lines, &terms.statement, asked, terms);
    match asked.file {
        // Its subtotals are of the days of closing.
        File::FundingReconDetail => lines.sort_by_key(|line| (line.closed_on, line.ordered_at)),
        File::QueryTradeMedia | File::TradeNoAio => {
            lines.sort_by_key(|line| (line.day(asked.dates), line.ordered_at));
        }
    }
    let mut sheet = Sheet::of(columns::of(asked), &lines);
    if asked.file == File::FundingReconDetail {
        sheet.add_subtotals(&lines);
    }
    if terms.statement.extra_column {
        sheet.add_column("備用欄位");
    }
    let is_big5 = if asked.file == File::QueryTradeMedia { terms.statement.big5 } else { !asked.utf8 };
    let mut bytes = sheet.bytes(asked.file != File::FundingReconDetail, is_big5);
    if terms.statement.cut {
        bytes.truncate(bytes.len() - bytes.len().min(20));
    }
    bytes
}
