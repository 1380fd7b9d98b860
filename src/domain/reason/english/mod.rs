//! The sentences in English.

mod alerts;
mod calls;
mod conditions;
mod fetching;
mod phrases;
mod vouchers;

use phrases::by_hand;

use super::{Capturing, Gate, Looking, Reason, Refunding};
use crate::domain::facts::WholeOnly;
use crate::domain::ids::TradeNo;
use crate::domain::language::counted;
use crate::domain::pause::PauseOf;

impl Reason {
    /// Its sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::Looking(reason) => looking(reason),
            Self::Gate(reason) => gate(reason),
            Self::Capturing(reason) => capturing(reason),
            Self::Refunding(reason) => refunding(reason),
            Self::Calling(reason) => calls::calling(reason),
            Self::Settling(reason) => calls::settling(reason),
            Self::Restoring(reason) => calls::restoring(reason),
            Self::Unexplained(reason) => calls::unexplained(reason),
            Self::Vouchers(reason) => vouchers::vouchers(reason),
            Self::Told(reason) => alerts::told(reason),
            Self::Age(reason) => alerts::age(reason),
            Self::Elsewhere(reason) => alerts::elsewhere(reason),
            Self::By(reason) => alerts::by(reason),
            Self::Upkeep(reason) => alerts::upkeep(reason),
            Self::Condition(reason) => conditions::condition(reason),
            Self::Fetching(reason) => fetching::fetching(reason),
        }
    }
}

fn looking(reason: &Looking) -> String {
    match reason {
        Looking::MerchantMissing { merchant_id } => {
            format!("merchant {merchant_id} is not in the settings: nobody looks after its orders")
        }
        Looking::Silence { service, until } => format!("{} asked for silence until {until}", service.name()),
        Looking::ClockSteppedBack => "the last look is dated ahead of the clock".to_owned(),
        Looking::FirstLook { service } => format!("{} has not been asked about this order yet", service.name()),
        Looking::LookAfterAction => "the last look is older than the last money call".to_owned(),
        Looking::LookAfterWrite => "the shop has written since the last look".to_owned(),
        Looking::LastLookFailed { again_at, then } => {
            format!("{}; the last look failed, again at {again_at}", then.english())
        }
        Looking::LookedAtAgain { then } => {
            format!("{}; what its last money call did is looked at again", then.english())
        }
        Looking::ChargedAgain { then } => format!("{}; its next charge is looked for", then.english()),
        Looking::AnswerUnclear { raw } => {
            format!("the gateway's answer is not in the table ({raw}); no money action until it is")
        }
        Looking::TwinRow { trade_no, row } => twin(trade_no, *row),
        Looking::TwinRowOfRefund { trade_no, row } => {
            format!("{}: ask for the refund there, without this trade_no", twin(trade_no, *row))
        }
        Looking::TwinRowOpen { trade_no, row } => {
            format!("{}; capture = 'hold' ends this row", twin(trade_no, *row))
        }
        Looking::NotCard { payment_type } => format!("paid by {payment_type}, not by card: nothing to do"),
        Looking::NotCardOfRefund { payment_type } => {
            format!("paid by {payment_type}, not by card: the gateway has no refund for it, pay it back by hand")
        }
        Looking::OrderUnknown { service } => format!("{} does not know the order", service.name()),
        Looking::NotPaid => "the order is not paid".to_owned(),
        Looking::BankPending => "the bank has not answered yet".to_owned(),
        Looking::NotAuthorized => "the bank has not authorized the order".to_owned(),
        Looking::GivenUp { since, why } => format!("{} since {since}; given up", why.english()),
        Looking::NoLongerAsked { why } => format!("{}; no longer asked about", why.english()),
        Looking::StateUnknown => "the order's state is not known".to_owned(),
        Looking::Said { text } => text.clone(),
    }
}

fn twin(trade_no: &TradeNo, row: i64) -> String {
    format!("the authorization {trade_no} is followed by row {row} of orders already")
}

fn gate(reason: &Gate) -> String {
    match reason {
        Gate::Paused { of, until, then } => {
            let of = match of {
                PauseOf::Capture => "captures",
                PauseOf::Refund => "refunds",
            };
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            format!("{of} are paused{until}; then {}", then.english())
        }
        Gate::ClosingWindow { until, then } => {
            format!("{}; not before the closing window ends at {until}", then.english())
        }
        Gate::LookTooOld { then } => format!("{}; the last look is too old for a money action", then.english()),
        Gate::ClocksDiffer { skew_s } => {
            format!("the gateway's clock differs by {skew_s} s from ours: no money action until the clocks agree")
        }
        Gate::NoTimeTold => "the gateway's answers tell no time: no money action until they do".to_owned(),
        Gate::NotSent { action, text, again_at } => format!("{action} was not sent: {text}; again at {again_at}"),
        Gate::MayCross { action, attempt, earlier, until } => format!(
            "{action} waits until {until}: attempt {attempt} ({earlier}) was never answered, carries no time stamp, and could still undo it"
        ),
        Gate::UnansweredAgain { action, calls, again_at } => {
            format!(
                "{} of {action} in a row went unanswered and had no effect; again at {again_at}",
                counted(*calls, "call")
            )
        }
        Gate::OutOfTries { calls } => format!(
            "{} of R went unanswered and had no effect: look at ECPay's dashboard, then cancel the refund and ask for it anew",
            counted(*calls, "call")
        ),
    }
}

