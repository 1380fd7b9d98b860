//! Alerts.

use super::kept::retold;
use super::phrases::{by_hand, call, not_in_the_table, service, shown};
use super::vouchers::sold_for;
use crate::domain::reason::{Age, By, Elsewhere, Ended, Told, Upkeep, besides};
use crate::domain::service::Service;

pub(super) fn told(reason: &Told) -> String {
    match reason {
        Told::AttemptNeedsPerson { attempt, action, amount, text } => format!(
            "動作 {attempt}（{} {amount}）需要人工：{}；請先到綠界廠商後台核對，再輸入 ecpayd resolve {attempt} --applied 或 --not-applied --by 您的名字",
            call(*action),
            retold(text)
        ),
        Told::RefundStuck { refund, why } => format!("退款 {refund} 無法繼續：{}", why.chinese()),
        Told::RefundRejected { refund, why } => format!("退款 {refund} 被拒絕：{}", why.chinese()),
        Told::RefundUndone { why } => format!(
            "{}：請問綠界怎麼回事；若確定被撤銷，輸入 ecpayd refunds void 退款編號 --by 您的名字 --why 原因，那筆金額就又可以退",
            why.chinese()
        ),
        Told::RefundAwaitsBalance { refund, text } => format!("退款 {refund} 在等綠界帳戶餘額：{text}"),
        Told::AnswerToCheck { raw } => not_in_the_table(raw),
        Told::Contradiction { why } => not_in_the_table(&why.chinese()),
        Told::LooksTellNothing { service: Service::Card, error } => {
            format!("查這筆訂單查不出結果（{error}）：查得到之前不關帳、不退款")
        }
        Told::LooksTellNothing { service: Service::Voucher, error } => {
            format!("查這筆票券訂單查不出結果（{error}）：查得到之前，它的退款要等")
        }
        Told::SetAside { service: by, until } => {
            format!("{}只對這筆訂單的呼叫回 HTTP 403：{until} 之前不再呼叫，其他訂單照常", service(*by))
        }
        Told::CaptureRefusedAgain { amount, text } => format!("綠界拒絕關帳 {amount}：{text}"),
        Told::DueYetPaused => "該關帳了，但金額動作暫停中：輸入 ecpayd resume 恢復".to_owned(),
        Told::DueBehindRefund { why } => format!("該關帳了，但等待中的全額退款要先做：{}", why.chinese()),
        Told::DueNotSent { text } => format!("該關帳了，但沒有送出：{text}"),
        Told::DueLooksFail => "該關帳了，但關帳前的查詢失敗".to_owned(),
        Told::AbandonedByEcpay { amount } => format!("{amount} 在 90 天內沒有關帳：綠界已放棄"),
        Told::AmountsDiffer { expected, amount, captured } => {
            let captured = if *captured { "仍已關帳" } else { "不關帳" };
            format!("商店預期 {expected}，綠界是 {amount}：{captured}")
        }
        Told::ChargesUnregistered { charges, registered } => {
            format!("定期定額已扣款 {charges} 次，只登錄了 {registered} 次授權：請以 trade_no 登錄其餘的")
        }
        Told::PaidUnregistered { merchant_trade_no: number, amount, paid_on, file } => format!(
            "{file} 有 {paid_on} 刷卡付款的訂單 {number}（{amount}），但沒有登錄：請用 ecpayd orders add {number} 登錄，或用 ecpayd orders adopt 登錄整份對帳檔（--statement 檔案，或 --fetch --since 日期）"
        ),
        Told::VouchersNameAnother => {
            "同編號的票券，寫的信用卡授權與綠界顯示的不同：有人看過之前不退款，或由商店把 voucher_orders 那一列設為 guard = 0"
                .to_owned()
        }
        Told::SoldForAnother { sold, paid } => format!("{}：有人看過之前不退款", sold_for(*sold, *paid)),
    }
}

pub(super) fn age(reason: &Age) -> String {
    match reason {
        Age::NotSeenCaptured { amount, authorized_at, why } => {
            format!("{authorized_at} 授權的 {amount}，90 天內沒有看到關帳，之後的查詢也看不出結果；{}", why.chinese())
        }
        Age::CaptureByHand { authorized_at, limit_days, why } => {
            let told = by_hand(authorized_at, *limit_days);
            format!("{told}；已不能用 API 關帳{}", besides(&told, &why.chinese(), "；"))
        }
        Age::CaptureEnds { amount, authorized_at, ends_at, why } => {
            format!("{authorized_at} 授權的 {amount} 還沒有關帳，API 關帳到 {ends_at} 為止：{}", why.chinese())
        }
        Age::Expiring { amount, days, days_left, abandoned_at, by_api } => {
            let todo = if *by_api {
                "請設 capture = 'now' 關帳，或退款"
            } else {
                "已不能用 API 關帳：請綠界客服人工關帳，或退款"
            };
            format!("{amount} 授權後 {days} 天仍未關帳；距綠界放棄請款（{abandoned_at}）尚有 {days_left} 天：{todo}")
        }
        Age::ClaimAwaited { amount, since, why } => {
            format!("{amount} 已要關帳，自 {since} 起等銀行請款：請問綠界客服；{}", why.chinese())
        }
        Age::RefundNotEnded { refund, asked_at, why } => {
            format!("{asked_at} 要求的退款 {refund} 還沒結束：{}", why.chinese())
        }
        Age::NeverAnswered { registered_at, why } => {
            format!("查這筆訂單，一次回應都沒有（{registered_at} 登錄）；{}", why.chinese())
        }
        Age::StillUnknown { registered_at, why } => {
            format!(
                "綠界查無此訂單：編號與送給綠界的相同嗎？merchant.card.api 是這項產品的嗎？（{registered_at} 登錄）；{}",
                why.chinese()
            )
        }
        Age::LastError { error, then } => format!("{}（上次查詢失敗：{error}）", then.chinese()),
    }
}

