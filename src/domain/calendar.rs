//! Days and times of day in Taiwan.
//!
//! ECPay writes and means Asia/Taipei everywhere (`yyyy/MM/dd HH:mm:ss` in the vendor's pages of the card calls).

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Asia::Taipei;

/// Ahead of UTC since the last clock change, which was in 1979. A plan asks for dozens of times of day, and each
/// look into the zone data costs as much as ten of these additions; a test holds the two to each other.
const AHEAD: FixedOffset = FixedOffset::east_opt(8 * 60 * 60).expect("less than a day");
const NO_CHANGE_SINCE: i32 = 1980;

pub fn taipei(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&if at.year() > NO_CHANGE_SINCE { AHEAD } else { zone_data(at) })
}

/// What the zone data says, which could change with the law.
pub fn zone_data(at: DateTime<Utc>) -> FixedOffset {
    Taipei.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// The instant of a civil time in Taipei. In the gap of a clock change the time before it is taken.
pub fn from_taipei(civil: NaiveDateTime) -> DateTime<Utc> {
    let without_change = || Utc.from_utc_datetime(&(civil - AHEAD));
    if civil.year() > NO_CHANGE_SINCE {
        return without_change();
    }
    Taipei.from_local_datetime(&civil).earliest().map_or_else(without_change, |at| at.with_timezone(&Utc))
}

pub fn taipei_date(at: DateTime<Utc>) -> NaiveDate {
    taipei(at).date_naive()
}

/// `2026-08-01 09:30:52`, as the views and tables show it.
pub fn show(at: DateTime<Utc>) -> String {
    taipei(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The daily closing window in which DoAction is not to be called (vendor page 信用卡請退款功能, first note: 20:15 to 20:30).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: NaiveTime,
    pub end: NaiveTime,
    /// Nothing is sent from this long before `start` on, nor before `end` plus this.
    pub guard: Duration,
}

impl Default for Window {
    /// 20:15 to 20:30 (vendor page 信用卡請退款功能, first note), with two minutes of guard.
    fn default() -> Self {
        let quarter = |q: u32| NaiveTime::MIN + Duration::minutes(20 * 60 + 15 * i64::from(q));
        Self { start: quarter(1), end: quarter(2), guard: Duration::minutes(2) }
    }
}

impl Window {
    /// When a money step that may take up to `lasts` is allowed: `now`, or the end of
    /// the closed time it would fall into.
    pub fn next_allowed(&self, now: DateTime<Utc>, lasts: Duration) -> DateTime<Utc> {
        if deliberate!(IgnoresTheWindow) {
            return now;
        }
        for (start, end) in self.around(now) {
            let closed = now >= start - self.guard || now > start - lasts;
            if closed && now < end + self.guard {
                return end + self.guard;
            }
        }
        now
    }

    pub fn allows(&self, now: DateTime<Utc>, lasts: Duration) -> bool {
        self.next_allowed(now, lasts) == now
    }

    /// Whether a closing, or a part of one, lies between two instants: what was seen
    /// before its end may no longer hold.
    pub fn separates(&self, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.around(now).any(|(start, end)| seen < end && start <= now)
    }

    /// The end of the first closing that starts after `at`.
    pub fn next_closing_end(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let today = taipei_date(at);
        let (start, end) = self.on(today);
        if start > at { end } else { self.on(today + Duration::days(1)).1 }
    }

    /// When the vendor's own closing of the day has been taken in (06:00), from its beginning on until then.
    pub fn morning_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let morning = NaiveTime::MIN + Duration::hours(6);
        let (day, time) = (taipei_date(now), taipei(now).time());
        let of = |day: NaiveDate| from_taipei(day.and_time(morning));
        if time < morning {
            Some(of(day))
        } else if time >= self.start {
            Some(of(day + Duration::days(1)))
        } else {
            None
        }
    }

    /// How long nothing is sent around one closing.
    pub fn closed_for(&self) -> Duration {
        let day = Duration::days(1);
        let lasts = self.end - self.start;
        (if lasts < Duration::zero() { lasts + day } else { lasts }) + self.guard * 2
    }

    fn on(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let last_day = if self.end < self.start { day + Duration::days(1) } else { day };
        (from_taipei(day.and_time(self.start)), from_taipei(last_day.and_time(self.end)))
    }

    /// Yesterday's, today's and tomorrow's: a window may cross midnight, and so may its guard.
    fn around(&self, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let today = taipei_date(now);
        [-1, 0, 1].map(|d| self.on(today + Duration::days(d))).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
    }

    fn window() -> Window {
        Window::default()
    }

    #[test]
    fn the_zone_data_knows_of_no_clock_change_from_1980_on() {
        let mut at = Utc.with_ymd_and_hms(1979, 1, 1, 0, 0, 0).unwrap();
        let mut changes = Vec::new();
        while at.year() < 2100 {
            let after = at + Duration::hours(6);
            if zone_data(at) != zone_data(after) {
                changes.push(taipei(after).year());
            }
            let civil = taipei(at).naive_local();
            assert_eq!(taipei(at), at.with_timezone(&Taipei), "{at}");
            assert!(from_taipei(civil) == at || at.year() == 1979, "{civil}");
            at = after;
        }
        assert_eq!(changes, [1979, 1979]);
        assert!(zone_data(at) == AHEAD);
    }

    #[test]
    fn the_window_with_its_guard_closes_and_opens_to_the_second() {
        let second = Duration::seconds(1);
        for (now, next) in [
            ("2026-08-01 20:12:59", "2026-08-01 20:12:59"),
            ("2026-08-01 20:13:00", "2026-08-01 20:32:00"),
            ("2026-08-01 20:15:00", "2026-08-01 20:32:00"),
            ("2026-08-01 20:31:59", "2026-08-01 20:32:00"),
            ("2026-08-01 20:32:00", "2026-08-01 20:32:00"),
        ] {
            assert_eq!(window().next_allowed(at(now), second), at(next), "{now}");
        }
    }

    #[test]
    fn a_step_that_could_last_into_the_window_waits_for_its_end() {
        let long = Duration::minutes(5);
        assert!(window().allows(at("2026-08-01 20:10:00"), long));
        assert_eq!(window().next_allowed(at("2026-08-01 20:10:01"), long), at("2026-08-01 20:32:00"));
    }

    #[test]
    fn a_window_is_closed_for_its_length_and_both_guards() {
        assert_eq!(window().closed_for(), Duration::minutes(19));
        let hour = |h| NaiveTime::MIN + Duration::hours(h);
        let across = Window { start: hour(23), end: hour(1), guard: Duration::minutes(5) };
        assert_eq!(across.closed_for(), Duration::minutes(130));
    }

    #[test]
    fn a_window_across_midnight_closes_both_days() {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).expect("a time of day");
        let night = Window { start: time(23, 50), end: time(0, 10), guard: Duration::minutes(1) };
        let second = Duration::seconds(1);
        for closed in ["2026-08-01 23:49:01", "2026-08-01 23:59:59", "2026-08-02 00:00:00", "2026-08-02 00:10:59"] {
            assert_eq!(night.next_allowed(at(closed), second), at("2026-08-02 00:11:00"), "{closed}");
        }
    }

    #[test]
    fn a_look_before_the_closing_does_not_speak_for_after_it() {
        assert!(window().separates(at("2026-08-01 20:14:59"), at("2026-08-01 20:33:00")));
        assert!(window().separates(at("2026-08-01 20:29:59"), at("2026-08-01 20:30:20")));
        assert!(!window().separates(at("2026-08-01 20:30:00"), at("2026-08-01 20:33:00")));
        assert!(!window().separates(at("2026-08-01 19:00:00"), at("2026-08-01 19:00:30")));
    }

    #[test]
    fn the_next_closing_is_todays_or_tomorrows() {
        assert_eq!(window().next_closing_end(at("2026-08-01 12:00:00")), at("2026-08-01 20:30:00"));
        assert_eq!(window().next_closing_end(at("2026-08-01 20:15:00")), at("2026-08-02 20:30:00"));
    }
}
