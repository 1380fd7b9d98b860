//! A person stops captures or refunds of a merchant, or both: for a time, or until they are let go on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::order::words;

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
    pub fn stop(
        self,
        action: Action,
        for_refund: bool,
        now: DateTime<Utc>,
    ) -> Option<(PauseOf, Option<DateTime<Utc>>)> {
        let kinds = kinds(action, for_refund);
        kinds.into_iter().flatten().find_map(|kind| self.end(kind, now).map(|until| (kind, until)))
    }

    /// Of everything, until somebody ends it.
    pub fn both() -> Self {
        Self { capture: Some(None), refund: Some(None) }
    }
}

/// Which pauses stop an action.
pub fn kinds(action: Action, for_refund: bool) -> [Option<PauseOf>; 2] {
    [(action == Action::C).then_some(PauseOf::Capture), (for_refund || action != Action::C).then_some(PauseOf::Refund)]
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
        for (action, for_refund, by_captures, by_refunds) in [
            (Action::C, false, true, false),
            (Action::C, true, true, true),
            (Action::E, true, false, true),
            (Action::N, true, false, true),
            (Action::R, true, false, true),
        ] {
            assert_eq!(captures.stop(action, for_refund, now).is_some(), by_captures, "{action} {for_refund}");
            assert_eq!(captures.stop(action, for_refund, later), None, "it is over");
            assert_eq!(refunds.stop(action, for_refund, now).is_some(), by_refunds, "{action} {for_refund}");
            assert!(Pauses::both().stop(action, for_refund, later).is_some());
            assert_eq!(Pauses::default().stop(action, for_refund, now), None);
        }
    }
}
