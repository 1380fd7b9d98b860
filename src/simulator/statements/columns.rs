//! Which columns each file has, by the vendor's names.

use chrono::{DateTime, NaiveDate, Utc};

use super::asked::{Asked, File};
use super::line::Line;
use crate::domain::calendar::taipei;
use crate::simulator::bank::decimals;

/// What stands above it, and in it.
pub type Column = (&'static str, fn(&Line) -> String);

pub fn of(asked: &Asked) -> &'static [Column] {
    match (asked.file, asked.format) {
        (File::QueryTradeMedia, _) => QUERY_TRADE_MEDIA,
        (File::FundingReconDetail, _) => FUNDING_RECON_DETAIL,
        (File::TradeNoAio, 0) => TRADE_NO_AIO_OLD,
        (File::TradeNoAio, 1) => TRADE_NO_AIO_NEW,
        (File::TradeNoAio, _) => TRADE_NO_AIO_V3,
    }
}

/// Thirteen, as recorded; the vendor's page (?p=22999) lists twelve.
const QUERY_TRADE_MEDIA: &[Column] = &[
    ("特店交易編號", |l| l.merchant_trade_no.clone()),
    ("綠界交易編號", |l| l.trade_no.clone()),
    ("交易日期", |l| vendor_time(l.ordered_at)),
    ("付款方式", payment),
    ("手續費率", |l| l.rate.clone()),
    ("結算日期", |l| midnight(l.settled_on)),
    ("撥款日期", |l| midnight(l.paid_out_on)),
    ("交易金額", |l| l.gross.to_string()),
    ("金流手續費", |l| decimals(l.fees.service)),
    ("平台手續費", zero),
    ("退款金額", zero),
    ("應收款項(淨額)", |l| decimals(l.net())),
    ("金流處理費", |l| decimals(l.fees.process)),
];

/// As in use in 2026; the vendor's page (?p=2898) begins with 序號.
const FUNDING_RECON_DETAIL: &[Column] = &[
    ("授權單號", |l| l.gwsr.to_string()),
    ("授權碼", |_| "777777".to_owned()),
    ("關帳單號", |l| l.closing_no.to_string()),
    ("訂單編號", |l| l.merchant_trade_no.clone()),
    ("交易日期", |l| compact(Some(taipei(l.ordered_at).date_naive()))),
    ("請款日期", |l| compact(l.closed_on)),
    ("交易金額", |l| l.gross.to_string()),
    ("手續費", |l| decimals(l.fees.service)),
    ("%數", |l| l.rate.clone()),
    ("撥款金額", |l| decimals(l.net())),
    ("交易處理費", |l| decimals(l.fees.process)),
];

const TRADE_NO_AIO_OLD: &[Column] = &[
    ("交易日期", |l| dashed(Some(l.ordered_at))),
    ("交易序號", |l| l.trade_no.clone()),
    ("特店訂單編號", |l| l.merchant_trade_no.clone()),
    ("ATM條碼", empty),
    ("交易金額", |l| l.gross.to_string()),
    ("付款方式", payment),
    ("付款結果", |l| if l.paid_at.is_some() { "成功" } else { "失敗" }.to_owned()),
    ("付款日期", |l| dashed(l.paid_at)),
    ("款項來源", empty),
    ("通路費", zero),
    ("交易服務費率", |l| l.rate.clone()),
    ("交易服務費金額", all_fees),
    ("應收款項(淨額)", |l| decimals(l.net())),
    ("撥款狀態", paid_out),
    ("撥款日期", |l| l.paid_out_on.map(|day| day.to_string()).unwrap_or_default()),
    ("備註", empty),
];

const TRADE_NO_AIO_NEW: &[Column] = &[
    ("訂單日期", |l| dashed(Some(l.ordered_at))),
    ("廠商訂單編號", |l| l.merchant_trade_no.clone()),
    ("訂單編號", |l| l.trade_no.clone()),
    ("平台名稱", empty),
    ("付款方式", payment),
    ("費率(每筆)", |l| l.rate.clone()),
    ("信用卡授權單號", |l| if l.is_by_card() { l.gwsr.to_string() } else { String::new() }),
    ("信用卡卡號末4碼", |l| if l.is_by_card() { "2222".to_owned() } else { String::new() }),
    ("超商資訊/ATM繳款帳號", empty),
    ("付款狀態", |l| if l.paid_at.is_some() { "已付款" } else { "未付款" }.to_owned()),
    ("交易金額", |l| l.gross.to_string()),
    ("退款日期", |l| l.refunded_on.map(|day| day.to_string()).unwrap_or_default()),
    ("退款金額", |l| l.refunded.to_string()),
    ("交易手續費", all_fees),
    ("平台手續費", zero),
    ("應收款項(淨額)", |l| decimals(l.net())),
    ("撥款狀態", paid_out),
    ("買家備註", empty),
    ("廠商備註", empty),
];

/// The order of its columns is on no page; the fee has three since April 2025.
const TRADE_NO_AIO_V3: &[Column] = &[
    TRADE_NO_AIO_NEW[0],
    TRADE_NO_AIO_NEW[1],
    TRADE_NO_AIO_NEW[2],
    TRADE_NO_AIO_NEW[3],
    TRADE_NO_AIO_NEW[4],
    ("手續費率(每筆)", |l| l.rate.clone()),
    TRADE_NO_AIO_NEW[6],
    TRADE_NO_AIO_NEW[7],
    TRADE_NO_AIO_NEW[8],
    TRADE_NO_AIO_NEW[9],
    TRADE_NO_AIO_NEW[10],
    TRADE_NO_AIO_NEW[11],
    TRADE_NO_AIO_NEW[12],
    ("手續費", |l| decimals(l.fees.service)),
    ("處理費", |l| decimals(l.fees.process)),
    TRADE_NO_AIO_NEW[13],
    TRADE_NO_AIO_NEW[14],
    TRADE_NO_AIO_NEW[15],
    TRADE_NO_AIO_NEW[16],
    ("撥款日期", |l| l.paid_out_on.map(|day| day.to_string()).unwrap_or_default()),
    TRADE_NO_AIO_NEW[17],
    TRADE_NO_AIO_NEW[18],
];

fn payment(line: &Line) -> String {
    if line.is_by_card() { "信用卡" } else { "ATM" }.to_owned()
}

fn paid_out(line: &Line) -> String {
    if line.paid_out_on.is_some() { "已撥款" } else { "未撥款" }.to_owned()
}

fn all_fees(line: &Line) -> String {
    decimals(line.fees.service + line.fees.process)
}

fn zero(_: &Line) -> String {
    "0".to_owned()
}

fn empty(_: &Line) -> String {
    String::new()
}

fn vendor_time(at: DateTime<Utc>) -> String {
    taipei(at).format("%Y/%m/%d %H:%M:%S").to_string()
}

fn midnight(day: Option<NaiveDate>) -> String {
    day.map(|day| day.format("%Y/%m/%d 00:00:00").to_string()).unwrap_or_default()
}

fn compact(day: Option<NaiveDate>) -> String {
    day.map(|day| day.format("%Y%m%d").to_string()).unwrap_or_default()
}

fn dashed(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| taipei(at).format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
