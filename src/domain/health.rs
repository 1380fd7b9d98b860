//! Whether the daemon is well: one rule, whoever asks.

use chrono::{DateTime, Duration, Utc};

use super::language::Language;
use super::order::words;
use super::reason::{Condition, Reason};
use super::storage::Disk;

words! {
    State {
        Ok = "ok",
        /// It works, and something is in its way.
        Degraded = "degraded",
        /// What is due may not be done.
        Unhealthy = "unhealthy",
    }
}

/// A daemon that works ends a pass at least every minute.
pub const NO_PASS: Duration = Duration::minutes(5);

/// What health is told by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    pub started_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    /// When all lanes had made a pass of late, and the ledger could be written.
    pub passed_at: Option<DateTime<Utc>>,
    /// None: the system does not tell.
    pub disk: Option<Disk>,
    pub services_down: i64,
    pub clocks_apart: i64,
    pub messages_stuck: i64,
    pub merchants_paused: i64,
    pub merchants_silent: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub state: State,
    /// The worst first; none when all is well.
    pub why: Vec<Reason>,
}

impl Vitals {
    /// Whether a daemon works on the ledger.
    pub fn runs(&self, now: DateTime<Utc>) -> bool {
        self.stillness(now).is_none()
    }

    /// The last pass of the daemon that was started last.
    pub fn last_pass(&self) -> Option<DateTime<Utc>> {
        self.passed_at.filter(|passed_at| self.started_at.is_some_and(|started_at| *passed_at >= started_at))
    }

    pub fn health(&self, now: DateTime<Utc>) -> Health {
        let full = self.disk.filter(|disk| disk.is_full());
        let full = full.map(|disk| Condition::DiskFull { percent: disk.free_percent() });
        let worst: Vec<Condition> = self.stillness(now).into_iter().chain(full).collect();
        let counted = [
            (self.services_down, Condition::GatewayDown { services: self.services_down }),
            (self.clocks_apart, Condition::ClocksApart { services: self.clocks_apart }),
            (self.messages_stuck, Condition::DeliveriesStuck { messages: self.messages_stuck }),
            (self.merchants_paused, Condition::MoneyPaused { merchants: self.merchants_paused }),
            (self.merchants_silent, Condition::MerchantsSilent { merchants: self.merchants_silent }),
        ];
        let hampered: Vec<Condition> =
            counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, condition)| condition).collect();
        let state = match (worst.is_empty(), hampered.is_empty()) {
            (false, _) => State::Unhealthy,
            (true, false) => State::Degraded,
            (true, true) => State::Ok,
        };
        Health { state, why: worst.into_iter().chain(hampered).map(Reason::from).collect() }
    }

    /// Why nothing is done, if so. A pass that lies ahead was told by a clock that was set back since.
    fn stillness(&self, now: DateTime<Utc>) -> Option<Condition> {
        let Some(started_at) = self.started_at else { return Some(Condition::NeverRan) };
        if let Some(stopped_at) = self.stopped_at {
            return Some(Condition::Stopped { since: stopped_at.into() });
        }
        let passed_at = self.last_pass().unwrap_or(started_at);
        let is_late = (now - passed_at).abs() > NO_PASS;
        is_late.then(|| Condition::NoPass { since: passed_at.into() })
    }
}

impl Health {
    /// In a line, for people.
    pub fn sentence(&self, language: Language) -> String {
        let state = match self.state {
            State::Ok => language.pick("ok", "正常"),
            State::Degraded => language.pick("degraded", "受阻"),
            State::Unhealthy => language.pick("unhealthy", "不健康"),
        };
        let why: Vec<String> = self.why.iter().map(|reason| reason.sentence(language)).collect();
        match why.is_empty() {
            true => state.to_owned(),
            false => format!("{state}{}{}", language.pick(": ", "："), why.join(language.pick("; ", "；"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minute)
    }

    fn well() -> Vitals {
        let disk = Some(Disk { free_bytes: 50, bytes: 100 });
        Vitals { started_at: Some(at(0)), passed_at: Some(at(60)), disk, ..Vitals::default() }
    }

    fn told(vitals: Vitals, now: i64) -> String {
        vitals.health(at(now)).sentence(Language::English)
    }

    #[test]
    fn a_daemon_is_unhealthy_that_has_made_no_pass_for_five_minutes_or_does_not_run() {
        let silent = "unhealthy: no pass has ended since 1970-01-01 09:00:00: the daemon hangs, was killed, or cannot write the ledger";
        for (vitals, now, expected) in [
            (well(), 61, "ok"),
            (well(), 65, "ok"),
            (well(), 66, silent),
            // Told by a clock that was set back an hour since.
            (well(), 0, silent),
            (Vitals { passed_at: None, ..well() }, 4, "ok"),
            (Vitals { started_at: None, ..well() }, 61, "unhealthy: no daemon has run on this ledger yet"),
            (
                Vitals { stopped_at: Some(at(60)), ..well() },
                61,
                "unhealthy: the daemon was stopped at 1970-01-01 09:00:00: start it",
            ),
            // Of the run before.
            (Vitals { started_at: Some(at(100)), ..well() }, 101, "ok"),
            (
                Vitals { disk: Some(Disk { free_bytes: 4, bytes: 100 }), ..well() },
                61,
                "unhealthy: 4 % of the disk that holds the ledger is free: make room on it",
            ),
        ] {
            assert_eq!(told(vitals, now), expected, "{vitals:?} at minute {now}");
        }
    }

    #[test]
    fn what_is_in_its_way_degrades_it_and_the_worst_comes_first() {
        let all = Vitals {
            services_down: 1,
            clocks_apart: 1,
            messages_stuck: 2,
            merchants_paused: 1,
            merchants_silent: 1,
            ..well()
        };
        assert_eq!(all.health(at(61)).state, State::Degraded);
        assert_eq!(all.health(at(61)).why.len(), 5);
        let worse = Vitals { stopped_at: Some(at(60)), ..all };
        assert_eq!(worse.health(at(61)).state, State::Unhealthy);
        assert!(told(worse, 61).starts_with("unhealthy: the daemon was stopped"), "{}", told(worse, 61));
        assert_eq!(worse.health(at(61)).why.len(), 6);
    }
}
