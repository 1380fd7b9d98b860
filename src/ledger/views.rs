//! The views that shops read, for the commands that print them. Field names are the views' columns.

use serde::Serialize;

use super::db::{Db, Json, Text, from_columns, params};
use super::{Ledger, LedgerError};

#[derive(Clone, Debug, Serialize)]
pub struct OrderStatus {
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub state: String,
    pub amount: Option<i64>,
    pub captured_amount: i64,
    pub refunded_amount: i64,
    pub payment_type: Option<String>,
    pub capture: String,
    pub authorized_at: Option<String>,
    pub capture_by: Option<String>,
    pub expires_at: Option<String>,
    pub next_step: Option<String>,
    pub next_step_at: Option<String>,
    pub last_checked_at: Option<String>,
    pub last_error: Option<String>,
    pub registered_at: String,
    pub captured_at: Option<String>,
    pub memo: Option<Text>,
    pub rule: String,
    pub reason: Option<Json>,
}

from_columns!(
    OrderStatus:
    merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount, refunded_amount, payment_type,
    capture, authorized_at, capture_by, expires_at, next_step, next_step_at, last_checked_at, last_error,
    registered_at, captured_at, memo, rule, reason
);

#[derive(Clone, Debug, Serialize)]
pub struct RefundStatus {
    pub id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub amount: Option<i64>,
    pub request_key: Text,
    pub state: String,
    pub refunded_amount: i64,
    pub method: Option<String>,
    pub detail: String,
    pub created_at: String,
    pub updated_at: String,
    pub rule: String,
    pub reason: Option<Json>,
    pub ended_at: Option<String>,
    pub comment: Option<Text>,
}

from_columns!(
    RefundStatus:
    id, merchant_id, merchant_trade_no, amount, request_key, state, refunded_amount, method, detail, created_at,
    updated_at, rule, reason, ended_at, comment
);

#[derive(Clone, Debug, Serialize)]
pub struct OpenAlert {
    pub id: i64,
    pub kind: String,
    pub severity: String,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub message: String,
    pub raised_at: String,
    pub acked_by: Option<String>,
    pub rule: String,
    pub reason: Option<Json>,
}

from_columns!(OpenAlert: id, kind, severity, merchant_id, merchant_trade_no, message, raised_at, acked_by, rule, reason);

#[derive(Clone, Debug, Serialize)]
pub struct OrderEvent {
    pub id: i64,
    pub at: String,
    pub merchant_id: Option<String>,
    pub merchant_trade_no: Option<String>,
    pub kind: String,
    pub detail: Text,
}

from_columns!(OrderEvent: id, at, merchant_id, merchant_trade_no, kind, detail);

/// One money call, with what the accountant wants to see of it.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptRow {
    pub id: i64,
    pub refund_id: Option<i64>,
    pub action: String,
    pub amount: i64,
    pub trade_no: String,
    pub state: String,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub code: Option<i64>,
    pub text: String,
    pub resolved_by: Option<String>,
}

from_columns!(
    AttemptRow:
    id, refund_id, action, amount, trade_no, state, started_at, finished_at, code, text, resolved_by
);

/// What of an order's money has moved; see the view `movements`.
#[derive(Clone, Debug, Serialize)]
pub struct MovementRow {
    pub id: i64,
    pub day: String,
    pub at: String,
    pub kind: String,
    pub amount: i64,
    pub by: String,
    pub attempt_id: Option<i64>,
    pub refund_id: Option<i64>,
    pub gateway_at: Option<String>,
}

from_columns!(MovementRow: id, day, at, kind, amount, by, attempt_id, refund_id, gateway_at);

#[derive(Clone, Debug, Serialize)]
pub struct Count {
    pub state: String,
    pub count: i64,
}

from_columns!(Count: state, count);

#[derive(Clone, Debug, Serialize)]
pub struct MerchantRow {
    pub merchant_id: String,
    pub configured: bool,
    pub silent_until: Option<String>,
}

from_columns!(MerchantRow: merchant_id, configured, silent_until);

/// An order as a command found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOrder {
    pub id: i64,
    pub merchant_id: String,
    /// As the shop registered it; none for the order itself.
    pub asked_trade_no: Option<String>,
    pub trade_no: Option<String>,
}

from_columns!(FoundOrder: id, merchant_id, asked_trade_no, trade_no);

/// The other row of `orders`, if there is one, that follows this authorization.
pub(super) fn followed_by_another(
    db: &Db,
    order_id: i64,
    merchant_id: &str,
    trade_no: &str,
) -> Result<Option<i64>, LedgerError> {
    let what = params! { merchant: merchant_id, trade_no, order: order_id };
    Ok(db.maybe(include_str!("sql/same_authorization.sql"), what, |row| row.at(0))?)
}

