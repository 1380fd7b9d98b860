//! Why the bank does not do what is asked of a voucher order.

/// More would not fit the ticket's number.
pub(super) const MOST_TICKETS: usize = 99_999;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoucherError {
    #[error("voucher order {0} is not known here")]
    Unknown(String),
    #[error("voucher order {0} exists already")]
    Exists(String),
    #[error("a voucher order needs 1 to {MOST_TICKETS} tickets")]
    Tickets,
    #[error("voucher order {0} is not being issued")]
    NotIssuing(String),
    #[error("voucher order {0} has no issued tickets")]
    NotIssued(String),
    #[error("ticket {0} is not an unused ticket of this order")]
    NotUnused(String),
    #[error("only {0} tickets of this order are unused")]
    TooFew(usize),
    #[error("a voucher that was given away has no money to refund")]
    Free,
    #[error("fee must be NT$0 to the NT${amount} to refund, not {fee}")]
    Fee { fee: i64, amount: i64 },
}
