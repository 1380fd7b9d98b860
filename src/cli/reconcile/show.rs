//! What was found, for a person and for programs.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::file::{FileTold, ReadFile};
use super::look::Looked;
use crate::cli::Failure;
use crate::cli::table::{one_line, or_dash, table};
use crate::domain::language::Language;
use crate::domain::reconcile::{Class, Compared as Order, Payout};
use crate::domain::statement::StatementKind;
use crate::ledger::{Differences, Range};

/// As many of a class as fit on a screen.
const ROWS: usize = 20;

pub(super) struct Report {
    pub files: Vec<ReadFile>,
    pub looked: Option<Looked>,
    pub merchants: Vec<Compared>,
}

/// One merchant's days.
pub(super) struct Compared {
    pub range: Range,
    pub differences: Differences,
    /// Alerts that are new.
    pub raised: usize,
}

/// As `--json` gives an order.
#[derive(Serialize)]
struct OrderTold<'a> {
    class: Class,
    merchant_trade_no: &'a str,
    trade_no: Option<&'a str>,
    day: NaiveDate,
    ledger: Option<i64>,
    ecpay: Option<i64>,
    ledger_fee: Option<String>,
    ecpay_fee: Option<String>,
    kind: Option<StatementKind>,
    file: Option<&'a str>,
    line: Option<i64>,
}

#[derive(Serialize)]
struct PayoutTold {
    day: NaiveDate,
    kind: StatementKind,
    rows: u64,
    gross: i64,
    refunds: i64,
    fee: i64,
    payout: i64,
    ecpay: Option<i64>,
    agrees: bool,
}

#[derive(Serialize)]
struct MerchantTold<'a> {
    merchant_id: &'a str,
    from: NaiveDate,
    to: NaiveDate,
    counts: BTreeMap<&'static str, u64>,
    orders: Vec<OrderTold<'a>>,
    payouts: Vec<PayoutTold>,
    alerts_raised: usize,
}

#[derive(Serialize)]
struct ReportTold<'a> {
    files: Vec<FileTold<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    look: Option<&'a Looked>,
    merchants: Vec<MerchantTold<'a>>,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        ReportTold {
            files: self.files.iter().map(ReadFile::told).collect(),
            look: self.looked.as_ref(),
            merchants: self.merchants.iter().map(Compared::told).collect(),
        }
        .serialize(to)
    }
}

impl Report {
    pub fn tell(&self, language: Language) {
        self.files.iter().for_each(|file| file.tell(language));
        if let Some(looked) = &self.looked {
            looked.tell(language);
        }
        self.merchants.iter().for_each(|merchant| merchant.tell(language));
    }

