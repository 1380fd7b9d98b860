//! The lines in English.

use super::detail::Detail;
use super::observed::{looked, vouchers};
use crate::domain::event::EventKind;
use crate::domain::language::Language;

pub(super) fn line(kind: EventKind, d: &Detail) -> String {
    match kind {
        EventKind::OrderRegistered => format!("registered, capture '{}'", d.capture),
        EventKind::OrderChanged => format!("the shop sets capture '{}'", d.capture),
        EventKind::Observed => d.seen.as_ref().map(|seen| looked(Language::English, seen)).unwrap_or_default(),
        EventKind::AttemptStarted => started(d),
        EventKind::AttemptAccepted => format!("attempt {}: accepted", d.attempt),
        EventKind::AttemptRefused => format!("attempt {}: refused with code {}: {}", d.attempt, d.code, d.text),
        EventKind::AttemptUnknown => unknown(d),
        EventKind::AttemptNotSent => format!("attempt {}: not sent ({})", d.attempt, d.text),
        EventKind::AttemptApplied => {
            format!("attempt {}: {} {} took effect{}", d.attempt, d.action, d.amount, says(&d.by))
        }
        EventKind::AttemptNotApplied => format!(
            "attempt {}: {} {} had no effect and can have none any more{}",
            d.attempt,
            d.action,
            d.amount,
            says(&d.by)
        ),
        EventKind::AttemptInReview => {
            format!("attempt {}: {} {} needs a person: {}", d.attempt, d.action, d.amount, why(d))
        }
        EventKind::RefundQueued if d.amount.is_empty() => {
            format!("refund {} of all that is left asked for, key {}", d.refund, d.request_key)
        }
        EventKind::RefundQueued => format!("refund {} of NT${} asked for, key {}", d.refund, d.amount, d.request_key),
        EventKind::RefundCanceled => format!("refund {} canceled before it began", d.refund),
        EventKind::RefundDone => format!("refund {} of NT${} is done", d.refund, d.amount),
        EventKind::RefundRejected => format!("refund {} rejected: {}", d.refund, why(d)),
        EventKind::RefundInReview => format!("refund {} needs a person: {}", d.refund, why(d)),
        EventKind::RefundUndone => format!("refund {} was undone at ECPay, as {} has said: {}", d.refund, d.by, d.why),
        EventKind::ExternalChange => why(d),
        EventKind::CaughtUp => caught_up(d),
        EventKind::VoucherRegistered if d.free_trade_no.is_empty() => "voucher order registered".to_owned(),
        EventKind::VoucherRegistered => "voucher order registered, given away".to_owned(),
        EventKind::VoucherGuardChanged if &*d.guard == "0" => {
            "the shop lets refunds go on whatever is redeemed".to_owned()
        }
        EventKind::VoucherGuardChanged => "the shop lets the vouchers limit refunds again".to_owned(),
        EventKind::VoucherObserved => {
            d.vouchers.as_ref().map(|seen| vouchers(Language::English, seen)).unwrap_or_default()
        }
        EventKind::VoucherTicketsListed => format!("{} tickets listed", d.count),
        EventKind::VoucherTicket => ticket(d),
        EventKind::VoucherRefundsObserved => refunds_observed(d),
        EventKind::RateLimited => rate_limited(d),
        EventKind::Paused => {
            let until = if d.until.is_empty() { String::new() } else { format!(", until {}", d.until.time()) };
            let why = if d.why.is_empty() { String::new() } else { format!(": {}", d.why) };
            format!("{} paused by {}{until}{why}", paused(d), d.by)
        }
        EventKind::Resumed if d.by.is_empty() => format!("the pause of {} is over", paused(d)),
        EventKind::Resumed => format!("{} go on, as {} has said", paused(d), d.by),
        EventKind::DaemonStarted => format!("ecpayd {} started, open attempts: {}", d.version, d.open_attempts),
        EventKind::DaemonStopped => "ecpayd stopped".to_owned(),
        EventKind::ClockSetBack => format!("the clock was set back; planned anew: {}", d.woken),
        EventKind::RestoreNoticed => format!("the ledger may have been put back from a copy: {}", why(d)),
    }
}

fn why(d: &Detail) -> String {
    d.because(Language::English)
}

fn paused(d: &Detail) -> &'static str {
    match &*d.what {
        "capture" => "captures",
        "refund" => "refunds",
        _ => "money actions",
    }
}

fn says(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(", says {name}") }
}

fn started(d: &Detail) -> String {
    let net = if d.before_net.is_zero_or_none() { String::new() } else { format!(", NT${}", d.before_net) };
    format!("attempt {}: sends {} {} (the gateway showed {}{net})", d.attempt, d.action, d.amount, d.before)
}

fn unknown(d: &Detail) -> String {
    let said = match &*d.code {
        "" | "403" => format!("no answer ({})", d.text),
        code => format!("an answer that is no proof, code {code}: {}", d.text),
    };
    format!("attempt {}: {said}; settled by looks, not sent again", d.attempt)
}

fn caught_up(d: &Detail) -> String {
    let unknown = match (d.unclaimed_amount.is_zero_or_none(), &*d.unclaimed_void) {
        (true, "true") => "; it does not know by whom the order was voided".to_owned(),
        (true, _) => String::new(),
        (false, _) => format!("; of NT${} it does not know by whom", d.unclaimed_amount),
    };
    format!("caught up after the ledger was restored: {}, NT${} refunded{unknown}", d.state, d.refunded_amount)
}

fn ticket(d: &Detail) -> String {
    match (&*d.is, &*d.was) {
        ("", _) => format!("ticket {} is no longer listed", d.ticket),
        (is, was) if is == was => format!("ticket {}, {is}: its details changed", d.ticket),
        (is, was) => format!("ticket {} of NT${}: {is}, was {was}", d.ticket, d.amount),
    }
}

fn refunds_observed(d: &Detail) -> String {
    if d.error.is_empty() {
        format!("the bank has confirmed NT${} of NT${} refunded in tickets", d.confirmed, d.refunded)
    } else {
        format!("refunded in tickets NT${}: {}", d.refunded, d.error)
    }
}

fn rate_limited(d: &Detail) -> String {
    let service = if d.service.is_empty() { "the gateway" } else { "the voucher service" };
    format!("{service} limits our rate: no calls until {}", d.until.time())
}
