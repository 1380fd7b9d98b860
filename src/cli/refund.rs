//! `refund`: the same as an INSERT into `refund_intents`.

use super::args::RefundArgs;
use super::orders::one_merchant;
use super::{Failure, now};
use crate::config::Settings;
use crate::ledger::{Ledger, QueueRefund};

pub(super) async fn refund(settings: &Settings, ledger: &Ledger, args: RefundArgs) -> Result<(), Failure> {
    let RefundArgs { trade_no, amount, key, reason, merchant } = args;
    let merchant_id = one_merchant(settings, merchant)?;
    let request_key = key.unwrap_or_else(|| format!("cli-{trade_no}-{}", now().timestamp_micros()));
    let queue = QueueRefund {
        merchant_id,
        merchant_trade_no: trade_no.clone(),
        amount,
        request_key: request_key.clone(),
        reason,
    };
    let id = ledger.write(queue).await?;
    let what = amount.map_or_else(|| "all that is left".to_owned(), |a| a.to_string());
    say!("refund {id} of {what} queued for order {trade_no} with key {request_key}");
    Ok(())
}
