//! A refund typed twice: without a key of its own nothing tells the second from the first.

use std::io::{BufRead, IsTerminal as _, Write};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use crate::cli::{Failure, now};
use crate::domain::calendar;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::refund::RefundState;
use crate::ledger::Ledger;
use crate::ledger::views::RefundStatus;

/// An ended refund is no longer mistaken for the one that is typed.
const RECENT: Duration = Duration::hours(1);

/// The newest refund of the order that the one to be queued could be a repetition of.
pub(super) async fn find(
    ledger: &Ledger,
    merchant_id: &MerchantId,
    trade_no: &MerchantTradeNo,
    authorization: Option<&TradeNo>,
    amount: Option<Twd>,
) -> Result<Option<RefundStatus>, Failure> {
    let meant = authorization.map(TradeNo::as_str);
    let orders = ledger.find_orders(trade_no.as_str(), Some(merchant_id.as_str())).await?;
    let own = orders.iter().find(|order| order.asked_trade_no.as_deref() == meant);
    let named = orders.iter().find(|order| meant.is_some() && order.trade_no.as_deref() == meant);
    let Some(order) = own.or(named) else { return Ok(None) };
    let status = ledger.order_status(order.id).await?;
    let left = status.amount.map(|amount| amount - status.refunded_amount);
    let refunds = ledger.refunds_of(order.id).await?;
    Ok(refunds.into_iter().rev().find(|refund| is_twin(refund, amount.map(Twd::dollars), left, now())))
}

/// `left` is what is left of the order, where that is known: what a refund without an amount asks for.
fn is_twin(refund: &RefundStatus, asked: Option<i64>, left: Option<i64>, now: DateTime<Utc>) -> bool {
    let whole = |amount: Option<i64>| amount.or(left);
    let same = refund.amount == asked || (whole(refund.amount).is_some() && whole(refund.amount) == whole(asked));
    let open = RefundState::parse(&refund.state).is_some_and(RefundState::is_open);
    let created = NaiveDateTime::parse_from_str(&refund.created_at, "%Y-%m-%d %H:%M:%S").map(calendar::from_taipei);
    // A time that cannot be read is no reason to let the repetition pass.
    same && (open || created.map_or(true, |created| now - created < RECENT))
}

/// Asks on a terminal and refuses elsewhere.
pub(super) fn ask(trade_no: &MerchantTradeNo, twin: &RefundStatus) -> Result<(), Failure> {
    let what = twin.amount.map_or_else(|| "all that is left".to_owned(), |amount| format!("NT${amount}"));
    let there = format!(
        "order {trade_no} has refund {} of {what} already, asked for at {} and {}",
        twin.id, twin.created_at, twin.state
    );
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(Failure::Problem(format!("{there}: if another one is meant, give it a --key of its own")));
    }
    match agrees(&there, &mut std::io::stdin().lock(), &mut std::io::stderr()) {
        true => Ok(()),
        false => Err(Failure::Problem("nothing was queued".to_owned())),
    }
}

/// Only a yes is one; the end of the input is none.
fn agrees(there: &str, answers: &mut impl BufRead, screen: &mut impl Write) -> bool {
    let mut answer = String::new();
    let asked = write!(screen, "{there}. Queue another one? [y/N] ").and_then(|()| screen.flush());
    asked.and_then(|()| answers.read_line(&mut answer)).is_ok()
        && ["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        calendar::from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
    }

    fn refund(amount: Option<i64>, state: &str) -> RefundStatus {
        RefundStatus {
            id: 7,
            merchant_id: "3002607".to_owned(),
            merchant_trade_no: "A1".to_owned(),
            amount,
            request_key: Default::default(),
            state: state.to_owned(),
            refunded_amount: 0,
            method: None,
            detail: String::new(),
            created_at: "2026-08-01 12:00:00".to_owned(),
            updated_at: "2026-08-01 12:00:00".to_owned(),
            rule: String::new(),
            reason: None,
            ended_at: None,
            comment: None,
        }
    }

    #[test]
    fn a_refund_of_the_same_amount_is_a_twin_while_it_is_open_or_young() {
        let (soon, later) = (at("2026-08-01 12:59:59"), at("2026-08-01 13:00:00"));
        for state in RefundState::ALL.iter().copied() {
            let there = refund(Some(300), state.word());
            assert!(is_twin(&there, Some(300), Some(700), soon), "{state:?}");
            assert_eq!(is_twin(&there, Some(300), Some(700), later), state.is_open(), "{state:?}");
            assert!(!is_twin(&there, Some(301), Some(700), soon), "{state:?}");
        }
    }

    #[test]
    fn no_amount_is_the_amount_that_is_left() {
        let now = at("2026-08-01 12:00:01");
        for (there, asked, left, twin) in [
            (None, None, Some(700), true),
            (None, None, None, true),
            (None, Some(700), Some(700), true),
            (Some(700), None, Some(700), true),
            (None, Some(300), Some(700), false),
            (Some(300), None, Some(700), false),
            (Some(300), None, None, false),
            (None, Some(300), None, false),
        ] {
            assert_eq!(is_twin(&refund(there, "queued"), asked, left, now), twin, "{there:?} {asked:?} {left:?}");
        }
    }

    #[test]
    fn only_a_yes_is_one() {
        let said = |answer: &str| {
            let mut screen = Vec::new();
            let yes = agrees("it is there", &mut answer.as_bytes(), &mut screen);
            assert_eq!(String::from_utf8_lossy(&screen), "it is there. Queue another one? [y/N] ");
            yes
        };
        for yes in ["y\n", "Y", " yes \n", "YES\r\n"] {
            assert!(said(yes), "{yes}");
        }
        for no in ["", "\n", "n\n", "yep\n", "\ny\n", "ja\n"] {
            assert!(!said(no), "{no:?}");
        }
    }
}
