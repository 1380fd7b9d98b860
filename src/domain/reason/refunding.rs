//! Refunds.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::action::Action;
use crate::domain::facts::WholeOnly;
use crate::domain::money::Twd;

reasons! {
    /// How a refund is made, what it waits for, and why it cannot be.
    Refunding {
        /// Rejected: the order is void.
        NothingLeftOfVoid = "nothing_left_of_void",
        /// Rejected: all of the order's amount has gone back.
        NothingLeft = "nothing_left" { amount: Twd },
        /// Rejected: more is asked for than is left.
        MoreThanLeft = "more_than_left" { asked: Twd, left: Twd, amount: Twd },
        /// Rejected: nothing is asked for.
        NothingAsked = "nothing_asked",
        /// Rejected: an order of this kind is refunded whole or not at all.
        WholeOnly = "whole_only" { kind: WholeOnly, asked: Twd, amount: Twd },
        /// Rejected: the gateway refused the call, in these words.
        RefundRefused = "refund_refused" { action: Action, amount: Twd, text: String },
        /// A full refund of an order not captured abandons it (N).
        FullOfAuthorized = "full_of_authorized",
        /// A full refund of an order to be captured calls the capture back (E), and then abandons it (N).
        FullOfToBeCaptured = "full_of_to_be_captured",
        /// What the vendor's own closing took can be called back only from then on.
        NightOfTheClosing = "night_of_the_closing" { from: At },
        /// A part of an order to be captured is refunded (R).
        PartOfToBeCaptured = "part_of_to_be_captured",
        /// What is captured is refunded (R).
        RefundOfCaptured = "refund_of_captured",
        /// The order's state allows no refund.
        StateAllowsNone = "state_allows_none",
        /// A part can be refunded only after the capture.
        AfterTheCapture = "after_the_capture" { then: Box<Reason> },
        /// A UnionPay capture is not called back: refunded once the order is captured.
        UnionPayWaits = "union_pay_waits",
        /// The gateway refused to call the capture back: refunded once the order is captured.
        CallBackRefused = "call_back_refused",
        /// The gateway refused R of the rest, in these words: refunded once the order is captured.
        RestRefused = "rest_refused" { text: String },
        /// The ECPay balance is too small for R, as these words say.
        BalanceShort = "balance_short" { text: String, again_at: At },
    }
}
