//! The language of a page, and what the ledger's own codes are called in it.
//!
//! The one place that knows where those words come from.

use crate::domain::action::Action;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::attempt::AttemptState;
use crate::domain::check::{Findings, Level, Made, NotMade};
use crate::domain::health::Health;
use crate::domain::language::Language;
use crate::domain::movement::{Hand, MovementKind};
use crate::domain::order::OrderState;
use crate::domain::pause::PauseOf;
use crate::domain::reason::{Reason, retold};
use crate::domain::refund::RefundState;
use crate::domain::service::Service;
use crate::domain::voucher::VoucherState;
use crate::domain::words::{self, PauseTold};
use crate::ledger::views::RefundStatus;
use crate::ledger::{Json, PauseRow, event_line};

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

    fn language(self) -> Language {
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
    read.map_or_else(|| kept.to_owned(), |reason| why(lang, &reason))
}

/// The same of a reason that stands alone. None: there is none, or this version does not know it.
pub fn alone(lang: Lang, reason: Option<&Json>) -> Option<String> {
    serde_json::from_str::<Reason>(reason?.text()).ok().map(|reason| why(lang, &reason))
}

/// Words of ours that are kept in English without their reason; any others are ECPay's.
pub fn kept(lang: Lang, text: &str) -> String {
    lang.language().pick(text.to_owned(), retold(text))
}

/// Why a refund is as it is.
pub fn of_refund(lang: Lang, refund: &RefundStatus) -> String {
    refund.sentence(lang.language())
}

pub fn why(lang: Lang, reason: &Reason) -> String {
    reason.sentence(lang.language())
}

/// What an alert of this kind is about, in a few words.
pub fn kind(lang: Lang, word: &str) -> String {
    named(AlertKind::parse(word).map(|kind| kind.named(lang.language())), word)
}

pub fn severity(lang: Lang, word: &str) -> String {
    named(Severity::parse(word).map(|severity| severity.named(lang.language())), word)
}

pub fn order_state(lang: Lang, word: &str) -> String {
    named(OrderState::parse(word).map(|state| state.named(lang.language())), word)
}

/// Of a refund.
pub fn state(lang: Lang, word: &str) -> String {
    named(RefundState::parse(word).map(|state| state.named(lang.language())), word)
}

pub fn attempt_state(lang: Lang, word: &str) -> String {
    named(AttemptState::parse(word).map(|state| state.named(lang.language())), word)
}

pub fn voucher_state(lang: Lang, word: &str) -> String {
    named(VoucherState::parse(word).map(|state| state.named(lang.language())), word)
}

pub fn movement(lang: Lang, word: &str) -> String {
    named(MovementKind::parse(word).map(|kind| kind.named(lang.language())), word)
}

/// Whose hand it was.
pub fn hand(lang: Lang, word: &str) -> String {
    named(Hand::parse(word).map(|hand| hand.named(lang.language())), word)
}

/// A word of a later version stands for itself.
fn named(name: Option<&'static str>, word: &str) -> String {
    name.map_or_else(|| word.replace('_', " "), str::to_owned)
}

pub fn action(lang: Lang, letter: &str) -> String {
    let Some(action) = Action::parse(letter) else { return letter.to_owned() };
    format!("{} ({letter})", action.named(lang.language()))
}

/// The step of `order_status.next_step`.
pub fn step(lang: Lang, word: &str) -> String {
    let action = Action::ALL.into_iter().find(|action| action.verb() == word);
    match action {
        Some(action) => action.named(lang.language()).to_owned(),
        None if word == "look" => lang.language().pick("look", "查詢").to_owned(),
        None => word.to_owned(),
    }
}

/// Why the daemon is not well.
pub fn health(lang: Lang, health: &Health) -> String {
    health.sentence(lang.language())
}

/// Without a stop. To the minute.
pub fn pause(lang: Lang, pause: &PauseRow, of: Option<PauseOf>) -> String {
    let minute = |time: &str| time.chars().take(16).collect::<String>();
    let (since, until) = (minute(&pause.at), pause.until.as_deref().map(minute));
    let told = PauseTold {
        merchant: &pause.merchant_id,
        of,
        by: &pause.by,
        since: &since,
        until: until.as_deref(),
        why: &pause.why,
    };
    let line = words::pause(lang.language(), &told);
    let mut rest = line.chars();
    rest.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), rest.as_str()))
}

/// Which of ECPay's two services.
pub fn service(lang: Lang, service: Service) -> &'static str {
    match service {
        Service::Card => lang.language().pick("card", "信用卡"),
        Service::Voucher => lang.language().pick("voucher", "票券"),
    }
}

/// How well a thing is that was looked at.
pub fn level(lang: Lang, level: Level) -> &'static str {
    level.named(lang.language())
}

/// What came of the daemon's look at itself.
pub fn findings(lang: Lang, made: &Made) -> &Findings {
    made.findings(lang.language())
}

/// Why it could not be made.
pub fn not_made(lang: Lang, why: NotMade) -> &'static str {
    why.sentence(lang.language())
}

/// What a person does about an alert of this kind.
pub fn what_to_do(lang: Lang, word: &str) -> &'static str {
    AlertKind::parse(word).map_or("", |kind| kind.todo(lang.language()).sentence)
}

/// An event of the history. An unknown kind shows its raw line.
pub fn history(lang: Lang, kind: &str, detail: &str) -> String {
    event_line(lang.language(), kind, detail)
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
