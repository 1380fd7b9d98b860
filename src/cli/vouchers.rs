//! `vouchers add / list / show`.

use serde::Serialize;

use super::args::VouchersCommand;
use super::orders::{known_state, one_merchant, page_of};
use super::table::{or_dash, table};
use super::words::words;
use super::{Failure, print_json};
use crate::config::Settings;
use crate::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use crate::domain::voucher::{VoucherNumber, VoucherState};
use crate::ledger::views::OrderEvent;
use crate::ledger::{AddVoucher, FoundVoucher, Ledger, NextLook, TicketRow, VoucherStatus};

#[derive(Serialize)]
pub(super) struct Page {
    #[serde(flatten)]
    order: VoucherStatus,
    #[serde(flatten)]
    next: NextLook,
    tickets: Vec<TicketRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<OrderEvent>,
}

pub(super) async fn vouchers(settings: &Settings, ledger: &Ledger, command: VouchersCommand) -> Result<(), Failure> {
    match command {
        VouchersCommand::Add { number, free, merchant } => {
            let number = match free {
                true => FreeTradeNo::parse(&number).map(VoucherNumber::FreeTradeNo),
                false => VoucherTradeNo::parse(&number).map(VoucherNumber::MerchantTradeNo),
            };
            let number = number.map_err(|e| Failure::Usage(e.to_string()))?;
            let merchant_id = one_merchant(settings, merchant)?;
            ledger.write(AddVoucher { merchant_id, number: number.clone() }).await?;
            say!("voucher order {number} registered");
            Ok(())
        }
        VouchersCommand::List { state, merchant, limit, json } => list(ledger, state, merchant, limit, json).await,
        VouchersCommand::Show { number, free, merchant, json } => {
            let found = find(ledger, &number, free, merchant.as_ref()).await?;
            let page = page(ledger, found.id, ledger.voucher_events(found.id).await?).await?;
            if json {
                return print_json(&page);
            }
            page.print(settings.policy.voucher_guard);
            say!("\nHistory (Asia/Taipei)");
            for e in &page.events {
                say!("{}  {}", e.at, words(&e.kind, &serde_json::from_str(&e.detail).unwrap_or_default()));
            }
            Ok(())
        }
    }
}

/// A voucher order with its tickets; the history is that of whoever shows it.
pub(super) async fn page(ledger: &Ledger, voucher_id: i64, events: Vec<OrderEvent>) -> Result<Page, Failure> {
    Ok(Page {
        order: ledger.voucher_status(voucher_id).await?,
        next: ledger.next_look(voucher_id).await?,
        tickets: ledger.tickets_of(voucher_id).await?,
        events,
    })
}

async fn list(
    ledger: &Ledger,
    state: Option<String>,
    merchant: Option<MerchantId>,
    limit: u32,
    json: bool,
) -> Result<(), Failure> {
    known_state(state.as_deref(), VoucherState::ALL.iter().map(|s| s.word()))?;
    let merchant = merchant.as_ref().map(MerchantId::as_str);
    let (orders, more) =
        page_of(limit, async |limit| ledger.list_vouchers(state.as_deref(), merchant, limit).await).await?;
    if json {
        return print_json(&orders);
    }
    if orders.is_empty() {
        say!("no voucher orders");
        return Ok(());
    }
    let rows = orders.iter().map(|o| {
        vec![
            number(o).to_owned(),
            if o.free_trade_no.is_some() { "given away" } else { "sold" }.to_owned(),
            o.state.clone(),
            or_dash(o.trade_amount),
            or_dash(o.redeemed_amount),
            or_dash(o.refunded_amount),
            or_dash(o.refund_confirmed_amount),
            or_dash(o.unused_amount),
            or_dash(o.last_error.clone()),
        ]
    });
    let header = ["order", "", "state", "NT$", "redeemed", "refunded", "confirmed", "unused", "last error"];
    say!("{}", table(&header, rows));
    if more {
        say!("the newest {limit}; --limit shows more");
    }
    Ok(())
}

