//! What became of money calls, and what cannot be as the ledger has it.

use super::phrases;
use crate::domain::action::Action;
use crate::domain::money::Twd;
use crate::domain::reason::{At, Calling, Restoring, Settling, Unexplained};

pub(super) fn calling(reason: &Calling) -> String {
    match reason {
        Calling::CallBegun { attempt, action, amount } => {
            format!("動作 {attempt}：{} {amount}", phrases::call(*action))
        }
        Calling::CallAccepted { attempt } => format!("綠界已接受動作 {attempt}；查詢中"),
        Calling::CallRefused { attempt, text } => format!("綠界拒絕動作 {attempt}：{text}；再查詢"),
        Calling::CallUnanswered { attempt, text } => format!("動作 {attempt} 沒有可憑信的回應（{text}）；查詢中"),
        Calling::CallNotSent { attempt, text } => format!("動作 {attempt} 沒有送出：{text}"),
        Calling::CallTookEffect { attempt } => format!("動作 {attempt} 已生效"),
        Calling::CallHadNoEffect { attempt } => format!("動作 {attempt} 沒有生效；重新計畫"),
        Calling::CalledBack => "已取消關帳；接著放棄訂單".to_owned(),
        Calling::BehindAnother { refund } => format!("等同一訂單的退款 {refund}"),
        Calling::CallInQuestion { attempt, why } => format!("動作 {attempt}：{}", why.chinese()),
    }
}

pub(super) fn settling(reason: &Settling) -> String {
    match reason {
        Settling::LookingForEffect { attempt, action, amount, accepted } => {
            format!("{}；正在查有沒有生效", call(*attempt, *action, *amount, *accepted))
        }
        Settling::SettledByLook { attempt, action, amount, accepted } => call(*attempt, *action, *amount, *accepted),
        Settling::MayTakeEffect { attempt, action, amount, accepted, until } => {
            format!("{}；{until} 之前仍可能生效", call(*attempt, *action, *amount, *accepted))
        }
        Settling::WaitsForQuiet { attempt, action, amount, accepted, until } => {
            let call = call(*attempt, *action, *amount, *accepted);
            format!("{call}；請求不帶時間戳記，{until} 起才以查詢認定")
        }
        Settling::AbsentOnce { attempt, action, amount, accepted } => {
            let call = call(*attempt, *action, *amount, *accepted);
            format!("{call}；時間已過，也看不到效果；再查一次")
        }
        Settling::AbsentAgain { attempt, action, amount, accepted } => {
            format!("{}；看不到效果，再查一次", call(*attempt, *action, *amount, *accepted))
        }
        Settling::NoEffect { attempt, action, amount, accepted } => {
            format!("{}；時間過後，兩次查詢都看不到效果", call(*attempt, *action, *amount, *accepted))
        }
        Settling::UnseenEffect { attempt, action, amount, accepted } => {
            format!("{}，還沒有查詢看得出結果", call(*attempt, *action, *amount, *accepted))
        }
        Settling::AttemptInReview { attempt, action, amount } => format!(
            "動作 {attempt}（{} {amount}）需要人工：ecpayd resolve {attempt} --applied 或 --not-applied --by 您的名字",
            phrases::call(*action)
        ),
        Settling::NoLongerAuthorized => "訂單不再是已授權".to_owned(),
        Settling::VoidedByOthers => "訂單被別人取消了".to_owned(),
        Settling::PartRefundedMeanwhile => "期間退了一部分".to_owned(),
        Settling::RefundedByOthers => "被別人關帳，又退了一部分".to_owned(),
        Settling::AnotherAmountMoved => "動的是別的金額".to_owned(),
        Settling::CalledBackByOthers => "關帳被別人取消了".to_owned(),
        Settling::LostInRestore => "從備份還原的帳本分不出是這次還是之後的呼叫".to_owned(),
        Settling::UnreadableForADay => "一天來，綠界的回應都看不出結果".to_owned(),
        Settling::UnseenForADay => "綠界已接受，一天後仍查不到效果".to_owned(),
        Settling::StatementShowsNone { attempt } => {
            format!("綠界的對帳檔沒有第 {attempt} 次動作的退款：再查一次就定案")
        }
        Settling::MayComeAtAnyTime => "查不到效果，但請求不帶時間戳記，之後仍可能生效：再送一次可能退兩次".to_owned(),
    }
}