fn capturing(reason: &Capturing) -> String {
    match reason {
        Capturing::Void => "the order is void: nothing to do".to_owned(),
        Capturing::Expired => "not captured within 90 days, ECPay has abandoned it: nothing to do".to_owned(),
        Capturing::Abandoned { on } => format!("not captured within 90 days, on {on}: ECPay has abandoned it"),
        Capturing::Refunded => "all of it is refunded: nothing to do".to_owned(),
        Capturing::Captured => "the order is captured: nothing to do".to_owned(),
        Capturing::Settling => "the capture is to be claimed from the bank".to_owned(),
        Capturing::AmountMismatch { expected, amount } => {
            format!("the shop expects {expected}, the gateway holds {amount}: not captured until the shop agrees")
        }
        Capturing::Hold => "the shop holds the capture".to_owned(),
        Capturing::HoldOverdue { authorized_at, limit_days } => {
            format!("the shop holds the capture; {}", by_hand(authorized_at, *limit_days))
        }
        Capturing::CaptureOverdue { authorized_at, limit_days } => by_hand(authorized_at, *limit_days),
        Capturing::CaptureRefused { text, again_at } => format!("the gateway refused C: {text}; again at {again_at}"),
        Capturing::CapturePastLimit => "past the capture limit one capture is still tried".to_owned(),
        Capturing::CaptureForPart => "the order is captured now".to_owned(),
        Capturing::CaptureNow => "the shop asked for the capture".to_owned(),
        Capturing::Manual => "captured only when the shop asks for it".to_owned(),
        Capturing::CaptureDue => "the time to capture has come".to_owned(),
        Capturing::CaptureAhead { at, deadline_days } => {
            format!(
                "captured at {at}, ahead of the limit of {} after its authorization",
                counted(*deadline_days, "day")
            )
        }
    }
}

/// The way of a full refund where the capture is not claimed yet.
const CALL_BACK: &str = "a full refund of an order to be captured calls the capture back, looks again and abandons it";

fn refunding(reason: &Refunding) -> String {
    match reason {
        Refunding::NothingLeftOfVoid => "nothing is left: the order is void".to_owned(),
        Refunding::NothingLeft { amount } => format!("nothing is left of {amount}"),
        Refunding::MoreThanLeft { asked, left, amount } => {
            format!("{asked} is more than what is left, {left} of {amount}")
        }
        Refunding::NothingAsked => "a refund of nothing".to_owned(),
        Refunding::WholeOnly { kind, asked, amount } => {
            let kind = match kind {
                WholeOnly::Installments => "an installment order",
                WholeOnly::BonusPoints => "a bonus-point order",
                WholeOnly::Unknown => {
                    "an order that may be one of installments (ECPay does not tell; if it was paid at once, set orders.installments = 0 and ask anew)"
                }
            };
            format!("{kind} is refunded whole or not at all: {asked} of {amount}")
        }
        Refunding::RefundRefused { action, amount, text } => format!("the gateway refused {action} {amount}: {text}"),
        Refunding::FullOfAuthorized => "a full refund of an order not captured abandons it".to_owned(),
        Refunding::FullOfToBeCaptured => CALL_BACK.to_owned(),
        Refunding::NightOfTheClosing { from } => {
            format!("{CALL_BACK}; what the vendor's own closing took can be called back only from {from}")
        }
        Refunding::PartOfToBeCaptured => "a part of an order to be captured is refunded".to_owned(),
        Refunding::RefundOfCaptured => "what is captured is refunded".to_owned(),
        Refunding::StateAllowsNone => "the order's state allows no refund".to_owned(),
        Refunding::AfterTheCapture { then } => {
            format!("a part can be refunded only after the capture; {}", then.english())
        }
        Refunding::UnionPayWaits => {
            "UnionPay captures are not called back; refunded once the order is captured".to_owned()
        }
        Refunding::CallBackRefused => {
            "the gateway refused to call the capture back; refunded once the order is captured".to_owned()
        }
        Refunding::RestRefused { text } => {
            format!("the gateway refused R of all that is left ({text}); refunded once the order is captured")
        }
        Refunding::BalanceShort { text, again_at } => {
            format!("the ECPay balance is too small ({text}); again at {again_at}")
        }
    }
}
