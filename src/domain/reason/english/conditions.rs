//! Why a daemon is not well, in English.

use crate::domain::language::counted;
use crate::domain::reason::Condition;

pub(super) fn condition(reason: &Condition) -> String {
    match reason {
        Condition::NeverRan => "no daemon has run on this ledger yet".to_owned(),
        Condition::Stopped { since } => format!("the daemon was stopped at {since}: start it"),
        Condition::NoPass { since } => {
            format!("no pass has ended since {since}: the daemon hangs, was killed, or cannot write the ledger")
        }
        Condition::DiskFull { percent } => {
            format!("{percent} % of the disk that holds the ledger is free: make room on it")
        }
        Condition::GatewayDown { services } => format!("ECPay does not answer ({})", counted(*services, "service")),
        Condition::ClocksApart { services } => {
            format!("ECPay's clock and ours differ ({}): no money moves there", counted(*services, "service"))
        }
        Condition::DeliveriesStuck { messages } => {
            format!("{} could not be delivered yet", counted(*messages, "message"))
        }
        Condition::MoneyPaused { merchants } => {
            format!("money actions are paused for {}", counted(*merchants, "merchant"))
        }
        Condition::MerchantsSilent { merchants } => {
            format!("ECPay has asked for silence: the calls of {} rest", counted(*merchants, "merchant"))
        }
    }
}
