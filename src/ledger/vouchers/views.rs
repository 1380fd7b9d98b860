//! The views of voucher orders, for the commands that print them.

use serde::Serialize;

use crate::domain::ids::MerchantId;
use crate::domain::voucher::VoucherNumber;
use crate::ledger::db::{Db, from_columns, params};
use crate::ledger::views::{Count, OrderEvent};
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
    pub async fn find_vouchers(&self, number: &str, merchant: Option<&str>) -> Result<Vec<FoundVoucher>, LedgerError> {
        self.ask(|db| {
            let what = params! { number, merchant };
            Ok(db.all(include_str!("../sql/find_vouchers.sql"), what, |row| row.try_into())?)
        })
        .await
    }

    /// The voucher order that a card order paid for.
    pub async fn voucher_of(&self, order_id: i64) -> Result<Option<i64>, LedgerError> {
        self.ask(|db| {
            let select = include_str!("../sql/voucher_of_order.sql");
            Ok(db.maybe(select, params! { order: order_id }, |row| row.at(0))?)
        })
        .await
    }

    pub async fn voucher_status(&self, voucher_id: i64) -> Result<VoucherStatus, LedgerError> {
        self.ask(|db| {
            let select = include_str!("../sql/voucher_status.sql");
            Ok(db.one(select, params! { voucher: voucher_id }, |row| row.try_into())?)
        })
        .await
    }

    pub async fn next_look(&self, voucher_id: i64) -> Result<NextLook, LedgerError> {
        self.ask(|db| {
            let select = include_str!("../sql/next_look.sql");
            Ok(db.one(select, params! { voucher: voucher_id }, |row| row.try_into())?)
        })
        .await
    }

    /// A page of voucher orders, newest first. Three statements, each by its own index; see [`Ledger::list_orders`].
    pub async fn list_vouchers(
        &self,
        state: Option<&str>,
        merchant: Option<&str>,
        limit: i64,
    ) -> Result<Vec<VoucherStatus>, LedgerError> {
        self.ask(|db| {
            let rows = match (state, merchant) {
                (Some(state), _) => {
                    let page = params! { state, merchant, limit };
                    db.all(include_str!("../sql/list_vouchers_in_state.sql"), page, |row| row.try_into())
                }
                (None, Some(merchant)) => {
                    let page = params! { merchant, limit };
                    db.all(include_str!("../sql/list_vouchers_of_merchant.sql"), page, |row| row.try_into())
                }
                (None, None) => {
                    db.all(include_str!("../sql/list_vouchers.sql"), params! { limit }, |row| row.try_into())
                }
            };
            Ok(rows?)
        })
        .await
    }

    pub async fn tickets_of(&self, voucher_id: i64) -> Result<Vec<TicketRow>, LedgerError> {
        self.ask(|db| {
            let select = include_str!("../sql/tickets_of.sql");
            Ok(db.all(select, params! { voucher: voucher_id }, |row| row.try_into())?)
        })
        .await
    }

    pub async fn voucher_events(&self, voucher_id: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        self.ask(|db| {
            let select = include_str!("../sql/voucher_events.sql");
            Ok(db.all(select, params! { voucher: voucher_id }, |row| row.try_into())?)
        })
        .await
    }

    pub async fn vouchers_by_state(&self) -> Result<Vec<Count>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("../sql/count_vouchers.sql"), &[], |row| row.try_into())?)).await
    }
}

/// What shops write by SQL, for the command that does the same.
pub struct AddVoucher {
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
}

impl Write for AddVoucher {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let (sold, free) = match &self.number {
            VoucherNumber::MerchantTradeNo(no) => (Some(no.as_str()), None),
            VoucherNumber::FreeTradeNo(no) => (None, Some(no.as_str())),
        };
        let order = params! { merchant: self.merchant_id.as_str(), sold, free };
        let there: bool = tx.one(include_str!("../sql/voucher_is_there.sql"), order, |row| row.at(0))?;
        if there {
            return Err(LedgerError::Refused(format!("voucher order {} is in the ledger already", self.number)));
        }
        tx.run(include_str!("../sql/add_voucher.sql"), order)?;
        Ok(())
    }
}
