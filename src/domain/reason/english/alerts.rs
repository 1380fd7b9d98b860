//! Alerts.

use super::calls::words;
use super::phrases::by_hand;
use super::vouchers::sold_for;
use crate::domain::language::counted;
use crate::domain::reason::{Age, By, Elsewhere, Ended, Told, Upkeep, besides};
use crate::domain::service::Service;

pub(super) fn told(reason: &Told) -> String {
    match reason {
        Told::AttemptNeedsPerson { attempt, action, amount, text } => format!(
            "attempt {attempt} ({action} {amount}) needs a person: {text}; look at ECPay's dashboard, then ecpayd resolve {attempt} --applied or --not-applied --by NAME"
        ),
        Told::RefundStuck { refund, why } => format!("refund {refund} cannot go on: {}", why.english()),
        Told::RefundRejected { refund, why } => format!("refund {refund} was rejected: {}", why.english()),
        Told::RefundUndone { why } => format!(
            "{}: ask ECPay what became of it; if it was undone, ecpayd refunds void ID --by NAME --why TEXT makes it left again",
            why.english()
        ),
        Told::RefundAwaitsBalance { refund, text } => format!("refund {refund} waits for the ECPay balance: {text}"),
        Told::AnswerToCheck { raw } => not_in_the_table(raw),
        Told::Contradiction { why } => not_in_the_table(&why.english()),
        Told::LooksTellNothing { service: Service::Card, error } => {
            format!("looks at the order tell nothing ({error}): nothing is captured or refunded until they do")
        }
        Told::LooksTellNothing { service: Service::Voucher, error } => {
            format!("looks at the voucher order tell nothing ({error}): its refunds wait until they do")
        }
        Told::SetAside { service, until } => format!(
            "{} answers calls for this order alone with http 403: no calls for it until {until}, those for others go on",
            service.name()
        ),
        Told::CaptureRefusedAgain { amount, text } => format!("the gateway refuses to capture {amount}: {text}"),
        Told::DueYetPaused => "the capture is due, and money actions are paused: ecpayd resume".to_owned(),
        Told::DueBehindRefund { why } => {
            format!("the capture is due, and a full refund that waits comes first: {}", why.english())
        }
        Told::DueNotSent { text } => format!("the capture is due, and was not sent: {text}"),
        Told::DueLooksFail => "the capture is due, and the looks before it fail".to_owned(),
        Told::AbandonedByEcpay { amount } => {
            format!("{amount} was not captured within 90 days: ECPay has abandoned it")
        }
        Told::AmountsDiffer { expected, amount, captured } => {
            let captured = if *captured { "captured all the same" } else { "not captured" };
            format!("the shop expects {expected}, the gateway holds {amount}: {captured}")
        }
        Told::ChargesUnregistered { charges, registered } => format!(
            "the recurring order was charged {} so far, and {registered} of its authorizations are registered: \
             add the others with their trade_no",
            counted(*charges, "time")
        ),
        Told::PaidUnregistered { merchant_trade_no: number, amount, paid_on, file } => format!(
            "{file} has order {number} of {amount}, paid by card on {paid_on}, and nobody has registered it: ecpayd orders add {number}, or all that it has with ecpayd orders adopt, by --statement FILE or --fetch --since DAY"
        ),
        Told::VouchersNameAnother => {
            "the vouchers with this number name another card authorization than the gateway shows: \
             no refund goes on until a person has looked, or sets guard = 0 of the row in voucher_orders"
                .to_owned()
        }
        Told::SoldForAnother { sold, paid } => {
            format!("{}: no refund goes on until a person has looked", sold_for(*sold, *paid))
        }
    }
}

fn not_in_the_table(raw: &str) -> String {
    format!("the gateway's answer is not in the table ({raw}): no money action on this order until it is")
}

pub(super) fn age(reason: &Age) -> String {
    match reason {
        Age::NotSeenCaptured { amount, authorized_at, why } => format!(
            "{amount} authorized on {authorized_at} was not seen captured within 90 days, and no look since tells what became of it; {}",
            why.english()
        ),
        Age::CaptureByHand { authorized_at, limit_days, why } => {
            let told = by_hand(authorized_at, *limit_days);
            format!("{told}; C by API no longer works{}", besides(&told, &why.english(), "; "))
        }
        Age::CaptureEnds { amount, authorized_at, ends_at, why } => format!(
            "{amount} authorized on {authorized_at} is not captured, and C by API ends at {ends_at}: {}",
            why.english()
        ),
        Age::Expiring { amount, days, days_left, abandoned_at, by_api } => {
            let todo = if *by_api {
                "capture it with capture = 'now', or refund it"
            } else {
                "C by API no longer works: ask ECPay's customer service to capture it by hand, or refund it"
            };
            format!(
                "{amount} authorized {} ago is not captured; {} left until ECPay abandons it on {abandoned_at}: {todo}",
                counted(*days, "day"),
                counted(*days_left, "day"),
            )
        }
        Age::ClaimAwaited { amount, since, why } => format!(
            "the capture of {amount} waits since {since} for the bank's claim: ask ECPay's customer service; {}",
            why.english()
        ),
        Age::RefundNotEnded { refund, asked_at, why } => {
            format!("refund {refund}, asked for on {asked_at}, has not ended: {}", why.english())
        }
        Age::NeverAnswered { registered_at, why } => {
            format!("no look at the order has been answered (registered on {registered_at}); {}", why.english())
        }
        Age::StillUnknown { registered_at, why } => format!(
            "the gateway does not know the order: is the number as it was sent to ECPay, and merchant.card.api that of the product? (registered on {registered_at}); {}",
            why.english()
        ),
        Age::LastError { error, then } => format!("{} (the last look failed: {error})", then.english()),
    }
}

