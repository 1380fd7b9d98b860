//! Why a daemon is not well.

use super::At;
use super::codes::reasons;

reasons! {
    /// Health: why the daemon is degraded, or not healthy at all.
    Condition {
        /// No daemon has run on the ledger yet.
        NeverRan = "never_ran",
        /// The daemon was stopped then.
        Stopped = "stopped" { since: At },
        /// Since then no pass has ended: the daemon hangs, was killed, or cannot write the ledger.
        NoPass = "no_pass" { since: At },
        /// The disk that holds the ledger is full, but for so many percent.
        DiskFull = "disk_full" { percent: u64 },
        /// So many of the merchants' services do not answer.
        GatewayDown = "gateway_down" { services: i64 },
        /// The clocks of so many services and ours differ: no money moves there.
        ClocksApart = "clocks_apart" { services: i64 },
        /// So many messages could not be delivered yet.
        DeliveriesStuck = "deliveries_stuck" { messages: i64 },
        /// Money actions are paused for so many merchants.
        MoneyPaused = "money_paused" { merchants: i64 },
        /// So many merchants' calls rest, because the gateway has asked for silence.
        MerchantsSilent = "merchants_silent" { merchants: i64 },
    }
}
