//! Vouchers.

use crate::domain::language::counted;
use crate::domain::money::Twd;
use crate::domain::reason::Vouchers;

/// Where the guard holds until a person has looked.
const WAY_OUT: &str = "no refund until that changes, unless the shop sets guard = 0 of the row in voucher_orders";

pub(super) fn vouchers(reason: &Vouchers) -> String {
    match reason {
        Vouchers::VouchersNotServed => {
            "the order paid for vouchers, and the settings name no voucher service for its merchant: \
             add [merchant.voucher], or set refund.voucher_guard = false"
                .to_owned()
        }
        Vouchers::VouchersUnknown => format!("the voucher service does not know this order; {WAY_OUT}"),
        Vouchers::VouchersUnclear { raw } => {
            format!("the voucher service's answer is not in the table ({raw}); {WAY_OUT}")
        }
        Vouchers::VouchersOfAnother => {
            format!("its vouchers name another card authorization than the gateway shows; {WAY_OUT}")
        }
        Vouchers::VouchersFirst => LOOKED_AT.to_owned(),
        Vouchers::VouchersLookFailed { error, again_at } => {
            let error = error.as_deref().unwrap_or("the voucher service does not answer");
            format!("{LOOKED_AT}, and that failed ({error}); again at {again_at}")
        }
        Vouchers::VouchersContradict { what } => format!("the voucher totals do not add up ({what}); {WAY_OUT}"),
        Vouchers::VouchersOfOtherAmount { sold, paid } => {
            format!("the voucher totals do not add up ({}); {WAY_OUT}", sold_for(*sold, *paid))
        }
        Vouchers::VouchersIssuing { again_at } => {
            format!("its vouchers are being issued; looked at again at {again_at}")
        }
        Vouchers::VouchersStillIssuing { paid_at } => {
            format!("its vouchers, paid on {paid_at}, are still being issued; {WAY_OUT}")
        }
        Vouchers::VouchersRedeemed { redeemed, sold, back, refundable, asked, called_back } => {
            let back = if back.is_zero() { String::new() } else { format!(" and {back} went back already") };
            let limit = format!(
                "{redeemed} of {sold} were redeemed in vouchers{back}: at most {refundable} may be refunded, not {asked}"
            );
            if *called_back { format!("{limit}; {CAPTURED_AGAIN}") } else { limit }
        }
        Vouchers::VoucherAnswerUnclear { raw } => format!("the voucher service's answer is not in the table ({raw})"),
        Vouchers::TotalsDiffer { what } => format!("the totals do not add up: {what}"),
        Vouchers::TicketsIssuing => "the tickets are being issued".to_owned(),
        Vouchers::IssueFailed => "the issuing failed".to_owned(),
        Vouchers::TicketsUnused { tickets } => format!("unused: {}", counted(*tickets, "ticket")),
        Vouchers::TicketsUsedUp => "no ticket can be used any more".to_owned(),
        Vouchers::TicketsUnconfirmed { amount } => format!("{amount} refunded in tickets is not confirmed by the bank"),
        Vouchers::VoucherAnswerToCheck { raw } => {
            format!("the voucher service's answer is not in the table ({raw}): look at ECPay's dashboard")
        }
        Vouchers::VouchersNotIssued { amount, remark } => {
            let said = if remark.is_empty() { "no reason given" } else { remark };
            format!("the issuing of vouchers for {amount} failed: {said}")
        }
        Vouchers::TotalsDecideNothing { what } => {
            format!("the voucher totals do not add up ({what}): they decide nothing until they do")
        }
        Vouchers::RefundsUnconfirmed { amount, fees, since, error } => {
            let fees = if fees.is_zero() { String::new() } else { format!(" ({fees} of all refunds are fees)") };
            let error = error.as_ref().map(|error| format!("; asked last: {error}")).unwrap_or_default();
            format!(
                "{amount} refunded in tickets{fees} is not confirmed by the bank since {since}{error}: ask ECPay's customer service"
            )
        }
    }
}

const LOOKED_AT: &str = "its vouchers are looked at before anything goes back";

/// Where the guard speaks between E and N.
const CAPTURED_AGAIN: &str =
    "the capture that was called back is made again by the order's own rule, or with capture = 'now'";

pub(super) fn sold_for(sold: Twd, paid: Twd) -> String {
    format!("its vouchers were sold for {sold}, the card paid {paid}")
}