impl Ledger {
    /// All orders with this MerchantTradeNo, at every merchant unless one is named.
    pub async fn find_orders(
        &self,
        merchant_trade_no: &str,
        merchant: Option<&str>,
    ) -> Result<Vec<FoundOrder>, LedgerError> {
        self.ask(|db| {
            let what = params! { number: merchant_trade_no, merchant };
            Ok(db.all(include_str!("sql/find_orders.sql"), what, |row| row.try_into())?)
        })
        .await
    }

    /// Another row of the ledger that follows the same authorization.
    pub async fn same_authorization(
        &self,
        order_id: i64,
        merchant_id: &str,
        trade_no: &str,
    ) -> Result<Option<i64>, LedgerError> {
        self.ask(|db| followed_by_another(db, order_id, merchant_id, trade_no)).await
    }

    pub async fn order_status(&self, order_id: i64) -> Result<OrderStatus, LedgerError> {
        self.ask(|db| {
            Ok(db.one("SELECT * FROM order_rows WHERE order_id = :order", params! { order: order_id }, |row| {
                row.try_into()
            })?)
        })
        .await
    }

    /// A page of orders, newest first.
    ///
    /// A condition that may be absent keeps SQLite from an index: of a state that no order is in, or
    /// of a merchant without orders, the whole ledger would be read. So there are three statements.
    pub async fn list_orders(
        &self,
        state: Option<&str>,
        merchant: Option<&str>,
        limit: i64,
    ) -> Result<Vec<OrderStatus>, LedgerError> {
        self.ask(|db| {
            let rows = match (state, merchant) {
                (Some(state), _) => {
                    let page = params! { state, merchant, limit };
                    db.all(include_str!("sql/list_orders_in_state.sql"), page, |row| row.try_into())
                }
                (None, Some(merchant)) => {
                    let page = params! { merchant, limit };
                    db.all(include_str!("sql/list_orders_of_merchant.sql"), page, |row| row.try_into())
                }
                (None, None) => db.all(include_str!("sql/list_orders.sql"), params! { limit }, |row| row.try_into()),
            };
            Ok(rows?)
        })
        .await
    }

    pub async fn refunds_of(&self, order_id: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        self.ask(
            |db| Ok(db.all(include_str!("sql/refunds_of.sql"), params! { order: order_id }, |row| row.try_into())?),
        )
        .await
    }

    pub async fn open_refunds(&self, limit: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/open_refunds.sql"), params! { limit }, |row| row.try_into())?)).await
    }

    /// How many refunds and alerts are open.
    pub async fn open_counts(&self) -> Result<(i64, i64), LedgerError> {
        self.ask(|db| db.one(include_str!("sql/open_counts.sql"), &[], |row| Ok(row.try_into()?))).await
    }

    pub async fn attempts_of(&self, order_id: i64) -> Result<Vec<AttemptRow>, LedgerError> {
        self.ask(|db| {
            Ok(db.all(include_str!("sql/attempts_of.sql"), params! { order: order_id }, |row| row.try_into())?)
        })
        .await
    }

    pub async fn movements_of(&self, order_id: i64) -> Result<Vec<MovementRow>, LedgerError> {
        self.ask(|db| {
            Ok(db.all(include_str!("sql/movements_of.sql"), params! { order: order_id }, |row| row.try_into())?)
        })
        .await
    }

    pub async fn events_of(&self, order_id: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/events_of.sql"), params! { order: order_id }, |row| row.try_into())?))
            .await
    }

    /// Open alerts, the loudest first.
    pub async fn alerts(&self, limit: i64) -> Result<Vec<OpenAlert>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/alerts.sql"), params! { limit }, |row| row.try_into())?)).await
    }

    pub async fn counts_by_state(&self) -> Result<Vec<Count>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/count_orders.sql"), &[], |row| row.try_into())?)).await
    }

    /// The next money steps that are foreseen by deadline.
    pub async fn next_deadlines(&self, limit: i64) -> Result<Vec<OrderStatus>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/next_deadlines.sql"), params! { limit }, |row| row.try_into())?))
            .await
    }

    pub async fn merchants(&self) -> Result<Vec<MerchantRow>, LedgerError> {
        self.ask(|db| Ok(db.all(include_str!("sql/merchants.sql"), &[], |row| row.try_into())?)).await
    }

    /// When the next step of any merchant in the settings is due.
    pub async fn next_step_at(&self) -> Result<Option<chrono::DateTime<chrono::Utc>>, LedgerError> {
        self.ask(|db| {
            let next: Option<i64> = db.one(include_str!("sql/next_step_at.sql"), &[], |row| row.at(0))?;
            Ok(next.map(super::times::from_ms))
        })
        .await
    }
}
