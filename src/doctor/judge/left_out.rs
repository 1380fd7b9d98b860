//! What the daemon does not look at of itself: too much work beside the calls, or nothing that it may open.

use super::gateway::of_service;
use super::served::is_quiet;
use crate::config::Stands;
use crate::doctor::{Code, Facts};
use crate::domain::check::LeftOut;
use crate::domain::language::Language;

const WAY: [Code; 4] = [Code::GatewayName, Code::GatewayConnection, Code::GatewayTls, Code::GatewayCertificate];

pub(super) fn all(facts: &Facts, language: Language) -> Vec<LeftOut> {
    let one = |code, why: &str| LeftOut { code, about: None, why: why.to_owned() };
    let mut left_out = Vec::new();
    if facts.examined.secrets.iter().any(|secret| secret.stands == Stands::Given) {
        let why = language.pick(
            "systemd hands the keys over; their files are root's alone to look at",
            "金鑰由 systemd 交付，檔案只有 root 看得到",
        );
        left_out.push(one(Code::KeyFiles, why));
    }
    let content = language
        .pick("quick_check would read the whole ledger beside the calls", "quick_check 要讀完整本帳本，會影響呼叫");
    left_out.push(one(Code::LedgerContent, content));
    let calls =
        language.pick("the daemon's own calls tell whether it can be reached", "能不能連上，由常駐程式自己的呼叫得知");
    left_out.extend(WAY.map(|code| one(code, calls)));
    let quiet = language.pick(
        "it has not answered within a day, and nothing is known against it",
        "一天內沒有它的回應，也沒有已知的異常",
    );
    let services = facts.served.iter().flatten().flatten().filter(|seen| is_quiet(seen, facts.now));
    left_out.extend(services.map(|seen| {
        let about = Some(of_service(&seen.merchant_id, seen.service));
        LeftOut { about, ..one(Code::GatewayAnswer, quiet) }
    }));
    let message = language.pick(
        "no test message is sent: `ecpayd doctor --alerts` sends one",
        "不送測試訊息：`ecpayd doctor --alerts` 才會送",
    );
    left_out.push(one(Code::Channel, message));
    left_out
}
