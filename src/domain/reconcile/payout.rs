//! What ECPay pays out on a day, by its own rounding.
//!
//! Fees have three decimals for each order; the day's sum is rounded, and half a dollar is dropped (vendor page
//! support.ecpay.com.tw/4809).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::statement::StatementKind;

/// One day's payout, as one kind of file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payout {
    pub day: NaiveDate,
    pub kind: StatementKind,
    pub rows: u64,
    /// NT$ paid by customers.
    pub gross: i64,
    /// NT$ given back to them.
    pub refunds: i64,
    /// Thousandths of a dollar, all fees together.
    pub fee_milli: i64,
    /// Whole dollars, as ECPay rounds them.
    pub fee: i64,
    /// Gross without refunds and fee.
    pub payout: i64,
    /// The same by ECPay's own net amounts. None: the file has none.
    pub ecpay: Option<i64>,
}

impl Payout {
    pub fn agrees(&self) -> bool {
        self.ecpay.is_none_or(|ecpay| ecpay == self.payout)
    }
}

/// Sums of the rows by day and kind.
#[derive(Clone, Debug, Default)]
pub struct Payouts(BTreeMap<(NaiveDate, usize), Sums>);

#[derive(Clone, Debug, Default)]
struct Sums {
    rows: u64,
    gross: i64,
    refunds: i64,
    fee_milli: i64,
    net_milli: Option<i64>,
}

impl Payouts {
    pub fn add(&mut self, day: NaiveDate, kind: StatementKind, gross: i64, fee_milli: i64, net_milli: Option<i64>) {
        let sums = self.0.entry((day, kind as usize)).or_default();
        sums.rows += 1;
        let side = if gross < 0 { &mut sums.refunds } else { &mut sums.gross };
        *side = side.saturating_add(gross.saturating_abs());
        sums.fee_milli = sums.fee_milli.saturating_add(fee_milli);
        if let Some(net) = net_milli {
            sums.net_milli = Some(sums.net_milli.unwrap_or_default().saturating_add(net));
        }
    }

    pub fn end(self) -> Vec<Payout> {
        let kinds = StatementKind::ALL;
        let days = self.0.into_iter().filter_map(|((day, kind), sums)| Some(sums.payout(day, *kinds.get(kind)?)));
        days.collect()
    }
}

impl Sums {
    fn payout(self, day: NaiveDate, kind: StatementKind) -> Payout {
        let Self { rows, gross, refunds, fee_milli, net_milli } = self;
        let kept = gross.saturating_sub(refunds);
        let fee = half_down(fee_milli);
        // By the fees that the net amounts leave: it is their sum that ECPay rounds.
        let ecpay = net_milli.map(|net| kept - half_down(kept.saturating_mul(1000).saturating_sub(net)));
        Payout { day, kind, rows, gross, refunds, fee_milli, fee, payout: kept - fee, ecpay }
    }
}

/// Whole dollars of thousandths; half a dollar is dropped, whichever sign it has.
pub fn half_down(milli: i64) -> i64 {
    milli.signum() * (milli.saturating_abs().saturating_add(499) / 1000)
}
