//! How a merchant's statements come.

use serde::{Deserialize, Serialize};

use crate::domain::ids::MerchantTradeNo;

/// How the merchant's files come, and what is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatementTerms {
    /// They cannot be had: `TransCode` 128.
    pub unavailable: bool,
    /// The caller's address is not in the dashboard's list.
    pub foreign_address: bool,
    /// A file asked for sooner after the last one is refused.
    pub every_s: u32,
    /// QueryTradeMedia in Big5; the form calls are asked for one or the other.
    pub big5: bool,
    /// One more column, of a name that nobody knows.
    pub extra_column: bool,
    /// The file ends in the middle of a row.
    pub cut: bool,
    /// The order whose rows are missing.
    pub drops: Option<MerchantTradeNo>,
    /// The order whose rows are a dollar too high.
    pub changes: Option<MerchantTradeNo>,
    /// The order that the bank does not know either.
    pub adds: Option<MerchantTradeNo>,
}

impl Default for StatementTerms {
    fn default() -> Self {
        Self {
            unavailable: false,
            foreign_address: false,
            every_s: 60,
            big5: false,
            extra_column: false,
            cut: false,
            drops: None,
            changes: None,
            adds: None,
        }
    }
}
