//! What came of the question whether the JSON actions know an order by form.

use super::super::{After, Check, Code, ProbeAsked, ProbeEnd, Probed};
use crate::domain::calendar::show;
use crate::domain::facts::Seen;
use crate::domain::language::Language;
use crate::domain::probe::{Answer, Unfit};
use crate::domain::reason::Shown;
use crate::gateway::LookError;

const CODE: Code = Code::Probe;

pub fn probed(probed: &Probed, language: Language) -> Check {
    let check = match &probed.end {
        ProbeEnd::Unfit(unfit) => not_asked(unfit, language),
        ProbeEnd::LedgerSilent(why) => Check::fails(
            CODE,
            language
                .pick(format!("not asked: the ledger does not tell: {why}"), format!("沒有詢問：帳本無法說明：{why}")),
            language.pick("start the daemon, then again", "請啟動常駐程式後再試"),
        ),
        ProbeEnd::Resting(until) => Check::fails(
            CODE,
            language.pick(
                format!("not asked: after HTTP 403 this merchant's calls rest until {}", show(*until)),
                format!("沒有詢問：HTTP 403 之後，此特店暫停呼叫到 {}", show(*until)),
            ),
            language.pick("wait for that time, then again", "請過了這個時間再試"),
        ),
        ProbeEnd::NoKeys => Check::fails(
            CODE,
            language.pick("not asked: the keys cannot be read by you", "沒有詢問：您讀不到金鑰"),
            language.pick("run it as root", "請用 root 執行"),
        ),
        ProbeEnd::LookFailed(error) => Check::fails(
            CODE,
            language.pick(
                format!("E was not sent, for a look before it failed: {error}"),
                format!("沒有送出 E，因為事前查詢失敗：{error}"),
            ),
            language.pick("mend that first, then again", "請先處理這個問題再試"),
        ),
        ProbeEnd::Asked(asked) => match &asked.after {
            Some(Ok(After::Changed(seen))) => changed(&asked.answer, seen, language),
            Some(Err(error)) => unseen(&asked.answer, error, language),
            Some(Ok(After::AsBefore)) | None => answered(asked, language),
        },
    };
    check.about(format!("{} card", probed.merchant_id))
}

fn not_asked(unfit: &Unfit, language: Language) -> Check {
    let (found, mend) = match unfit {
        Unfit::NotByForm => language.pick(
            ("the merchant has api = \"json\"".to_owned(), "there is nothing to ask"),
            ("這個特店的設定是 api = \"json\"".to_owned(), "不需要問"),
        ),
        Unfit::NotInLedger => language.pick(
            ("the order is not in the ledger".to_owned(), "`ecpayd orders add NUMBER --hold`, then again"),
            ("訂單不在帳本裡".to_owned(), "請執行 `ecpayd orders add 訂單編號 --hold` 後再試"),
        ),
        Unfit::Recurring => language.pick(
            ("the order is a recurring one".to_owned(), "take one that is paid once"),
            ("這是定期定額訂單".to_owned(), "請改用一次付清的訂單"),
        ),
        Unfit::NotOnHold => language.pick(
            (
                "the order is not on hold, so it could be captured while E is on its way, and E would call that back"
                    .to_owned(),
                "`ecpayd orders hold NUMBER`, then again",
            ),
            (
                "訂單沒有設為 hold：E 在路上時若關帳，會被 E 取消".to_owned(),
                "請執行 `ecpayd orders hold 訂單編號` 後再試",
            ),
        ),
        Unfit::ActedOn { attempts } => language.pick(
            (format!("calls that were made for the order already: {attempts}"), "take one that is freshly paid"),
            (format!("這筆訂單已經送過 {attempts} 次呼叫"), "請改用剛付款的訂單"),
        ),
        Unfit::RefundOpen => language.pick(
            ("a refund of the order is open".to_owned(), "take one without"),
            ("這筆訂單有未結的退款".to_owned(), "請改用沒有退款的訂單"),
        ),
        Unfit::Closing { until } => language.pick(
            (
                format!("ECPay's closing of the day is near or not over, until {}", show(*until)),
                "ask again after that time",
            ),
            (format!("接近或仍在綠界的每日關帳時段，到 {} 為止", show(*until)), "請在這個時間之後再試"),
        ),
        Unfit::NoTimeTold => language.pick(
            ("ECPay's answer tells no time".to_owned(), "try again in some minutes"),
            ("綠界的回應沒有時間".to_owned(), "請過幾分鐘再試"),
        ),
        Unfit::ClocksDiffer { skew_s } => language.pick(
            (
                format!("the clocks are {} s apart, so the request would have no sure end", skew_s.unsigned_abs()),
                "mend NTP, then again",
            ),
            (format!("雙方時鐘相差 {} 秒，請求的失效時間不確定", skew_s.unsigned_abs()), "請修好主機校時後再試"),
        ),
        Unfit::NotUntouched { seen } => language.pick(
            (
                format!("ECPay shows {}: it has to be authorized, with nothing captured", shown(seen)),
                "take an order that is freshly paid by card",
            ),
            (format!("綠界顯示 {}：必須是已授權、未曾關帳的訂單", shown(seen)), "請改用剛以信用卡付款的訂單"),
        ),
    };
    Check::fails(CODE, language.pick(format!("not asked: {found}"), format!("沒有詢問：{found}")), mend)
}

