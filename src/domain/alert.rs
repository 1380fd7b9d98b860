//! What a person has to hear about.

use super::order::words;
use super::reason::Reason;
use super::rule::Rule;

words! {
    /// `open_alerts.kind`.
    AlertKind {
        CaptureEnding = "capture_ending",
        CaptureFailing = "capture_failing",
        CaptureUnclaimed = "capture_unclaimed",
        CaptureOverdue = "capture_overdue",
        Expiring = "expiring",
        Expired = "expired",
        AmountMismatch = "amount_mismatch",
        UnknownStatus = "unknown_status",
        OrderUnknown = "order_unknown",
        Unregistered = "unregistered",
        StatementDiffers = "statement_differs",
        MerchantMissing = "merchant_missing",
        ExternalChange = "external_change",
        RefundWaiting = "refund_waiting",
        RefundRejected = "refund_rejected",
        RefundUndone = "refund_undone",
        RefundReview = "refund_review",
        BalanceShort = "balance_short",
        RateLimited = "rate_limited",
        GatewayDown = "gateway_down",
        ClockSkew = "clock_skew",
        BadCredentials = "bad_credentials",
        VoucherIssueFailed = "voucher_issue_failed",
        VoucherRefundUnconfirmed = "voucher_refund_unconfirmed",
        VoucherMismatch = "voucher_mismatch",
        LedgerLogLarge = "ledger_log_large",
        DiskLow = "disk_low",
        BackupFailing = "backup_failing",
        DeliveryFailing = "delivery_failing",
    }
}

impl AlertKind {
    /// Says that something happened; stays until 30 days after a person has acknowledged it.
    /// The others stand for a condition and close when it is gone.
    pub fn is_event(self) -> bool {
        matches!(self, Self::ExternalChange | Self::RefundRejected | Self::Expired)
    }
}

words! {
    /// `open_alerts.severity`.
    Severity {
        Notice = "notice",
        Warning = "warning",
        Critical = "critical",
    }
}

/// An alert that ought to be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub kind: AlertKind,
    pub severity: Severity,
    /// Tells apart alerts of one kind on one order: raised once for each.
    pub stage: String,
    pub reason: Reason,
    /// The rule of the plan when it was found. None: of a merchant or of the ledger.
    pub rule: Option<Rule>,
    pub days_left: Option<i64>,
    /// False: keep it open if it is, do not raise it any more.
    pub raise: bool,
}

impl Alert {
    pub fn new(kind: AlertKind, severity: Severity, stage: impl Into<String>, reason: impl Into<Reason>) -> Self {
        Self { kind, severity, stage: stage.into(), reason: reason.into(), rule: None, days_left: None, raise: true }
    }

    /// Found under this rule of the plan.
    pub fn under(self, rule: Rule) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// The reason as a sentence.
    pub fn message(&self) -> String {
        self.reason.english()
    }
}
