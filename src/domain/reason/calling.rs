//! Money calls of a refund.

use super::Reason;
use super::codes::reasons;
use crate::domain::action::Action;
use crate::domain::money::Twd;

reasons! {
    /// What a refund says of its money calls.
    Calling {
        /// The call is written down and goes out.
        CallBegun = "call_begun" { attempt: i64, action: Action, amount: Twd },
        /// The gateway said yes; a look follows.
        CallAccepted = "call_accepted" { attempt: i64 },
        /// The gateway said no, in these words; a look follows.
        CallRefused = "call_refused" { attempt: i64, text: String },
        /// No answer that counts, as these words say; looks follow.
        CallUnanswered = "call_unanswered" { attempt: i64, text: String },
        /// The call could not leave, as these words say.
        CallNotSent = "call_not_sent" { attempt: i64, text: String },
        /// The call took effect.
        CallTookEffect = "call_took_effect" { attempt: i64 },
        /// The call had no effect: the refund is planned anew.
        CallHadNoEffect = "call_had_no_effect" { attempt: i64 },
        /// The capture was called back, and the order is abandoned next.
        CalledBack = "called_back",
        /// It was to end with another refund, whose call came to nothing: it waits behind that one.
        BehindAnother = "behind_another" { refund: i64 },
        /// A person has to say what became of the call.
        CallInQuestion = "call_in_question" { attempt: i64, why: Box<Reason> },
    }
}
