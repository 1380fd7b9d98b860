//! `refunds list / cancel / void`.

use super::args::RefundsCommand;
use super::orders::page_of;
use super::table::table;
use super::{Failure, now, print_json};
use crate::ledger::views::RefundStatus;
use crate::ledger::{CancelRefund, Ledger, VoidRefund};

pub(super) async fn refunds(ledger: &Ledger, command: RefundsCommand) -> Result<(), Failure> {
    match command {
        RefundsCommand::List { open, limit, json } => list(ledger, open, limit, json).await,
        RefundsCommand::Cancel { id } => {
            let was_open = ledger.write(CancelRefund { id }).await?;
            let already = if was_open { "" } else { " already" };
            say!("refund {id} is canceled{already}");
            Ok(())
        }
        RefundsCommand::Void { id, by, why } => {
            let void = VoidRefund { refund_id: id, by, why, now: now() };
            for id in ledger.write(void).await? {
                say!("refund {id} was undone at ECPay: what it gave back is left again");
            }
            Ok(())
        }
    }
}

async fn list(ledger: &Ledger, open: bool, limit: u32, json: bool) -> Result<(), Failure> {
    let (refunds, more) = page_of(limit, async |limit| ledger.list_refunds(open, limit).await).await?;
    if json {
        return print_json(&refunds);
    }
    if refunds.is_empty() {
        say!("{}", if open { "no open refunds" } else { "no refunds" });
        return Ok(());
    }
    let header = ["id", "order", "NT$", "state", "refunded", "by", "key", "asked at", "detail"];
    say!("{}", table(&header, refunds.iter().map(row)));
    if more {
        say!("the newest {limit}; --limit shows more");
    }
    Ok(())
}

fn row(r: &RefundStatus) -> Vec<String> {
    vec![
        r.id.to_string(),
        r.merchant_trade_no.clone(),
        r.amount.map_or("all".to_owned(), |a| a.to_string()),
        r.state.clone(),
        r.refunded_amount.to_string(),
        super::table::or_dash(r.method.clone()),
        r.request_key.to_string(),
        r.created_at.clone(),
        r.detail.clone(),
    ]
}
