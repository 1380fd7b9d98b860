//! What is told to people and shops, and when a try that failed is made again.

use chrono::{DateTime, Duration, Utc};

use super::order::words;

words! {
    /// `deliveries.edge` of an alert.
    Edge {
        Raised = "raised",
        /// Still open and critical, and nobody has acknowledged it.
        Repeated = "repeated",
        Closed = "closed",
    }
}

words! {
    /// `deliveries.edge` of an order: what has ended. The ledger's triggers write them.
    ShopEvent {
        Captured = "captured",
        RefundDone = "refund_done",
        RefundRejected = "refund_rejected",
        RefundReview = "refund_review",
        Voided = "voided",
        Expired = "expired",
    }
}

/// The pauses after the first tries; the others are an hour apart.
const FIRST_PAUSES: [Duration; 3] = [Duration::seconds(30), Duration::minutes(2), Duration::minutes(10)];
const PAUSE: Duration = Duration::hours(1);

/// A message is tried for so long.
const TRIED_FOR: Duration = Duration::days(3);

/// From so many failed tries on, the other channels tell of it.
pub const FAILING: u32 = 3;

/// When a message whose try has just failed, after so many tries, is tried again; `asked` is the pause that the
/// receiver asks for. None: never.
pub fn next_try(
    tries: u32,
    created_at: DateTime<Utc>,
    asked: Option<Duration>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let nth = usize::try_from(tries).unwrap_or(usize::MAX).saturating_sub(1);
    let pause = FIRST_PAUSES.get(nth).copied().unwrap_or(PAUSE);
    let pause = asked.map_or(pause, |asked| asked.clamp(pause, pause.max(PAUSE)));
    let next = now + pause;
    (next <= created_at + TRIED_FOR).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_after_30_s_2_min_10_min_and_then_hourly_for_3_days() {
        let created = DateTime::UNIX_EPOCH;
        let (mut now, mut tries, mut pauses) = (created, 1, Vec::new());
        while let Some(next) = next_try(tries, created, None, now) {
            pauses.push((next - now).num_seconds());
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(pauses[..4], [30, 120, 600, 3600]);
        assert!(pauses[3..].iter().all(|pause| *pause == 3600), "{pauses:?}");
        assert_eq!(pauses.len(), 74, "{} hours", (now - created).num_hours());
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_but_for_none_above_an_hour() {
        let created = DateTime::UNIX_EPOCH;
        let pause = |asked| next_try(1, created, Some(asked), created).map(|next| (next - created).num_seconds());
        assert_eq!(pause(Duration::seconds(1)), Some(30));
        assert_eq!(pause(Duration::minutes(7)), Some(420));
        assert_eq!(pause(Duration::days(2)), Some(3600));
    }
}