/// In the word that a look has for it, where it has one.
fn shown(seen: &Seen) -> String {
    match seen {
        Seen::Unclear { raw } => raw.clone(),
        Seen::Card(card) if !card.rows.is_empty() => {
            format!("'{}' (closing rows: {})", card.status.english(), card.rows.len())
        }
        other => Shown::of(other).map_or_else(|| "?".to_owned(), |shown| format!("'{}'", shown.word())),
    }
}

fn answered(asked: &ProbeAsked, language: Language) -> Check {
    let acts_until = &show(asked.acts_until);
    match &asked.answer {
        Answer::NotKnown { code, text } => Check::ok(
            CODE,
            language.pick(
                format!("JSON actions do not know orders of 全方位金流 (E: {code} {text}): keep api = \"form\""),
                format!("JSON 的請退款不認得全方位金流的訂單（E：{code} {text}）：請維持 api = \"form\""),
            ),
        ),
        Answer::NotServed { why } => Check::ok(
            CODE,
            language.pick(
                format!("ECPay serves no JSON actions to this merchant ({why}): keep api = \"form\""),
                format!("綠界不提供此特店 JSON 的請退款（{why}）：請維持 api = \"form\""),
            ),
        ),
        Answer::Known { code, text } => known(*code, text, &asked.query, language),
        Answer::Bare { code, text } => Check::warning(
            CODE,
            language.pick(
                format!("E by JSON is refused without the order's numbers ({code} {text}), which proves nothing; the order stands as before"),
                format!("JSON 的 E 被拒，但回應沒有訂單編號（{code} {text}），不能證明什麼；訂單沒有改變"),
            ),
            language.pick(
                "keep api = \"form\" unless ECPay confirms that its JSON actions take your orders",
                "除非綠界確認 JSON 的請退款可用於您的訂單，否則請維持 api = \"form\"",
            ),
        ),
        Answer::NotSent { why } => Check::fails(
            CODE,
            language.pick(format!("E was not sent: {why}"), format!("沒有送出 E：{why}")),
            language.pick("ask again", "請再試一次"),
        ),
        Answer::Limited => no_answer("HTTP 403", acts_until, language),
        Answer::Unanswered { why } => no_answer(why, acts_until, language),
        Answer::Accepted => Check::fails(
            CODE,
            language.pick(
                "ECPay says that E took effect (RtnCode 1), though the order was authorized and stands as before",
                "綠界說 E 已生效（RtnCode 1），但訂單原本是已授權，現在也沒有改變",
            ),
            language.pick(
                "keep api = \"form\", look at the order in the dashboard (廠商後台), and ask ECPay what it did",
                "請維持 api = \"form\"，到廠商後台查看這筆訂單，並詢問綠界做了什麼",
            ),
        ),
    }
}

