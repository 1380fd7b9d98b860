//! Voucher orders: what is due, one order whole, and the numbers that commands ask by.

mod record;
mod tickets;
mod views;

use chrono::{DateTime, Utc};

use super::db::{Row, params};
use super::due::Due;
use super::load::{Broken, open_stages, row_error};
use super::times::{from_ms, ms};
use super::{Ledger, LedgerError};
use crate::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::plan::{Provoked, Rank};
use crate::domain::record::OpenStage;
use crate::domain::voucher::{Refunds, VoucherNumber, VoucherOrder, VoucherSituation};

pub use record::{RecordVoucher, VoucherLook};
pub use views::{AddVoucher, FoundVoucher, NextLook, TicketRow, VoucherStatus};

/// A voucher order's situation, and what the ledger knows beside it.
#[derive(Clone, Debug)]
pub struct LoadedVoucher {
    pub situation: VoucherSituation,
    /// How many looks were written: one that began before another was written is void.
    pub looks: i64,
    pub look_failures: u32,
    pub provoked: Provoked,
    /// Its alerts that are open.
    pub alerts: Vec<OpenStage>,
}

impl Ledger {
    /// The voucher orders of a merchant that are due, at most `limit` of the failing ones and of the
    /// others, each by time.
    pub async fn due_vouchers(
        &self,
        merchant: &MerchantId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Due>, LedgerError> {
        self.ask(|db| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let what = params! { merchant: merchant.as_str(), now: ms(now), limit };
            let due = db.all(include_str!("../sql/due_vouchers.sql"), what, |row| {
                Ok(Due { id: row.at(0)?, rank: Rank::Routine as u8, failing: row.at(1)? })
            })?;
            Ok(due)
        })
        .await
    }

    /// The time of a merchant's next look at a voucher order; in the past when one is due.
    pub async fn next_due_voucher(&self, merchant: &MerchantId) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.ask(|db| {
            let select = "SELECT min(next_at) FROM voucher_state WHERE merchant_id = :merchant AND next_at IS NOT NULL";
            let next: Option<i64> = db.one(select, params! { merchant: merchant.as_str() }, |row| row.at(0))?;
            Ok(next.map(from_ms))
        })
        .await
    }

    /// Reads a voucher order.
    pub async fn load_voucher(&self, voucher_id: i64) -> Result<LoadedVoucher, LedgerError> {
        self.ask(|db| {
            let loaded = db.one(include_str!("../sql/load_voucher.sql"), params! { voucher: voucher_id }, loaded);
            loaded.map_err(|e| e.named(|why| LedgerError::BadRow { table: "voucher_orders", id: voucher_id, why }))
        })
        .await
    }
}

fn loaded(row: &Row<'_>) -> Result<LoadedVoucher, Broken> {
    let observation: Option<String> = row.get("observation")?;
    let amount = |column| row.get::<Option<i64>>(column)?.map(Twd::new).transpose().map_err(row_error);
    let time = |column| Ok::<_, Broken>(row.get::<Option<i64>>(column)?.map(from_ms));
    Ok(LoadedVoucher {
        situation: VoucherSituation {
            order: order(row)?,
            silent_until: time("voucher_silent_until")?,
            observation: observation.map(|json| serde_json::from_str(&json)).transpose().map_err(row_error)?,
            retry_at: time("retry_at")?,
            changed_at: time("changed_at")?,
            known_amount: amount("known_amount")?,
            refunds: Refunds {
                confirmed: amount("confirmed_amount")?,
                asked_at: time("refunds_asked_at")?,
                error: row.get("refunds_error")?,
                contradicted: row.get("refunds_contradict")?,
                unconfirmed_since: time("unconfirmed_since")?,
            },
        },
        looks: row.get("looks")?,
        look_failures: u32::try_from(row.get::<i64>("look_failures")?).unwrap_or(u32::MAX),
        provoked: Provoked { looks: row.get("looks_403")?, ..Provoked::default() },
        alerts: open_stages(row, "alerts")?,
    })
}

fn order(row: &Row<'_>) -> Result<VoucherOrder, Broken> {
    let sold: Option<String> = row.get("merchant_trade_no")?;
    let free: Option<String> = row.get("free_trade_no")?;
    let number = match (sold, free) {
        (Some(no), None) => VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(&no).map_err(row_error)?),
        (None, Some(no)) => VoucherNumber::FreeTradeNo(FreeTradeNo::parse(&no).map_err(row_error)?),
        _ => return Err(Broken::Row("neither or both of merchant_trade_no and free_trade_no".to_owned())),
    };
    Ok(VoucherOrder {
        id: row.get("id")?,
        merchant_id: MerchantId::parse(&row.get::<String>("merchant_id")?).map_err(row_error)?,
        number,
        registered_at: from_ms(row.get("created_at")?),
    })
}
