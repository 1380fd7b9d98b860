//! Every order, the ledger's books beside the bank's and the voucher service's, dollar by dollar.

use std::collections::HashMap;
use std::time::Duration;

use super::news::is_ordinary;
use super::stage::Stage;
use crate::cli::Failure;
use crate::cli::table::{or_dash, table};
use crate::domain::action::Action;
use crate::simulator::bank::{Truth, VoucherTruth};

struct Line {
    no: String,
    state: String,
    amount: Option<i64>,
    captured: i64,
    refunded: i64,
    /// What the refunds of the shop add up to in the ledger.
    given_back: i64,
}

/// Prints the table; true when the books agree.
pub(super) fn print(stage: &Stage, took: Duration) -> Result<bool, Failure> {
    let lines = lines(stage)?;
    let truths: HashMap<String, Truth> =
        stage.bank().with_bank(|bank, _| bank.orders().map(|o| (o.merchant_trade_no.to_string(), o.truth())).collect());
    let sent: Vec<(Action, bool)> =
        stage.bank().with_bank(|bank, _| bank.actions().iter().map(|a| (a.action, a.effect)).collect());
    let stories: HashMap<&str, &str> = stage.stories.iter().map(|(no, story)| (no.as_str(), *story)).collect();

    let mut rows = Vec::new();
    let (mut differing, mut in_order) = (0, 0);
    for line in &lines {
        let truth = truths.get(&line.no);
        let agrees = truth.is_some_and(|t| agree(line, t));
        in_order += usize::from(agrees);
        differing += usize::from(!agrees);
        let mark = if agrees { "=" } else { "DIFFERS" };
        let (captured, refunded) = truth.map_or((None, None), |t| (Some(t.captured), Some(t.refunded)));
        rows.push(vec![
            line.no.clone(),
            line.state.clone(),
            or_dash(line.amount),
            line.captured.to_string(),
            line.refunded.to_string(),
            mark.to_owned(),
            format!("{} / {}", or_dash(captured), or_dash(refunded)),
            stories.get(line.no.as_str()).map_or(String::new(), |s| (*s).to_owned()),
        ]);
    }
    rows.sort_by_key(|row| is_ordinary(&row[0]));
    say!("\n{}", table(&["order", "state", "NT$", "captured", "refunded", "", "at the bank", "story"], rows));
    let count = |action| sent.iter().filter(|(a, _)| *a == action).count();
    say!(
        "{} orders; sent: {} C, {} R, {} E, {} N; {} took effect. Played in {:.0} s.",
        lines.len(),
        count(Action::C),
        count(Action::R),
        count(Action::E),
        count(Action::N),
        sent.iter().filter(|(_, effect)| *effect).count(),
        took.as_secs_f64()
    );
    let total = |amount: fn(&Line) -> i64| lines.iter().map(amount).sum::<i64>();
    say!(
        "captured NT${}, refunded NT${}: {in_order} orders agree with the bank to the dollar, {differing} differ.",
        total(|l| l.captured),
        total(|l| l.refunded)
    );
    Ok(differing == 0)
}

/// Captured and refunded agree; and what the refund rows say went back did go back,
/// by R or, for an order never captured, by its void.
fn agree(line: &Line, truth: &Truth) -> bool {
    let back_at_the_bank = if truth.void && line.given_back > 0 { truth.amount.dollars() } else { truth.refunded };
    line.amount.is_none_or(|a| a == truth.amount.dollars())
        && line.captured == truth.captured
        && line.refunded == truth.refunded
        && line.given_back == back_at_the_bank
}

fn lines(stage: &Stage) -> Result<Vec<Line>, Failure> {
    let select = "SELECT merchant_trade_no, state, amount, captured_amount, refunded_amount,
                (SELECT coalesce(sum(r.refunded_amount), 0) FROM refund_status r
                  WHERE r.merchant_trade_no = o.merchant_trade_no AND r.merchant_id = o.merchant_id) AS given_back
           FROM order_status o ORDER BY merchant_trade_no";
    let lines = stage.shop().all(select, &[], |row| {
        Ok(Line {
            no: row.get("merchant_trade_no")?,
            state: row.get("state")?,
            amount: row.get("amount")?,
            captured: row.get("captured_amount")?,
            refunded: row.get("refunded_amount")?,
            given_back: row.get("given_back")?,
        })
    })?;
    Ok(lines)
}

/// Prints each voucher order beside the service's own books; true when they agree.
pub(super) fn print_vouchers(stage: &Stage) -> Result<bool, Failure> {
    let truths: Vec<VoucherTruth> =
        stage.bank().with_bank(|bank, now| bank.vouchers().map(|order| order.truth(now)).collect());
    let select = "SELECT merchant_trade_no, state, trade_amount, redeemed_amount, refunded_amount, refund_confirmed_amount, unused_amount
           FROM voucher_status ORDER BY merchant_trade_no";
    let known: Vec<(String, String, [Option<i64>; 5])> = stage.shop().all(select, &[], |row| {
        let amounts = [row.at(2)?, row.at(3)?, row.at(4)?, row.at(5)?, row.at(6)?];
        Ok((row.at(0)?, row.at(1)?, amounts))
    })?;
    let (mut rows, mut agreed) = (Vec::new(), true);
    for (no, state, ours) in known {
        let truth = truths.iter().find(|t| t.merchant_trade_no.as_ref() == Some(&no));
        let theirs = truth.map(|t| {
            [t.trade_amount, t.redeemed_amount, t.refunded_amount, t.refund_confirmed_amount, t.unused_amount].map(Some)
        });
        agreed &= theirs == Some(ours);
        let mark = if theirs == Some(ours) { "=" } else { "DIFFERS" };
        rows.push([no, state].into_iter().chain(ours.map(or_dash)).chain([mark.to_owned()]).collect::<Vec<_>>());
    }
    agreed &= rows.len() == truths.len();
    let header = ["voucher order", "state", "NT$", "redeemed", "refunded", "confirmed", "unused", "at ECTicket"];
    say!("\n{}", table(&header, rows));
    Ok(agreed)
}
