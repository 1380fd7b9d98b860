//! Every unfinished order looked at anew, for a person who asks.
//!
//! The ledger only makes them due: whoever holds its lease does the looks, in its own pace.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::db::{Text, from_columns, params};
use super::times::ms;
use super::{Ledger, LedgerError, Write};
use crate::domain::ids::MerchantId;

/// So many orders are read in one go.
const PAGE: usize = 500;

/// What the ledger shows of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    #[serde(skip)]
    pub order_id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub state: String,
    pub amount: Option<i64>,
    pub captured_amount: i64,
    pub refunded_amount: i64,
    /// Of the last look, where that told nothing.
    pub last_error: Option<Text>,
    /// No look has been answered since the orders were made due.
    #[serde(skip)]
    pub waits: bool,
    /// The look has failed since.
    #[serde(skip)]
    pub failed: bool,
}

from_columns!(Shown: order_id, merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount, refunded_amount,
    last_error, waits, failed);

/// A movement of money that no call of ours explains, or what somebody did at ECPay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Foreign {
    #[serde(skip)]
    pub order_id: i64,
    pub kind: String,
    pub amount: i64,
}

from_columns!(Foreign: order_id, kind, amount);

/// Makes every unfinished order of the merchants due for a look.
pub struct LookAnew {
    /// None: of all.
    pub merchant_id: Option<MerchantId>,
}

/// Where the books were when the orders were made due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookMark {
    movement: i64,
}

impl Write for LookAnew {
    type Out = LookMark;

    fn apply(&self, tx: &super::Db) -> Result<LookMark, LedgerError> {
        let movement = tx.one("SELECT coalesce(max(id), 0) FROM journal", &[], |row| row.at(0))?;
        tx.run(
            include_str!("sql/look_anew.sql"),
            params! { merchant: self.merchant_id.as_ref().map(MerchantId::as_str) },
        )?;
        Ok(LookMark { movement })
    }
}

impl Ledger {
    /// The unfinished orders that a look may tell something new of, as they are shown now.
    pub async fn unfinished_shown(
        &self,
        merchant: Option<&MerchantId>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Shown>, LedgerError> {
        let of = params! { merchant: merchant.map(MerchantId::as_str), since: ms(since) };
        self.ask(|db| Ok(db.all(include_str!("sql/unfinished_shown.sql"), of, |row| row.try_into())?)).await
    }

    /// How many of them still wait for a look since then.
    pub async fn looks_awaited(&self, merchant: Option<&MerchantId>, since: DateTime<Utc>) -> Result<u64, LedgerError> {
        let of = params! { merchant: merchant.map(MerchantId::as_str), since: ms(since) };
        let count: i64 = self.ask(|db| Ok(db.one(include_str!("sql/looks_awaited.sql"), of, |row| row.at(0))?)).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// What is shown of these orders now, finished or not.
    pub async fn shown(&self, orders: &[i64], since: DateTime<Utc>) -> Result<Vec<Shown>, LedgerError> {
        let mut all = Vec::new();
        for page in orders.chunks(PAGE) {
            let ids = serde_json::to_string(page).unwrap_or_default();
            let of = params! { ids, since: ms(since) };
            all.extend(
                self.ask(|db| Ok(db.all(include_str!("sql/shown_orders.sql"), of, |row| row.try_into())?)).await?,
            );
        }
        Ok(all)
    }

    /// What has moved since without a call of ours.
    pub async fn moved_by_others(&self, mark: LookMark) -> Result<Vec<Foreign>, LedgerError> {
        let of = params! { after: mark.movement };
        self.ask(|db| Ok(db.all(include_str!("sql/moved_by_others.sql"), of, |row| row.try_into())?)).await
    }
}
