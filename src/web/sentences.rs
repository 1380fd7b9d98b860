//! The language of a page, and what the ledger's own codes are called in it.
//!
//! The one place that knows where those words come from.

use crate::domain::action::Action;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::attempt::AttemptState;
use crate::domain::language::Language;
use crate::domain::order::OrderState;
use crate::domain::reason::Reason;
use crate::domain::refund::RefundState;
use crate::domain::service::Service;
use crate::ledger::{Json, event_line};

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

    /// Of the words that the domain has for people.
    pub fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Zh => Language::Chinese,
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
pub fn reason(lang: Lang, reason: Option<&Json>, kept: &str) -> String {
    let read = reason.and_then(|json| serde_json::from_str::<Reason>(json.text()).ok());
    match (lang, read) {
        (Lang::Zh, Some(reason)) => reason.sentence(Language::Chinese),
        _ => kept.to_owned(),
    }
}

pub fn why(lang: Lang, reason: &Reason) -> String {
    reason.sentence(lang.language())
}

/// What an alert of this kind is about, in a few words.
pub fn kind(lang: Lang, word: &str) -> String {
    named(word, AlertKind::parse(word).map(|kind| kind.named(lang.language())))
}

pub fn severity(lang: Lang, word: &str) -> String {
    named(word, Severity::parse(word).map(|severity| severity.named(lang.language())))
}

pub fn order_state(lang: Lang, word: &str) -> String {
    named(word, OrderState::parse(word).map(|state| state.named(lang.language())))
}

pub fn refund_state(lang: Lang, word: &str) -> String {
    named(word, RefundState::parse(word).map(|state| state.named(lang.language())))
}

pub fn attempt_state(lang: Lang, word: &str) -> String {
    named(word, AttemptState::parse(word).map(|state| state.named(lang.language())))
}

pub fn action(lang: Lang, letter: &str) -> String {
    Action::parse(letter)
        .map_or_else(|| letter.to_owned(), |action| format!("{} ({letter})", action.named(lang.language())))
}

/// The step of `order_status.next_step`.
pub fn step(lang: Lang, word: &str) -> String {
    if word == "look" {
        return lang.language().pick("look", "查詢").to_owned();
    }
    let action = Action::ALL.into_iter().find(|action| action.verb() == word);
    action.map_or(word, |action| action.named(lang.language())).to_owned()
}

/// Which of ECPay's two services.
pub fn service(lang: Lang, service: Service) -> &'static str {
    match service {
        Service::Card => lang.language().pick("card", "信用卡"),
        Service::Voucher => lang.language().pick("voucher", "票券"),
    }
}

/// What a person does about an alert of this kind.
pub fn what_to_do(lang: Lang, word: &str) -> &'static str {
    AlertKind::parse(word).map_or("", |kind| kind.todo(lang.language()).sentence)
}

/// An event of the history. An unknown kind shows its raw line.
pub fn history(lang: Lang, kind: &str, detail: &str) -> String {
    event_line(lang.language(), kind, detail)
}

/// A word of a later version is shown as it is.
fn named(word: &str, known: Option<&str>) -> String {
    known.map_or_else(|| word.replace('_', " "), str::to_owned)
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
