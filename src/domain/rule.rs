//! The rules that decide, by name. The name is what `explain` and the views show, and it is stable.

use super::order::words;

words! {
    /// The rule that decided what happens next; `order_status.rule` and `refund_status.rule`.
    Rule {
        /// Nobody works on the orders of a merchant that is not in the settings.
        MerchantMissing = "merchant-missing",
        /// The gateway has asked for silence (HTTP 403).
        RateLimited = "rate-limited",
        /// The last look is dated ahead of the clock.
        ClockSteppedBack = "clock-stepped-back",
        /// The ledger was put back from a copy, and this order has not caught up yet.
        RestoredLedger = "restored-ledger",
        /// A money call without an answer that counts is settled by looks.
        Unanswered = "unanswered",
        /// No look tells what became of a call that was accepted, or may have been.
        UnseenEffect = "unseen-effect",
        /// A call waits for the word of a person.
        AttemptInReview = "attempt-in-review",
        /// It has never been looked at.
        FirstLook = "first-look",
        /// The last look is older than the last money call.
        LookAfterAction = "look-after-action",
        /// The shop has written since the last look.
        LookAfterWrite = "look-after-write",
        /// Another row of the ledger follows the authorization.
        TwinRow = "twin-row",
        /// The answer is not in the table.
        UnknownStatus = "unknown-status",
        /// What the gateway shows cannot be after what the ledger has seen happen.
        Contradiction = "contradiction",
        /// Not paid by card.
        NotCard = "not-card",
        /// Not known, not paid, not answered by the bank, or not authorized.
        NotPaid = "not-paid",
        /// Not paid within `poll.give_up_unpaid_after`.
        GiveUpUnpaid = "give-up-unpaid",
        /// Money went back in the part of a restored ledger that is lost.
        UnclaimedRefund = "unclaimed-refund",
        /// A call ended without effect, and money went back all the same.
        EndedYetMoved = "ended-yet-moved",
        /// The order is void.
        Void = "void",
        /// All of it has gone back.
        NothingLeft = "nothing-left",
        /// More is asked for than is left.
        MoreThanLeft = "more-than-left",
        /// A refund of nothing.
        NothingAsked = "nothing-asked",
        /// Installment and bonus-point orders are refunded whole.
        WholeOnly = "whole-only",
        /// The gateway refused the refund in words, and its state still stands.
        Refused = "refused",
        /// N: the whole of an order that is not captured.
        FullOfAuthorized = "full-of-authorized",
        /// E, then N: the whole of an order to be captured.
        FullOfToBeCaptured = "full-of-to-be-captured",
        /// What the vendor's own closing took is called back from 06:00 on.
        NightOfTheClosing = "night-of-the-closing",
        /// Refunded once the bank has claimed the capture.
        WaitForCaptured = "wait-for-captured",
        /// R: a part of an order to be captured.
        PartOfToBeCaptured = "part-of-to-be-captured",
        /// The ECPay balance was too small for R.
        BalanceShort = "balance-short",
        /// The vouchers hold the refund back or limit it.
        VoucherGuard = "voucher-guard",
        /// The vouchers do not go with the payment.
        VoucherMismatch = "voucher-mismatch",
        /// Money actions are paused.
        Paused = "paused",
        /// R went unanswered three times; a person decides.
        OutOfTries = "out-of-tries",
        /// A call could not leave, and is due again after a while.
        NotSent = "not-sent",
        /// An earlier call by form, never answered, would undo this one.
        MayCross = "may-cross",
        /// Calls that cannot act twice had no effect again and again.
        UnansweredAgain = "unanswered-again",
        /// Not within ECPay's closing window.
        ClosingWindow = "closing-window",
        /// Our clock and the gateway's differ, or its answers tell no time.
        ClockSkew = "clock-skew",
        /// Not captured within 90 days.
        Expired = "expired",
        /// All of it is refunded.
        Refunded = "refunded",
        /// The order is captured: what is asked for goes back by R, otherwise nothing is left to do.
        Captured = "captured",
        /// An R that was never answered may still take effect.
        MayStillLand = "may-still-land",
        /// The capture is to be claimed from the bank.
        Settling = "settling",
        /// The shop expects another amount.
        AmountMismatch = "amount-mismatch",
        /// The shop holds the capture.
        Hold = "hold",
        /// The gateway refused C; again after a while.
        CaptureRefused = "capture-refused",
        /// Not captured within 21 days.
        CaptureOverdue = "capture-overdue",
        /// Past the limit one C is still tried.
        CapturePastDeadline = "capture-past-deadline",
        /// Captured so that a part can be refunded.
        CaptureForPart = "capture-for-part",
        /// The shop asked for the capture.
        CaptureNow = "capture-now",
        /// Captured only when the shop asks for it.
        Manual = "manual",
        /// The time to capture has come.
        Capture = "capture",
        /// Captured at its time.
        CaptureAhead = "capture-ahead",
        /// The voucher service does not know the order.
        GiveUpNotFound = "give-up-not-found",
        /// The voucher service does not know the order yet.
        NotFound = "not-found",
        /// The totals of the vouchers do not add up.
        Mismatch = "mismatch",
        /// The tickets are being issued.
        Issuing = "issuing",
        /// The issuing failed.
        IssueFailed = "issue-failed",
        /// Some tickets are unused.
        Issued = "issued",
        /// The bank has not confirmed a refund in tickets.
        RefundUnconfirmed = "refund-unconfirmed",
        /// No ticket can be used any more.
        UsedUp = "used-up",
    }
}
