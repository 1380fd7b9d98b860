//! Backups of the ledger: what they are called, which of them go, and when a person hears that there is no new one.

use chrono::{DateTime, Duration, NaiveDateTime, Timelike as _, Utc};

use super::alert::Severity;
use super::calendar::taipei;
use super::reason::Upkeep;
use super::storage::Storage;

/// One is made each night. A night that failed may be made good in the next.
const OLD: Duration = Duration::days(2);

/// The civil time of its beginning in Taipei, so that names sort as they were made.
const NAME: &str = "ecpayd-%Y%m%dT%H%M%S.db";

/// What may be between two that were begun in one second, which get a second each.
const CROWDED: Duration = Duration::minutes(1);

/// A name that nothing in the directory has. It sorts behind those that were begun in the same second, and behind
/// what came behind them: one that went since would else leave its name to the newest.
pub fn free_name(at: DateTime<Utc>, found: impl IntoIterator<Item = String>) -> String {
    let mut taken: Vec<NaiveDateTime> = found.into_iter().filter_map(|name| time_of(&name)).collect();
    taken.sort_unstable();
    let mut civil = taipei(at).naive_local().with_nanosecond(0).unwrap_or_default();
    for time in taken {
        if civil <= time && time - civil <= CROWDED {
            civil = time + Duration::seconds(1);
        }
    }
    civil.format(NAME).to_string()
}

/// None: it is not named as a backup is.
fn time_of(name: &str) -> Option<NaiveDateTime> {
    let civil = NaiveDateTime::parse_from_str(name, NAME).ok()?;
    // Read leniently: signs, blanks, other digits.
    (civil.format(NAME).to_string() == name).then_some(civil)
}

fn is_named_as_one(name: &str) -> bool {
    time_of(name).is_some()
}

/// Which files of a directory go, so that `keep` backups are left. Never the one that was just made, whatever the
/// clock was when others got their names; and nothing that is named otherwise.
pub fn surplus(found: impl IntoIterator<Item = String>, made: &str, keep: usize) -> Vec<String> {
    let mut others: Vec<String> = found.into_iter().filter(|name| name != made && is_named_as_one(name)).collect();
    others.sort_unstable();
    others.truncate(others.len().saturating_sub(keep.saturating_sub(1)));
    others
}

