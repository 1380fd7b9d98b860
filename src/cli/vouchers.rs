//! `vouchers add / list / show`.

use serde::Serialize;

use super::args::{PrintArgs, VouchersCommand};
use super::orders::{known_state, one_merchant, page_of};
use super::table::{line, or_dash, table};
use super::{Failure, history, print_json, words};
use crate::config::Settings;
use crate::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use crate::domain::language::Language;
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
        VouchersCommand::List { state, merchant, limit, print } => list(ledger, state, merchant, limit, &print).await,
        VouchersCommand::Show { number, free, merchant, print } => {
            let found = find(ledger, &number, free, merchant.as_ref()).await?;
            let page = page(ledger, found.id, ledger.voucher_events(found.id).await?).await?;
            if print.json {
                return print_json(&page);
            }
            page.tell(print.language(), settings.policy.voucher_guard);
            history::tell(print.language(), &page.events);
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
    print: &PrintArgs,
) -> Result<(), Failure> {
    known_state(state.as_deref(), VoucherState::ALL.iter().map(|s| s.word()))?;
    let merchant = merchant.as_ref().map(MerchantId::as_str);
    let (orders, more) =
        page_of(limit, async |limit| ledger.list_vouchers(state.as_deref(), merchant, limit).await).await?;
    if print.json {
        return print_json(&orders);
    }
    let language = print.language();
    if orders.is_empty() {
        say!("{}", language.pick("no voucher orders", "沒有票券訂單"));
        return Ok(());
    }
    let rows = orders.iter().map(|o| {
        vec![
            number(o).to_owned(),
            way(language, o).to_owned(),
            words::voucher_state(language, &o.state),
            or_dash(o.trade_amount),
            or_dash(o.redeemed_amount),
            or_dash(o.refunded_amount),
            or_dash(o.refund_confirmed_amount),
            or_dash(o.unused_amount),
            or_dash(o.last_error.clone()),
        ]
    });
    let header = language.pick(
        ["order", "", "state", "NT$", "redeemed", "refunded", "confirmed", "unused", "last error"],
        ["訂單", "", "狀態", "NT$", "已核銷", "已退券", "已確認", "未使用", "最近錯誤"],
    );
    say!("{}", table(&header, rows));
    if more {
        say!("{}", words::more(language, limit));
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

fn way(language: Language, order: &VoucherStatus) -> &'static str {
    if order.free_trade_no.is_some() { language.pick("given away", "贈送") } else { language.pick("sold", "售出") }
}

impl Page {
    /// `guarded`: the settings let vouchers limit refunds.
    pub(super) fn tell(&self, language: Language, guarded: bool) {
        let o = &self.order;
        let line = |english, chinese, value: String| line(14, language.pick(english, chinese), &value);
        let (no, merchant, way) = (number(o), &o.merchant_id, way(language, o));
        let theirs = or_dash(o.voucher_trade_no.as_ref());
        let numbers = language.pick(
            format!("{no} (merchant {merchant}, ECTicket {theirs}, {way})"),
            format!("{no}（特店 {merchant}，票券服務 {theirs}，{way}）"),
        );
        line("voucher order", "票券訂單", numbers);
        line("state", "狀態", words::with_word(language, &o.state, words::voucher_state(language, &o.state)));
        let unknown = language.pick("not known", "未知");
        line("amount", "金額", o.trade_amount.map_or(unknown.to_owned(), |_| self.amounts(language)));
        let next = self.next.next_look_at.as_ref().map(|at| format!("{at} ({})", self.next.rule));
        line("next look", "下次查詢", next.unwrap_or_else(|| language.pick("none", "無").to_owned()));
        line("last look", "最近查詢", or_dash(o.last_checked_at.as_ref()));
        if let Some(error) = &o.last_error {
            line("last error", "最近錯誤", error.clone());
        }
        if o.free_trade_no.is_none() {
            line("guard", "退款把關", self.guard(language, guarded));
        }
        if !self.tickets.is_empty() {
            self.tell_tickets(language);
        }
    }

    fn amounts(&self, language: Language) -> String {
        let o = &self.order;
        let known = |amount: Option<i64>| format!("NT${}", amount.unwrap_or_default());
        let (redeemed, unused) = (known(o.redeemed_amount), known(o.unused_amount));
        if o.free_trade_no.is_some() {
            return language.pick(
                format!("redeemed {redeemed}, unused {unused} of its face values"),
                format!("面額中已核銷 {redeemed}，未使用 {unused}"),
            );
        }
        let confirmed = match (o.refunded_amount, o.refund_confirmed_amount) {
            (None | Some(0), _) => String::new(),
            (_, None | Some(0)) => {
                language.pick(", none of it confirmed by the bank yet", "，銀行都還沒確認").to_owned()
            }
            (_, Some(confirmed)) => language.pick(
                format!(", NT${confirmed} of it confirmed by the bank"),
                format!("，其中銀行已確認 NT${confirmed}"),
            ),
        };
        let (amount, refunded) = (known(o.trade_amount), known(o.refunded_amount));
        language.pick(
            format!("{amount}, redeemed {redeemed}, unused {unused}, refunded in tickets {refunded}{confirmed}"),
            format!("{amount}，已核銷 {redeemed}，未使用 {unused}，已退券 {refunded}{confirmed}"),
        )
    }

    fn guard(&self, language: Language, guarded: bool) -> String {
        let o = &self.order;
        let (english, chinese) = match o.trade_amount.zip(o.redeemed_amount) {
            _ if !guarded => (
                "off in the settings: refunds of its card order go on whatever is redeemed",
                "設定檔已關閉：不管核銷多少，它的信用卡訂單都可退款",
            ),
            _ if !self.next.guard => (
                "off (guard = 0): refunds of its card order go on whatever is redeemed",
                "已放行 (guard = 0)：不管核銷多少，它的信用卡訂單都可退款",
            ),
            Some((amount, redeemed)) if o.state == VoucherState::Issued.word() => {
                let most = (amount - redeemed).max(0);
                return language.pick(
                    format!("of its card order at most NT${most} may be refunded in all"),
                    format!("它的信用卡訂單總共最多可退 NT${most}"),
                );
            }
            _ => ("on: a refund of its card order looks here first", "開啟：它的信用卡訂單退款之前先查這裡"),
        };
        language.pick(english, chinese).to_owned()
    }

    fn tell_tickets(&self, language: Language) {
        say!("\n{}", language.pick("Tickets", "票券明細"));
        // The vendor gives the day alone in some answers.
        let day = |at: &String| at.trim_end_matches(" 00:00:00").to_owned();
        let rows = self.tickets.iter().map(|t| {
            vec![
                t.ticket_no.clone(),
                words::use_status(language, &t.use_status),
                t.amount.to_string(),
                or_dash(t.item_no.clone()),
                or_dash(t.item_name.clone()),
                or_dash(t.kind.as_deref().map(|kind| words::ticket_kind(language, kind))),
                or_dash(t.redeemed_at.as_ref().or(t.refunded_at.as_ref()).map(day)),
                or_dash(t.starts_on.clone()),
                or_dash(t.expires_on.clone()),
            ]
        });
        let english = ["ticket", "status", "NT$", "item", "name", "kind", "used at", "from", "until"];
        let chinese = ["票號", "狀態", "NT$", "品項", "名稱", "種類", "使用時間", "開始", "到期"];
        say!("{}", table(&language.pick(english, chinese), rows));
    }
}
