//! Dates and times as the gateway writes them: Taipei's, in more than one form.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde::{Deserialize, Deserializer};

use super::liberal::text_if_readable;
use super::shape::Scalar;
use crate::domain::calendar;

/// Others are no dates of an order, and sums of days with them could leave what a date can hold.
const YEARS: std::ops::Range<i32> = 2000..3000;

/// A date and time of Taipei; absent, empty and unreadable are `None`.
pub fn taipei_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(match Scalar::deserialize(from)? {
        Scalar::Text(text) => taipei_time_of(&text),
        Scalar::Null | Scalar::Number(_) | Scalar::Other => None,
    })
}

/// `yyyy/MM/dd HH:mm:ss` (vendor page "Searching Order", `TradeDate`), also with `-`, without seconds,
/// with a fraction of one, and with 上午 or 下午 (recorded: `2016/5/12 下午 07:09:17`).
fn taipei_time_of(text: &str) -> Option<DateTime<Utc>> {
    let (half, text) = half_of_day_in(&text.trim().replace('-', "/"));
    let civil = ["%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .filter(|civil| YEARS.contains(&civil.year()))?;
    let hour = match half {
        Some(half) => half.hour(civil.hour())?,
        None => civil.hour(),
    };
    Some(calendar::from_taipei(civil.with_hour(hour)?))
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

impl Half {
    /// The hour of 24. One past twelve is one of 24 already, and there is none in the morning.
    fn hour(self, hour: u32) -> Option<u32> {
        match (self, hour) {
            (Self::Morning, 13..) => None,
            (Self::Morning, hour) => Some(hour % 12),
            (Self::Afternoon, 12..) => Some(hour),
            (Self::Afternoon, hour) => Some(hour + 12),
        }
    }
}

/// The word for the half of the day, and the text without it.
fn half_of_day_in(text: &str) -> (Option<Half>, String) {
    let words = [("上午", Half::Morning), ("下午", Half::Afternoon), ("AM", Half::Morning), ("PM", Half::Afternoon)];
    let upper = text.to_ascii_uppercase();
    let Some((word, half)) = words.into_iter().find(|(word, _)| upper.contains(word)) else {
        return (None, text.to_owned());
    };
    let without = upper.replacen(word, " ", 1);
    (Some(half), without.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The same for the voucher calls, which also write `yyyymmdd hh:mm` and the day alone, which is
/// its midnight (vendor page QueryOrderInfo, `IssueDate` and `WriteOffDate`).
pub fn taipei_time_or_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let read = |text: &str| taipei_time_of(text).or_else(|| compact_time_of(text));
    Ok(text_if_readable(from)?.and_then(|text| read(&text)))
}

/// `yyyymmdd`, also with `/` or `-`, with or without a time; absent, empty and unreadable are `None`.
pub fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    Ok(text_if_readable(from)?.and_then(|text| day_of(text.split_whitespace().next()?)))
}

fn compact_time_of(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.trim().split_once(' ').unwrap_or((text.trim(), "00:00"));
    let time = ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| NaiveTime::parse_from_str(time.trim(), form).ok());
    Some(calendar::from_taipei(day_of(day)?.and_time(time?)))
}

/// A day alone.
pub fn day_of(text: &str) -> Option<NaiveDate> {
    let compact = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let form = if compact { "%Y%m%d" } else { "%Y/%m/%d" };
    NaiveDate::parse_from_str(&text.replace('-', "/"), form).ok().filter(|day| YEARS.contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_date_is_taipei_time_in_either_spelling() {
        for spelling in ["2026/08/01 09:30:00", "2026-08-01 09:30:00", "2026/08/01 09:30", " 2026/8/1 9:30:00 "] {
            let at = taipei_time(json!(spelling)).expect("lenient").expect("a date");
            assert_eq!(at.to_rfc3339(), "2026-08-01T01:30:00+00:00", "{spelling}");
        }
        for absent in [json!(""), json!(null), json!("soon"), json!("2026/02/30 09:30:00"), json!(0), json!([])] {
            assert_eq!(taipei_time(absent).expect("lenient"), None);
        }
        // Ninety days after it there has to be a date.
        for year in ["+262142", "9999", "0001"] {
            assert_eq!(taipei_time(json!(format!("{year}/12/31 23:59:59"))).expect("lenient"), None);
        }
    }

    #[test]
    fn a_time_of_twelve_hours_is_read_by_its_half_of_the_day() {
        for (text, hour) in [
            ("2016/5/12 下午 07:09:17", Some(19)),
            ("2016/5/12 上午 07:09:17", Some(7)),
            ("2016/05/12 上午07:09:17", Some(7)),
            ("2016-5-12 下午 7:09:17", Some(19)),
            ("2016/5/12 上午 12:09:17", Some(0)),
            ("2016/5/12 上午 00:09:17", Some(0)),
            ("2016/5/12 下午 12:09:17", Some(12)),
            ("2016/5/12 下午 00:09:17", Some(12)),
            ("2016/5/12 下午 11:09:17", Some(23)),
            ("2016/5/12 下午 19:09:17", Some(19)),
            ("2016/5/12 上午 19:09:17", None),
            ("2016/5/12 下午 24:09:17", None),
            ("2016/5/12 07:09:17 pm", Some(19)),
            ("2016/5/12 07:09:17PM", Some(19)),
            ("2016/5/12 12:09:17 AM", Some(0)),
            ("2016/5/12 07:09:17.250", Some(7)),
            ("2016/5/12 下午 上午 07:09:17", None),
            ("下午", None),
        ] {
            let at = taipei_time(json!(text)).expect("lenient");
            let civil = NaiveDate::from_ymd_opt(2016, 5, 12).expect("a day");
            let expected = hour.and_then(|hour| civil.and_hms_opt(hour, 9, 17)).map(calendar::from_taipei);
            assert_eq!(at.map(|at| at.timestamp()), expected.map(|at| at.timestamp()), "{text}");
            assert_eq!(taipei_time_or_day(json!(text)).expect("lenient"), at, "{text}");
        }
    }

    #[test]
    fn a_vouchers_date_comes_in_every_form_of_the_vendors_page() {
        for (form, utc) in [
            ("20230601", "2023-05-31T16:00:00+00:00"),
            ("2023/06/01", "2023-05-31T16:00:00+00:00"),
            ("2023-06-01", "2023-05-31T16:00:00+00:00"),
            ("20230601 10:35", "2023-06-01T02:35:00+00:00"),
            ("20230601 10:35:21", "2023-06-01T02:35:21+00:00"),
            ("2023/06/01 10:35", "2023-06-01T02:35:00+00:00"),
            (" 2023/06/01 10:35:21 ", "2023-06-01T02:35:21+00:00"),
        ] {
            let at = taipei_time_or_day(json!(form)).expect("lenient");
            assert_eq!(at.map(|at| at.to_rfc3339()).as_deref(), Some(utc), "{form}");
            assert_eq!(day(json!(form)).expect("lenient"), NaiveDate::from_ymd_opt(2023, 6, 1), "{form}");
        }
        assert_eq!(day(json!(20_230_601)).expect("lenient"), NaiveDate::from_ymd_opt(2023, 6, 1));
        for absent in [
            json!(""),
            json!(null),
            json!([]),
            json!(true),
            json!("0"),
            json!("20230230"),
            json!("2023061"),
            json!("99991231"),
            json!("+2621421231"),
            json!("20230601T10"),
            json!("付付08"),
        ] {
            assert_eq!(taipei_time_or_day(absent.clone()).expect("lenient"), None, "{absent}");
            assert_eq!(day(absent.clone()).expect("lenient"), None, "{absent}");
        }
        assert_eq!(taipei_time_or_day(json!("20230601 25:00")).expect("lenient"), None);
    }
}