pub(super) fn elsewhere(reason: &Elsewhere) -> String {
    match reason {
        Elsewhere::VoidedAtEcpay { by: who, was } => {
            format!("訂單在綠界被取消，{}（之前是{}）", by(who), shown(*was))
        }
        Elsewhere::CapturedAtEcpay => "商店保留不關帳，訂單卻在綠界被關帳".to_owned(),
        Elsewhere::RefundedAtEcpay { moved, by: who, left, amount } => {
            format!("在綠界退了 NT${moved}，{}；{amount} 還剩 NT${left}", by(who))
        }
        Elsewhere::LessRefunded { moved, left, amount } => {
            format!("綠界顯示的退款比之前少 NT${moved}；{amount} 還剩 NT${left}")
        }
        Elsewhere::CalledBackAtEcpay { by: who } => format!("關帳在綠界被取消，{}", by(who)),
        Elsewhere::VoidedWhileLost { left, amount } => {
            format!("訂單被取消，從備份還原的帳本不知道是誰做的；{amount} 還剩 {left}")
        }
        Elsewhere::RefundedWhileLost { refunded, left, amount } => {
            format!("退了 {refunded}，從備份還原的帳本不知道是誰做的；{amount} 還剩 {left}")
        }
    }
}

pub(super) fn by(who: &By) -> String {
    match who {
        By::AttemptOrHand { attempt, action, amount, ended } => {
            let end = match ended {
                Ended::Refused => "當時被拒絕",
                Ended::InReview => "還在等人工判斷",
                Ended::WithoutEffect => "當時看不到效果",
            };
            format!("可能是動作 {attempt}（{} {amount}，{end}），或有人手動操作", call(*action))
        }
        By::OnceMore { attempt } => format!("與動作 {attempt} 同樣的金額又一次，手動或綠界做的"),
        By::Others => "不是 ecpayd 做的".to_owned(),
    }
}

pub(super) fn upkeep(reason: &Upkeep) -> String {
    match reason {
        Upkeep::AnswersTellNoTime { service: by } => {
            format!("{}的回應沒有 RpHeader.Timestamp，也沒有 Date：附上之前{}", service(*by), while_clocks_differ(*by))
        }
        Upkeep::ClockSkew { service: by, skew_s } => format!(
            "{}的時鐘與我方相差 {skew_s} 秒：一致之前{}（主機有校時 (NTP) 嗎？）",
            service(*by),
            while_clocks_differ(*by)
        ),
        Upkeep::KeysNotTaken { service: by, error } => format!(
            "{}不接受我方的呼叫：{error}；請核對 merchant_id、platform_id，以及 {} 的金鑰與 base_url",
            service(*by),
            by.section()
        ),
        Upkeep::MerchantNotTaken { service: by, error } => format!(
            "{}不接受我方的呼叫：{error}；請核對 merchant_id 與 platform_id，並向綠界確認合約是否有效",
            service(*by)
        ),
        Upkeep::NoAnswer { service: by, error } => {
            format!("{}沒有回應（{error}）；查詢繼續，間隔會越來越久", service(*by))
        }
        Upkeep::RateLimited { service: by, until } => {
            format!("{}限制呼叫頻率（HTTP 403）：靜默至 {until}", service(*by))
        }
        Upkeep::OrdersNotServed { merchant_id, orders } => format!(
            "設定檔裡沒有特店 {merchant_id}，它有 {orders} 筆訂單還沒結束，沒有人處理：請加上它的 [[merchant]] 段落，再重新啟動 ecpayd"
        ),
        Upkeep::StatementDiffers { orders, payouts, from, to } => format!(
            "{from} 至 {to} 的綠界對帳檔與帳本不符，共 {orders} 筆訂單、{payouts} 個撥款日：請用 ecpayd reconcile --from {from} --to {to} 查看"
        ),
        Upkeep::StatementsMissing { since, why } => {
            format!("自 {since} 起拿不到綠界的對帳檔，無法與帳本核對：{}", why.chinese())
        }
        Upkeep::LogLarge { megabytes } => format!(
            "帳本的日誌檔已有 {megabytes} MB，因為有程式開著 SELECT 或交易一直不結束：請結束那個程式（用 lsof 可查到），否則磁碟會滿"
        ),
        Upkeep::DiskLow { percent, free_megabytes } => {
            format!("帳本所在的磁碟只剩 {percent} %（{free_megabytes} MB）：請騰出空間，磁碟滿了就無法查詢、關帳、退款")
        }
        Upkeep::BackupFailed { error } => format!("帳本備份失敗（{error}）：請排除原因，並立刻備份一次"),
        Upkeep::BackupOld { made_at, days } => {
            format!("帳本最近一次備份是 {made_at}，距今已 {days} 天：請查明為何沒有更新的備份，並立刻備份一次")
        }
        Upkeep::DeliveryFailing { channel, error, tries, next_at } => format!(
            "管道 {channel} 的通知試了 {tries} 次仍送不到（{error}），{next_at} 再試：ecpayd alerts test {channel} 可查是否已修好"
        ),
        Upkeep::DeliveryGivenUp { channel, error, tries } => format!(
            "管道 {channel} 有一則通知試了 {tries} 次後放棄（{error}）：請用 ecpayd alerts 查看未結的警告，並修好這個管道"
        ),
    }
}

/// What becomes of its calls while its clock and ours differ.
fn while_clocks_differ(service: Service) -> &'static str {
    match service {
        Service::Card => "不動款項",
        Service::Voucher => "查詢可能被當成太舊而拒絕",
    }
}
