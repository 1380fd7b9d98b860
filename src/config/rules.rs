//! The sections that say how and when, each with its bounds.

use std::{path::PathBuf, time::Duration};

use chrono::{NaiveTime, TimeDelta};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::reader::{Section, SpanOrder, nearest};
use crate::domain::{
    calendar::Window,
    policy::{CapturePolicy, PartialOnAuthorized, Policy},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// The longest a call may take; the same as the policy's.
    pub timeout: Duration,
    /// Between two calls of one merchant.
    pub min_interval: Duration,
    /// Calls in flight per merchant.
    pub concurrency: u32,
    /// Silence after HTTP 403.
    pub cooldown: Duration,
    /// Between two statements, whosever they are.
    pub statement_interval: Duration,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            min_interval: Duration::from_millis(200),
            concurrency: 4,
            cooldown: Duration::from_secs(30 * 60),
            statement_interval: VENDORS_INTERVAL + SECOND,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub format: LogFormat,
    /// A level, or a filter as `tracing-subscriber` reads it.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
    Journald,
}

const INSTANT: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Longer than this, a window is more likely one whose start and end changed places.
const LONGEST_WINDOW: TimeDelta = TimeDelta::hours(12);

pub(super) fn database_path(section: &mut Section<'_>) -> PathBuf {
    let path = section.text("path").unwrap_or_else(|| "ecpayd.db".to_owned());
    if path.is_empty() || path.starts_with(":memory:") || path.contains('\0') {
        section.complain("path", "must name a file; the ledger has to outlive the daemon");
    } else if path.starts_with("file:") {
        // SQLite would open it as a URI, and the lock beside it would be another file's.
        section.complain("path", "is a URI; name the file itself");
    }
    PathBuf::from(path)
}

pub(super) fn capture(section: &mut Section<'_>, policy: &mut Policy) {
    policy.capture = section.choice(
        "policy",
        policy.capture,
        &[
            ("deadline", CapturePolicy::Deadline),
            ("immediate", CapturePolicy::Immediate),
            ("manual", CapturePolicy::Manual),
        ],
    );
    policy.deadline_days = section.integer("deadline_days", policy.deadline_days, 1..=21);
    policy.lead = section.span("lead", policy.lead, Duration::ZERO..=21 * DAY);
    policy.spread = section.span("spread", policy.spread, Duration::ZERO..=21 * DAY);
    if policy.lead + policy.spread >= TimeDelta::days(policy.deadline_days) {
        let days = policy.deadline_days;
        section.complain("lead", format!("and spread together must be shorter than deadline_days ({days}d)"));
    }
}

pub(super) fn refund(section: &mut Section<'_>, policy: &mut Policy) {
    policy.partial_on_authorized = section.choice(
        "partial_on_authorized",
        policy.partial_on_authorized,
        &[("wait", PartialOnAuthorized::Wait), ("capture", PartialOnAuthorized::Capture)],
    );
    policy.retry_short_balance = section.span("retry_short_balance", policy.retry_short_balance, SECOND..=30 * DAY);
    policy.voucher_guard = section.boolean("voucher_guard", policy.voucher_guard);
}

pub(super) fn window(section: &mut Section<'_>, window: &mut Window) {
    window.start = section.time("start", window.start);
    window.end = section.time("end", window.end);
    window.guard = section.span("guard", window.guard, Duration::ZERO..=HOUR);
    let lasts = (window.end - window.start + TimeDelta::days(1)).num_minutes().rem_euclid(24 * 60);
    if lasts == 0 {
        section.complain("end", "is the same as window.start; the window must last at least a minute");
    } else if TimeDelta::minutes(lasts) > LONGEST_WINDOW {
        section.complain("end", "lies more than 12h after window.start; have the two changed places?");
    }
}

/// ECPay refuses a request stamped longer ago (vendor page "信用卡請退款功能", RqHeader).
const VENDORS_VALIDITY: TimeDelta = TimeDelta::minutes(10);

/// The vendor tells no time after which a form request cannot come any more; this is ours.
const LEAST_QUIET: TimeDelta = TimeDelta::minutes(30);

