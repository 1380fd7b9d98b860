//! What became of money calls, and what cannot be as the ledger has it.

use crate::domain::action::Action;
use crate::domain::money::Twd;
use crate::domain::reason::{At, Calling, Restoring, Settling, Shown, Unexplained};

pub(super) fn calling(reason: &Calling) -> String {
    match reason {
        Calling::CallBegun { attempt, action, amount } => format!("attempt {attempt}: {action} {amount}"),
        Calling::CallAccepted { attempt } => format!("attempt {attempt} was accepted; looking"),
        Calling::CallRefused { attempt, text } => format!("attempt {attempt} was refused: {text}; looking again"),
        Calling::CallUnanswered { attempt, text } => {
            format!("attempt {attempt} has no answer that counts ({text}); looking")
        }
        Calling::CallNotSent { attempt, text } => format!("attempt {attempt} was not sent: {text}"),
        Calling::CallTookEffect { attempt } => format!("attempt {attempt} took effect"),
        Calling::CallHadNoEffect { attempt } => format!("attempt {attempt} had no effect; planned anew"),
        Calling::CalledBack => "the capture was called back; abandoning the order next".to_owned(),
        Calling::BehindAnother { refund } => format!("waits for refund {refund} of the same order"),
        Calling::CallInQuestion { attempt, why } => format!("attempt {attempt}: {}", why.english()),
    }
}

pub(super) fn settling(reason: &Settling) -> String {
    match reason {
        Settling::LookingForEffect { attempt, action, amount, accepted } => {
            format!("{}; looking whether it took effect", call(*attempt, *action, *amount, *accepted))
        }
        Settling::SettledByLook { attempt, action, amount, accepted } => call(*attempt, *action, *amount, *accepted),
        Settling::MayTakeEffect { attempt, action, amount, accepted, until } => {
            format!("{}; it may take effect until {until}", call(*attempt, *action, *amount, *accepted))
        }
        Settling::WaitsForQuiet { attempt, action, amount, accepted, until } => {
            let call = call(*attempt, *action, *amount, *accepted);
            format!("{call}; its request carries no time stamp, so looks settle it from {until} on")
        }
        Settling::AbsentOnce { attempt, action, amount, accepted } => {
            let call = call(*attempt, *action, *amount, *accepted);
            format!("{call}; its time is over and no effect shows; one more look")
        }
        Settling::AbsentAgain { attempt, action, amount, accepted } => {
            format!("{}; no effect shows, one more look", call(*attempt, *action, *amount, *accepted))
        }
        Settling::NoEffect { attempt, action, amount, accepted } => {
            format!("{}; two looks after its time show no effect", call(*attempt, *action, *amount, *accepted))
        }
        Settling::UnseenEffect { attempt, action, amount, accepted } => {
            format!("{}, and no look shows what became of it yet", call(*attempt, *action, *amount, *accepted))
        }
        Settling::AttemptInReview { attempt, action, amount } => format!(
            "attempt {attempt} ({action} {amount}) needs a person: ecpayd resolve {attempt} --applied or --not-applied --by NAME"
        ),
        Settling::NoLongerAuthorized => "the order is no longer authorized".to_owned(),
        Settling::VoidedByOthers => "the order was voided by somebody else".to_owned(),
        Settling::PartRefundedMeanwhile => "a part was refunded meanwhile".to_owned(),
        Settling::RefundedByOthers => "captured and partly refunded by somebody else".to_owned(),
        Settling::AnotherAmountMoved => "another amount moved".to_owned(),
        Settling::CalledBackByOthers => "the capture was called back by somebody else".to_owned(),
        Settling::LostInRestore => "the restored ledger cannot tell whether it was this call or a later one".to_owned(),
        Settling::UnreadableForADay => "for a day the gateway's answers have not shown what became of it".to_owned(),
        Settling::UnseenForADay => "the gateway accepted it, and a day later no look shows it".to_owned(),
        Settling::StatementShowsNone { attempt } => {
            format!("ECPay's statement tells of no refund by attempt {attempt}: one more look decides")
        }
        Settling::MayComeAtAnyTime => {
            "no look shows it, but its request carries no time stamp and may still take effect: sent again, it could be paid twice"
                .to_owned()
        }
    }
}

