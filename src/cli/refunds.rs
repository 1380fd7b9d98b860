//! `refunds list / cancel / void`.

use super::args::{PrintArgs, RefundsCommand};
use super::orders::{known_state, page_of};
use super::table::{or_dash, table};
use super::{Failure, now, print_json, words};
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::domain::refund::RefundState;
use crate::ledger::views::RefundStatus;
use crate::ledger::{CancelRefund, Ledger, RefundFilter, VoidRefund};

pub(super) async fn refunds(ledger: &Ledger, command: RefundsCommand) -> Result<(), Failure> {
    match command {
        RefundsCommand::List { all, state, merchant, limit, print } => {
            let state = state.as_deref();
            known_state(state, RefundState::ALL.iter().map(|s| s.word()))?;
            let is_open = state.and_then(RefundState::parse).map_or(!all, RefundState::is_open);
            let merchant = merchant.as_ref().map(MerchantId::as_str);
            list(ledger, RefundFilter { state, merchant, with_ended: !is_open }, limit, &print).await
        }
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

async fn list(ledger: &Ledger, of: RefundFilter<'_>, limit: u32, print: &PrintArgs) -> Result<(), Failure> {
    let (refunds, more) = page_of(limit, async |limit| ledger.list_refunds(of, limit).await).await?;
    if print.json {
        return print_json(&refunds);
    }
    let language = print.language();
    if refunds.is_empty() {
        let of_all = of.with_ended || of.state.is_some();
        let none = if of_all { ("no refunds", "沒有退款") } else { ("no open refunds", "沒有未結的退款") };
        say!("{}", language.pick(none.0, none.1));
        return Ok(());
    }
    let header = language.pick(
        ["id", "order", "NT$", "state", "refunded", "by", "key", "asked at", "detail"],
        ["編號", "訂單", "NT$", "狀態", "已退", "方式", "key", "要求時間", "說明"],
    );
    say!("{}", table(&header, refunds.iter().map(|r| row(language, r))));
    if more {
        say!("{}", words::more(language, limit));
    }
    Ok(())
}

fn row(language: Language, r: &RefundStatus) -> Vec<String> {
    vec![
        r.id.to_string(),
        r.merchant_trade_no.clone(),
        words::asked(language, r.amount),
        words::refund_state(language, &r.state),
        r.refunded_amount.to_string(),
        or_dash(r.method.clone()),
        r.request_key.to_string(),
        r.created_at.clone(),
        r.sentence(language),
    ]
}
