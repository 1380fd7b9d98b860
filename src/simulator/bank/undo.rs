//! What the bank takes back after it was done: a refund that it refuses in the end, a capture that it
//! does not honour. No page tells how such a row looks afterwards; here it is canceled, or gone.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::order::{Authorization, Row};
use super::{Bank, BankError, Truth};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::status::CardStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// The newest refund; of this amount where one is told.
    Refund,
    /// The capture, as long as nothing of it was refunded: the order is authorized again.
    Capture,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    pub what: Undone,
    pub amount: Option<Twd>,
    /// The row is gone, and not only canceled.
    pub vanishes: bool,
    /// Nothing: the first authorization.
    pub trade_no: Option<TradeNo>,
}

impl Undo {
    /// The newest refund, whose row stays and is canceled.
    pub fn of(what: Undone) -> Self {
        Self { what, amount: None, vanishes: false, trade_no: None }
    }
}

impl Bank {
    pub fn undo(
        &mut self,
        merchant_id: &MerchantId,
        no: &MerchantTradeNo,
        undo: &Undo,
        now: DateTime<Utc>,
    ) -> Result<Truth, BankError> {
        self.advance(now);
        let place = self.book.place(merchant_id, no).ok_or_else(|| BankError::UnknownOrder(no.clone()))?;
        let wanted = &undo.trade_no;
        let mut authorizations = self.book.at_mut(place).authorizations.iter_mut();
        let authorization = authorizations.find(|a| wanted.as_ref().is_none_or(|wanted| a.trade_no == *wanted));
        let taken_back = authorization.and_then(|a| match undo.what {
            Undone::Refund => a.undo_refund(undo, now),
            Undone::Capture => a.undo_capture(undo, now).map(|()| 0),
        });
        let Some(taken_back) = taken_back else {
            let what = match undo.what {
                Undone::Refund => "refund",
                Undone::Capture => "capture",
            };
            return Err(BankError::NothingToUndo { no: no.clone(), what });
        };
        if let Some(balance) = self.merchants.get_mut(merchant_id).and_then(|terms| terms.balance.as_mut()) {
            *balance += taken_back;
        }
        Ok(self.entered(place, now))
    }
}

impl Authorization {
    /// How much went back to the merchant.
    fn undo_refund(&mut self, undo: &Undo, now: DateTime<Utc>) -> Option<i64> {
        let of_amount = |part: i64| undo.amount.is_none_or(|wanted| wanted.dollars() == part);
        let stands = |row: &Row| row.amount < 0 && row.status != CardStatus::Canceled && of_amount(-row.amount);
        let part = match self.rows.iter().rposition(stands) {
            Some(place) => -self.take_back(place, undo.vanishes, now).amount,
            // It made the capture row smaller.
            None => {
                let part = undo.amount.map_or(self.refunded, Twd::dollars);
                let shrunk = self.captured - self.rows.iter().filter(|r| r.amount > 0).map(|r| r.amount).max()?;
                let row = self.rows.iter_mut().rfind(|r| r.amount > 0).filter(|_| (1..=shrunk).contains(&part))?;
                row.amount += part;
                self.undone.push(Row { status: row.status, amount: -part, at: now });
                part
            }
        };
        self.refunded -= part;
        Some(part)
    }

    fn undo_capture(&mut self, undo: &Undo, now: DateTime<Utc>) -> Option<()> {
        if !self.status.is_closing() || self.refunded > 0 {
            return None;
        }
        let place = self.rows.iter().rposition(|row| row.amount > 0 && row.status.is_closing())?;
        self.take_back(place, undo.vanishes, now);
        if let Some(row) = self.rows.get_mut(place).filter(|_| !undo.vanishes) {
            // A canceled row would be read as a void order.
            row.status = CardStatus::OperationCanceled;
        }
        self.status = if undo.vanishes { CardStatus::Authorized } else { CardStatus::OperationCanceled };
        self.captured = 0;
        Some(())
    }

    /// The row as it stood.
    fn take_back(&mut self, place: usize, vanishes: bool, now: DateTime<Utc>) -> Row {
        let row = self.rows[place].clone();
        if vanishes {
            self.rows.remove(place);
        } else {
            self.rows[place].status = CardStatus::Canceled;
        }
        self.undone.push(Row { at: now, ..row.clone() });
        row
    }
}