pub(super) fn elsewhere(reason: &Elsewhere) -> String {
    match reason {
        Elsewhere::VoidedAtEcpay { by: who, was } => {
            format!("the order was voided at ECPay, {} (it was {})", by(who), words(*was))
        }
        Elsewhere::CapturedAtEcpay => "the order was captured at ECPay, though the shop holds it".to_owned(),
        Elsewhere::RefundedAtEcpay { moved, by: who, left, amount } => {
            format!("NT${moved} was refunded at ECPay, {}; NT${left} of {amount} is left", by(who))
        }
        Elsewhere::LessRefunded { moved, left, amount } => {
            format!("ECPay shows NT${moved} less refunded than before; NT${left} of {amount} is left")
        }
        Elsewhere::CalledBackAtEcpay { by: who } => format!("the capture was called back at ECPay, {}", by(who)),
        Elsewhere::VoidedWhileLost { left, amount } => {
            format!("the order was voided, and this restored ledger does not know by whom; {left} of {amount} is left")
        }
        Elsewhere::RefundedWhileLost { refunded, left, amount } => format!(
            "{refunded} was refunded, and this restored ledger does not know by whom; {left} of {amount} is left"
        ),
    }
}

pub(super) fn by(who: &By) -> String {
    match who {
        By::AttemptOrHand { attempt, action, amount, ended } => {
            let end = match ended {
                Ended::Refused => "which it had refused",
                Ended::InReview => "which is before a person",
                Ended::WithoutEffect => "which had shown no effect",
            };
            format!("by attempt {attempt} ({action} {amount}), {end}, or by hand")
        }
        By::OnceMore { attempt } => format!("the amount of attempt {attempt} once more, by hand or by ECPay"),
        By::Others => "not by ecpayd".to_owned(),
    }
}

pub(super) fn upkeep(reason: &Upkeep) -> String {
    match reason {
        Upkeep::AnswersTellNoTime { service } => format!(
            "{}'s answers have neither RpHeader.Timestamp nor a Date: {} until they do",
            service.name(),
            while_clocks_differ(*service)
        ),
        Upkeep::ClockSkew { service, skew_s } => format!(
            "{}'s clock differs by {skew_s} s from ours: {} until they agree (is NTP running?)",
            service.name(),
            while_clocks_differ(*service)
        ),
        Upkeep::KeysNotTaken { service, error } => format!(
            "{} does not take our calls: {error}; compare merchant_id, platform_id, and the keys and base_url of {}",
            service.name(),
            service.section()
        ),
        Upkeep::MerchantNotTaken { service, error } => format!(
            "{} does not take our calls: {error}; compare merchant_id and platform_id, and ask ECPay whether the contract runs",
            service.name()
        ),
        Upkeep::NoAnswer { service, error } => {
            format!("{} does not answer ({error}); looks go on, ever more rarely", service.name())
        }
        Upkeep::RateLimited { service, until } => {
            format!("{} limits our rate (http 403): no calls until {until}", service.name())
        }
        Upkeep::OrdersNotServed { merchant_id, orders } => format!(
            "merchant {merchant_id} is not in the settings, and nobody looks after {} of it: add its [[merchant]] section and start ecpayd again",
            counted(*orders, "unfinished order")
        ),
        Upkeep::StatementDiffers { orders, payouts, from, to } => format!(
            "ECPay's statements of {from} to {to} and the ledger differ in {} and {}: ecpayd reconcile --from {from} --to {to} lists them",
            counted(*orders, "order"),
            counted(*payouts, "payout day")
        ),
        Upkeep::StatementsMissing { since, why } => {
            format!(
                "since {since} no statement of ECPay's could be fetched to hold the ledger against: {}",
                why.english()
            )
        }
        Upkeep::LogLarge { megabytes } => format!(
            "the log of the ledger has grown to {megabytes} MB, because a program keeps a SELECT or a transaction open on the ledger and never ends it: end that program (lsof names it), or the disk fills up"
        ),
        Upkeep::DiskLow { percent, free_megabytes } => format!(
            "{percent} % of the disk that holds the ledger is free ({free_megabytes} MB): make room on it, for on a full disk no order is looked at, captured or refunded"
        ),
        Upkeep::BackupFailed { error } => {
            format!("the ledger could not be backed up ({error}): mend that, and make a backup now")
        }
        Upkeep::BackupOld { made_at, days } => format!(
            "the newest backup of the ledger was made at {made_at}, {} ago: find out why there is no newer one, and make one now",
            counted(*days, "day")
        ),
        Upkeep::DeliveryFailing { channel, error, tries, next_at } => format!(
            "what is told through channel {channel} does not arrive, after {} ({error}); the next one is at {next_at}: ecpayd alerts test {channel} shows whether it is mended",
            counted(*tries, "try")
        ),
        Upkeep::DeliveryGivenUp { channel, error, tries } => format!(
            "a message through channel {channel} was given up after {} ({error}): read what is open with ecpayd alerts, and mend the channel",
            counted(*tries, "try")
        ),
    }
}

/// What becomes of its calls while its clock and ours differ.
fn while_clocks_differ(service: Service) -> &'static str {
    match service {
        Service::Card => "no money action",
        Service::Voucher => "looks may be refused as too old",
    }
}
