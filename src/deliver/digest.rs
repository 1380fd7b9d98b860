//! The digest: once a day, what came, what went, what is next.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde_json::{Value, json};

use super::compose::{Composed, subject};
use crate::domain::alert::Severity;
use crate::domain::calendar::{from_taipei, taipei_date};
use crate::domain::language::{Language, counted};
use crate::domain::words::{self, PauseTold};
use crate::ledger::{Digest, DigestAlert, DigestSpan, Sum, together};

/// "Due this week".
const WEEK: Duration = Duration::days(7);

/// From here on ECPay's service has to be called (the stages of `expiring` begin before it).
const DAY_80: Duration = Duration::days(80);

/// The day whose digest is to be made now, with what it covers; `last`: the day of the last one, or nothing.
pub fn due(time: NaiveTime, last: &str, deadline_days: i64, now: DateTime<Utc>) -> Option<(String, DigestSpan)> {
    let today = taipei_date(now);
    let day = today.to_string();
    if now < from_taipei(today.and_time(time)) || last >= day.as_str() {
        return None;
    }
    let span = DigestSpan {
        since: from_taipei(today.and_time(time)) - Duration::days(1),
        now,
        yesterday: today - Duration::days(1),
        week_ends: now + WEEK - Duration::days(deadline_days),
        reaches_day_80: now + WEEK - DAY_80,
    };
    Some((day, span))
}

pub fn compose(language: Language, day: &str, digest: &Digest) -> Composed {
    let Digest { raised_count, closed_count, open_count, .. } = digest;
    let title = language.pick(
        format!("{day}: {raised_count} raised, {closed_count} closed, {open_count} open"),
        format!("{day}：新增 {raised_count} 則，解除 {closed_count} 則，未結 {open_count} 則"),
    );
    let mut lines: Vec<String> = digest.raised.iter().map(|alert| line(language, alert)).collect();
    let shown = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if *raised_count > shown {
        let more = raised_count - shown;
        let english = format!("and {more} more: ecpayd alerts lists those that are open");
        lines.push(language.pick(english, format!("還有 {more} 則：未結的請用 ecpayd alerts 查看")));
    }
    lines.extend(together(&digest.paused).into_iter().map(|(pause, of)| {
        let told = PauseTold {
            merchant: &pause.merchant_id,
            of,
            by: &pause.by,
            since: &pause.at,
            until: pause.until.as_deref(),
            why: &pause.why,
        };
        words::pause(language, &told)
    }));
    lines.extend(money(language, digest));
    Composed { severity: Severity::Notice, title, text: lines.join("\n"), body: body(day, digest) }
}

fn money(language: Language, digest: &Digest) -> Vec<String> {
    let line = |english: &str, chinese: &str, of: (&str, &str), sum: &Sum| {
        let Sum { count, amount } = sum;
        language.pick(
            format!("{english}: {count} {}, NT${amount}", of.0),
            format!("{chinese}：{count} 筆{}，NT${amount}", of.1),
        )
    };
    let (orders, refunds) = (("orders", "訂單"), ("refunds", "退款"));
    let mut lines = vec![line("to be captured within seven days", "七日內須關帳", orders, &digest.to_capture)];
    if digest.reaching_day_80.count > 0 {
        lines.push(line("at day 80 within seven days", "七日內滿第 80 天", orders, &digest.reaching_day_80));
    }
    lines.push(line("captured yesterday", "昨日關帳", orders, &digest.captured));
    lines.push(line("refunded yesterday", "昨日退刷", refunds, &digest.refunded));
    lines.push(line("voided yesterday", "昨日取消授權", orders, &digest.voided));
    for (english, chinese, sum) in [
        ("called back yesterday", "昨日取消關帳", &digest.called_back),
        ("abandoned by ECPay yesterday", "昨日逾期放棄", &digest.expired),
    ] {
        if sum.count > 0 {
            lines.push(line(english, chinese, orders, sum));
        }
    }
    if digest.differences > 0 {
        let count = digest.differences;
        lines.push(language.pick(
            format!("differing from ECPay's statements: {}; ecpayd reconcile names them", counted(count, "order")),
            format!("與綠界對帳檔不符：{count} 筆訂單；請用 ecpayd reconcile 查看"),
        ));
    }
    lines
}

fn line(language: Language, alert: &DigestAlert) -> String {
    let loud = Severity::parse(&alert.severity).map_or(alert.severity.as_str(), |severity| severity.named(language));
    let over = if alert.is_open { "" } else { language.pick(" (over)", "（已解除）") };
    let subject = subject(language, &alert.kind, &alert.merchant_id, alert.merchant_trade_no.as_deref());
    let says = alert.sentence(language);
    language.pick(format!("{loud}{over}: {subject}: {says}"), format!("{loud}{over}：{subject}：{says}"))
}

fn body(day: &str, digest: &Digest) -> Value {
    let sum = |sum: &Sum| json!({ "count": sum.count, "amount": sum.amount });
    let alert = |alert: &DigestAlert| {
        json!({
            "id": alert.id,
            "kind": alert.kind,
            "severity": alert.severity,
            "merchant_id": alert.merchant_id,
            "merchant_trade_no": alert.merchant_trade_no,
            "message": alert.message,
            "reason": alert.reason,
            "open": alert.is_open,
        })
    };
    json!({
        "type": "digest",
        "day": day,
        "raised_count": digest.raised_count,
        "closed_count": digest.closed_count,
        "open_count": digest.open_count,
        "raised": digest.raised.iter().map(alert).collect::<Vec<_>>(),
        "to_capture": sum(&digest.to_capture),
        "reaching_day_80": sum(&digest.reaching_day_80),
        "captured_yesterday": sum(&digest.captured),
        "refunded_yesterday": sum(&digest.refunded),
        "voided_yesterday": sum(&digest.voided),
        "called_back_yesterday": sum(&digest.called_back),
        "expired_yesterday": sum(&digest.expired),
        "statement_differences": digest.differences,
        "paused": digest.paused,
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        from_taipei(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
    }

    #[test]
    fn a_digest_is_made_once_a_day_from_its_time_on() {
        let time = NaiveTime::from_hms_opt(9, 5, 0).expect("a time");
        for (now, last, day) in [
            ("2026-08-03 09:04:59", "", None),
            ("2026-08-03 09:05:00", "", Some("2026-08-03")),
            ("2026-08-03 23:00:00", "2026-08-02", Some("2026-08-03")),
            ("2026-08-03 23:00:00", "2026-08-03", None),
            ("2026-08-04 09:04:59", "2026-08-03", None),
            // A clock that was set back makes none twice.
            ("2026-08-02 10:00:00", "2026-08-03", None),
        ] {
            let due = due(time, last, 21, at(now));
            assert_eq!(due.map(|(day, _)| day).as_deref(), day, "{now} after {last}");
        }
        let (_, span) = due(time, "", 21, at("2026-08-03 09:06:00")).expect("due");
        assert_eq!(span.since, at("2026-08-02 09:05:00"));
        assert_eq!(span.yesterday, "2026-08-02".parse::<NaiveDate>().expect("a day"));
        assert_eq!(span.week_ends, at("2026-07-20 09:06:00"), "authorized then, it ends on August 10");
    }
}
