//! The append-only history of an order: what happened, and what is kept of it.

use serde::Serialize;

use super::action::Action;
use super::attempt::AttemptState;
use super::facts::Seen;
use super::money::Twd;
use super::order::words;
use super::reason::Reason;

words! {
    /// `order_events.kind`. What a shop's row begins with is written by the ledger's triggers.
    EventKind {
        OrderRegistered = "order_registered",
        OrderChanged = "order_changed",
        Observed = "observed",
        AttemptStarted = "attempt_started",
        AttemptAccepted = "attempt_accepted",
        AttemptRefused = "attempt_refused",
        AttemptUnknown = "attempt_unknown",
        AttemptNotSent = "attempt_not_sent",
        AttemptApplied = "attempt_applied",
        AttemptNotApplied = "attempt_not_applied",
        AttemptInReview = "attempt_in_review",
        RefundQueued = "refund_queued",
        RefundCanceled = "refund_canceled",
        RefundDone = "refund_done",
        RefundRejected = "refund_rejected",
        RefundInReview = "refund_in_review",
        RefundUndone = "refund_undone",
        ExternalChange = "external_change",
        CaughtUp = "caught_up",
        VoucherRegistered = "voucher_registered",
        VoucherGuardChanged = "voucher_guard_changed",
        VoucherObserved = "voucher_observed",
        VoucherTicketsListed = "voucher_tickets_listed",
        VoucherTicket = "voucher_ticket",
        VoucherRefundsObserved = "voucher_refunds_observed",
        RateLimited = "rate_limited",
        Paused = "paused",
        Resumed = "resumed",
        DaemonStarted = "daemon_started",
        DaemonStopped = "daemon_stopped",
        ClockSetBack = "clock_set_back",
        RestoreNoticed = "restore_noticed",
    }
}

/// What is added to the history of an order; its detail is the JSON of its fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// A look showed something else than the last one.
    Observed(Box<Seen>),
    AttemptStarted {
        attempt: i64,
        refund: Option<i64>,
        action: Action,
        amount: Twd,
        before: &'static str,
        before_net: i64,
        /// Other refunds that end with it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        together: Vec<i64>,
    },
    /// What the call came to.
    AttemptAnswered {
        #[serde(skip)]
        state: AttemptState,
        attempt: i64,
        refund: Option<i64>,
        code: Option<i64>,
        text: String,
    },
    /// By a look or a person.
    AttemptSettled {
        #[serde(skip)]
        state: AttemptState,
        attempt: i64,
        refund: Option<i64>,
        action: Action,
        amount: Twd,
        why: String,
        /// Why a person has to tell; the same as `why`.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        by: Option<String>,
    },
    /// A question to a person about a call that was not sent.
    AttemptAsked {
        attempt: i64,
        refund: i64,
        action: Action,
        amount: Twd,
        why: String,
        reason: Reason,
        sent: bool,
    },
    RefundDone {
        refund: i64,
        amount: Twd,
        attempt: i64,
    },
    /// It is rejected, or waits for a person.
    RefundStopped {
        #[serde(skip)]
        rejected: bool,
        refund: i64,
        why: String,
        reason: Reason,
    },
    RefundUndone {
        refund: i64,
        attempt: i64,
        by: String,
        why: String,
    },
    /// Something that no attempt of ours explains.
    ExternalChange {
        what: String,
        reason: Reason,
    },
    /// An order of a restored ledger.
    CaughtUp {
        restore: i64,
        state: &'static str,
        refunded_amount: Twd,
        unclaimed_amount: Twd,
        unclaimed_void: bool,
    },
}

impl Event {
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Observed(_) => EventKind::Observed,
            Self::AttemptStarted { .. } => EventKind::AttemptStarted,
            Self::AttemptAnswered { state, .. } | Self::AttemptSettled { state, .. } => of_attempt(*state),
            Self::AttemptAsked { .. } => EventKind::AttemptInReview,
            Self::RefundDone { .. } => EventKind::RefundDone,
            Self::RefundStopped { rejected: true, .. } => EventKind::RefundRejected,
            Self::RefundStopped { rejected: false, .. } => EventKind::RefundInReview,
            Self::RefundUndone { .. } => EventKind::RefundUndone,
            Self::ExternalChange { .. } => EventKind::ExternalChange,
            Self::CaughtUp { .. } => EventKind::CaughtUp,
        }
    }
}

fn of_attempt(state: AttemptState) -> EventKind {
    match state {
        AttemptState::Started => EventKind::AttemptStarted,
        AttemptState::Accepted => EventKind::AttemptAccepted,
        AttemptState::Refused => EventKind::AttemptRefused,
        AttemptState::Unknown => EventKind::AttemptUnknown,
        AttemptState::NotSent => EventKind::AttemptNotSent,
        AttemptState::Applied => EventKind::AttemptApplied,
        AttemptState::NotApplied => EventKind::AttemptNotApplied,
        AttemptState::Review => EventKind::AttemptInReview,
    }
}
