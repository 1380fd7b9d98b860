//! The two services of the gateway.

use serde::{Deserialize, Serialize};

/// Each has its own host, keys, pace and silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    Card,
    Voucher,
}

impl Service {
    /// Tells a merchant's two services apart in reports.
    pub fn stage(self) -> &'static str {
        match self {
            Self::Card => "",
            Self::Voucher => "vouchers",
        }
    }

    /// The word that the ledger uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Voucher => "voucher",
        }
    }

    /// As the messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "the gateway",
            Self::Voucher => "the voucher service",
        }
    }

    /// Where the settings have its keys.
    pub fn section(self) -> &'static str {
        match self {
            Self::Card => "[merchant.card]",
            Self::Voucher => "[merchant.voucher]",
        }
    }
}
