//! A question with a call that moves money: E on an order that is merely authorized tells whether the JSON actions
//! know an order of 全方位金流. ECPay refuses E in that state. Of an order that is captured meanwhile it would call
//! the capture back, so it is asked only where nothing captures, and where nothing is captured until the request has
//! grown too old to be accepted.

use chrono::{DateTime, Duration, Utc};

use super::facts::Seen;
use super::policy::Policy;
use super::status::CardStatus;

/// What was looked at longer ago decides nothing.
pub const FRESH: Duration = Duration::seconds(60);

/// An order with the number, as the ledger holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of a recurring order.
    pub is_later_charge: bool,
    pub is_on_hold: bool,
    pub attempts: i64,
    pub open_refunds: i64,
}

/// Why nothing is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    NotByForm,
    NotInLedger,
    Recurring,
    NotOnHold,
    ActedOn { attempts: i64 },
    RefundOpen,
    Closing { until: DateTime<Utc> },
    NoTimeTold,
    ClocksDiffer { skew_s: i64 },
    NotUntouched { seen: Box<Seen> },
}

/// What ECPay said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    NotKnown {
        code: i64,
        text: String,
    },
    /// Refused with the order's own numbers, and not for being unknown.
    Known {
        code: i64,
        text: String,
    },
    /// The same without its numbers, which proves nothing.
    Bare {
        code: i64,
        text: String,
    },
    /// RtnCode 1, with its numbers or without.
    Accepted,
    /// The merchant's JSON calls, or this one, are not served.
    NotServed {
        why: String,
    },
    NotSent {
        why: String,
    },
    /// HTTP 403, which names no order: it may take effect as well.
    Limited,
    /// It may take effect until it has grown too old.
    Unanswered {
        why: String,
    },
}

/// Nothing captures the order, whoever runs: `hold` outlasts the daemon's next start, and no call of ours is on its way.
pub fn ledger_allows(entries: &[Entry]) -> Result<(), Unfit> {
    let [entry] = entries else {
        return Err(if entries.is_empty() { Unfit::NotInLedger } else { Unfit::Recurring });
    };
    match *entry {
        Entry { is_later_charge: true, .. } => Err(Unfit::Recurring),
        Entry { is_on_hold: false, .. } => Err(Unfit::NotOnHold),
        Entry { attempts, .. } if attempts > 0 => Err(Unfit::ActedOn { attempts }),
        Entry { open_refunds, .. } if open_refunds > 0 => Err(Unfit::RefundOpen),
        _ => Ok(()),
    }
}

/// How long the request may still be accepted, by whichever clock.
pub fn lasts(policy: &Policy) -> Duration {
    policy.request_validity + policy.max_skew
}

/// ECPay's own closing would capture what E then calls back; where it closes by itself the whole night is left out.
pub fn time_allows(policy: &Policy, daily_auto_close: bool, now: DateTime<Utc>) -> Result<(), Unfit> {
    let opens = policy.window.next_allowed(now, lasts(policy));
    let morning = daily_auto_close.then(|| policy.window.morning_after(now.max(opens))).flatten();
    let until = morning.unwrap_or(opens);
    if until > now { Err(Unfit::Closing { until }) } else { Ok(()) }
}

/// The stamp ends the request only where both clocks agree.
pub fn clocks_allow(policy: &Policy, skew_s: Option<i64>) -> Result<(), Unfit> {
    let skew_s = skew_s.ok_or(Unfit::NoTimeTold)?;
    let apart = i64::try_from(skew_s.unsigned_abs()).unwrap_or(i64::MAX);
    if apart > policy.max_skew.num_seconds() { Err(Unfit::ClocksDiffer { skew_s }) } else { Ok(()) }
}

/// Authorized, nothing of it captured, to be captured or ever called back.
pub fn is_untouched(seen: &Seen) -> bool {
    let Seen::Card(card) = seen else { return false };
    card.status == CardStatus::Authorized && !card.listed && card.rows.is_empty() && card.net == 0 && !card.recurring
}

