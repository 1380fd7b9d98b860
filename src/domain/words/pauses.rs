//! A pause, in a line: who stopped what, since when, until when, and why.

use crate::domain::language::Language;
use crate::domain::pause::PauseOf;

/// Times are as they are shown.
#[derive(Clone, Copy)]
pub struct PauseTold<'a> {
    pub merchant: &'a str,
    /// None: captures and refunds.
    pub of: Option<PauseOf>,
    pub by: &'a str,
    pub since: &'a str,
    pub until: Option<&'a str>,
    pub why: &'a str,
}

/// Without a stop.
pub fn pause(language: Language, told: &PauseTold<'_>) -> String {
    let PauseTold { merchant, of, by, since, until, why } = told;
    match language {
        Language::English => {
            let what = match of {
                None => "captures and refunds",
                Some(PauseOf::Capture) => "captures",
                Some(PauseOf::Refund) => "refunds",
            };
            let until = until.map_or_else(String::new, |until| format!(", until {until}"));
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            format!("{what} of merchant {merchant} paused by {by} since {since}{until}{why}")
        }
        Language::Chinese => {
            let what = match of {
                None => "關帳與退款",
                Some(PauseOf::Capture) => "關帳",
                Some(PauseOf::Refund) => "退款",
            };
            let until = until.map_or_else(String::new, |until| format!("，至 {until}"));
            let why = if why.is_empty() { String::new() } else { format!("：{why}") };
            format!("特店 {merchant} 的{what}已由 {by} 暫停（{since} 起{until}）{why}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let both =
            PauseTold { merchant: "3002607", of: None, by: "Lin", since: "2026-08-01 10:00", until: None, why: "" };
        let one = PauseTold { of: Some(PauseOf::Refund), until: Some("2026-08-01 12:00"), why: "stock count", ..both };
        for (told, english, chinese) in [
            (
                PauseTold { ..both },
                "captures and refunds of merchant 3002607 paused by Lin since 2026-08-01 10:00",
                "特店 3002607 的關帳與退款已由 Lin 暫停（2026-08-01 10:00 起）",
            ),
            (
                one,
                "refunds of merchant 3002607 paused by Lin since 2026-08-01 10:00, until 2026-08-01 12:00: stock count",
                "特店 3002607 的退款已由 Lin 暫停（2026-08-01 10:00 起，至 2026-08-01 12:00）：stock count",
            ),
        ] {
            assert_eq!(pause(Language::English, &told), english);
            assert_eq!(pause(Language::Chinese, &told), chinese);
        }
    }
}