fn call(attempt: i64, action: Action, amount: Twd, accepted: bool) -> String {
    let answer = if accepted { "已被接受" } else { "沒有回應" };
    format!("動作 {attempt}（{} {amount}）{answer}", phrases::call(action))
}

pub(super) fn restoring(reason: &Restoring) -> String {
    match reason {
        Restoring::RestoredLook { noticed_at } => format!("{}；正在查這期間發生了什麼", restored(noticed_at)),
        Restoring::RestoredClock { noticed_at } => {
            format!("{}；綠界的時鐘與我方一致之前，訂單不補上", restored(noticed_at))
        }
        Restoring::RestoredUnderWay { noticed_at, until } => {
            format!("{}；當時送出的，{until} 之前仍可能生效，之後再查", restored(noticed_at))
        }
        Restoring::RestoredCaughtUp { noticed_at } => format!("{}；正在補上這期間發生的事", restored(noticed_at)),
        Restoring::UnclaimedVoid => {
            format!("綠界顯示訂單已取消，從備份還原的帳本不知道是誰做的{TO_BE_MADE}")
        }
        Restoring::UnclaimedRefund { amount } => {
            format!("綠界顯示退了 {amount}，從備份還原的帳本不知道是哪一筆{TO_BE_MADE}")
        }
    }
}

pub(super) fn unexplained(reason: &Unexplained) -> String {
    match reason {
        Unexplained::CallsContradicted { calls, shown } => {
            format!("帳本有這筆訂單的 {calls} 次金額動作，綠界卻顯示{}", phrases::shown(*shown))
        }
        Unexplained::RefundsContradicted { refunded, shown } => {
            format!("帳本已退款 {refunded}，綠界卻顯示{}", phrases::shown(*shown))
        }
        Unexplained::RefundsMissing { refunded, shown_refunded } => {
            format!("帳本已退款 {refunded}，綠界卻顯示只退了 {shown_refunded}")
        }
        Unexplained::VoidContradicted { attempt, shown } => {
            format!("動作 {attempt} 已放棄訂單，綠界卻顯示{}", phrases::shown(*shown))
        }
        Unexplained::RefusedYetRefunded { amount, text, moved } => {
            format!("綠界拒絕 R 退刷 {amount}（{text}），之後卻退了 NT${moved}：{WHOSE}")
        }
        Unexplained::RefusedYetVoid { amount, text } => {
            format!("綠界拒絕 N 放棄 {amount}（{text}），之後訂單卻已取消：{WHOSE}")
        }
        Unexplained::EndedYetRefunded { attempt, amount, moved } => {
            format!("動作 {attempt}（R 退刷 {amount}）判定為沒有生效，之後卻退了 NT${moved}：{WHOSE}")
        }
        Unexplained::EndedYetVoid { attempt, amount } => {
            format!("動作 {attempt}（N 放棄 {amount}）判定為沒有生效，之後訂單卻已取消：{WHOSE}")
        }
        Unexplained::MovedUnexplained { attempt, amount, moved } => format!(
            "動作 {attempt}（R 退刷 {amount}）之後退了 {moved}，我方的呼叫無法解釋\
             （--applied：就是這筆退款；--not-applied：是別人退的，這筆還沒退）"
        ),
        Unexplained::RefusedMayLand { attempt, amount, text, until } => format!(
            "動作 {attempt}（R 退刷 {amount}）被拒絕（{text}），但 {until} 之前仍可能生效：之後再查，才送下一筆退刷"
        ),
        Unexplained::MayStillLand => "已看到退款，它的呼叫卻沒有回應：等請求過了時效再查一次".to_owned(),
    }
}

const WHOSE: &str = "是這筆退款，還是有人在綠界廠商後台操作？";

/// What a person's word would mean.
const TO_BE_MADE: &str = "（--applied：就是這筆退款；--not-applied：這筆還沒退）";

fn restored(noticed_at: &At) -> String {
    format!("帳本可能是從備份還原的（{noticed_at} 發現）")
}
