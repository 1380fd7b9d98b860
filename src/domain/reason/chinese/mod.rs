//! The sentences in Traditional Chinese as it is written in Taiwan, with ECPay's own words.

mod alerts;
mod calls;
mod conditions;
mod fetching;
mod kept;
mod phrases;
mod vouchers;

pub use kept::retold;
use phrases::{by_hand, call, service};

use super::{Capturing, Gate, Looking, Reason, Refunding};
use crate::domain::facts::WholeOnly;
use crate::domain::ids::TradeNo;
use crate::domain::pause::PauseOf;

impl Reason {
    /// Its sentence in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            Self::Looking(reason) => looking(reason),
            Self::Gate(reason) => gate(reason),
            Self::Capturing(reason) => capturing(reason),
            Self::Refunding(reason) => refunding(reason),
            Self::Calling(reason) => calls::calling(reason),
            Self::Settling(reason) => calls::settling(reason),
            Self::Restoring(reason) => calls::restoring(reason),
            Self::Unexplained(reason) => calls::unexplained(reason),
            Self::Vouchers(reason) => vouchers::vouchers(reason),
            Self::Told(reason) => alerts::told(reason),
            Self::Age(reason) => alerts::age(reason),
            Self::Elsewhere(reason) => alerts::elsewhere(reason),
            Self::By(reason) => alerts::by(reason),
            Self::Upkeep(reason) => alerts::upkeep(reason),
            Self::Condition(reason) => conditions::condition(reason),
            Self::Fetching(reason) => fetching::fetching(reason),
        }
    }
}

fn looking(reason: &Looking) -> String {
    match reason {
        Looking::MerchantMissing { merchant_id } => format!("設定檔裡沒有特店 {merchant_id}，沒有人處理它的訂單"),
        Looking::Silence { service: by, until } => format!("{}要求靜默至 {until}", service(*by)),
        Looking::ClockSteppedBack => "上次查詢的時間比現在的時鐘還晚".to_owned(),
        Looking::FirstLook { service: by } => format!("還沒向{}查過這筆訂單", service(*by)),
        Looking::LookAfterAction => "上次查詢比上次的金額動作還早".to_owned(),
        Looking::LookAfterWrite => "上次查詢之後，商店又寫入過".to_owned(),
        Looking::LastLookFailed { again_at, then } => format!("{}；上次查詢失敗，{again_at} 再查", then.chinese()),
        Looking::LookedAtAgain { then } => format!("{}；上次金額動作的結果還要再查一次", then.chinese()),
        Looking::ChargedAgain { then } => format!("{}；定期定額還會扣款，繼續查下一次", then.chinese()),
        Looking::AnswerUnclear { raw } => format!("綠界的回應不在表內（{raw}）；回應正常之前不動款項"),
        Looking::TwinRow { trade_no, row } => twin(trade_no, *row),
        Looking::TwinRowOfRefund { trade_no, row } => {
            format!("{}：退款請在那一列要求，不要填這個 trade_no", twin(trade_no, *row))
        }
        Looking::TwinRowOpen { trade_no, row } => {
            format!("{}；設 capture = 'hold' 就結束這一列", twin(trade_no, *row))
        }
        Looking::NotCard { payment_type } => format!("以 {payment_type} 付款，不是信用卡：不用處理"),
        Looking::NotCardOfRefund { payment_type } => {
            format!("以 {payment_type} 付款，不是信用卡；綠界沒有這種退款，請人工退還")
        }
        Looking::OrderUnknown { service: by } => format!("{}查無此訂單", service(*by)),
        Looking::NotPaid => "訂單未付款".to_owned(),
        Looking::BankPending => "銀行還沒有回應".to_owned(),
        Looking::NotAuthorized => "銀行沒有授權這筆訂單".to_owned(),
        Looking::GivenUp { since, why } => format!("自 {since} 起：{}；不再等待", why.chinese()),
        Looking::NoLongerAsked { why } => format!("{}；不再查詢", why.chinese()),
        Looking::StateUnknown => "不知道訂單的狀態".to_owned(),
        Looking::Said { text } => text.clone(),
    }
}

fn twin(trade_no: &TradeNo, row: i64) -> String {
    format!("授權 {trade_no} 已由 orders 的第 {row} 列處理")
}

fn gate(reason: &Gate) -> String {
    match reason {
        Gate::Paused { of, until, then } => {
            let of = match of {
                PauseOf::Capture => "關帳",
                PauseOf::Refund => "退款",
            };
            let until = until.map_or_else(String::new, |until| format!("至 {until}"));
            format!("{of}暫停中{until}；恢復後：{}", then.chinese())
        }
        Gate::ClosingWindow { until, then } => format!("{}；要等關帳時段在 {until} 結束", then.chinese()),
        Gate::LookTooOld { then } => format!("{}；上次查詢太舊，動款項之前先再查一次", then.chinese()),
        Gate::ClocksDiffer { skew_s } => format!("綠界的時鐘與我方相差 {skew_s} 秒：一致之前不動款項"),
        Gate::NoTimeTold => "綠界的回應沒有附時間：附上之前不動款項".to_owned(),
        Gate::NotSent { action, text, again_at } => format!("{} 沒有送出：{text}；{again_at} 再試", call(*action)),
        Gate::MayCross { action, attempt, earlier, until } => format!(
            "{} 等到 {until}：動作 {attempt}（{}）沒有回應，請求不帶時間戳記，仍可能抵銷這一次",
            call(*action),
            call(*earlier)
        ),
        Gate::UnansweredAgain { action, calls, again_at } => {
            format!("連續 {calls} 次呼叫（{}）沒有回應，也沒有生效；{again_at} 再試", call(*action))
        }
        Gate::OutOfTries { calls } => {
            format!("{calls} 次呼叫（R 退刷）沒有回應，也沒有生效：請到綠界廠商後台核對，然後撤回這筆退款，再重新要求")
        }
    }
}