/// Whether a file was left behind in the making of one that has this name, or a name of the same kind.
pub fn is_left_over(found: &str, target: &str) -> bool {
    let made_of = found.strip_prefix('.').and_then(|found| found.rsplit_once(".partial-"));
    made_of.is_some_and(|(name, process)| {
        let alike = name == target || (is_named_as_one(name) && is_named_as_one(target));
        alike && !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}

/// What the age of the newest backup says about an alert. None: none was ever made, and nobody has asked for any.
/// A young one closes nothing: the last try may have failed all the same.
pub fn age_alert(newest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Storage {
    match newest {
        Some(made_at) if now - made_at > OLD => {
            let days = (now - made_at).num_days();
            Storage::Raise(Severity::Warning, Upkeep::BackupOld { made_at: made_at.into(), days }.into())
        }
        _ => Storage::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::from_taipei;

    fn at(text: &str) -> DateTime<Utc> {
        from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
    }

    #[test]
    fn a_backup_is_named_by_its_time_in_taipei_and_two_of_a_second_are_told_apart() {
        let night = at("2026-11-30 03:40:59");
        for (taken, expected) in [
            (&[][..], "ecpayd-20261130T034059.db"),
            (&["ecpayd-20261130T034059.db"], "ecpayd-20261130T034100.db"),
            (&["ecpayd-20261130T034100.db", "ecpayd-20261130T034059.db"], "ecpayd-20261130T034101.db"),
            // The first of them was pruned since.
            (&["ecpayd-20261130T034101.db"], "ecpayd-20261130T034102.db"),
            (&["ecpayd-20261129T034059.db", "ecpayd-20261130T034058.db", "notes.txt"], "ecpayd-20261130T034059.db"),
            // By a clock that was ahead.
            (&["ecpayd-20271130T034059.db"], "ecpayd-20261130T034059.db"),
        ] {
            assert_eq!(free_name(night, taken.iter().map(|name| (*name).to_owned())), expected, "{taken:?}");
        }
    }

    #[test]
    fn names_sort_as_the_times_do() {
        let times = ["1999-12-31 23:59:59", "2026-02-28 00:00:00", "2026-11-29 23:59:59", "2026-11-30 00:00:00"];
        let names: Vec<String> = times.iter().map(|time| free_name(at(time), Vec::new())).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|name| is_named_as_one(name)), "{names:?}");
    }

    #[test]
    fn the_oldest_go_and_nothing_that_is_named_otherwise() {
        let all = [
            "ecpayd-20261128T034000.db",
            "ecpayd-20261127T034000.db",
            "ecpayd-20261129T034000.db",
            "ecpayd-20261130T034000.db",
            "ecpayd.db",
            "ecpayd-before-upgrade.db",
            "ecpayd-20261301T034000.db",
            "ecpayd-20261126T034000.db.gz",
            "ecpayd-2026112T0034000.db",
            "ecpayd- 0261126T034000.db",
            ".ecpayd-20261126T034000.db.partial-77.0",
            "shop-20261126T034000.db",
        ];
        for (made, keep, expected) in [
            ("ecpayd-20261130T034000.db", 9, &[][..]),
            ("ecpayd-20261130T034000.db", 4, &[]),
            ("ecpayd-20261130T034000.db", 3, &["ecpayd-20261127T034000.db"]),
            (
                "ecpayd-20261130T034000.db",
                1,
                &["ecpayd-20261127T034000.db", "ecpayd-20261128T034000.db", "ecpayd-20261129T034000.db"],
            ),
            // The clock was ahead when the others got their names.
            ("ecpayd-20261127T034000.db", 2, &["ecpayd-20261128T034000.db", "ecpayd-20261129T034000.db"]),
        ] {
            assert_eq!(surplus(all.map(str::to_owned), made, keep), expected, "{made}, {keep}");
        }
    }

    #[test]
    fn only_what_was_left_behind_in_the_same_place_is_known_as_such() {
        for (found, target, expected) in [
            (".x.db.partial-77.0", "x.db", true),
            (".x.db.partial-77.0", "y.db", false),
            ("x.db.partial-77.0", "x.db", false),
            (".x.db.partial-", "x.db", false),
            (".x.db.partial-77.0-journal", "x.db", false),
            (".x.db", "x.db", false),
            ("x.db", "x.db", false),
            // Of last night.
            (".ecpayd-20261126T034000.db.partial-77.0", "ecpayd-20261127T034000.db", true),
            (".ecpayd-20261126T034000.db.partial-77.0", "x.db", false),
            (".x.db.partial-77.0", "ecpayd-20261127T034000.db", false),
        ] {
            assert_eq!(is_left_over(found, target), expected, "{found} beside {target}");
        }
    }

    #[test]
    fn a_person_hears_when_the_newest_backup_is_older_than_two_days_and_never_where_none_was_made() {
        let made = Some(at("2026-11-27 03:40:00"));
        for (newest, now, raised) in [
            (None, "2026-11-29 03:40:01", false),
            (made, "2026-11-27 03:40:00", false),
            (made, "2026-11-29 03:40:00", false),
            (made, "2026-11-29 03:40:01", true),
            (made, "2027-11-29 03:40:01", true),
            // A clock that was ahead and is put right.
            (made, "2026-11-01 00:00:00", false),
        ] {
            let told = age_alert(newest, at(now));
            assert_eq!(matches!(told, Storage::Raise(Severity::Warning, _)), raised, "{newest:?} at {now}");
            assert!(raised || told == Storage::Keep, "a young one closes nothing");
        }
    }
}
