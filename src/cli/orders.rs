//! `orders add / list / capture / hold / release`: the same as the SQL; `import` and `adopt` have a room of their own.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::args::{OrderArgs, OrdersCommand, PrintArgs};
use super::table::{or_dash, table};
use super::{Failure, find, print_json, takeover, words};
use crate::config::Settings;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::domain::order::{CaptureMode, OrderState};
use crate::ledger::views::OrderStatus;
use crate::ledger::{AddOrder, Ledger, LedgerError, SetCapture};

/// `config`: where the keys are read from, for whoever asks ECPay.
pub(super) async fn orders(
    settings: &Settings,
    ledger: &Ledger,
    command: OrdersCommand,
    config: Option<PathBuf>,
) -> Result<(), Failure> {
    match command {
        OrdersCommand::Add {
            trade_no,
            merchant,
            authorization,
            expected_amount,
            installments,
            capture,
            hold,
            memo,
        } => {
            let capture = match (capture, hold) {
                (true, _) => CaptureMode::Now,
                (_, true) => CaptureMode::Hold,
                _ => CaptureMode::Auto,
            };
            let merchant_id = one_merchant(settings, merchant)?;
            let add = AddOrder {
                merchant_id,
                merchant_trade_no: trade_no.clone(),
                trade_no: authorization,
                expected_amount,
                installments,
                capture,
                memo,
            };
            ledger.write(add).await?;
            say!("order {trade_no} registered");
            Ok(())
        }
        OrdersCommand::List { state, merchant, limit, print } => list(ledger, state, merchant, limit, &print).await,
        OrdersCommand::Capture(order) => set(ledger, &order, CaptureMode::Now).await,
        OrdersCommand::Hold(order) => set(ledger, &order, CaptureMode::Hold).await,
        OrdersCommand::Release(order) => set(ledger, &order, CaptureMode::Auto).await,
        OrdersCommand::Import(args) => {
            let merchant = one_merchant(settings, args.merchant.clone()).ok();
            takeover::import(ledger, &args, merchant).await
        }
        OrdersCommand::Adopt(args) => {
            let merchant = one_merchant(settings, args.merchant.clone())?;
            match args.since.filter(|_| args.fetch) {
                Some(since) => takeover::adopt_fetched(ledger, &args, merchant, since, config).await,
                None => takeover::adopt(ledger, &args, merchant).await,
            }
        }
    }
}

/// The merchant that was named, or the only one there is.
pub(super) fn one_merchant(settings: &Settings, named: Option<MerchantId>) -> Result<MerchantId, Failure> {
    match (named, settings.merchants.as_slice()) {
        (Some(named), _) => Ok(named),
        (None, [only]) => Ok(only.merchant_id.clone()),
        (None, _) => Err(Failure::Usage("the settings name several merchants: choose one with --merchant".to_owned())),
    }
}

/// A state that a list is asked for, if it is one.
pub(super) fn known_state(word: Option<&str>, states: impl Iterator<Item = &'static str>) -> Result<(), Failure> {
    let states: Vec<_> = states.collect();
    match word.filter(|word| !states.contains(word)) {
        Some(word) => Err(Failure::Usage(format!("there is no state '{word}'; the states are {}", states.join(", ")))),
        None => Ok(()),
    }
}

async fn set(ledger: &Ledger, order: &OrderArgs, capture: CaptureMode) -> Result<(), Failure> {
    let found = find(ledger, order).await?;
    ledger.write(SetCapture { order_id: found.id, capture }).await?;
    let state = ledger.order_status(found.id).await?.state;
    let what = match (OrderState::parse(&state), capture) {
        (Some(OrderState::ToBeCaptured | OrderState::Captured), _) => "has been captured already".to_owned(),
        (Some(OrderState::Refunded | OrderState::Voided | OrderState::Expired | OrderState::NotCard), _) => {
            format!("has nothing to capture: its state is {state}")
        }
        (_, CaptureMode::Now) => "is captured at the next allowed moment".to_owned(),
        (_, CaptureMode::Hold) => "is not captured by itself any more".to_owned(),
        (_, CaptureMode::Auto) => "follows the capture policy".to_owned(),
    };
    say!("order {} {what}", order.trade_no);
    Ok(())
}