fn call(attempt: i64, action: Action, amount: Twd, accepted: bool) -> String {
    let answer = if accepted { "was accepted" } else { "has no answer" };
    format!("attempt {attempt} ({action} {amount}) {answer}")
}

pub(super) fn restoring(reason: &Restoring) -> String {
    match reason {
        Restoring::RestoredLook { noticed_at } => {
            format!("{}; looking what happened meanwhile", restored(noticed_at))
        }
        Restoring::RestoredClock { noticed_at } => {
            format!("{}; no order catches up until the gateway's clock and ours agree", restored(noticed_at))
        }
        Restoring::RestoredUnderWay { noticed_at, until } => {
            format!("{}; what was under way may take effect until {until}, then a look", restored(noticed_at))
        }
        Restoring::RestoredCaughtUp { noticed_at } => {
            format!("{}; it catches up with what happened meanwhile", restored(noticed_at))
        }
        Restoring::UnclaimedVoid => {
            format!("the gateway shows the order void, and this restored ledger does not know by whom {TO_BE_MADE}")
        }
        Restoring::UnclaimedRefund { amount } => {
            format!("the gateway shows {amount} refunded that this restored ledger does not know of {TO_BE_MADE}")
        }
    }
}

pub(super) fn unexplained(reason: &Unexplained) -> String {
    match reason {
        Unexplained::CallsContradicted { calls, shown } => {
            format!("the ledger holds {calls} money calls for it, the gateway shows {}", words(*shown))
        }
        Unexplained::RefundsContradicted { refunded, shown } => {
            format!("the ledger holds refunds of {refunded}, the gateway shows {}", words(*shown))
        }
        Unexplained::RefundsMissing { refunded, shown_refunded } => {
            format!("the ledger holds refunds of {refunded}, the gateway shows {shown_refunded}")
        }
        Unexplained::VoidContradicted { attempt, shown } => {
            format!("attempt {attempt} voided the order, and the gateway shows {}", words(*shown))
        }
        Unexplained::RefusedYetRefunded { amount, text, moved } => {
            format!("the gateway refused R {amount} ({text}), and since then NT${moved} went back: {WHOSE}")
        }
        Unexplained::RefusedYetVoid { amount, text } => {
            format!("the gateway refused N {amount} ({text}), and since then the order is void: {WHOSE}")
        }
        Unexplained::EndedYetRefunded { attempt, amount, moved } => format!(
            "attempt {attempt} (R {amount}) was told to be without effect, and since then NT${moved} went back: {WHOSE}"
        ),
        Unexplained::EndedYetVoid { attempt, amount } => format!(
            "attempt {attempt} (N {amount}) was told to be without effect, and since then the order is void: {WHOSE}"
        ),
        Unexplained::MovedUnexplained { attempt, amount, moved } => format!(
            "since attempt {attempt} (R {amount}) {moved} went back that no call of ours explains (applied: it was this refund; \
             not applied: it was somebody else, and this refund is still to be made)"
        ),
        Unexplained::RefusedMayLand { attempt, amount, text, until } => format!(
            "attempt {attempt} (R {amount}) was refused ({text}), and may take effect all the same until {until}: then a look, and the next R"
        ),
        Unexplained::MayStillLand => {
            "the refund was seen, and its call was never answered: one more look when that is too old to be accepted"
                .to_owned()
        }
    }
}

const WHOSE: &str = "was it this refund, or somebody at ECPay's dashboard?";

/// What a person's word would mean.
const TO_BE_MADE: &str = "(applied: it was this refund; not applied: it is still to be made)";

fn restored(noticed_at: &At) -> String {
    format!("the ledger may have been put back from a copy (noticed at {noticed_at})")
}

pub(super) fn words(shown: Shown) -> &'static str {
    match shown {
        Shown::Card(status) => status.english(),
        Shown::NotFound => "no such order",
        Shown::Unpaid => "an order that is not paid",
        Shown::BankPending => "an order that the bank has not answered for",
        Shown::NotCard => "an order not paid by card",
    }
}
