//! Calls that looks have to settle.

use super::At;
use super::codes::reasons;
use crate::domain::action::Action;
use crate::domain::money::Twd;

reasons! {
    /// How looks settle a money call that was accepted (`accepted`) or has no answer, and why a person has to.
    Settling {
        /// Looking whether the call took effect.
        LookingForEffect = "looking_for_effect" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// What a look shows settles the call.
        SettledByLook = "settled_by_look" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// The call may still take effect until then.
        MayTakeEffect = "may_take_effect" { attempt: i64, action: Action, amount: Twd, accepted: bool, until: At },
        /// The call may take effect at any time, since its request carries no stamp: looks settle it from then on.
        WaitsForQuiet = "waits_for_quiet" { attempt: i64, action: Action, amount: Twd, accepted: bool, until: At },
        /// Its time is over and no effect shows: one more look.
        AbsentOnce = "absent_once" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// No effect shows: the look that decides is still to come.
        AbsentAgain = "absent_again" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// Two looks after its time show no effect.
        NoEffect = "no_effect" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// No look shows yet what became of the call.
        UnseenEffect = "unseen_effect" { attempt: i64, action: Action, amount: Twd, accepted: bool },
        /// The call waits for the word of a person.
        AttemptInReview = "attempt_in_review" { attempt: i64, action: Action, amount: Twd },
        /// ECPay's statement tells of no such refund: one more look decides.
        StatementShowsNone = "statement_shows_none" { attempt: i64 },
        /// For a person: the order is no longer authorized.
        NoLongerAuthorized = "no_longer_authorized",
        /// For a person: the order was voided by somebody else.
        VoidedByOthers = "voided_by_others",
        /// For a person: a part was refunded meanwhile.
        PartRefundedMeanwhile = "part_refunded_meanwhile",
        /// For a person: captured and partly refunded by somebody else.
        RefundedByOthers = "refunded_by_others",
        /// For a person: another amount moved.
        AnotherAmountMoved = "another_amount_moved",
        /// For a person: the capture was called back by somebody else.
        CalledBackByOthers = "called_back_by_others",
        /// For a person: a restored ledger cannot tell whether it was this call or a later one.
        LostInRestore = "lost_in_restore",
        /// For a person: for a day no answer of the gateway has shown what became of the call.
        UnreadableForADay = "unreadable_for_a_day",
        /// For a person: a day after the call was accepted no look shows its effect.
        UnseenForADay = "unseen_for_a_day",
        /// For a person: no look shows the refund, its request carries no stamp that ends it, and a second one would fit beside it.
        MayComeAtAnyTime = "may_come_at_any_time",
    }
}
