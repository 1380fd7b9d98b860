//! What the bank knows of one capture, one refund or one order, as files tell it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{from_taipei, taipei_date};
use crate::domain::status::CardStatus;
use crate::simulator::bank::{Authorization, Fees, Kind, Order, Payment, Terms, given_back, working_day};

/// The hour from which a settlement day's rows can be had (vendor page 信用卡撥款對帳, ?p=2898).
const OUT_AT_HOUR: u32 = 14;

/// Which of a row's days the range is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dates {
    Ordered,
    Paid,
    Closed,
    Settled,
    PaidOut,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub merchant_trade_no: String,
    pub trade_no: String,
    /// 0: not by card.
    pub gwsr: i64,
    /// 關帳單號
    pub closing_no: i64,
    pub rate: String,
    pub ordered_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    pub closed_on: Option<NaiveDate>,
    pub settled_on: Option<NaiveDate>,
    /// None as long as the day lies ahead.
    pub paid_out_on: Option<NaiveDate>,
    /// Below 0: a refund.
    pub gross: i64,
    pub fees: Fees,
    /// In a file that has one row for an order.
    pub refunded: i64,
    pub refunded_on: Option<NaiveDate>,
}

impl Line {
    pub fn day(&self, dates: Dates) -> Option<NaiveDate> {
        match dates {
            Dates::Ordered => Some(taipei_date(self.ordered_at)),
            Dates::Paid => self.paid_at.map(taipei_date),
            Dates::Closed => self.closed_on,
            Dates::Settled => self.settled_on,
            Dates::PaidOut => self.paid_out_on,
        }
    }

    pub fn is_by_card(&self) -> bool {
        self.gwsr > 0
    }

    pub fn payment_code(&self) -> &'static str {
        if self.is_by_card() { "01" } else { "03" }
    }

    /// What is paid out, in thousandths of NT$.
    pub fn net(&self) -> i64 {
        (self.gross - self.refunded) * 1000 - self.fees.service - self.fees.process
    }

    fn of(order: &Order, terms: &Terms) -> Self {
        Self {
            merchant_trade_no: order.merchant_trade_no.as_str().to_owned(),
            trade_no: order.trade_no.as_str().to_owned(),
            gwsr: 0,
            closing_no: 0,
            rate: terms.rate(order.kind),
            ordered_at: order.created_at,
            paid_at: match order.payment {
                Payment::Paid(at) => Some(at),
                Payment::Unpaid | Payment::BankPending | Payment::Unauthorized => None,
            },
            closed_on: None,
            settled_on: None,
            paid_out_on: None,
            gross: order.amount.dollars(),
            fees: terms.fees(order.kind, order.amount.dollars()),
            refunded: 0,
            refunded_on: None,
        }
    }

    /// Settled on the first working day after, as far as that is out by now.
    fn settled(self, closed_on: NaiveDate, terms: &Terms, now: DateTime<Utc>) -> Option<Self> {
        let settled_on = working_day(closed_on + Days::new(1));
        let out_at = settled_on.and_time(NaiveTime::from_hms_opt(OUT_AT_HOUR, 0, 0).unwrap_or_default());
        if from_taipei(out_at) > now {
            return None;
        }
        let paid_out_on = Some(terms.paid_out_on(settled_on)).filter(|day| *day <= taipei_date(now));
        Some(Self { closed_on: Some(closed_on), settled_on: Some(settled_on), paid_out_on, ..self })
    }
}

/// Each capture and each refund that was claimed from the bank is a row of its own; what is not by card is settled
/// when it is paid.
pub fn settled(order: &Order, terms: &Terms, now: DateTime<Utc>) -> Vec<Line> {
    if order.kind == Kind::Atm {
        let line = Line::of(order, terms);
        let paid_on = line.paid_at.map(taipei_date);
        return paid_on.and_then(|day| line.settled(day, terms, now)).into_iter().collect();
    }
    order.authorizations.iter().flat_map(|a| of_authorization(order, a, terms, now)).collect()
}

fn of_authorization(order: &Order, a: &Authorization, terms: &Terms, now: DateTime<Utc>) -> Vec<Line> {
    let own = terms.fees(order.kind, a.amount.dollars());
    let mut refunded = 0;
    let mut lines = Vec::new();
    for (place, row) in a.rows.iter().enumerate().filter(|(_, row)| row.status == CardStatus::Captured) {
        let fees = if row.amount < 0 {
            let service = given_back(own.service, a.amount.dollars(), refunded, -row.amount);
            refunded -= row.amount;
            Fees { service, process: 0 }
        } else {
            terms.fees(order.kind, row.amount)
        };
        let line = Line {
            trade_no: a.trade_no.as_str().to_owned(),
            gwsr: a.gwsr,
            closing_no: a.gwsr * 10 + i64::try_from(place).unwrap_or(0) + 1,
            ordered_at: a.authorized_at,
            gross: row.amount,
            fees,
            ..Line::of(order, terms)
        };
        lines.extend(line.settled(taipei_date(row.at), terms, now));
    }
    lines
}

/// One row for an order, for each period of a recurring one. A void order leaves none.
pub fn of_order(order: &Order, terms: &Terms, now: DateTime<Utc>) -> Vec<Line> {
    if order.kind == Kind::Atm || order.authorizations.is_empty() {
        let settled = settled(order, terms, now);
        return if settled.is_empty() { vec![Line::of(order, terms)] } else { settled };
    }
    let of = |a: &Authorization| {
        let rows = of_authorization(order, a, terms, now);
        let capture = rows.iter().find(|line| line.gross > 0);
        let refunds: Vec<_> = rows.iter().filter(|line| line.gross < 0).collect();
        let back: i64 = refunds.iter().map(|line| line.fees.service).sum();
        let own = terms.fees(order.kind, a.amount.dollars());
        Line {
            trade_no: a.trade_no.as_str().to_owned(),
            gwsr: a.gwsr,
            ordered_at: a.authorized_at,
            paid_at: (a.status != CardStatus::Unauthorized).then_some(a.authorized_at),
            paid_out_on: capture.and_then(|line| line.paid_out_on),
            fees: Fees { service: own.service + back, ..own },
            refunded: refunds.iter().map(|line| -line.gross).sum(),
            refunded_on: refunds.last().and_then(|line| line.closed_on),
            ..Line::of(order, terms)
        }
    };
    order.authorizations.iter().filter(|a| a.status != CardStatus::Canceled).map(of).collect()
}
