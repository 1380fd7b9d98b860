//! Voucher orders, as ECTicket shows them (vendor pages QueryOrderInfo and QueryRefundInfo).

mod plan;
mod sums;
mod watch;
mod words;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::cadence;
use super::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use super::money::Twd;
use super::order::words;

pub use plan::{VoucherPlan, VoucherStep, plan};
pub use watch::alerts;
pub use words::{IssueStatus, IssueType, PrintedBy, TicketKind, UseStatus};

/// "Either this field or FreeTradeNo must be filled in, and only one of them" (vendor page QueryOrderInfo).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherNumber {
    MerchantTradeNo(VoucherTradeNo),
    /// Given away: nobody has paid for it.
    FreeTradeNo(FreeTradeNo),
}

impl VoucherNumber {
    pub fn as_str(&self) -> &str {
        match self {
            Self::MerchantTradeNo(no) => no.as_str(),
            Self::FreeTradeNo(no) => no.as_str(),
        }
    }

    pub fn is_free(&self) -> bool {
        matches!(self, Self::FreeTradeNo(_))
    }
}

impl std::fmt::Display for VoucherNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One look at a voucher order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherObservation {
    /// Our clock when the last page was asked for: the totals are not older than this.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// The voucher service's clock less ours, in seconds. None: it told no time.
    #[serde(default)]
    pub skew_s: Option<i64>,
    /// Made for a refund of the card order with this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_refund: Option<ForRefund>,
    pub seen: VoucherSeen,
}

/// What the card order had come to when the look began: one made before a refund was asked for,
/// or before the last money call, does not decide about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForRefund {
    pub order_id: i64,
    pub after_revision: i64,
    pub after_attempt: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherSeen {
    /// The voucher service does not know the order.
    NotFound,
    Order(VoucherFacts),
    /// Something the tables have no word for; kept raw.
    Unclear {
        raw: String,
    },
}

/// A voucher order without its tickets, which the ledger keeps one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherFacts {
    /// `TicketTradeNo`, ECTicket's own number.
    pub ticket_trade_no: Option<String>,
    /// `CreditTradeID`, the card authorization that paid for it.
    pub credit_trade_id: Option<i64>,
    pub status: IssueStatus,
    /// Why the issuing failed, in the vendor's words.
    pub remark: String,
    #[serde(with = "chrono::serde::ts_milliseconds_option")]
    pub issued_at: Option<DateTime<Utc>>,
    pub issue_type: Option<IssueType>,
    pub printed_by: Option<PrintedBy>,
    /// `EscrowExpiredDate`: until then the money is held in trust.
    pub escrow_expires_on: Option<NaiveDate>,
    pub totals: Totals,
    /// Some ticket's money is held in trust: then QueryRefundInfo knows the order.
    pub has_pickup: bool,
    /// Why the totals cannot be believed, if so.
    pub mismatch: Option<String>,
}

/// The totals of an order as the gateway counts them, in tickets and whole New Taiwan dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub count: u32,
    pub trade_amount: Twd,
    pub redeemed: Part,
    pub refunded: Part,
    /// `TotalRefundFee`: kept from the customers at their refunds.
    pub refund_fee: Twd,
    pub unused: Part,
    /// The vendor gives their count alone; the amount is that of the tickets.
    pub expired: Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub count: u32,
    pub amount: Twd,
}

/// One ticket or serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub no: String,
    pub status: UseStatus,
    pub kind: Option<TicketKind>,
    pub item_no: Option<String>,
    pub item_name: Option<String>,
    /// Its face value.
    pub amount: Twd,
    pub starts_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    /// `WriteOffDate`; midnight where the vendor gives the day alone.
    pub redeemed_at: Option<DateTime<Utc>>,
    pub refunded_at: Option<DateTime<Utc>>,
}

/// What QueryRefundInfo says: refunds that the bank has confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmedRefunds {
    pub trade_amount: Option<Twd>,
    /// `TotalRefundAmount`.
    pub confirmed: Twd,
}

words! {
    /// `voucher_status.state`.
    VoucherState {
        Registered = "registered",
        Issuing = "issuing",
        Issued = "issued",
        IssueFailed = "issue_failed",
        NotFound = "not_found",
        /// Something in it has no word or does not add up.
        Review = "review",
    }
}

/// One row of `voucher_orders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherOrder {
    pub id: i64,
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
    pub registered_at: DateTime<Utc>,
}

/// Everything that is known about one voucher order, but for its single tickets.
#[derive(Clone, Debug)]
pub struct VoucherSituation {
    pub order: VoucherOrder,
    /// After HTTP 403 nothing is asked of the voucher service before.
    pub silent_until: Option<DateTime<Utc>>,
    pub observation: Option<VoucherObservation>,
    /// After a look that failed: not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// When a look last showed something new.
    pub changed_at: Option<DateTime<Utc>>,
    /// What it was sold for, once its tickets were seen issued.
    pub known_amount: Option<Twd>,
    pub refunds: Refunds,
}

/// How far the bank has confirmed what tickets were refunded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refunds {
    /// None: QueryRefundInfo has never answered.
    pub confirmed: Option<Twd>,
    /// When it was last asked, answered or not.
    pub asked_at: Option<DateTime<Utc>>,
    /// Why the last question told nothing.
    pub error: Option<String>,
    /// It was answered, and the answer does not go with the order.
    pub contradicted: bool,
    pub unconfirmed_since: Option<DateTime<Utc>>,
}

