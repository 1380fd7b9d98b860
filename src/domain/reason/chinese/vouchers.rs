//! Vouchers.

use crate::domain::money::Twd;
use crate::domain::reason::Vouchers;

/// Where the guard holds until a person has looked.
const WAY_OUT: &str = "有改變之前不退款，除非商店把 voucher_orders 那一列設為 guard = 0";

pub(super) fn vouchers(reason: &Vouchers) -> String {
    match reason {
        Vouchers::VouchersNotServed => {
            "這筆訂單買的是票券，設定檔卻沒有這個特店的票券服務：請加上 [merchant.voucher]，或設 refund.voucher_guard = false"
                .to_owned()
        }
        Vouchers::VouchersUnknown => format!("票券服務查無此訂單；{WAY_OUT}"),
        Vouchers::VouchersUnclear { raw } => format!("票券服務的回應不在表內（{raw}）；{WAY_OUT}"),
        Vouchers::VouchersOfAnother => format!("票券寫的信用卡授權與綠界顯示的不同；{WAY_OUT}"),
        Vouchers::VouchersFirst => LOOKED_AT.to_owned(),
        Vouchers::VouchersLookFailed { error, again_at } => {
            let error = error.as_deref().unwrap_or("票券服務沒有回應");
            format!("{LOOKED_AT}，而查詢失敗（{error}）；{again_at} 再查")
        }
        Vouchers::VouchersContradict { what } => format!("票券的總額對不起來（{what}）；{WAY_OUT}"),
        Vouchers::VouchersOfOtherAmount { sold, paid } => {
            format!("票券的總額對不起來（{}）；{WAY_OUT}", sold_for(*sold, *paid))
        }
        Vouchers::VouchersIssuing { again_at } => format!("票券發行中；{again_at} 再查"),
        Vouchers::VouchersStillIssuing { paid_at } => format!("{paid_at} 付款的票券還在發行中；{WAY_OUT}"),
        Vouchers::VouchersRedeemed { redeemed, sold, back, refundable, asked, called_back } => {
            let back = if back.is_zero() { String::new() } else { format!("，已退 {back}") };
            let limit = format!("票券售出 {sold}，已核銷 {redeemed}{back}；最多可退 {refundable}，不能退 {asked}");
            if *called_back { format!("{limit}；{CAPTURED_AGAIN}") } else { limit }
        }
        Vouchers::VoucherAnswerUnclear { raw } => format!("票券服務的回應不在表內（{raw}）"),
        Vouchers::TotalsDiffer { what } => format!("總額對不起來：{what}"),
        Vouchers::TicketsIssuing => "票券發行中".to_owned(),
        Vouchers::IssueFailed => "票券發行失敗".to_owned(),
        Vouchers::TicketsUnused { tickets } => format!("還有 {tickets} 張票券未使用"),
        Vouchers::TicketsUsedUp => "沒有票券還能使用".to_owned(),
        Vouchers::TicketsUnconfirmed { amount } => format!("退券 {amount}，銀行還沒確認"),
        Vouchers::VoucherAnswerToCheck { raw } => format!("票券服務的回應不在表內（{raw}）：請到綠界廠商後台看"),
        Vouchers::VouchersNotIssued { amount, remark } => {
            let said = if remark.is_empty() { "沒有說明原因" } else { remark };
            format!("{amount} 的票券發行失敗：{said}")
        }
        Vouchers::TotalsDecideNothing { what } => format!("票券的總額對不起來（{what}）：對得起來之前不拿來決定退款"),
        Vouchers::RefundsUnconfirmed { amount, fees, since, error } => {
            let fees = if fees.is_zero() { String::new() } else { format!("（所有退券中 {fees} 是手續費）") };
            let error = error.as_ref().map(|error| format!("；最近一次詢問：{error}")).unwrap_or_default();
            format!("退券 {amount}{fees}，自 {since} 起銀行還沒確認{error}：請問綠界客服")
        }
    }
}

const LOOKED_AT: &str = "退款之前先查票券";

/// Where the guard speaks between E and N.
const CAPTURED_AGAIN: &str = "已取消的關帳會依訂單自己的規則再做，或設 capture = 'now'";

pub(super) fn sold_for(sold: Twd, paid: Twd) -> String {
    format!("票券售價 {sold}，信用卡付了 {paid}")
}