fn capturing(reason: &Capturing) -> String {
    match reason {
        Capturing::Void => "訂單已取消：不用處理".to_owned(),
        Capturing::Expired => "90 天內沒有關帳，綠界已放棄：不用處理".to_owned(),
        Capturing::Abandoned { on } => format!("到 {on} 滿 90 天仍未關帳：綠界已放棄"),
        Capturing::Refunded => "已全部退款：不用處理".to_owned(),
        Capturing::Captured => "訂單已關帳：不用處理".to_owned(),
        Capturing::Settling => "要關帳，等銀行請款".to_owned(),
        Capturing::AmountMismatch { expected, amount } => {
            format!("商店預期 {expected}，綠界是 {amount}：兩邊一致之前不關帳")
        }
        Capturing::Hold => "商店保留，不關帳".to_owned(),
        Capturing::HoldOverdue { authorized_at, limit_days } => {
            format!("商店保留，不關帳；{}", by_hand(authorized_at, *limit_days))
        }
        Capturing::CaptureOverdue { authorized_at, limit_days } => by_hand(authorized_at, *limit_days),
        Capturing::CaptureRefused { text, again_at } => format!("綠界拒絕關帳（C）：{text}；{again_at} 再試"),
        Capturing::CapturePastLimit => "已過關帳期限，仍再試一次關帳".to_owned(),
        Capturing::CaptureForPart => "現在就關帳".to_owned(),
        Capturing::CaptureNow => "商店要求關帳".to_owned(),
        Capturing::Manual => "商店要求時才關帳".to_owned(),
        Capturing::CaptureDue => "關帳的時間到了".to_owned(),
        Capturing::CaptureAhead { at, deadline_days } => {
            format!("{at} 關帳，在授權後 {deadline_days} 天的期限之前")
        }
    }
}

/// The way of a full refund where the capture is not claimed yet.
const CALL_BACK: &str = "要關帳的訂單全額退款：先取消關帳，再查一次，然後放棄";

fn refunding(reason: &Refunding) -> String {
    match reason {
        Refunding::NothingLeftOfVoid => "沒有可退的：訂單已取消".to_owned(),
        Refunding::NothingLeft { amount } => format!("{amount} 已全部退完"),
        Refunding::MoreThanLeft { asked, left, amount } => {
            format!("要退 {asked}，超過剩下的 {left}（訂單 {amount}）")
        }
        Refunding::NothingAsked => "要退的金額是 0".to_owned(),
        Refunding::WholeOnly { kind, asked, amount } => {
            let kind = match kind {
                WholeOnly::Installments => "分期訂單",
                WholeOnly::BonusPoints => "紅利折抵訂單",
                WholeOnly::Unknown => {
                    "可能是分期的訂單（綠界沒有說明；若是一次付清，請把 orders.installments 設為 0，再要求一次）"
                }
            };
            format!("{kind}只能全額退款（要求 {asked}，訂單 {amount}）")
        }
        Refunding::RefundRefused { action, amount, text } => format!("綠界拒絕 {} {amount}：{text}", call(*action)),
        Refunding::FullOfAuthorized => "未關帳的訂單全額退款：放棄整筆授權".to_owned(),
        Refunding::FullOfToBeCaptured => CALL_BACK.to_owned(),
        Refunding::NightOfTheClosing { from } => format!("{CALL_BACK}；綠界自動關帳的，{from} 起才能取消"),
        Refunding::PartOfToBeCaptured => "要關帳的訂單，退刷一部分".to_owned(),
        Refunding::RefundOfCaptured => "已關帳的訂單，以退刷退款".to_owned(),
        Refunding::StateAllowsNone => "訂單目前的狀態不能退款".to_owned(),
        Refunding::AfterTheCapture { then } => format!("部分退款要等關帳之後；{}", then.chinese()),
        Refunding::UnionPayWaits => "銀聯卡不能取消關帳；等已關帳再退刷".to_owned(),
        Refunding::CallBackRefused => "綠界拒絕取消關帳；等已關帳再退刷".to_owned(),
        Refunding::RestRefused { text } => format!("綠界拒絕退刷剩餘的全部金額（{text}）；等已關帳再退刷"),
        Refunding::BalanceShort { text, again_at } => format!("綠界帳戶餘額不足（{text}）；{again_at} 再試"),
    }
}
