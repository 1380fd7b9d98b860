//! What alerts, refunds and events say to people, in the language that they ask for.
//!
//! The columns `message` and `detail` are English. Another language is made anew from the reason that stands
//! beside them; where there is none, or one of a later version, the English words have to do.

use super::books::OpenRefund;
use super::db::Json;
use super::deliveries::{DigestAlert, WaitingAlert};
use super::views::{OpenAlert, OrderEvent, OrderStatus, RefundStatus};
use crate::domain::language::Language;
use crate::domain::reason::{Calling, Reason};
use crate::domain::refund::RefundState;
use crate::domain::words;

impl OrderStatus {
    /// Why its next step is what it is; nothing before its first plan.
    pub fn sentence(&self, language: Language) -> Option<String> {
        let reason: Option<Reason> = self.reason.as_ref().and_then(|json| serde_json::from_str(json.text()).ok());
        reason.map(|reason| reason.sentence(language))
    }
}

impl OpenAlert {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.message.clone(),
            Language::Chinese => anew(self.reason.as_ref(), &self.message, language),
        }
    }
}

impl WaitingAlert {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.message.clone(),
            Language::Chinese => anew(self.reason.as_ref(), &self.message, language),
        }
    }
}

impl DigestAlert {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.message.clone(),
            Language::Chinese => anew(self.reason.as_ref(), &self.message, language),
        }
    }
}

impl OpenRefund {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.detail.clone(),
            Language::Chinese => anew(self.reason.as_ref(), &self.detail, language),
        }
    }
}

impl RefundStatus {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.detail.clone(),
            Language::Chinese => self.chinese(),
        }
    }

    /// The view and the triggers have words of their own for what the reason does not know yet.
    fn chinese(&self) -> String {
        if let Some((name, why)) = self.undone() {
            return format!("在綠界被撤銷，{name} 登記：{why}");
        }
        match (RefundState::parse(&self.state), self.behind()) {
            (Some(RefundState::Canceled), _) => "商店已撤回".to_owned(),
            (Some(RefundState::Queued), Some(refund)) => Reason::from(Calling::BehindAnother { refund }).chinese(),
            _ => anew(self.reason.as_ref(), &self.detail, Language::Chinese),
        }
    }

    fn undone(&self) -> Option<(&str, &str)> {
        self.detail.strip_prefix("undone at ECPay, as ")?.split_once(" has said: ")
    }

    fn behind(&self) -> Option<i64> {
        self.detail.strip_prefix("waits for refund ")?.strip_suffix(" of the same order")?.parse().ok()
    }
}

impl OrderEvent {
    /// As a line of a history.
    pub fn line(&self, language: Language) -> String {
        event_line(language, &self.kind, &self.detail)
    }
}

/// An event that is not known is shown as it stands.
pub fn event_line(language: Language, kind: &str, detail: &str) -> String {
    let known = words::line(language, kind, &mut serde_json::Deserializer::from_str(detail));
    known.unwrap_or_else(|| detail.to_owned())
}

fn anew(reason: Option<&Json>, stored: &str, language: Language) -> String {
    let reason: Option<Reason> = reason.and_then(|json| serde_json::from_str(json.text()).ok());
    reason.map_or_else(|| stored.to_owned(), |reason| reason.sentence(language))
}
