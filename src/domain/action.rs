//! The four actions of `Credit/DoAction` (vendor page 信用卡請退款功能, Chinese and English).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{MerchantId, MerchantTradeNo, TradeNo};
use super::money::Twd;
use super::traffic::CallEnd;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// 關帳: capture the order. Legal from Authorized and Operation canceled.
    C,
    /// 退刷: refund a part or all. Legal from To be captured and Captured.
    R,
    /// 取消: call the capture back. Legal from To be captured.
    E,
    /// 放棄: abandon the whole order. Legal from Authorized and Operation canceled.
    N,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::C, Self::R, Self::E, Self::N];

    pub fn letter(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::R => "R",
            Self::E => "E",
            Self::N => "N",
        }
    }

    pub fn parse(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.letter() == letter)
    }

    /// The field's word for it, for people.
    pub fn verb(self) -> &'static str {
        match self {
            Self::C => "capture",
            Self::R => "refund",
            Self::E => "call the capture back",
            Self::N => "abandon",
        }
    }

    /// ECPay's own word for it.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::C => "關帳",
            Self::R => "退刷",
            Self::E => "取消",
            Self::N => "放棄",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

/// One money call, whole: what is written down before it is sent is what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyCall {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: TradeNo,
    pub action: Action,
    /// The order's amount for C, E and N; the part to give back for R.
    pub amount: Twd,
    /// `RqHeader.Timestamp`, Unix seconds: the gateway refuses the request
    /// once this is more than 10 minutes old (vendor page 信用卡請退款功能, in English, RqHeader).
    pub stamp_s: i64,
}

/// Proof that a [`MoneyCall`] is on disk as a started attempt.
///
/// The gateway's action call takes it by value. Only the ledger implements it,
/// and only for what a fully synced commit returned: no token, no money call.
pub trait CommittedAttempt: Send {
    fn call(&self) -> &MoneyCall;

    /// Asked once more as late as the transport can, before the first byte goes out.
    fn leave(&self) -> Leave;
}

/// The HTTP status that says that too many calls were made.
pub const HTTP_RATE_LIMITED: i64 = 403;

/// Whether a call may still go out; an error says why not.
pub type Leave = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What became of a money call. There is no fifth outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A readable answer with the order's own numbers and RtnCode 1.
    Accepted,
    /// A readable answer with the order's own numbers and another RtnCode.
    Refused { code: i64, text: String },
    /// Anything else: it may have taken effect. Settled by looks only.
    ///
    /// With a `code` the gateway said something that is no proof: its RtnCode, and its own words as
    /// the reason; or [`HTTP_RATE_LIMITED`].
    Unknown { code: Option<i64>, why: String },
    /// No connection, or one that it was no longer allowed out on: not a byte was sent.
    NotSent { why: String },
}

impl Outcome {
    /// As the call is counted.
    pub fn end(&self) -> CallEnd {
        match self {
            Self::Accepted => CallEnd::Answered,
            Self::Refused { .. } => CallEnd::Refused,
            Self::Unknown { code: Some(HTTP_RATE_LIMITED), .. } => CallEnd::Limited,
            Self::Unknown { code: Some(_), .. } => CallEnd::Unusable,
            Self::Unknown { code: None, .. } | Self::NotSent { .. } => CallEnd::Unanswered,
        }
    }
}
