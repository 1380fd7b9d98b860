//! What looks show, and what comes before any decision.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::ids::{MerchantId, TradeNo};
use crate::domain::service::Service;

reasons! {
    /// What is looked at, and what a look shows that comes before any decision about money.
    Looking {
        /// The settings do not name the merchant, so nobody looks after its orders.
        MerchantMissing = "merchant_missing" { merchant_id: MerchantId },
        /// The service answered with HTTP 403: nothing is asked of it until then.
        Silence = "silence" { service: Service, until: At },
        /// The last look is dated ahead of the clock, which was set back since.
        ClockSteppedBack = "clock_stepped_back",
        /// The service has not been asked about the order yet.
        FirstLook = "first_look" { service: Service },
        /// The last look is older than the last money call.
        LookAfterAction = "look_after_action",
        /// The shop has written since the last look.
        LookAfterWrite = "look_after_write",
        /// What follows waits, since the last look failed.
        LastLookFailed = "last_look_failed" { again_at: At, then: Box<Reason> },
        /// What the last money call of the order did is looked at once more.
        LookedAtAgain = "looked_at_again" { then: Box<Reason> },
        /// A recurring order may be charged again, which is looked for.
        ChargedAgain = "charged_again" { then: Box<Reason> },
        /// The gateway's answer is not in the table: no money moves until it is.
        AnswerUnclear = "answer_unclear" { raw: String },
        /// Another row of `orders` follows the authorization, and the shop has let this one go.
        TwinRow = "twin_row" { trade_no: TradeNo, row: i64 },
        /// Another row follows the authorization, and the refund has to be asked for there.
        TwinRowOfRefund = "twin_row_of_refund" { trade_no: TradeNo, row: i64 },
        /// Another row follows the authorization, and the shop ends this one with `hold`.
        TwinRowOpen = "twin_row_open" { trade_no: TradeNo, row: i64 },
        /// Not paid by card: nothing to do.
        NotCard = "not_card" { payment_type: String },
        /// Not paid by card: the gateway has no refund for it.
        NotCardOfRefund = "not_card_of_refund" { payment_type: String },
        /// The service does not know the order.
        OrderUnknown = "order_unknown" { service: Service },
        /// The order is not paid.
        NotPaid = "not_paid",
        /// The bank has not answered yet.
        BankPending = "bank_pending",
        /// The bank has not authorized the order.
        NotAuthorized = "not_authorized",
        /// The refund is given up, since that has been so for too long.
        GivenUp = "given_up" { since: At, why: Box<Reason> },
        /// The service is no longer asked about the order.
        NoLongerAsked = "no_longer_asked" { why: Box<Reason> },
        /// The order's state is not known.
        StateUnknown = "state_unknown",
        /// Words that are kept without a code.
        Said = "said" { text: String },
    }
}