/// The voucher order that a card order paid for, as the plan of the card order needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct PaidVouchers {
    pub id: i64,
    /// The merchant has the voucher service in the settings.
    pub served: bool,
    /// Unless the shop has taken it back for this order.
    pub guard: bool,
    pub observation: Option<VoucherObservation>,
    pub retry_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

impl VoucherSituation {
    pub fn facts(&self) -> Option<&VoucherFacts> {
        match self.observation.as_ref().map(|o| &o.seen) {
            Some(VoucherSeen::Order(facts)) => Some(facts),
            _ => None,
        }
    }

    /// No silence lasts longer than a day: one that does was begun under a clock that ran ahead.
    pub fn silence(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        cadence::silence(self.silent_until, now)
    }

    pub fn state(&self) -> VoucherState {
        match self.observation.as_ref().map(|o| &o.seen) {
            None => VoucherState::Registered,
            Some(VoucherSeen::NotFound) => VoucherState::NotFound,
            Some(VoucherSeen::Unclear { .. }) => VoucherState::Review,
            Some(VoucherSeen::Order(facts)) => match facts.status {
                _ if facts.mismatch.is_some() => VoucherState::Review,
                IssueStatus::Issued => VoucherState::Issued,
                IssueStatus::IssueFailed => VoucherState::IssueFailed,
                IssueStatus::Issuing => VoucherState::Issuing,
            },
        }
    }

    /// What was refunded in tickets, is held in trust, and is not confirmed by the bank yet.
    pub fn unconfirmed(&self) -> Twd {
        let held = |f: &&VoucherFacts| f.has_pickup && !self.order.number.is_free() && f.mismatch.is_none();
        let refunded = self.facts().filter(held).map_or(Twd::ZERO, |f| f.totals.refunded.amount);
        refunded.less(self.refunds.confirmed.unwrap_or_default())
    }

    /// Takes in what a look has shown.
    pub fn looked(&mut self, observation: VoucherObservation) {
        let observation = self.contradiction(observation);
        if self.observation.as_ref().map(|o| &o.seen) != Some(&observation.seen) {
            self.changed_at = Some(observation.at);
        }
        let at = observation.at;
        self.observation = Some(observation);
        let issued = self.facts().filter(|f| f.status == IssueStatus::Issued && f.mismatch.is_none());
        self.known_amount = self.known_amount.or(issued.map(|f| f.totals.trade_amount));
        self.retry_at = None;
        self.recompute(at);
    }

    /// Takes in what QueryRefundInfo has said.
    pub fn confirmed(&mut self, said: Result<ConfirmedRefunds, String>, at: DateTime<Utc>) {
        // Not before the look that it was asked after, whatever the clock has done since.
        self.refunds.asked_at = self.observation.as_ref().map(|o| o.at).max(Some(at));
        let answered = said.is_ok();
        let believed = said.and_then(|said| self.believe(said));
        self.refunds.contradicted = answered && believed.is_err();
        match believed {
            Ok(confirmed) => {
                if confirmed > self.refunds.confirmed.unwrap_or_default() {
                    // What is still missing may be younger than what was confirmed now.
                    self.refunds.unconfirmed_since = None;
                    self.changed_at = Some(at);
                }
                self.refunds.confirmed = Some(confirmed);
                self.refunds.error = None;
            }
            Err(why) => self.refunds.error = Some(why),
        }
        self.recompute(at);
    }

    fn believe(&self, said: ConfirmedRefunds) -> Result<Twd, String> {
        let Some(facts) = self.facts() else { return Ok(said.confirmed) };
        let (order, refunded) = (facts.totals.trade_amount, facts.totals.refunded.amount);
        match said.trade_amount {
            Some(amount) if amount != order => {
                Err(format!("QueryRefundInfo says an order of {amount}, QueryOrderInfo of {order}"))
            }
            _ if said.confirmed > refunded => {
                Err(format!("the bank has confirmed {} of {refunded} refunded", said.confirmed))
            }
            _ => Ok(said.confirmed),
        }
    }

    fn recompute(&mut self, at: DateTime<Utc>) {
        if self.facts().is_none_or(|f| f.mismatch.is_some()) {
            // An answer that decides nothing does not say that the bank has confirmed.
            return;
        }
        let since = self.refunds.unconfirmed_since.unwrap_or(at);
        self.refunds.unconfirmed_since = Some(since).filter(|_| !self.unconfirmed().is_zero());
    }

    /// An order that was seen once neither vanishes nor becomes another: such an answer is kept raw.
    fn contradiction(&self, mut observation: VoucherObservation) -> VoucherObservation {
        let Some(known) = self.known_amount else { return observation };
        let raw = match &observation.seen {
            VoucherSeen::NotFound => "the voucher service no longer knows the order, which it had shown".to_owned(),
            VoucherSeen::Order(facts) if facts.totals.trade_amount != known => {
                let shown = facts.totals.trade_amount;
                format!("the voucher service shows an order of {shown}, and had shown {known}")
            }
            VoucherSeen::Order(facts) if facts.status != IssueStatus::Issued => {
                let shown = facts.status.word();
                format!("the voucher service shows the order as {shown}, and had shown it as issued")
            }
            VoucherSeen::Order(_) | VoucherSeen::Unclear { .. } => return observation,
        };
        observation.seen = VoucherSeen::Unclear { raw };
        observation
    }
}

#[cfg(test)]
mod tests;
