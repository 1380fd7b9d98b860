//! What `reconcile` takes.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::print::PrintArgs;
use super::values::{day, merchant};
use crate::domain::ids::MerchantId;

#[derive(Args)]
pub(in crate::cli) struct ReconcileArgs {
    /// Files of ECPay's: QueryTradeMedia, FundingReconDetail or TradeNoAio, read into the ledger first
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub statement: Vec<PathBuf>,
    /// Ask ECPay for the statements (QueryTradeMedia; with api = "form" FundingReconDetail) of the days from --from to
    /// --to, a month in each file and a file a minute, and read them into the ledger first
    #[arg(long, requires = "from")]
    pub fetch: bool,
    /// Ask the gateway about every unfinished order anew, and tell what has changed there
    #[arg(long)]
    pub look: bool,
    /// Whose statements they are, and whom to compare [default: found by the order numbers; all]
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// The first day to compare [default: of the files, else 31 days ago]
    #[arg(long, value_name = "DAY", value_parser = day, requires = "to")]
    pub from: Option<NaiveDate>,
    /// The last day to compare, as in 2026-08-31
    #[arg(long, value_name = "DAY", value_parser = day, requires = "from")]
    pub to: Option<NaiveDate>,
    #[command(flatten)]
    pub print: PrintArgs,
}

impl ReconcileArgs {
    /// The days that were named.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        Some((self.from?, self.to?))
    }
}
