//! What `go-live` takes.

use std::path::PathBuf;

use clap::Args;

use super::print::LanguageArgs;
use super::values::{merchant, merchant_trade_no};
use crate::domain::ids::{MerchantId, MerchantTradeNo};

#[derive(Args)]
pub(in crate::cli) struct GoLiveArgs {
    /// The order that is voided, of NT$35 [default: it is asked for]
    #[arg(long, value_name = "NO", value_parser = merchant_trade_no)]
    pub void: Option<MerchantTradeNo>,
    /// The order that is captured and refunded, of NT$100 [default: it is asked for]
    #[arg(long, value_name = "NO", value_parser = merchant_trade_no)]
    pub capture: Option<MerchantTradeNo>,
    /// Append what ECPay answers to the looks of the walk, with numbers masked
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Needed where the settings name several merchants
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    #[command(flatten)]
    pub lang: LanguageArgs,
}
