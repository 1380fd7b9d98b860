//! Alerts of a merchant and of the ledger.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::service::Service;

reasons! {
    /// Alerts of a merchant, and of the ledger itself.
    Upkeep {
        /// The service's answers tell no time.
        AnswersTellNoTime = "answers_tell_no_time" { service: Service },
        /// The service's clock differs by so many seconds from ours.
        ClockSkew = "clock_skew" { service: Service, skew_s: i64 },
        /// The service does not take our calls: numbers, keys or `base_url` are wrong.
        KeysNotTaken = "keys_not_taken" { service: Service, error: String },
        /// The service does not take our calls, which came sealed with the right keys: numbers or contract are wrong.
        MerchantNotTaken = "merchant_not_taken" { service: Service, error: String },
        /// The service does not answer.
        NoAnswer = "no_answer" { service: Service, error: String },
        /// The service limits our rate: no calls until then.
        RateLimited = "rate_limited" { service: Service, until: At },
        /// The settings do not name the merchant, and so many of its orders are not finished.
        OrdersNotServed = "orders_not_served" { merchant_id: String, orders: i64 },
        /// ECPay's statements of these days differ from the ledger in so many orders and payout days.
        StatementDiffers = "statement_differs" { orders: i64, payouts: i64, from: String, to: String },
        /// ECPay has given out no statement since then.
        StatementsMissing = "statements_missing" { since: At, why: Box<Reason> },
        /// A program that reads the ledger and never ends keeps SQLite's log growing.
        LogLarge = "log_large" { megabytes: u64 },
        /// The disk that holds the ledger is nearly full.
        DiskLow = "disk_low" { percent: u64, free_megabytes: u64 },
        /// The ledger could not be backed up, as these words say.
        BackupFailed = "backup_failed" { error: String },
        /// The newest backup of the ledger is more than two days old.
        BackupOld = "backup_old" { made_at: At, days: i64 },
        /// What is told through the channel does not arrive, as these words say; it is tried again then.
        DeliveryFailing = "delivery_failing" { channel: String, error: String, tries: u32, next_at: At },
        /// A message was given up, and is told through the channel no more.
        DeliveryGivenUp = "delivery_given_up" { channel: String, error: String, tries: u32 },
    }
}