/// ECPay's words for an order that it does not know have no one number.
pub fn says_unknown(text: &str) -> bool {
    const WORDS: [&str; 5] = ["不存在", "查無", "not find", "not found", "not exist"];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::domain::calendar::from_taipei;

    fn at(time: &str) -> DateTime<Utc> {
        let civil = NaiveDateTime::parse_from_str(&format!("2026-08-03 {time}"), "%Y-%m-%d %H:%M:%S");
        from_taipei(civil.expect("a civil time"))
    }

    #[test]
    fn only_an_order_on_hold_that_nothing_was_ever_asked_for_is_fit() {
        let fit = Entry { is_later_charge: false, is_on_hold: true, attempts: 0, open_refunds: 0 };
        for (entries, expected) in [
            (vec![fit], Ok(())),
            (vec![], Err(Unfit::NotInLedger)),
            (vec![fit, Entry { is_later_charge: true, ..fit }], Err(Unfit::Recurring)),
            (vec![Entry { is_later_charge: true, ..fit }], Err(Unfit::Recurring)),
            (vec![Entry { is_on_hold: false, ..fit }], Err(Unfit::NotOnHold)),
            (vec![Entry { attempts: 2, ..fit }], Err(Unfit::ActedOn { attempts: 2 })),
            (vec![Entry { open_refunds: 1, ..fit }], Err(Unfit::RefundOpen)),
        ] {
            assert_eq!(ledger_allows(&entries), expected, "{entries:?}");
        }
    }

    #[test]
    fn it_is_over_before_the_closing_begins_and_waits_for_the_morning_where_ecpay_closes_by_itself() {
        let policy = Policy::default();
        let six = at("06:00:00");
        let next_six = six + Duration::days(1);
        for (now, by_hand, by_ecpay) in [
            ("19:59:59", None, None),
            ("20:00:00", None, None),
            ("20:00:01", Some(at("20:32:00")), Some(next_six)),
            ("20:15:00", Some(at("20:32:00")), Some(next_six)),
            ("20:31:59", Some(at("20:32:00")), Some(next_six)),
            ("20:32:00", None, Some(next_six)),
            ("23:59:59", None, Some(next_six)),
            ("00:00:00", None, Some(six)),
            ("05:59:59", None, Some(six)),
            ("06:00:00", None, None),
        ] {
            for (daily_auto_close, until) in [(false, by_hand), (true, by_ecpay)] {
                let expected = until.map_or(Ok(()), |until| Err(Unfit::Closing { until }));
                assert_eq!(time_allows(&policy, daily_auto_close, at(now)), expected, "{now} {daily_auto_close}");
            }
        }
    }

    #[test]
    fn clocks_that_differ_leave_the_request_without_an_end() {
        let policy = Policy::default();
        for (skew_s, expected) in [
            (Some(0), Ok(())),
            (Some(300), Ok(())),
            (Some(-300), Ok(())),
            (Some(301), Err(Unfit::ClocksDiffer { skew_s: 301 })),
            (Some(-301), Err(Unfit::ClocksDiffer { skew_s: -301 })),
            (Some(i64::MIN), Err(Unfit::ClocksDiffer { skew_s: i64::MIN })),
            (None, Err(Unfit::NoTimeTold)),
        ] {
            assert_eq!(clocks_allow(&policy, skew_s), expected);
        }
    }

    #[test]
    fn words_for_an_unknown_order_are_known_in_both_languages() {
        for text in ["訂單不存在", "查無此交易", "Cant not find the trade data", "Order Not Found"] {
            assert!(says_unknown(text), "{text}");
        }
        for text in ["更新失敗.(error_status_E)", "error_nopay", ""] {
            assert!(!says_unknown(text), "{text}");
        }
    }
}
