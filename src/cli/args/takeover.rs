//! What `orders import` and `orders adopt` take.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::print::PrintArgs;
use super::values::{capture, capture_or_hold, day, merchant};
use crate::domain::ids::MerchantId;
use crate::domain::order::CaptureMode;

#[derive(Args)]
pub(in crate::cli) struct ImportArgs {
    /// CSV whose first line names its columns: merchant_trade_no, and any of merchant_id, trade_no,
    /// expected_amount, installments, capture, memo
    pub file: PathBuf,
    /// Of rows that name none; needed where the settings name several merchants and the list has no merchant_id
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// Of rows that name none: auto, now or hold
    #[arg(long, value_name = "MODE", default_value = "hold", value_parser = capture)]
    pub capture: CaptureMode,
    /// Write it; without this, what would be written is told
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub print: PrintArgs,
}

#[derive(Args)]
pub(in crate::cli) struct AdoptArgs {
    /// Files of ECPay's: QueryTradeMedia, FundingReconDetail or TradeNoAio
    #[arg(long, value_name = "FILE", required_unless_present = "fetch", conflicts_with = "fetch", num_args = 1..)]
    pub statement: Vec<PathBuf>,
    /// Ask ECPay for its QueryTradeMedia (with api = "form" FundingReconDetail) instead: what it has settled from
    /// --since up to yesterday, a month in each file and a file a minute
    #[arg(long, requires = "since")]
    pub fetch: bool,
    /// The first day to ask for, as in 2026-06-01
    #[arg(long, value_name = "DAY", value_parser = day, requires = "fetch")]
    pub since: Option<NaiveDate>,
    /// Whose statements they are; needed where the settings name several merchants
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// auto or hold
    #[arg(long, value_name = "MODE", default_value = "hold", value_parser = capture_or_hold)]
    pub capture: CaptureMode,
    /// Write it; without this, what would be written is told
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub print: PrintArgs,
}
