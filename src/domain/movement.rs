//! What moves of an order's money, as the journal keeps it.

use super::order::words;

words! {
    /// `movements.kind`.
    MovementKind {
        Authorized = "authorized",
        Captured = "captured",
        CalledBack = "called_back",
        Refunded = "refunded",
        Voided = "voided",
        Expired = "expired",
    }
}

words! {
    /// `movements.by`.
    By {
        Ecpayd = "ecpayd",
        /// By itself, by its calendar.
        Ecpay = "ecpay",
        Other = "other",
    }
}
