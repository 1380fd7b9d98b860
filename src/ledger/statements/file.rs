//! A statement on its way into the ledger.

use chrono::NaiveDate;

use crate::domain::ids::MerchantId;
use crate::domain::statement::{StatementKind, StatementRow};

/// The rows from the first on, each time it is called: they are not held. An error is a sentence about the file,
/// and nothing of it is kept.
pub type RowSource = Box<dyn Fn() -> Box<dyn Iterator<Item = Result<StatementRow, String>>> + Send>;

/// Whose a file is. Its rows do not say so, its order numbers do.
#[derive(Clone, Debug)]
pub enum Whose {
    /// As somebody says who knows; refused where all known numbers in it are another's.
    Of(MerchantId),
    /// One of these, found out by the orders that the ledger has.
    OneOf(Vec<MerchantId>),
}

#[derive(Clone, Debug)]
pub struct StatementFile {
    /// Of the file, or where it was fetched from.
    pub name: String,
    /// Of its bytes, in hex.
    pub sha256: String,
    pub kind: StatementKind,
    pub whose: Whose,
    /// The days that it was asked for: settlement days, or of TradeNoAio days of payment. None: those of its first
    /// and last row.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// It has all card rows of its days. False where it was asked for a part, as those not paid out yet.
    pub is_whole: bool,
}
