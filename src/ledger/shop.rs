//! What shops write by SQL, for the commands that do the same.

use super::db::{Db, params};
use super::{LedgerError, Write};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::order::CaptureMode;

pub struct AddOrder {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: Option<TradeNo>,
    pub expected_amount: Option<Twd>,
    pub installments: Option<i64>,
    pub capture: CaptureMode,
    pub memo: Option<String>,
}

impl Write for AddOrder {
    type Out = i64;

    fn apply(&self, tx: &Db) -> Result<i64, LedgerError> {
        let (merchant, number) = (self.merchant_id.as_str(), self.merchant_trade_no.as_str());
        let trade_no = self.trade_no.as_ref().map(TradeNo::as_str);
        let same = params! { merchant, number, trade_no };
        let there: bool = tx.one(include_str!("sql/order_is_there.sql"), same, |row| row.at(0))?;
        if there {
            return Err(LedgerError::Refused(format!("order {} is in the ledger already", self.merchant_trade_no)));
        }
        let order = params! {
            merchant,
            number,
            trade_no,
            expected_amount: self.expected_amount.map(Twd::dollars),
            installments: self.installments,
            capture: self.capture.word(),
            memo: self.memo,
        };
        let id = tx.one(include_str!("sql/add_order.sql"), order, |row| row.at(0))?;
        Ok(id)
    }
}

pub struct SetCapture {
    pub order_id: i64,
    pub capture: CaptureMode,
}

impl Write for SetCapture {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        tx.run(
            "UPDATE orders SET capture = :capture WHERE id = :order",
            params! { capture: self.capture.word(), order: self.order_id },
        )?;
        Ok(())
    }
}

pub struct QueueRefund {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// Of a later authorization of a recurring order.
    pub trade_no: Option<TradeNo>,
    pub amount: Option<Twd>,
    pub request_key: String,
    pub reason: Option<String>,
}

impl Write for QueueRefund {
    type Out = i64;

    fn apply(&self, tx: &Db) -> Result<i64, LedgerError> {
        let select = "SELECT intent_id FROM refunds WHERE request_key = :request_key";
        let used: Option<i64> = tx.maybe(select, params! { request_key: self.request_key }, |row| row.at(0))?;
        if let Some(refund) = used {
            let why = format!("request_key {} was used already, by refund {refund}", self.request_key);
            return Err(LedgerError::Refused(why));
        }
        let refund = params! {
            merchant: self.merchant_id.as_str(),
            number: self.merchant_trade_no.as_str(),
            trade_no: self.trade_no.as_ref().map(TradeNo::as_str),
            amount: self.amount.map(Twd::dollars),
            request_key: self.request_key,
            reason: self.reason,
        };
        let id = tx.one(include_str!("sql/queue_refund.sql"), refund, |row| row.at(0))?;
        Ok(id)
    }
}

pub struct CancelRefund {
    pub id: i64,
}

impl Write for CancelRefund {
    /// Whether it was not canceled before.
    type Out = bool;

    fn apply(&self, tx: &Db) -> Result<bool, LedgerError> {
        let (select, refund) = ("SELECT state FROM refunds WHERE intent_id = :refund", params! { refund: self.id });
        let state: Option<String> = tx.maybe(select, refund, |row| row.at(0))?;
        match state.as_deref() {
            None => Err(LedgerError::Refused(format!("there is no refund {}", self.id))),
            Some("canceled") => Ok(false),
            Some(state) => {
                let canceled = tx.run("UPDATE refund_intents SET cancel = 1 WHERE id = :refund", refund);
                canceled.map_err(|error| match LedgerError::from(error) {
                    LedgerError::Constraint(why) => {
                        LedgerError::Refused(format!("refund {} is {state}: {why}", self.id))
                    }
                    other => other,
                })?;
                Ok(true)
            }
        }
    }
}
