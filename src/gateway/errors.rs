//! Why a look told nothing.

use crate::domain::quote::quote;
use crate::domain::traffic::CallEnd;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// By IP and merchant together: the vendor asks for 30 minutes without calls.
    #[error("the gateway limits our rate (http 403)")]
    RateLimited,
    #[error("not sent: {0}")]
    NotSent(String),
    /// Another HTTP status, a time-out, a body that cannot be read.
    #[error("no usable answer: {0}")]
    Lost(String),
    /// It was sealed with our keys, and what it says of this order cannot be read.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// HTTP 404: not every voucher service has every call.
    #[error("the gateway has no {0} (http 404)")]
    NoSuchCall(&'static str),
    #[error("the gateway does not take our credentials: {0}")]
    BadCredentials(String),
    /// `TransCode` other than 1: the keys, the MerchantID, or a clock that is too far from its own.
    #[error("the gateway does not take our calls: {why}")]
    NotTaken { gateway_clock_s: Option<i64>, why: String },
    /// By the answer's `Date`: a form's TimeStamp is taken for three minutes (vendor page 查詢訂單, ?p=2890).
    #[error("our clock is {behind_s} s behind the gateway's, which takes a request for three minutes")]
    StampTooOld { gateway_clock_s: i64, behind_s: i64 },
    /// Whoever sealed it, or altered it since, does not have both of our keys.
    #[error("the answer's CheckMacValue {0}: it is not believed")]
    Forged(&'static str),
    #[error("the answer is not of what was asked: {0}")]
    NotBound(String),
    #[error("refused with code {code}: {text}")]
    Refused { code: i64, text: String },
}

impl LookError {
    /// The gateway answers, and what it says of this one order makes no sense or is a refusal.
    pub fn is_of_the_order(&self) -> bool {
        matches!(self, Self::NotBound(_) | Self::Unreadable(_) | Self::Refused { .. })
    }

    /// As the call is counted.
    pub fn end(&self) -> CallEnd {
        match self {
            Self::RateLimited => CallEnd::Limited,
            Self::NotSent(_) | Self::Lost(_) => CallEnd::Unanswered,
            Self::NoSuchCall(_)
            | Self::BadCredentials(_)
            | Self::NotTaken { .. }
            | Self::StampTooOld { .. }
            | Self::Refused { .. } => CallEnd::Refused,
            Self::Unreadable(_) | Self::Forged(_) | Self::NotBound(_) => CallEnd::Unusable,
        }
    }
}

/// Tells the place and never the text there: serde's own message quotes the value it met,
/// which could be a card's digits.
pub fn unreadable(error: &serde_json::Error) -> LookError {
    LookError::Unreadable(format!("unexpected json at line {} column {}", error.line(), error.column()))
}

/// `RtnMsg` is String(200) (the vendor's pages of the card calls).
pub const LONGEST_RTN_MSG: usize = 200;

/// A refusal in the gateway's own words.
pub fn refused(code: i64, rtn_msg: &str) -> LookError {
    LookError::Refused { code, text: quote(rtn_msg, LONGEST_RTN_MSG) }
}

/// The gateway does not know the order; the card detail also says so of orders that are
/// not by card and of other merchants' orders.
pub fn is_unknown_order(rtn_code: i64) -> bool {
    matches!(rtn_code, 10_000_185 | 10_200_047)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_answer_is_told_without_its_text() {
        let error = serde_json::from_str::<i64>(r#""4311-9522""#).expect_err("text");
        assert!(!unreadable(&error).to_string().contains("4311"));
    }
}
