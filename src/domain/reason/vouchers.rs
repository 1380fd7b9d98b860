//! Vouchers.

use super::At;
use super::codes::reasons;
use crate::domain::money::Twd;

reasons! {
    /// Vouchers: how they limit a refund of the card order that paid for them, and what is reported of their own orders.
    Vouchers {
        /// The order paid for vouchers, and the settings name no voucher service for its merchant.
        VouchersNotServed = "vouchers_not_served",
        /// The voucher service does not know the order.
        VouchersUnknown = "vouchers_unknown",
        /// The voucher service's answer is not in the table.
        VouchersUnclear = "vouchers_unclear" { raw: String },
        /// The vouchers name another card authorization than the gateway shows.
        VouchersOfAnother = "vouchers_of_another",
        /// The vouchers are looked at before anything goes back.
        VouchersFirst = "vouchers_first",
        /// The look at the vouchers failed, with this error; null: the voucher service does not answer.
        VouchersLookFailed = "vouchers_look_failed" { error: Option<String>, again_at: At },
        /// The voucher totals do not add up.
        VouchersContradict = "vouchers_contradict" { what: String },
        /// The vouchers were sold for another amount than the card paid.
        VouchersOfOtherAmount = "vouchers_of_other_amount" { sold: Twd, paid: Twd },
        /// The vouchers are being issued.
        VouchersIssuing = "vouchers_issuing" { again_at: At },
        /// The vouchers are still being issued a day after they were paid.
        VouchersStillIssuing = "vouchers_still_issuing" { paid_at: At },
        /// More is asked for than what is not redeemed and not gone back (`back`) leaves.
        VouchersRedeemed = "vouchers_redeemed" {
            redeemed: Twd, sold: Twd, back: Twd, refundable: Twd, asked: Twd, called_back: bool,
        },
        /// Of a voucher order: the answer is not in the table.
        VoucherAnswerUnclear = "voucher_answer_unclear" { raw: String },
        /// Of a voucher order: the totals do not add up.
        TotalsDiffer = "totals_differ" { what: String },
        /// Of a voucher order: the tickets are being issued.
        TicketsIssuing = "tickets_issuing",
        /// Of a voucher order: the issuing failed.
        IssueFailed = "issue_failed",
        /// Of a voucher order: so many tickets are unused.
        TicketsUnused = "tickets_unused" { tickets: u32 },
        /// Of a voucher order: no ticket can be used any more.
        TicketsUsedUp = "tickets_used_up",
        /// Of a voucher order: so much refunded in tickets is not confirmed by the bank.
        TicketsUnconfirmed = "tickets_unconfirmed" { amount: Twd },
        /// Alert of a voucher order: the answer is not in the table.
        VoucherAnswerToCheck = "voucher_answer_to_check" { raw: String },
        /// Alert of a voucher order: the issuing failed, for the vendor's reason in `remark`.
        VouchersNotIssued = "vouchers_not_issued" { amount: Twd, remark: String },
        /// Alert of a voucher order: the totals do not add up.
        TotalsDecideNothing = "totals_decide_nothing" { what: String },
        /// Alert of a voucher order: refunds in tickets are not confirmed by the bank since then.
        RefundsUnconfirmed = "refunds_unconfirmed" { amount: Twd, fees: Twd, since: At, error: Option<String> },
    }
}
