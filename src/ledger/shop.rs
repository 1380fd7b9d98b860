//! What shops write by SQL, for the commands that do the same.

use sqlx::SqliteConnection;

use super::{LedgerError, Write};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::order::CaptureMode;

pub struct AddOrder {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: Option<TradeNo>,
    pub expected_amount: Option<Twd>,
    pub capture: CaptureMode,
    pub memo: Option<String>,
}

impl Write for AddOrder {
    type Out = i64;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<i64, LedgerError> {
        let there: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM orders WHERE merchant_id = ? AND merchant_trade_no = ? AND trade_no IS ?",
        )
        .bind(self.merchant_id.as_str())
        .bind(self.merchant_trade_no.as_str())
        .bind(self.trade_no.as_ref().map(TradeNo::as_str))
        .fetch_one(&mut *tx)
        .await?;
        if there > 0 {
            return Err(LedgerError::Refused(format!("order {} is in the ledger already", self.merchant_trade_no)));
        }
        let id = sqlx::query_scalar(
            "INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, expected_amount, capture, memo) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(self.merchant_id.as_str())
        .bind(self.merchant_trade_no.as_str())
        .bind(self.trade_no.as_ref().map(TradeNo::as_str))
        .bind(self.expected_amount.map(Twd::dollars))
        .bind(self.capture.word())
        .bind(&self.memo)
        .fetch_one(tx)
        .await?;
        Ok(id)
    }
}

pub struct SetCapture {
    pub order_id: i64,
    pub capture: CaptureMode,
}

impl Write for SetCapture {
    type Out = ();

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<(), LedgerError> {
        sqlx::query("UPDATE orders SET capture = ? WHERE id = ?")
            .bind(self.capture.word())
            .bind(self.order_id)
            .execute(tx)
            .await?;
        Ok(())
    }
}

pub struct QueueRefund {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub amount: Option<Twd>,
    pub request_key: String,
    pub reason: Option<String>,
}

impl Write for QueueRefund {
    type Out = i64;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<i64, LedgerError> {
        let used: Option<i64> = sqlx::query_scalar("SELECT intent_id FROM refunds WHERE request_key = ?")
            .bind(&self.request_key)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(refund) = used {
            let why = format!("request_key {} was used already, by refund {refund}", self.request_key);
            return Err(LedgerError::Refused(why));
        }
        let id = sqlx::query_scalar(
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason) VALUES (?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(self.merchant_id.as_str())
        .bind(self.merchant_trade_no.as_str())
        .bind(self.amount.map(Twd::dollars))
        .bind(&self.request_key)
        .bind(&self.reason)
        .fetch_one(tx)
        .await?;
        Ok(id)
    }
}
