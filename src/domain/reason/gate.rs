//! The gate before a money call.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::action::Action;
use crate::domain::pause::PauseOf;

reasons! {
    /// What keeps a money call back that is planned.
    Gate {
        /// A person has stopped captures, or refunds, for a time or until they are let go on.
        Paused = "paused" { of: PauseOf, until: Option<At>, then: Box<Reason> },
        /// The call would fall into ECPay's closing window.
        ClosingWindow = "closing_window" { until: At, then: Box<Reason> },
        /// The last look is too old for a money call, and one is made first.
        LookTooOld = "look_too_old" { then: Box<Reason> },
        /// The gateway's clock and ours differ by so many seconds.
        ClocksDiffer = "clocks_differ" { skew_s: i64 },
        /// The gateway's answers tell no time.
        NoTimeTold = "no_time_told",
        /// The last call could not leave.
        NotSent = "not_sent" { action: Action, text: String, again_at: At },
        /// An earlier call by form was never answered and may still come: it would undo this one.
        MayCross = "may_cross" { action: Action, attempt: i64, earlier: Action, until: At },
        /// So many calls in a row went unanswered and had no effect.
        UnansweredAgain = "unanswered_again" { action: Action, calls: usize, again_at: At },
        /// So many calls of R went unanswered and had no effect: a person decides.
        OutOfTries = "out_of_tries" { calls: usize },
    }
}