async fn list(
    ledger: &Ledger,
    state: Option<String>,
    merchant: Option<MerchantId>,
    limit: u32,
    print: &PrintArgs,
) -> Result<(), Failure> {
    known_state(state.as_deref(), OrderState::ALL.iter().map(|s| s.word()))?;
    let merchant = merchant.as_ref().map(MerchantId::as_str);
    let (orders, more) =
        page_of(limit, async |limit| ledger.list_orders(state.as_deref(), merchant, limit).await).await?;
    if print.json {
        return print_json(&orders);
    }
    let language = print.language();
    if orders.is_empty() {
        say!("{}", language.pick("no orders", "沒有訂單"));
        return Ok(());
    }
    let header = language.pick(
        ["order", "state", "NT$", "captured", "refunded", "capture", "next step", "at"],
        ["訂單", "狀態", "NT$", "已關帳", "已退", "關帳方式", "下一步", "時間"],
    );
    let shared = shared_numbers(&orders);
    say!("{}", table(&header, orders.iter().map(|o| row(language, o, &shared))));
    if more {
        say!("{}", words::more(language, limit));
    }
    Ok(())
}

/// So many of what is listed, and whether there are more.
pub(super) async fn page_of<T>(
    limit: u32,
    list: impl AsyncFnOnce(i64) -> Result<Vec<T>, LedgerError>,
) -> Result<(Vec<T>, bool), LedgerError> {
    // One more tells that there are more.
    let mut listed = list(i64::from(limit) + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = listed.len() > shown;
    listed.truncate(shown);
    Ok((listed, more))
}

/// Those of several rows, each of which follows another charge.
fn shared_numbers(orders: &[OrderStatus]) -> BTreeSet<(&str, &str)> {
    let mut seen = BTreeSet::new();
    orders.iter().map(number_of).filter(|number| !seen.insert(*number)).collect()
}

fn number_of(o: &OrderStatus) -> (&str, &str) {
    (&o.merchant_id, &o.merchant_trade_no)
}

fn row(language: Language, o: &OrderStatus, shared: &BTreeSet<(&str, &str)>) -> Vec<String> {
    let number = match o.trade_no.as_deref().filter(|_| shared.contains(&number_of(o))) {
        Some(trade_no) => format!("{} {trade_no}", o.merchant_trade_no),
        None => o.merchant_trade_no.clone(),
    };
    vec![
        number,
        words::order_state(language, &o.state),
        or_dash(o.amount),
        o.captured_amount.to_string(),
        o.refunded_amount.to_string(),
        words::capture(language, &o.capture),
        or_dash(o.next_step.as_deref().map(|step| words::next_step(language, step))),
        or_dash(o.next_step_at.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: &str, trade_no: Option<&str>) -> OrderStatus {
        OrderStatus {
            merchant_id: "3002607".to_owned(),
            merchant_trade_no: number.to_owned(),
            trade_no: trade_no.map(str::to_owned),
            state: "authorized".to_owned(),
            amount: Some(500),
            captured_amount: 0,
            refunded_amount: 0,
            payment_type: None,
            capture: "auto".to_owned(),
            authorized_at: None,
            capture_by: None,
            expires_at: None,
            next_step: None,
            next_step_at: None,
            last_checked_at: None,
            last_error: None,
            registered_at: String::new(),
            captured_at: None,
            memo: None,
            rule: String::new(),
            reason: None,
        }
    }

    #[test]
    fn the_charges_of_one_recurring_order_are_told_apart_by_what_authorization_takes() {
        let orders = [order("R1", Some("T2")), order("R1", Some("T1")), order("A1", Some("T3")), order("R1", None)];
        let shared = shared_numbers(&orders);
        let listed: Vec<_> = orders.iter().map(|o| row(Language::English, o, &shared)[0].clone()).collect();
        assert_eq!(listed, ["R1 T2", "R1 T1", "A1", "R1"]);
    }
}
