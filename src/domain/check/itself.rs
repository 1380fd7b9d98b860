//! The daemon's look at itself: what the last one found, and what keeps the next one from being made.

use chrono::{DateTime, Utc};

use super::found::Findings;
use crate::domain::language::Language;

/// Neither: none has been made yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfCheck {
    /// The last that came to its end.
    pub made: Option<Made>,
    /// Since when none does, and why.
    pub failing: Option<(DateTime<Utc>, NotMade)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub at: DateTime<Utc>,
    pub english: Findings,
    pub chinese: Findings,
    /// False: files are named without the directories that they lie in.
    pub names_directories: bool,
}

/// Why a look came to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMade {
    BrokeOff,
    /// It may end still; until then no other is begun.
    Hangs,
}

impl SelfCheck {
    pub fn ended(&mut self, made: Made) {
        *self = Self { made: Some(made), failing: None };
    }

    pub fn not_made(&mut self, at: DateTime<Utc>, why: NotMade) {
        let since = self.failing.map_or(at, |(since, _)| since);
        self.failing = Some((since, why));
    }
}

impl Made {
    pub fn findings(&self, language: Language) -> &Findings {
        language.pick(&self.english, &self.chinese)
    }
}

impl NotMade {
    pub fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::BrokeOff => {
                language.pick("it broke off: the log of ecpayd says why", "中途中斷：原因見 ecpayd 的紀錄")
            }
            Self::Hangs => language.pick(
                "it has not ended within a minute: a disk or a directory may not answer",
                "一分鐘內沒有結束：可能有磁碟或目錄沒有回應",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn what_was_found_stays_while_no_look_ends_and_since_when_is_the_first_time() {
        let at = |minute| DateTime::UNIX_EPOCH + Duration::minutes(minute);
        let made = |minute| {
            let (english, chinese) = (Findings::default(), Findings::default());
            Made { at: at(minute), english, chinese, names_directories: true }
        };
        let mut check = SelfCheck::default();
        check.not_made(at(1), NotMade::BrokeOff);
        assert_eq!(check, SelfCheck { made: None, failing: Some((at(1), NotMade::BrokeOff)) });
        check.ended(made(2));
        check.not_made(at(3), NotMade::Hangs);
        check.not_made(at(4), NotMade::BrokeOff);
        assert_eq!(check, SelfCheck { made: Some(made(2)), failing: Some((at(3), NotMade::BrokeOff)) });
        check.ended(made(5));
        assert_eq!(check, SelfCheck { made: Some(made(5)), failing: None });
    }
}
