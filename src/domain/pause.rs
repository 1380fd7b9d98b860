//! A person stops captures or refunds of a merchant, or both: for a time, or until they are let go on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::order::words;
use super::rule::Rule;

words! {
    /// What a pause stops.
    PauseOf {
        Capture = "capture",
        Refund = "refund",
    }
}

impl Serialize for PauseOf {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for PauseOf {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        Self::parse(&word)
            .ok_or_else(|| serde::de::Error::custom(format_args!("'{word}' is nothing that a pause stops")))
    }
}

/// The pauses of a merchant, each with its end; without one it lasts until somebody ends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    pub capture: Option<Option<DateTime<Utc>>>,
    pub refund: Option<Option<DateTime<Utc>>>,
}

impl Pauses {
    /// Until when these are stopped, if they are.
    pub fn end(self, of: PauseOf, now: DateTime<Utc>) -> Option<Option<DateTime<Utc>>> {
        let pause = match of {
            PauseOf::Capture => self.capture,
            PauseOf::Refund => self.refund,
        };
        pause.filter(|until| until.is_none_or(|until| until > now))
    }

    /// What keeps this action back, and until when. A capture that a refund needs is both: whoever has stopped
    /// the one or the other has stopped it.
    pub fn stop(self, action: Action, rule: Rule, now: DateTime<Utc>) -> Option<(PauseOf, Option<DateTime<Utc>>)> {
        let kinds = kinds(action, rule);
        kinds.into_iter().flatten().find_map(|kind| self.end(kind, now).map(|until| (kind, until)))
    }

    /// Of everything, until somebody ends it.
    pub fn both() -> Self {
        Self { capture: Some(None), refund: Some(None) }
    }
}

/// Which pauses stop an action that was planned by this rule.
pub fn kinds(action: Action, rule: Rule) -> [Option<PauseOf>; 2] {
    let captures = action == Action::C;
    let for_refund = !captures || rule == Rule::CaptureForPart;
    [captures.then_some(PauseOf::Capture), for_refund.then_some(PauseOf::Refund)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_one_kind_stops_that_kind_alone_and_ends_by_itself() {
        let now = DateTime::UNIX_EPOCH + chrono::Duration::hours(1);
        let later = now + chrono::Duration::seconds(1);
        let captures = Pauses { capture: Some(Some(later)), refund: None };
        let refunds = Pauses { capture: None, refund: Some(None) };
        for (action, rule, by_captures, by_refunds) in [
            (Action::C, Rule::CaptureNow, true, false),
            (Action::C, Rule::CaptureForPart, true, true),
            (Action::E, Rule::FullOfToBeCaptured, false, true),
            (Action::N, Rule::FullOfToBeCaptured, false, true),
            (Action::R, Rule::Captured, false, true),
        ] {
            assert_eq!(captures.stop(action, rule, now).is_some(), by_captures, "{action} {rule:?}");
            assert_eq!(captures.stop(action, rule, later), None, "it is over");
            assert_eq!(refunds.stop(action, rule, now).is_some(), by_refunds, "{action} {rule:?}");
            assert!(Pauses::both().stop(action, rule, later).is_some());
            assert_eq!(Pauses::default().stop(action, rule, now), None);
        }
    }
}
