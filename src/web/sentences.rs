//! The language of a page, and what the ledger's own codes are called in it.
//!
//! The one place that knows where those words come from. What has no words in a language yet is told in English.

use serde_json::Value;

use crate::domain::action::Action;
use crate::domain::alert::AlertKind;
use crate::domain::order::OrderState;
use crate::domain::reason::Reason;
use crate::domain::service::Service;
use crate::ledger::Json;
use crate::ledger::views::RefundStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    En,
    Zh,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// As `?lang=` has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// As HTML has it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-TW",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }

    /// The first of the languages of an `Accept-Language` that is one of ours.
    pub fn accepted(header: &str) -> Self {
        let weighted = header.split(',').filter_map(|part| {
            let mut parts = part.trim().split(';');
            let tag = parts.next()?.trim().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            let lang = match tag.split('-').next()? {
                "zh" => Self::Zh,
                "en" => Self::En,
                _ => return None,
            };
            (weight > 0.0).then_some((lang, weight))
        });
        // The first of equals.
        let best = weighted.fold(None, |best: Option<(Self, f32)>, next| match best {
            Some((_, weight)) if weight >= next.1 => best,
            _ => Some(next),
        });
        best.map_or(Self::En, |(lang, _)| lang)
    }
}

/// The sentence of a reason. `kept` stands in the ledger beside it, for a reason that this version does not know.
pub fn reason(_: Lang, reason: Option<&Json>, kept: &str) -> String {
    let read = reason.and_then(|json| serde_json::from_str::<Reason>(json.text()).ok());
    read.map_or_else(|| kept.to_owned(), |reason| why(Lang::En, &reason))
}

/// Why a refund is as it is. What a person has said of one that was undone stands in its words alone.
pub fn of_refund(lang: Lang, refund: &RefundStatus) -> String {
    if matches!(refund.state.as_str(), "done" | "queued" | "canceled") {
        return refund.detail.clone();
    }
    reason(lang, refund.reason.as_ref(), &refund.detail)
}

pub fn why(_: Lang, reason: &Reason) -> String {
    reason.english()
}

/// What an alert of this kind is about, in a few words.
pub fn kind(_: Lang, word: &str) -> String {
    word.replace('_', " ")
}

pub fn severity(lang: Lang, word: &str) -> String {
    let zh = match word {
        "critical" => "嚴重",
        "warning" => "警告",
        "notice" => "提醒",
        _ => word,
    };
    if lang == Lang::Zh { zh } else { word }.to_owned()
}

pub fn order_state(lang: Lang, word: &str) -> String {
    let Some(state) = OrderState::parse(word).filter(|_| lang == Lang::Zh) else { return word.replace('_', " ") };
    match state {
        OrderState::Registered => "已登錄",
        OrderState::Unpaid => "未付款",
        OrderState::Authorized => "已授權",
        OrderState::ToBeCaptured => "要關帳",
        OrderState::Captured => "已關帳",
        OrderState::Refunded => "已全額退刷",
        OrderState::Voided => "已取消",
        OrderState::Expired => "逾 90 天，綠界已放棄",
        OrderState::NotCard => "非信用卡",
        OrderState::NotFound => "綠界查無此訂單",
        OrderState::Review => "待人工判斷",
    }
    .to_owned()
}

/// Of a refund.
pub fn state(_: Lang, word: &str) -> String {
    word.replace('_', " ")
}

pub fn attempt_state(lang: Lang, word: &str) -> String {
    state(lang, word)
}

pub fn voucher_state(lang: Lang, word: &str) -> String {
    state(lang, word)
}

pub fn action(lang: Lang, letter: &str) -> String {
    let Some(action) = Action::parse(letter) else { return letter.to_owned() };
    let zh = match action {
        Action::C => "關帳",
        Action::R => "退刷",
        Action::E => "取消",
        Action::N => "放棄",
    };
    format!("{} ({letter})", if lang == Lang::Zh { zh } else { action.verb() })
}

/// The step of `order_status.next_step`.
pub fn step(lang: Lang, word: &str) -> String {
    let zh = match word {
        "look" => "查詢",
        "capture" => "關帳",
        "refund" => "退刷",
        "abandon" => "放棄",
        "call the capture back" => "取消關帳",
        _ => word,
    };
    if lang == Lang::Zh { zh } else { word }.to_owned()
}

/// Which of ECPay's two services.
pub fn service(lang: Lang, service: Service) -> &'static str {
    match (lang, service) {
        (Lang::En, Service::Card) => "card",
        (Lang::En, Service::Voucher) => "voucher",
        (Lang::Zh, Service::Card) => "信用卡",
        (Lang::Zh, Service::Voucher) => "票券",
    }
}

/// What a person does about an alert of this kind.
pub fn what_to_do(lang: Lang, word: &str) -> &'static str {
    let Some(kind) = AlertKind::parse(word) else { return "" };
    let (en, zh) = match kind {
        AlertKind::Expired | AlertKind::ExternalChange | AlertKind::RefundRejected => {
            ("Settle it with the buyer, then acknowledge it.", "請與消費者處理後，確認這則警告。")
        }
        AlertKind::CaptureEnding | AlertKind::CaptureFailing => {
            ("Capture it before day 21, or refund it.", "請在第 21 天前關帳，或退款。")
        }
        AlertKind::BalanceShort => ("Pay into the ECPay balance.", "請為綠界帳戶預付款項。"),
        // The sentence of the others says it.
        _ => ("", ""),
    };
    if lang == Lang::Zh { zh } else { en }
}

/// An event of the history. An unknown kind shows its raw line.
pub fn history(lang: Lang, kind: &str, detail: &str) -> String {
    const TOLD: [&str; 12] = [
        "attempt",
        "refund",
        "action",
        "amount",
        "capture",
        "status",
        "request_key",
        "code",
        "text",
        "why",
        "what",
        "by",
    ];
    let read: Value = serde_json::from_str(detail).unwrap_or_default();
    // The status of a look stands one level down.
    let card = read.get("card").unwrap_or(&read);
    let told = TOLD.iter().filter_map(|key| {
        let value = card.get(key).or_else(|| read.get(key))?;
        match (*key, value) {
            (_, Value::Null) => None,
            ("action", Value::String(letter)) => Some(action(lang, letter)),
            ("amount", Value::Number(amount)) => Some(format!("NT${amount}")),
            ("attempt" | "refund" | "code", number) => Some(format!("{key} {number}")),
            (_, Value::String(text)) if text.is_empty() => None,
            (_, Value::String(text)) => Some(text.replace('_', " ")),
            (_, other) => Some(other.to_string()),
        }
    });
    let told: Vec<String> = told.collect();
    let name = kind.replace('_', " ");
    if told.is_empty() { name } else { format!("{name}: {}", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_a_browser_likes_best() {
        for (header, lang) in [
            ("zh-TW,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("zh-Hant", Lang::Zh),
            ("en-US,en;q=0.9,zh;q=0.5", Lang::En),
            ("fr, zh;q=0.4, en;q=0.7", Lang::En),
            ("ja, zh;q=0.1", Lang::Zh),
            ("zh;q=0", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(Lang::accepted(header), lang, "{header}");
        }
    }
}
