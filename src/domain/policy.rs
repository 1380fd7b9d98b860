//! The settings that the plan decides by. Durations are exact; days are of 24 hours.

use chrono::Duration;

use super::api::CardApi;
use super::calendar::Window;

/// Between looks while the clocks are too far apart to be believed.
pub const SKEWED: Duration = Duration::minutes(10);

/// `[capture] policy`: when an order with `capture = 'auto'` is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapturePolicy {
    /// At authorization plus `deadline_days` less `lead`.
    Deadline,
    /// As soon as it is seen authorized.
    Immediate,
    /// Only on `capture = 'now'`.
    Manual,
}

/// `[refund] partial_on_authorized`: what a part of an authorized order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialOnAuthorized {
    /// Wait for the capture that the capture policy makes.
    Wait,
    /// Capture now, then refund.
    Capture,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub capture: CapturePolicy,
    /// The shop's own limit, in days after authorization; the vendor's is 21 (vendor page
    /// 信用卡請退款功能, in English, note on capture).
    pub deadline_days: i64,
    /// Capture this long before the deadline.
    pub lead: Duration,
    /// And at most this much earlier still, to spread a crowd.
    pub spread: Duration,

    pub partial_on_authorized: PartialOnAuthorized,
    pub retry_short_balance: Duration,
    /// A refund goes no further than the vouchers of its order allow.
    pub voucher_guard: bool,

    pub window: Window,

    /// The longest a call may take.
    pub timeout: Duration,
    /// The gateway refuses a request stamped longer ago (vendor page 信用卡請退款功能, in English, RqHeader: 10 minutes).
    pub request_validity: Duration,
    /// So long after a form request nobody answered looks may settle it: it carries no stamp that ends it.
    pub quiet: Duration,
    /// Clocks further apart than this stop money actions.
    pub max_skew: Duration,
    /// Between the two looks that settle an unanswered request.
    pub settle_gap: Duration,

    /// Between looks at an unpaid order, at first; then slower, up to a day.
    pub poll_unpaid: Duration,
    pub poll_authorized: Duration,
    /// Between To be captured and Captured.
    pub poll_settling: Duration,
    pub give_up_unpaid_after: Duration,
    /// How long after the end of a money action it is looked at again, ascending.
    pub poll_confirm: Vec<Duration>,

    /// Days after authorization at which `expiring` is raised, ascending.
    pub expiry_days: Vec<i64>,
    /// How long before the vendor's limit an order that nothing will capture is reported,
    /// descending: first a warning, then critical.
    pub capture_ends: [Duration; 2],
    /// How long a refund may last before it is reported, ascending: notice, warning, critical.
    pub refund_waits: [Duration; 3],
    /// How long the gateway may not know an order before that is told: first one with a refund, an
    /// expected amount or capture 'now', then any other.
    pub order_unknown: [Duration; 2],
    /// How long an order may stay To be captured before that is told.
    pub unclaimed_after: Duration,
    /// `voucher_refund_unconfirmed` is raised when the bank takes longer.
    pub voucher_refund_unconfirmed_after: Duration,
}

impl Policy {
    /// The longest that a call of this interface may still take effect, by whichever clock.
    pub(super) fn longest_unsettled(&self, api: CardApi) -> Duration {
        let skew = self.max_skew * 2;
        match api {
            CardApi::Json => self.request_validity + skew,
            CardApi::Form => self.timeout + self.quiet + skew,
        }
    }
}

impl Default for Policy {
    /// The defaults of `config.toml`.
    fn default() -> Self {
        Self {
            capture: CapturePolicy::Deadline,
            deadline_days: 21,
            lead: Duration::hours(48),
            spread: Duration::hours(6),
            partial_on_authorized: PartialOnAuthorized::Wait,
            retry_short_balance: Duration::hours(6),
            voucher_guard: true,
            window: Window::default(),
            timeout: Duration::seconds(30),
            request_validity: Duration::minutes(10),
            quiet: Duration::minutes(30),
            max_skew: Duration::minutes(5),
            settle_gap: Duration::seconds(60),
            poll_unpaid: Duration::minutes(10),
            poll_authorized: Duration::hours(24),
            poll_settling: Duration::hours(6),
            give_up_unpaid_after: Duration::days(30),
            poll_confirm: vec![Duration::minutes(15), Duration::days(1), Duration::days(3), Duration::days(10)],
            expiry_days: vec![60, 70, 75, 78, 79],
            capture_ends: [Duration::days(3), Duration::days(1)],
            refund_waits: [Duration::hours(4), Duration::days(1), Duration::days(3)],
            order_unknown: [Duration::hours(1), Duration::days(1)],
            unclaimed_after: Duration::days(7),
            voucher_refund_unconfirmed_after: Duration::days(7),
        }
    }
}
