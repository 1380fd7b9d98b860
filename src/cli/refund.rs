//! `refund`: the same as an INSERT into `refund_intents`.

mod twin;

use super::args::RefundArgs;
use super::orders::one_merchant;
use super::{Failure, now};
use crate::config::Settings;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::ledger::{Ledger, QueueRefund};

pub(super) async fn refund(settings: &Settings, ledger: &Ledger, args: RefundArgs) -> Result<(), Failure> {
    let RefundArgs { trade_no, amount, key, reason, merchant, authorization } = args;
    let merchant_id = merchant_of(settings, ledger, &trade_no, merchant).await?;
    if key.is_none()
        && let Some(twin) = twin::find(ledger, &merchant_id, &trade_no, authorization.as_ref(), amount).await?
    {
        twin::ask(&trade_no, &twin)?;
    }
    let request_key = key.unwrap_or_else(|| format!("cli-{trade_no}-{}", now().timestamp_micros()));
    let queue = QueueRefund {
        merchant_id,
        merchant_trade_no: trade_no.clone(),
        trade_no: authorization,
        amount,
        request_key: request_key.clone(),
        reason,
    };
    let id = ledger.write(queue).await?;
    let what = amount.map_or_else(|| "all that is left".to_owned(), |a| a.to_string());
    say!("refund {id} of {what} queued for order {trade_no} with key {request_key}");
    Ok(())
}

/// The one that has the order; where none has it yet, the only one there is.
async fn merchant_of(
    settings: &Settings,
    ledger: &Ledger,
    trade_no: &MerchantTradeNo,
    named: Option<MerchantId>,
) -> Result<MerchantId, Failure> {
    if named.is_some() {
        return one_merchant(settings, named);
    }
    let mut merchants: Vec<String> =
        ledger.find_orders(trade_no.as_str(), None).await?.into_iter().map(|o| o.merchant_id).collect();
    merchants.sort_unstable();
    merchants.dedup();
    match merchants.as_slice() {
        [] => one_merchant(settings, None),
        [only] => MerchantId::parse(only).map_err(|e| Failure::Problem(format!("merchant {only}: {e}"))),
        _ => Err(Failure::Usage(format!("order {trade_no} is known at several merchants: name one with --merchant"))),
    }
}