fn known(code: i64, text: &str, query: &Result<bool, LookError>, language: Language) -> Check {
    let found = language.pick(
        format!(
            "JSON actions know the order (E on an authorized one is refused: {code} {text}), which stands as before"
        ),
        format!("JSON 的請退款認得這筆訂單（已授權時 E 被拒：{code} {text}），訂單沒有改變"),
    );
    match query {
        Ok(true) => Check::warning(
            CODE,
            found,
            language.pick(
                "set api = \"json\", whose requests carry a time stamp and so come to an end, and restart",
                "請設 api = \"json\"（其請求有時間戳記，會失效），並重新啟動",
            ),
        ),
        Ok(false) => Check::ok(
            CODE,
            found
                + language.pick(
                    "; but the JSON order query does not know it: keep api = \"form\"",
                    "；但 JSON 的查詢訂單不認得它：請維持 api = \"form\"",
                ),
        ),
        Err(error) => Check::warning(
            CODE,
            language.pick(
                format!("{found}; whether the JSON order query knows it is not told: {error}"),
                format!("{found}；JSON 的查詢訂單認不認得，沒有答案：{error}"),
            ),
            language.pick("keep api = \"form\", and ask again", "請維持 api = \"form\"，再試一次"),
        ),
    }
}

fn no_answer(why: &str, acts_until: &str, language: Language) -> Check {
    Check::fails(
        CODE,
        language.pick(
            format!("no usable answer to E ({why}): it may take effect until {acts_until}"),
            format!("E 沒有可用的回應（{why}）：在 {acts_until} 之前仍可能生效"),
        ),
        language.pick(
            "leave the order on hold until then, look at it in the dashboard (廠商後台), then ask again",
            "在那之前請保持 hold，到廠商後台查看這筆訂單，之後再試",
        ),
    )
}

fn changed(answer: &Answer, seen: &Seen, language: Language) -> Check {
    let (said, shown) = (said(answer), shown(seen));
    Check::fails(
        CODE,
        language.pick(
            format!("THE ORDER HAS CHANGED: it was authorized before E, and now ECPay shows {shown} (to E it said: {said})"),
            format!("訂單改變了：送出 E 之前是已授權，現在綠界顯示 {shown}（對 E 的回應：{said}）"),
        ),
        language.pick(
            "look at it in the dashboard (廠商後台) now: E has done something, or somebody else has; capture or void it by `ecpayd`, and keep api = \"form\"",
            "請立刻到廠商後台查看：E 做了什麼，或有別人動過；請用 `ecpayd` 關帳或取消，並維持 api = \"form\"",
        ),
    )
}

fn unseen(answer: &Answer, error: &LookError, language: Language) -> Check {
    let said = said(answer);
    Check::fails(
        CODE,
        language.pick(
            format!("E was answered ({said}), and the look after it failed: {error}"),
            format!("E 有回應（{said}），但之後的查詢失敗：{error}"),
        ),
        language.pick(
            "leave the order on hold, see in the dashboard (廠商後台) that it is authorized still, then ask again",
            "請保持 hold，到廠商後台確認仍是已授權，之後再試",
        ),
    )
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::NotKnown { code, text } | Answer::Known { code, text } | Answer::Bare { code, text } => {
            format!("{code} {text}")
        }
        Answer::Accepted => "RtnCode 1".to_owned(),
        Answer::Limited => "HTTP 403".to_owned(),
        Answer::NotServed { why } | Answer::NotSent { why } | Answer::Unanswered { why } => why.clone(),
    }
}

#[cfg(test)]
mod tests;
