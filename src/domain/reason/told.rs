//! Alerts of an order, by their cause.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::action::Action;
use crate::domain::money::Twd;
use crate::domain::service::Service;

reasons! {
    /// Alerts of an order, by their cause.
    Told {
        /// A person has to say what became of the call.
        AttemptNeedsPerson = "attempt_needs_person" { attempt: i64, action: Action, amount: Twd, text: String },
        /// The refund cannot go on.
        RefundStuck = "refund_stuck" { refund: i64, why: Box<Reason> },
        /// The refund was rejected.
        RefundRejected = "refund_rejected" { refund: i64, why: Box<Reason> },
        /// What our own calls gave back is no longer shown.
        RefundUndone = "refund_undone" { why: Box<Reason> },
        /// The ECPay balance is too small for the refund, as these words say.
        RefundAwaitsBalance = "refund_awaits_balance" { refund: i64, text: String },
        /// The gateway's answer is not in the table.
        AnswerToCheck = "answer_to_check" { raw: String },
        /// What the gateway shows cannot be after what the ledger has seen happen.
        Contradiction = "contradiction" { why: Box<Reason> },
        /// The service answers, and looks at the order tell nothing.
        LooksTellNothing = "looks_tell_nothing" { service: Service, error: String },
        /// The service answers calls for this order alone with HTTP 403.
        SetAside = "set_aside" { service: Service, until: At },
        /// The gateway refuses to capture, in these words.
        CaptureRefusedAgain = "capture_refused_again" { amount: Twd, text: String },
        /// The capture is due, and money actions are paused.
        DueYetPaused = "due_yet_paused",
        /// The capture is due, and a full refund that waits comes first.
        DueBehindRefund = "due_behind_refund" { why: Box<Reason> },
        /// The capture is due, and its call could not leave, as these words say.
        DueNotSent = "due_not_sent" { text: String },
        /// The capture is due, and the looks before it fail.
        DueLooksFail = "due_looks_fail",
        /// ECPay has abandoned the order, which was not captured within 90 days.
        AbandonedByEcpay = "abandoned_by_ecpay" { amount: Twd },
        /// The shop expects another amount than the gateway holds.
        AmountsDiffer = "amounts_differ" { expected: Twd, amount: Twd, captured: bool },
        /// A recurring order was charged more often than authorizations of it are registered.
        ChargesUnregistered = "charges_unregistered" { charges: i64, registered: i64 },
        /// A statement has a card payment of that day which nobody has registered.
        PaidUnregistered = "paid_unregistered" { merchant_trade_no: String, amount: Twd, paid_on: String, file: String },
        /// The vouchers with this number name another card authorization than the gateway shows.
        VouchersNameAnother = "vouchers_name_another",
        /// The vouchers were sold for another amount than the card paid.
        SoldForAnother = "sold_for_another" { sold: Twd, paid: Twd },
    }
}