/// The gateway's own settings; what the plan needs of them goes to the policy.
pub(super) fn gateway(section: &mut Section<'_>, policy: &mut Policy, real_gateway: bool) -> GatewaySettings {
    let default = GatewaySettings::default();
    let timeout = section.duration("timeout", default.timeout, 5 * INSTANT..=MINUTE);
    policy.timeout = TimeDelta::from_std(timeout).unwrap_or(policy.timeout);
    policy.request_validity = section.span("request_validity", policy.request_validity, MINUTE..=HOUR);
    if real_gateway && policy.request_validity < VENDORS_VALIDITY {
        // Shorter, a request that can still take effect would be taken for dead and sent again.
        section.complain("request_validity", "is shorter than the 10m for which ECPay accepts a request");
    }
    policy.quiet = section.span("quiet", policy.quiet, SECOND..=DAY);
    if real_gateway && policy.quiet < LEAST_QUIET {
        section.complain(
            "quiet",
            "is shorter than 30m; nothing ends a form request, so a shorter wait is for loopback only",
        );
    }
    policy.max_skew = section.span("max_skew", policy.max_skew, SECOND..=HOUR);
    policy.settle_gap = section.span("settle_gap", policy.settle_gap, INSTANT..=HOUR);
    let concurrency = section.integer("concurrency", i64::from(default.concurrency), 1..=64);
    GatewaySettings {
        timeout,
        min_interval: section.duration("min_interval", default.min_interval, Duration::ZERO..=MINUTE),
        concurrency: u32::try_from(concurrency).unwrap_or(default.concurrency),
        cooldown: section.duration("cooldown", default.cooldown, SECOND..=DAY),
        statement_interval: statement_interval(section, default.statement_interval, real_gateway),
    }
}

/// One file a minute and address (vendor page 信用卡撥款對帳, ?p=2898).
const VENDORS_INTERVAL: Duration = MINUTE;

fn statement_interval(section: &mut Section<'_>, default: Duration, real_gateway: bool) -> Duration {
    let interval = section.duration("statement_interval", default, Duration::ZERO..=HOUR);
    if real_gateway && interval <= VENDORS_INTERVAL {
        section.complain("statement_interval", "must be longer than the 1m in which ECPay gives out one statement");
    }
    interval
}

/// When the day's statement is fetched; never where that is empty.
pub(super) fn reconcile(section: &mut Section<'_>) -> Option<NaiveTime> {
    section.time_or_none("fetch", None)
}

pub(super) fn poll(section: &mut Section<'_>, policy: &mut Policy) -> Duration {
    policy.poll_unpaid = section.span("unpaid", policy.poll_unpaid, SECOND..=DAY);
    policy.poll_authorized = section.span("authorized", policy.poll_authorized, SECOND..=7 * DAY);
    policy.poll_settling = section.span("settling", policy.poll_settling, SECOND..=7 * DAY);
    policy.give_up_unpaid_after = section.span("give_up_unpaid_after", policy.give_up_unpaid_after, MINUTE..=365 * DAY);
    policy.poll_confirm =
        section.spans("confirm", std::mem::take(&mut policy.poll_confirm), SECOND..=60 * DAY, SpanOrder::Ascending);
    section.duration("foreign_writes", SECOND, INSTANT..=MINUTE)
}

pub(super) fn alerts(section: &mut Section<'_>, policy: &mut Policy) {
    policy.expiry_days = section.integers("expiry_days", std::mem::take(&mut policy.expiry_days));
    let days = &policy.expiry_days;
    let ascending = days.windows(2).all(|pair| pair[0] < pair[1]);
    if days.is_empty() || !ascending || !days.iter().all(|day| (1..=89).contains(day)) {
        section.complain("expiry_days", "must be days from 1 to 89, each once and in ascending order");
    }
    policy.capture_ends = section.steps("capture_ends", policy.capture_ends, MINUTE..=21 * DAY, SpanOrder::Descending);
    policy.refund_waits = section.steps("refund_waits", policy.refund_waits, MINUTE..=365 * DAY, SpanOrder::Ascending);
    policy.order_unknown =
        section.steps("order_unknown", policy.order_unknown, MINUTE..=30 * DAY, SpanOrder::Ascending);
    policy.unclaimed_after = section.span("unclaimed_after", policy.unclaimed_after, HOUR..=90 * DAY);
    policy.voucher_refund_unconfirmed_after =
        section.span("voucher_refund_unconfirmed_after", policy.voucher_refund_unconfirmed_after, MINUTE..=365 * DAY);
}

pub(super) fn log(section: &mut Section<'_>) -> LogSettings {
    let default = LogSettings::default();
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json), ("journald", LogFormat::Journald)];
    let format = section.choice("format", default.format, &formats);
    let level = section.text("level").unwrap_or(default.level);
    if let Err(hint) = check_level(&level) {
        let wanted = "must be off, error, warn, info, debug or trace, or a filter such as \"info,ecpayd=debug\"";
        section.complain("level", format!("{wanted}{hint}"));
    }
    LogSettings { format, level }
}

/// `EnvFilter` takes a lone word for a target, so that `level = "inof"` would silence everything else.
fn check_level(level: &str) -> Result<(), String> {
    for part in level.split(',').map(str::trim) {
        let word = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if part.is_empty() || (word && part.parse::<LevelFilter>().is_err()) {
            let levels = ["off", "error", "warn", "info", "debug", "trace"];
            let near = nearest(&part.to_ascii_lowercase(), levels.into_iter());
            return Err(near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?")));
        }
    }
    EnvFilter::builder().parse(level).map(drop).map_err(|_| String::new())
}
