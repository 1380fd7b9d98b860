//! What the commands about refunds take.

use clap::{Args, Subcommand};

use super::print::PrintArgs;
use super::values::{amount, merchant, merchant_trade_no, name, trade_no};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;

#[derive(Args)]
pub(in crate::cli) struct RefundArgs {
    /// MerchantTradeNo, the shop's order number
    #[arg(value_parser = merchant_trade_no)]
    pub trade_no: MerchantTradeNo,
    /// New Taiwan dollars [default: all that is left]
    #[arg(long, value_parser = amount)]
    pub amount: Option<Twd>,
    /// Names this refund once: a second refund with the same key is refused [default: a new one, and a
    /// question where the order has such a refund already]
    #[arg(long)]
    pub key: Option<String>,
    #[arg(long)]
    pub reason: Option<String>,
    /// Where several merchants have the number
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// ECPay's TradeNo, for a later authorization of a recurring order
    #[arg(long, value_name = "TRADE_NO", value_parser = trade_no)]
    pub authorization: Option<TradeNo>,
}

#[derive(Subcommand)]
pub(in crate::cli) enum RefundsCommand {
    /// List refunds that have not ended, newest first
    List {
        /// Those that have ended too
        #[arg(long)]
        all: bool,
        /// Only those of one state: queued, running, waiting, done, rejected, review, canceled
        #[arg(long)]
        state: Option<String>,
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Cancel a refund that has not begun
    Cancel { id: i64 },
    /// Declare that a refund told as done was undone at ECPay: what it gave back is left again
    Void {
        id: i64,
        /// Who has asked ECPay
        #[arg(long, value_parser = name)]
        by: String,
        /// What ECPay says became of it
        #[arg(long, value_parser = name)]
        why: String,
    },
}