    /// Badly where anything differs.
    pub fn end(&self) -> Result<(), Failure> {
        let orders: u64 = self.merchants.iter().map(|merchant| merchant.differences.counts.differences()).sum();
        let payouts: usize = self.merchants.iter().map(|merchant| merchant.off_payouts().count()).sum();
        let looked = self.looked.as_ref().map(Looked::differences).unwrap_or_default();
        let parts = [
            (orders > 0)
                .then(|| format!("{orders} order{} differ{} from ECPay's statements", plural(orders), verb(orders))),
            (payouts > 0)
                .then(|| format!("{payouts} payout day{} not add up", if payouts == 1 { " does" } else { "s do" })),
            looked,
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { Ok(()) } else { Err(Failure::Problem(parts.join("; "))) }
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn verb(count: u64) -> &'static str {
    if count == 1 { "s" } else { "" }
}

impl Compared {
    fn off_payouts(&self) -> impl Iterator<Item = &Payout> {
        self.differences.payouts.iter().filter(|payout| !payout.agrees())
    }

    fn told(&self) -> MerchantTold<'_> {
        let Self { range, differences, raised } = self;
        MerchantTold {
            merchant_id: range.merchant_id.as_str(),
            from: range.from,
            to: range.to,
            counts: differences.counts.all().map(|(class, count)| (class.word(), count)).collect(),
            orders: differences.orders.iter().map(|order| told(differences, order)).collect(),
            payouts: differences.payouts.iter().map(payout_told).collect(),
            alerts_raised: *raised,
        }
    }

    fn tell(&self, language: Language) {
        let Range { merchant_id, from, to } = &self.range;
        let counts = self.differences.counts.all().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts.map(|(class, count)| format!("{} {count}", class.named(language))).collect();
        let counts = match counts.is_empty() {
            true => language.pick("nothing to compare", "沒有可比對的訂單").to_owned(),
            false => counts.join(language.pick(", ", "、")),
        };
        let english = format!("merchant {merchant_id}, {from} to {to}: {counts}");
        say!("{}", language.pick(english, format!("特店 {merchant_id}，{from} 至 {to}：{counts}")));
        for class in Class::ALL.iter().filter(|class| **class != Class::Agrees) {
            self.tell_class(*class, language);
        }
        self.tell_payouts(language);
    }

    fn tell_class(&self, class: Class, language: Language) {
        let count = self.differences.counts.of(class);
        if count == 0 {
            return;
        }
        say!("{}: {count}", class.named(language));
        let header = language.pick(
            ["order", "trade no", "day", "ledger", "ECPay", "where"],
            ["訂單", "綠界交易編號", "日期", "帳本", "綠界", "出處"],
        );
        let is_fee = class == Class::FeeDiffers;
        let rows = self.differences.of_class(class).take(ROWS).map(|order| {
            let (ledger, ecpay) = match is_fee {
                true => (order.ledger_fee_milli.map(decimal), order.ecpay_fee_milli.map(decimal)),
                false => (order.ledger.map(|sum| sum.to_string()), order.ecpay.map(|sum| sum.to_string())),
            };
            let file = self.differences.file(order).map(one_line);
            let place = file.zip(order.line).map(|(file, line)| format!("{file}:{line}"));
            vec![
                order.merchant_trade_no.clone(),
                or_dash(order.trade_no.as_ref()),
                order.day.to_string(),
                or_dash(ledger),
                or_dash(ecpay),
                or_dash(place),
            ]
        });
        say!("{}", table(&header, rows));
        let more = count.saturating_sub(ROWS as u64);
        if more > 0 {
            let english = format!("and {more} more: --json lists them");
            say!("{}", language.pick(english, format!("還有 {more} 筆：--json 會列出")));
        }
    }

    /// Those that agree are counted.
    fn tell_payouts(&self, language: Language) {
        let payouts = &self.differences.payouts;
        if payouts.is_empty() {
            return;
        }
        let (all, off) = (payouts.len(), self.off_payouts().count());
        let english = format!("payout days: {all}, of which {off} do not add up");
        say!("{}", language.pick(english, format!("撥款日：{all}，其中 {off} 個對不起來")));
        let header = language.pick(
            ["day", "file", "gross", "refunds", "fee", "payout", "ECPay"],
            ["日期", "檔案", "交易金額", "退刷", "手續費", "應撥款", "綠界"],
        );
        let shown = payouts.iter().rev().take(ROWS).rev().map(|payout| {
            let Payout { day, kind, gross, refunds, fee, payout: sum, ecpay, .. } = payout;
            let numbers = [gross, refunds, fee, sum].map(i64::to_string);
            let marked =
                or_dash(ecpay.map(|ecpay| if payout.agrees() { ecpay.to_string() } else { format!("{ecpay} !") }));
            [day.to_string(), kind.name().to_owned()].into_iter().chain(numbers).chain([marked]).collect()
        });
        say!("{}", table(&header, shown));
    }
}

fn told<'a>(differences: &'a Differences, order: &'a Order) -> OrderTold<'a> {
    OrderTold {
        class: order.class,
        merchant_trade_no: &order.merchant_trade_no,
        trade_no: order.trade_no.as_deref(),
        day: order.day,
        ledger: order.ledger,
        ecpay: order.ecpay,
        ledger_fee: order.ledger_fee_milli.map(decimal),
        ecpay_fee: order.ecpay_fee_milli.map(decimal),
        kind: order.kind,
        file: differences.file(order),
        line: order.line,
    }
}

fn payout_told(payout: &Payout) -> PayoutTold {
    let Payout { day, kind, rows, gross, refunds, fee, payout: sum, ecpay, .. } = payout.clone();
    PayoutTold { day, kind, rows, gross, refunds, fee, payout: sum, ecpay, agrees: payout.agrees() }
}

/// Dollars with three decimals.
fn decimal(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let milli = milli.unsigned_abs();
    format!("{sign}{}.{:03}", milli / 1000, milli % 1000)
}
