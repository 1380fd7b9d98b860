//! The way to each gateway, and what it answered.

use chrono::{DateTime, Duration, Utc};

use crate::doctor::{Asked, Check, Code, Handshake, HostSeen, Replied};
use crate::domain::calendar::show;
use crate::domain::language::Language;
use crate::domain::service::Service;
use crate::gateway::LookError;

/// A certificate is renewed weeks before its end.
const ENDS_SOON: Duration = Duration::days(14);

/// A clock that is kept is never so far off.
const DRIFTS_S: i64 = 60;

/// Each step of the way as far as it was gone.
pub(super) fn host(seen: &HostSeen, now: DateTime<Utc>, language: Language) -> Vec<Check> {
    let mut checks = vec![name(seen, language)];
    checks.extend(seen.connected.as_ref().map(|connected| match connected {
        Ok(address) => Check::ok(Code::GatewayConnection, address.to_string()),
        Err(why) => refused(why, seen, language),
    }));
    if let Some(handshake) = &seen.handshake {
        match handshake {
            Ok(done) => checks.extend([tls(done), certificate(done, now, language)]),
            Err(why) => checks.push(no_tls(why, language)),
        }
    }
    checks.into_iter().map(|check| check.about(seen.host.shown())).collect()
}

fn name(seen: &HostSeen, language: Language) -> Check {
    match &seen.addresses {
        Ok(found) => {
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            Check::ok(Code::GatewayName, found.join(", "))
        }
        Err(why) => Check::fails(
            Code::GatewayName,
            language.pick(format!("the name is not found: {why}"), format!("查不到這個名稱：{why}")),
            language.pick(
                "mend the name service of this machine (/etc/resolv.conf), or the address in the settings",
                "請檢查這台主機的 DNS（/etc/resolv.conf），或設定裡的網址",
            ),
        ),
    }
}

fn refused(why: &str, seen: &HostSeen, language: Language) -> Check {
    let found = language.pick(format!("no connection: {why}"), format!("連不上：{why}"));
    let mend = match seen.host.is_tls {
        true => language.pick(
            "let outgoing HTTPS through the firewall; ecpayd uses no proxy",
            "請讓防火牆放行對外的 HTTPS；ecpayd 不使用 proxy",
        ),
        false => language.pick(
            "start `ecpayd simulator`, or set the port in the settings (base_url, form_url)",
            "請啟動 `ecpayd simulator`，或更正設定裡的埠（base_url、form_url）",
        ),
    };
    Check::fails(Code::GatewayConnection, found, mend)
}

fn tls(done: &Handshake) -> Check {
    Check::ok(Code::GatewayTls, format!("{}, {}", done.version, done.suite))
}

fn no_tls(why: &str, language: Language) -> Check {
    let found = language.pick(format!("no TLS: {why}"), format!("TLS 交握失敗：{why}"));
    let mend = language.pick(
        "install ca-certificates, set the clock, and see that no appliance on the way opens TLS",
        "請安裝 ca-certificates、校正時鐘，並確認沿途沒有設備攔截 TLS",
    );
    Check::fails(Code::GatewayTls, found, mend)
}

fn certificate(done: &Handshake, now: DateTime<Utc>, language: Language) -> Check {
    let mend = language.pick(
        "it is ECPay's to renew: ask its customer service where that does not happen",
        "憑證由綠界更新：若遲未更新請詢問綠界客服",
    );
    let Some(at) = done.ends_at else {
        let found = language.pick("its certificate's end cannot be read", "讀不出憑證的到期日");
        return Check::warning(Code::GatewayCertificate, found, mend);
    };
    let found = language.pick(format!("its certificate ends at {}", show(at)), format!("憑證於 {} 到期", show(at)));
    match at - now {
        left if left < Duration::zero() => Check::fails(Code::GatewayCertificate, found, mend),
        left if left < ENDS_SOON => Check::warning(Code::GatewayCertificate, found, mend),
        _ => Check::ok(Code::GatewayCertificate, found),
    }
}

/// What came of the question about an order that cannot exist.
pub(super) fn asked(asked: &Asked, max_skew_s: i64, language: Language) -> Vec<Check> {
    let mut checks = vec![answer(&asked.replied, asked.service, language)];
    let skew_s = match &asked.replied {
        Replied::Answered { skew_s } => Some(*skew_s),
        // Where it has none the refusal itself is told.
        Replied::Failed { skew_s: Some(skew_s), .. } => Some(Some(*skew_s)),
        _ => None,
    };
    checks.extend(skew_s.map(|skew_s| clock(skew_s, max_skew_s, language)));
    let about = of_service(&asked.merchant_id, asked.service);
    checks.into_iter().map(|check| check.about(&about)).collect()
}