async fn find(
    ledger: &Ledger,
    number: &str,
    free: bool,
    merchant: Option<&MerchantId>,
) -> Result<FoundVoucher, Failure> {
    let mut found = ledger.find_vouchers(number, merchant.map(MerchantId::as_str)).await?;
    if free {
        found.retain(|v| v.free);
    }
    match found.len() {
        0 => Err(Failure::Problem(format!("voucher order {number} is not in the ledger"))),
        1 => Ok(found.remove(0)),
        _ if found.iter().all(|v| v.merchant_id == found[0].merchant_id) => Err(Failure::Usage(format!(
            "voucher order {number} was sold once and given away once: name the latter with --free"
        ))),
        _ => Err(Failure::Usage(format!(
            "voucher order {number} is known at several merchants: name one with --merchant"
        ))),
    }
}

fn number(order: &VoucherStatus) -> &str {
    order.merchant_trade_no.as_deref().or(order.free_trade_no.as_deref()).unwrap_or_default()
}

impl Page {
    /// `guarded`: the settings let vouchers limit refunds.
    pub(super) fn print(&self, guarded: bool) {
        let o = &self.order;
        let line = |name: &str, value: String| say!("{name:<14} {value}");
        let kind = if o.free_trade_no.is_some() { "given away" } else { "sold" };
        let theirs = or_dash(o.voucher_trade_no.clone());
        line("voucher order", format!("{} (merchant {}, ECTicket {theirs}, {kind})", number(o), o.merchant_id));
        line("state", o.state.clone());
        line("amount", o.trade_amount.map_or("not known".to_owned(), |_| self.amounts()));
        let next = &self.next;
        line("next look", next.next_look_at.as_ref().map_or("none".to_owned(), |at| format!("{at} ({})", next.rule)));
        line("last look", or_dash(o.last_checked_at.clone()));
        if let Some(error) = &o.last_error {
            line("last error", error.clone());
        }
        if o.free_trade_no.is_none() {
            line("guard", self.guard(guarded));
        }
        if !self.tickets.is_empty() {
            self.print_tickets();
        }
    }

    fn amounts(&self) -> String {
        let o = &self.order;
        let known = |amount: Option<i64>| format!("NT${}", amount.unwrap_or_default());
        let (redeemed, unused) = (known(o.redeemed_amount), known(o.unused_amount));
        if o.free_trade_no.is_some() {
            return format!("redeemed {redeemed}, unused {unused} of its face values");
        }
        let confirmed = match (o.refunded_amount, o.refund_confirmed_amount) {
            (None | Some(0), _) => String::new(),
            (_, None | Some(0)) => ", none of it confirmed by the bank yet".to_owned(),
            (_, Some(confirmed)) => format!(", NT${confirmed} of it confirmed by the bank"),
        };
        let (amount, refunded) = (known(o.trade_amount), known(o.refunded_amount));
        format!("{amount}, redeemed {redeemed}, unused {unused}, refunded in tickets {refunded}{confirmed}")
    }

    fn guard(&self, guarded: bool) -> String {
        let o = &self.order;
        match o.trade_amount.zip(o.redeemed_amount) {
            _ if !guarded => "off in the settings: refunds of its card order go on whatever is redeemed".to_owned(),
            _ if !self.next.guard => "off (guard = 0): refunds of its card order go on whatever is redeemed".to_owned(),
            Some((amount, redeemed)) if o.state == VoucherState::Issued.word() => {
                format!("of its card order at most NT${} may be refunded in all", (amount - redeemed).max(0))
            }
            _ => "on: a refund of its card order looks here first".to_owned(),
        }
    }

    fn print_tickets(&self) {
        say!("\nTickets");
        // The vendor gives the day alone in some answers.
        let day = |at: &String| at.trim_end_matches(" 00:00:00").to_owned();
        let rows = self.tickets.iter().map(|t| {
            vec![
                t.ticket_no.clone(),
                t.use_status.clone(),
                t.amount.to_string(),
                or_dash(t.item_no.clone()),
                or_dash(t.item_name.clone()),
                or_dash(t.kind.clone()),
                or_dash(t.redeemed_at.as_ref().or(t.refunded_at.as_ref()).map(day)),
                or_dash(t.starts_on.clone()),
                or_dash(t.expires_on.clone()),
            ]
        });
        let header = ["ticket", "status", "NT$", "item", "name", "kind", "used at", "from", "until"];
        say!("{}", table(&header, rows));
    }
}
