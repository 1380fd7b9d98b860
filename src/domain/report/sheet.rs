//! The sheets and their columns. The English names are stable: programs go by them.

use crate::domain::language::Language;
use crate::domain::order::words;

words! {
    /// In the order of the workbook; the names of the files.
    Sheet {
        Movements = "movements",
        Days = "days",
        Open = "open",
        Allowances = "allowances",
        Differences = "differences",
        Vouchers = "vouchers",
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// The number of an order: digits that are no number.
    Number,
    /// New Taiwan dollars.
    Money,
    /// New Taiwan dollars with three decimals.
    Fee,
    Count,
    /// `YYYY-MM-DD`, in Asia/Taipei.
    Day,
    /// `YYYY-MM-DD HH:MM:SS`, in Asia/Taipei.
    Time,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub chinese: &'static str,
    pub form: Form,
    /// In characters of a workbook.
    pub width: u8,
    /// Its sum means something.
    pub is_summed: bool,
}

impl Column {
    pub fn named(self, language: Language) -> &'static str {
        language.pick(self.name, self.chinese)
    }
}

const fn column(name: &'static str, chinese: &'static str, form: Form, width: u8) -> Column {
    Column { name, chinese, form, width, is_summed: false }
}

const fn sum(name: &'static str, chinese: &'static str, form: Form, width: u8) -> Column {
    Column { name, chinese, form, width, is_summed: true }
}

const DAY: Column = column("day", "日期", Form::Day, 11);
/// Behind the day, where days of the Republic are asked for.
const ROC: [Column; 2] =
    [column("roc_day", "民國日期", Form::Text, 11), column("tax_period", "申報期別", Form::Text, 14)];
const MERCHANT: Column = column("merchant_id", "特店編號", Form::Number, 12);
const ORDER: Column = column("merchant_trade_no", "特店訂單編號", Form::Number, 22);
const TRADE_NO: Column = column("trade_no", "綠界交易編號", Form::Number, 22);
const REFUND: Column = column("refund", "退款編號", Form::Count, 9);
const REQUEST_KEY: Column = column("request_key", "退款代號", Form::Text, 26);
const REASON: Column = column("reason", "退款原因", Form::Text, 28);
const STATE: Column = column("state", "目前狀態", Form::Text, 16);

const MOVEMENTS: &[Column] = &[
    DAY,
    ROC[0],
    ROC[1],
    MERCHANT,
    ORDER,
    TRADE_NO,
    column("kind", "異動", Form::Text, 12),
    sum("amount", "金額", Form::Money, 12),
    column("released", "釋放額度", Form::Money, 12),
    sum("fee", "手續費", Form::Fee, 11),
    column("fee_source", "手續費來源", Form::Text, 12),
    column("by", "執行者", Form::Text, 11),
    column("attempt", "動作編號", Form::Count, 9),
    REFUND,
    REQUEST_KEY,
    REASON,
    column("seen_at", "查得時間", Form::Time, 20),
    column("vendor_at", "綠界時間", Form::Time, 20),
];

const DAYS: &[Column] = &[
    DAY,
    MERCHANT,
    column("opening", "期初已授權", Form::Money, 13),
    sum("authorized", "授權", Form::Money, 12),
    sum("captured", "關帳", Form::Money, 12),
    sum("called_back", "取消關帳", Form::Money, 12),
    sum("voided", "取消授權", Form::Money, 12),
    sum("expired", "逾期放棄", Form::Money, 12),
    column("closing", "期末已授權", Form::Money, 13),
    sum("refunded", "退刷", Form::Money, 12),
    sum("net", "淨額", Form::Money, 12),
    column("refunds_open", "未結退款筆數", Form::Count, 13),
];

const OPEN: &[Column] = &[
    column("what", "類別", Form::Text, 10),
    MERCHANT,
    ORDER,
    TRADE_NO,
    sum("amount", "金額", Form::Money, 12),
    STATE,
    column("authorized_at", "授權時間", Form::Time, 20),
    column("capture_by", "最晚關帳", Form::Time, 20),
    column("day_80", "滿80天", Form::Day, 11),
    column("day_90", "滿90天", Form::Day, 11),
    column("days_left", "剩餘天數", Form::Count, 9),
    column("hold", "關帳設定", Form::Text, 12),
    column("memo", "備註", Form::Text, 24),
    REFUND,
    REQUEST_KEY,
    sum("refund_amount", "要求退款金額", Form::Money, 13),
    column("asked_at", "要求退款時間", Form::Time, 20),
    column("detail", "說明", Form::Text, 40),
];

