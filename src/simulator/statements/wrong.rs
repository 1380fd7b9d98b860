//! Rows that are not as the bank has them.

use chrono::NaiveTime;

use super::asked::{Asked, File};
use super::line::{Dates, Line};
use crate::domain::calendar::from_taipei;
use crate::simulator::bank::{Kind, StatementTerms, Terms};

pub fn alter(lines: &mut Vec<Line>, wrong: &StatementTerms, asked: &Asked, terms: &Terms) {
    if let Some(dropped) = &wrong.drops {
        lines.retain(|line| line.merchant_trade_no != dropped.as_str());
    }
    if let Some(changed) = &wrong.changes {
        lines.iter_mut().filter(|line| line.merchant_trade_no == changed.as_str()).for_each(|line| line.gross += 1);
    }
    if let Some(added) = &wrong.adds {
        let at = from_taipei(asked.from.and_time(NaiveTime::MIN));
        let amount = 777;
        let is_aio = asked.file == File::TradeNoAio;
        lines.push(Line {
            merchant_trade_no: added.as_str().to_owned(),
            trade_no: "2601010000000000".to_owned(),
            gwsr: 1,
            closing_no: 1,
            rate: terms.rate(Kind::Card),
            ordered_at: at,
            paid_at: Some(at),
            closed_on: Some(asked.from),
            settled_on: Some(asked.from),
            paid_out_on: Some(asked.from).filter(|_| asked.dates == Dates::PaidOut || !is_aio),
            gross: amount,
            fees: terms.fees(Kind::Card, amount),
            refunded: 0,
            refunded_on: None,
        });
    }
}
