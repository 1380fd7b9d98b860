//! The views of voucher orders, for the commands that print them.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::domain::ids::MerchantId;
use crate::domain::voucher::VoucherNumber;
use crate::ledger::sql::{Sql as _, from_columns};
use crate::ledger::views::{Count, OrderEvent, wanted};
use crate::ledger::{Ledger, LedgerError, Write};

#[derive(Clone, Debug, Serialize)]
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

from_columns!(
    VoucherStatus:
    merchant_id, merchant_trade_no, free_trade_no, voucher_trade_no, state, trade_amount, redeemed_amount,
    refunded_amount, refund_confirmed_amount, unused_amount, last_checked_at, last_error
);

#[derive(Clone, Debug, Serialize)]
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

from_columns!(
    TicketRow:
    ticket_no, item_no, item_name, kind, amount, use_status, starts_on, expires_on, redeemed_at, refunded_at
);

/// A voucher order as a command found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundVoucher {
    pub id: i64,
    pub merchant_id: String,
    pub free: bool,
}

from_columns!(FoundVoucher: id, merchant_id, free);

/// When it is looked at next, and by which rule.
#[derive(Clone, Debug, Serialize)]
pub struct NextLook {
    pub next_look_at: Option<String>,
    pub rule: String,
    /// The shop has not taken the guard of its card order back.
    pub guard: bool,
}

from_columns!(NextLook: next_look_at, rule, guard);

impl Ledger {
    /// All voucher orders with this number, sold or given away.
    pub fn find_vouchers(&self, number: &str, merchant: Option<&str>) -> Result<Vec<FoundVoucher>, LedgerError> {
        let db = self.reader();
        Ok(db.all(
            "SELECT v.id, v.merchant_id, v.free_trade_no IS NOT NULL AS free
               FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id
              WHERE s.number = ?1 AND (?2 IS NULL OR s.merchant_id = ?2) ORDER BY v.id",
            params![number, merchant],
            |row| row.try_into(),
        )?)
    }

    /// The voucher order that a card order paid for.
    pub fn voucher_of(&self, order_id: i64) -> Result<Option<i64>, LedgerError> {
        let db = self.reader();
        let select = "SELECT v.id FROM orders o JOIN voucher_orders v ON v.merchant_trade_no = o.merchant_trade_no AND v.merchant_id = o.merchant_id
              WHERE o.id = ?";
        Ok(db.maybe(select, params![order_id], |row| row.get(0))?)
    }

    pub fn voucher_status(&self, voucher_id: i64) -> Result<VoucherStatus, LedgerError> {
        let db = self.reader();
        Ok(db.one(
            "SELECT s.* FROM voucher_orders v JOIN voucher_status s ON s.merchant_id = v.merchant_id
                AND s.merchant_trade_no IS v.merchant_trade_no AND s.free_trade_no IS v.free_trade_no WHERE v.id = ?",
            params![voucher_id],
            |row| row.try_into(),
        )?)
    }

    pub fn next_look(&self, voucher_id: i64) -> Result<NextLook, LedgerError> {
        let db = self.reader();
        let select = "SELECT strftime('%Y-%m-%d %H:%M:%S', s.next_at / 1000 + 28800, 'unixepoch') AS next_look_at, s.rule, v.guard
               FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id WHERE s.voucher_id = ?";
        Ok(db.one(select, params![voucher_id], |row| row.try_into())?)
    }

    /// A page of voucher orders, newest first.
    pub fn list_vouchers(
        &self,
        state: Option<&str>,
        merchant: Option<&str>,
        limit: i64,
    ) -> Result<Vec<VoucherStatus>, LedgerError> {
        let db = self.reader();
        let wanted = wanted(state, merchant);
        let select = format!(
            "SELECT s.* FROM (SELECT s.voucher_id FROM voucher_state s WHERE {wanted} ORDER BY s.voucher_id DESC LIMIT ?3 + 0) page
               JOIN voucher_orders v ON v.id = page.voucher_id
               JOIN voucher_status s ON s.merchant_id = v.merchant_id AND s.merchant_trade_no IS v.merchant_trade_no AND s.free_trade_no IS v.free_trade_no
              ORDER BY page.voucher_id DESC"
        );
        Ok(db.all(&select, params![state, merchant, limit], |row| row.try_into())?)
    }

    pub fn tickets_of(&self, voucher_id: i64) -> Result<Vec<TicketRow>, LedgerError> {
        let db = self.reader();
        Ok(db.all(
            "SELECT ticket_no, item_no, item_name, kind, amount, use_status, starts_on, expires_on,
                    strftime('%Y-%m-%d %H:%M:%S', redeemed_at / 1000 + 28800, 'unixepoch') AS redeemed_at,
                    strftime('%Y-%m-%d %H:%M:%S', refunded_at / 1000 + 28800, 'unixepoch') AS refunded_at
               FROM tickets WHERE voucher_id = ? AND listed = 1 ORDER BY ticket_no",
            params![voucher_id],
            |row| row.try_into(),
        )?)
    }

    pub fn voucher_events(&self, voucher_id: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        let db = self.reader();
        Ok(db.all(
            "SELECT v.* FROM events e JOIN order_events v ON v.id = e.id WHERE e.voucher_id = ? ORDER BY e.id",
            params![voucher_id],
            |row| row.try_into(),
        )?)
    }

    pub fn vouchers_by_state(&self) -> Result<Vec<Count>, LedgerError> {
        let db = self.reader();
        let select =
            "SELECT state, sum(count) AS count FROM voucher_counts WHERE count > 0 GROUP BY state ORDER BY state";
        Ok(db.all(select, [], |row| row.try_into())?)
    }
}

/// What shops write by SQL, for the command that does the same.
pub struct AddVoucher {
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
}

impl Write for AddVoucher {
    type Out = ();

    fn apply(&self, tx: &Connection) -> Result<(), LedgerError> {
        let (sold, free) = match &self.number {
            VoucherNumber::MerchantTradeNo(no) => (Some(no.as_str()), None),
            VoucherNumber::FreeTradeNo(no) => (None, Some(no.as_str())),
        };
        let select = "SELECT EXISTS (SELECT 1 FROM voucher_orders WHERE merchant_id = ?1 AND merchant_trade_no IS ?2 AND free_trade_no IS ?3)";
        let there: bool = tx.one(select, params![self.merchant_id.as_str(), sold, free], |row| row.get(0))?;
        if there {
            return Err(LedgerError::Refused(format!("voucher order {} is in the ledger already", self.number)));
        }
        tx.run(
            "INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no) VALUES (?, ?, ?)",
            params![self.merchant_id.as_str(), sold, free],
        )?;
        Ok(())
    }
}