const ALLOWANCES: &[Column] = &[
    DAY,
    MERCHANT,
    ORDER,
    TRADE_NO,
    REFUND,
    REQUEST_KEY,
    sum("amount", "退款金額", Form::Money, 12),
    column("method", "方式", Form::Text, 8),
    column("by", "執行者", Form::Text, 11),
    column("paid_on", "付款日", Form::Day, 11),
    column("allowance_no", "折讓單號碼", Form::Text, 18),
    sum("allowance_amount", "折讓金額", Form::Money, 12),
    column("days_without", "未登錄天數", Form::Count, 11),
    column("hint", "提示", Form::Text, 48),
    REASON,
];

const DIFFERENCES: &[Column] = &[
    DAY,
    MERCHANT,
    ORDER,
    TRADE_NO,
    column("class", "差異", Form::Text, 26),
    sum("ledger", "帳本金額", Form::Money, 12),
    sum("ecpay", "綠界金額", Form::Money, 12),
    sum("ledger_fee", "帳本手續費", Form::Fee, 12),
    sum("ecpay_fee", "綠界手續費", Form::Fee, 12),
    column("statement", "對帳檔種類", Form::Text, 20),
    column("file", "檔案", Form::Text, 32),
    column("row", "列", Form::Count, 8),
];

const VOUCHERS: &[Column] = &[
    MERCHANT,
    ORDER,
    column("free_trade_no", "免費票券訂單編號", Form::Number, 22),
    column("voucher_trade_no", "票券交易編號", Form::Number, 22),
    STATE,
    column("registered_on", "登錄日", Form::Day, 11),
    sum("sold", "售出金額", Form::Money, 12),
    sum("redeemed_in_range", "本期核銷", Form::Money, 12),
    sum("refunded_in_range", "本期退券", Form::Money, 12),
    sum("redeemed", "累計核銷", Form::Money, 12),
    sum("refunded", "累計退券", Form::Money, 12),
    sum("confirmed", "退款已確認", Form::Money, 12),
    sum("unused", "未使用", Form::Money, 12),
    column("last_checked_at", "最近查詢", Form::Time, 20),
];

impl Sheet {
    pub fn titled(self, language: Language) -> &'static str {
        let chinese = match self {
            Self::Movements => "異動",
            Self::Days => "日結",
            Self::Open => "未結",
            Self::Allowances => "折讓",
            Self::Differences => "差異",
            Self::Vouchers => "票券",
        };
        language.pick(self.word(), chinese)
    }

    /// With `roc` days of the Republic stand beside others; where tax is declared by them, they always do.
    pub fn columns(self, roc: bool) -> Vec<Column> {
        let columns = match self {
            Self::Movements => return MOVEMENTS.to_vec(),
            Self::Days => DAYS,
            Self::Open => OPEN,
            Self::Allowances => ALLOWANCES,
            Self::Differences => DIFFERENCES,
            Self::Vouchers => VOUCHERS,
        };
        let roc = |column: &Column| if roc && column.name == DAY.name { &ROC[..] } else { &[] };
        columns.iter().flat_map(|column| std::iter::once(column).chain(roc(column))).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_column_of_a_sheet_has_a_name_of_its_own_in_each_language() {
        for sheet in Sheet::ALL {
            for language in Language::ALL {
                let columns = sheet.columns(true);
                let names: BTreeSet<&str> = columns.iter().map(|column| column.named(language)).collect();
                assert_eq!(names.len(), columns.len(), "{sheet:?} {language:?}");
            }
        }
    }

    #[test]
    fn the_days_of_the_republic_stand_behind_the_day() {
        let names = |sheet: Sheet, roc| sheet.columns(roc).iter().take(4).map(|c| c.name).collect::<Vec<_>>();
        assert_eq!(names(Sheet::Days, false), ["day", "merchant_id", "opening", "authorized"]);
        assert_eq!(names(Sheet::Days, true), ["day", "roc_day", "tax_period", "merchant_id"]);
        assert_eq!(names(Sheet::Movements, false), names(Sheet::Movements, true));
        assert_eq!(names(Sheet::Open, true), names(Sheet::Open, false));
    }
}
