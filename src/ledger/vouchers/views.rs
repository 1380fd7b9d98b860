//! The views of voucher orders, for the commands that print them.

use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use crate::domain::ids::MerchantId;
use crate::domain::voucher::VoucherNumber;
use crate::ledger::views::{Count, OrderEvent};
use crate::ledger::{Ledger, LedgerError, Write};

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct VoucherStatus {
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub free_trade_no: Option<String>,
    pub voucher_trade_no: Option<String>,
    pub state: String,
    pub trade_amount: Option<i64>,
    pub redeemed_amount: Option<i64>,
    pub refunded_amount: Option<i64>,
    pub refund_confirmed_amount: Option<i64>,
    pub unused_amount: Option<i64>,
    pub last_checked_at: Option<String>,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct TicketRow {
    pub ticket_no: String,
    pub item_no: Option<String>,
    pub item_name: Option<String>,
    pub kind: Option<String>,
    pub amount: i64,
    pub use_status: String,
    pub starts_on: Option<String>,
    pub expires_on: Option<String>,
    pub redeemed_at: Option<String>,
    pub refunded_at: Option<String>,
}

/// A voucher order as a command found it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FoundVoucher {
    pub id: i64,
    pub merchant_id: String,
    pub free: bool,
}

/// When it is looked at next, and by which rule.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct NextLook {
    pub next_look_at: Option<String>,
    pub rule: String,
    /// The shop has not taken the guard of its card order back.
    pub guard: bool,
}

impl Ledger {
    /// All voucher orders with this number, sold or given away.
    pub async fn find_vouchers(&self, number: &str, merchant: Option<&str>) -> Result<Vec<FoundVoucher>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT v.id, v.merchant_id, v.free_trade_no IS NOT NULL AS free
               FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id
              WHERE s.number = ?1 AND (?2 IS NULL OR s.merchant_id = ?2) ORDER BY v.id",
        )
        .bind(number)
        .bind(merchant)
        .fetch_all(&self.readers)
        .await?)
    }

    /// The voucher order that a card order paid for.
    pub async fn voucher_of(&self, order_id: i64) -> Result<Option<i64>, LedgerError> {
        Ok(sqlx::query_scalar(
            "SELECT v.id FROM orders o JOIN voucher_orders v ON v.merchant_trade_no = o.merchant_trade_no AND v.merchant_id = o.merchant_id
              WHERE o.id = ?",
        )
        .bind(order_id)
        .fetch_optional(&self.readers)
        .await?)
    }

    pub async fn voucher_status(&self, voucher_id: i64) -> Result<VoucherStatus, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT s.* FROM voucher_orders v JOIN voucher_status s ON s.merchant_id = v.merchant_id
                AND s.merchant_trade_no IS v.merchant_trade_no AND s.free_trade_no IS v.free_trade_no WHERE v.id = ?",
        )
        .bind(voucher_id)
        .fetch_one(&self.readers)
        .await?)
    }

    pub async fn next_look(&self, voucher_id: i64) -> Result<NextLook, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT strftime('%Y-%m-%d %H:%M:%S', s.next_at / 1000 + 28800, 'unixepoch') AS next_look_at, s.rule, v.guard
               FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id WHERE s.voucher_id = ?",
        )
        .bind(voucher_id)
        .fetch_one(&self.readers)
        .await?)
    }

    /// A page of voucher orders, newest first.
    pub async fn list_vouchers(
        &self,
        state: Option<&str>,
        merchant: Option<&str>,
        limit: i64,
    ) -> Result<Vec<VoucherStatus>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT s.* FROM (SELECT voucher_id FROM voucher_state WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR merchant_id = ?2)
                               ORDER BY voucher_id DESC LIMIT ?3 + 0) page
               JOIN voucher_orders v ON v.id = page.voucher_id
               JOIN voucher_status s ON s.merchant_id = v.merchant_id AND s.merchant_trade_no IS v.merchant_trade_no AND s.free_trade_no IS v.free_trade_no
              ORDER BY page.voucher_id DESC",
        )
        .bind(state)
        .bind(merchant)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn tickets_of(&self, voucher_id: i64) -> Result<Vec<TicketRow>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT ticket_no, item_no, item_name, kind, amount, use_status, starts_on, expires_on,
                    strftime('%Y-%m-%d %H:%M:%S', redeemed_at / 1000 + 28800, 'unixepoch') AS redeemed_at,
                    strftime('%Y-%m-%d %H:%M:%S', refunded_at / 1000 + 28800, 'unixepoch') AS refunded_at
               FROM tickets WHERE voucher_id = ? AND listed = 1 ORDER BY ticket_no",
        )
        .bind(voucher_id)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn voucher_events(&self, voucher_id: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT v.* FROM events e JOIN order_events v ON v.id = e.id WHERE e.voucher_id = ? ORDER BY e.id",
        )
        .bind(voucher_id)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn vouchers_by_state(&self) -> Result<Vec<Count>, LedgerError> {
        Ok(sqlx::query_as("SELECT state, count(*) AS count FROM voucher_state GROUP BY state ORDER BY state")
            .fetch_all(&self.readers)
            .await?)
    }
}

/// What shops write by SQL, for the command that does the same.
pub struct AddVoucher {
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
}

impl Write for AddVoucher {
    type Out = ();

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<(), LedgerError> {
        let (sold, free) = match &self.number {
            VoucherNumber::MerchantTradeNo(no) => (Some(no.as_str()), None),
            VoucherNumber::FreeTradeNo(no) => (None, Some(no.as_str())),
        };
        let there: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM voucher_orders WHERE merchant_id = ?1 AND merchant_trade_no IS ?2 AND free_trade_no IS ?3)",
        )
        .bind(self.merchant_id.as_str())
        .bind(sold)
        .bind(free)
        .fetch_one(&mut *tx)
        .await?;
        if there {
            return Err(LedgerError::Refused(format!("voucher order {} is in the ledger already", self.number)));
        }
        sqlx::query("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no) VALUES (?, ?, ?)")
            .bind(self.merchant_id.as_str())
            .bind(sold)
            .bind(free)
            .execute(tx)
            .await?;
        Ok(())
    }
}