pub(super) fn of_service(merchant_id: &str, service: Service) -> String {
    format!("{merchant_id} {}", service.word())
}

fn answer(replied: &Replied, service: Service, language: Language) -> Check {
    let code = Code::GatewayAnswer;
    match replied {
        Replied::Answered { .. } => Check::ok(
            code,
            language.pick(
                "ECPay takes the keys, and says that it does not know an order that cannot exist",
                "綠界接受金鑰，並回答查無不存在的訂單",
            ),
        ),
        Replied::Resting(until) => resting(*until, language),
        Replied::NotAsked => Check::warning(
            code,
            language.pick(
                "not asked: the ledger does not tell whether calls may be made",
                "沒有詢問：帳本無法說明現在能不能呼叫",
            ),
            language.pick("mend what is told about the ledger first", "請先處理帳本的問題"),
        ),
        Replied::NoKeys => Check::warning(
            code,
            language.pick("not asked: the keys cannot be read by you", "沒有詢問：您讀不到金鑰"),
            language.pick("run this as root", "請用 root 執行"),
        ),
        Replied::Failed { error, .. } => failed(error, service, language),
    }
}

pub(super) fn resting(until: DateTime<Utc>, language: Language) -> Check {
    Check::warning(
        Code::GatewayAnswer,
        language.pick(
            format!("not asked: after HTTP 403 this merchant's calls rest until {}", show(until)),
            format!("沒有詢問：HTTP 403 之後，此特店暫停呼叫到 {}", show(until)),
        ),
        language.pick("wait for that time, then again", "請過了這個時間再試"),
    )
}

fn failed(error: &LookError, service: Service, language: Language) -> Check {
    let mend = match error {
        LookError::BadCredentials(_) | LookError::NotTaken { .. } | LookError::Forged(_) | LookError::NotBound(_) => {
            let section = service.section();
            language.pick(
                format!("compare merchant_id, HashKey and HashIV of {section} with ECPay's dashboard (系統開發管理, 系統介接設定), and the clock"),
                format!("請核對 {section} 的特店編號、HashKey、HashIV 與廠商後台（系統開發管理 → 系統介接設定），以及主機時鐘"),
            )
        }
        LookError::StampTooOld { .. } => {
            language.pick("set the clock: `timedatectl`", "請校正時鐘：`timedatectl`").to_owned()
        }
        LookError::RateLimited => language
            .pick(
                "make no call for 30 minutes, and look for other programs on this address",
                "30 分鐘內請勿呼叫，並檢查同一個 IP 有沒有別的程式",
            )
            .to_owned(),
        LookError::NotSent(_) => {
            language.pick("mend the way there, as is told of its host", "請先處理連線的問題").to_owned()
        }
        LookError::NoSuchCall(_) => {
            language.pick("see that base_url is the right host", "請確認 base_url 是正確的主機").to_owned()
        }
        _ => language.pick("try again in some minutes", "請過幾分鐘再試").to_owned(),
    };
    Check::fails(Code::GatewayAnswer, language.pick(error.to_string(), in_chinese(error)), mend)
}

/// Those that a person mends; the rest is of the wire, and stays as it came.
fn in_chinese(error: &LookError) -> String {
    match error {
        LookError::BadCredentials(why) => format!("綠界不接受金鑰：{why}"),
        LookError::StampTooOld { behind_s, .. } => {
            format!("主機時鐘比綠界慢 {behind_s} 秒，而綠界只接受三分鐘內的請求")
        }
        other => other.to_string(),
    }
}

pub(super) fn clock(skew_s: Option<i64>, max_skew_s: i64, language: Language) -> Check {
    let Some(skew_s) = skew_s else {
        return Check::warning(
            Code::Clock,
            language
                .pick("ECPay's answer tells no time, so that no money would move", "綠界的回應沒有時間，因此不會動錢"),
            language.pick("try again in some minutes", "請過幾分鐘再試"),
        );
    };
    let found = match skew_s {
        0 => language.pick("the clocks agree".to_owned(), "雙方時鐘一致".to_owned()),
        1.. => language.pick(format!("ECPay's clock is {skew_s} s ahead"), format!("綠界的時鐘快 {skew_s} 秒")),
        _ => language.pick(format!("ECPay's clock is {} s behind", -skew_s), format!("綠界的時鐘慢 {} 秒", -skew_s)),
    };
    let mend = language.pick(
        "mend NTP: `timedatectl` should say that the clock is synchronized",
        "請修好主機校時：`timedatectl` 應顯示已同步",
    );
    match skew_s.abs() {
        apart if apart > max_skew_s => Check::fails(Code::Clock, found, mend),
        apart if apart > DRIFTS_S => Check::warning(Code::Clock, found, mend),
        _ => Check::ok(Code::Clock, found),
    }
}

#[cfg(test)]
mod tests;
