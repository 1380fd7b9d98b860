//! What the command line takes.

mod copies;
mod go_live;
mod house;
mod pause;
mod print;
mod reconcile;
mod refunds;
mod report;
mod resolve;
mod takeover;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(super) use self::copies::{BackupArgs, RestoreArgs};
pub(super) use self::go_live::GoLiveArgs;
pub(super) use self::house::{ApiWord, DoctorArgs, InitArgs, YesNo};
pub(super) use self::pause::{PauseArgs, ResumeArgs};
pub(super) use self::print::PrintArgs;
pub(super) use self::reconcile::ReconcileArgs;
pub(super) use self::refunds::{RefundArgs, RefundsCommand};
pub(super) use self::report::{Calendar, ReportArgs};
pub(super) use self::resolve::ResolveArgs;
pub(super) use self::takeover::{AdoptArgs, ImportArgs};
use self::values::{amount, merchant, merchant_trade_no, name, trade_no};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;

/// Takes over what happens to an ECPay card order after it is paid.
///
/// Exit status: 0 done; 1 the thing asked about failed or has a problem; 2 usage or settings are wrong.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(super) struct Cli {
    /// Settings file [default: ./config.toml, else /etc/ecpayd/config.toml]
    #[arg(long, global = true, value_name = "FILE", env = "ECPAYD_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// The daemon, until SIGTERM or SIGINT
    Run {
        /// Do everything that is due now, step after step, then exit
        #[arg(long)]
        once: bool,
    },
    /// Write the settings and the key files, from three questions or from flags; nothing is written over
    Init(InitArgs),
    /// Read and validate the settings; print every problem
    CheckConfig,
    /// Settings, keys, ledger, files, clocks and the way to ECPay: a line each, and how to mend it
    ///
    /// It only reads. Exit 0: all is good, or there are warnings; 1: something fails; 2: the settings are wrong.
    Doctor(DoctorArgs),
    /// The ledger against itself: sums of movements, steps of attempts and refunds, days, the schema
    ///
    /// It only reads. Exit 0: everything agrees; 1: something differs, a line each.
    Check {
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Counts by state, next deadlines, open refunds, alerts
    Status {
        #[command(flatten)]
        print: PrintArgs,
        /// Exit 1 where the daemon does not run, or a critical alert is open that nobody has acknowledged
        #[arg(long)]
        exit_code: bool,
    },
    /// Whether the daemon is well, in a line: exit 0 healthy or degraded, 1 unhealthy
    Health,
    /// One order: state, money, attempts and its whole history
    Show {
        #[command(flatten)]
        order: OrderArgs,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// What the plan would do next with an order, when, and by which rule
    Explain {
        #[command(flatten)]
        order: OrderArgs,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Register, list, capture, hold, release, import or adopt orders
    Orders {
        #[command(subcommand)]
        command: OrdersCommand,
    },
    /// Register, list or show voucher orders
    Vouchers {
        #[command(subcommand)]
        command: VouchersCommand,
    },
    /// Queue a refund
    Refund(RefundArgs),
    /// List or cancel refunds
    Refunds {
        #[command(subcommand)]
        command: RefundsCommand,
    },
    /// The books of a range of days, for the accountant: movements, days, what is open, allowances, vouchers
    Report(ReportArgs),
    /// Open alerts, and the channels by which they go
    Alerts {
        #[command(subcommand)]
        command: Option<AlertsCommand>,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Settle an attempt in review, after a look at ECPay's dashboard
    Resolve(ResolveArgs),
    /// Stop captures and refunds, of one merchant or of all; queries go on
    Pause(PauseArgs),
    /// Let captures and refunds go on
    Resume(ResumeArgs),
    /// Hold the ledger against ECPay: its statements, or a look at every unfinished order
    ///
    /// Exit 1: something differs.
    Reconcile(ReconcileArgs),
    /// A consistent copy of the ledger, verified, whoever runs on it and writes to it
    Backup(BackupArgs),
    /// Put a copy in the ledger's place while the daemon is stopped; lists what the replaced ledger did after it
    Restore(RestoreArgs),
    /// Prove the setup with two small orders of your own, step by step; the daemon moves the money
    GoLive(GoLiveArgs),
    /// The stand-in gateway, on loopback
    Simulator(SimulatorArgs),
    /// Ninety days of a shop in about a minute: simulator, ledger and daemon together
    Demo(DemoArgs),
    /// Completions for a shell, to standard output
    Completions { shell: clap_complete::Shell },
    /// Write the manual pages into a directory
    Man {
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

#[derive(Args)]
pub(super) struct OrderArgs {
    /// MerchantTradeNo, the shop's order number
    pub trade_no: String,
    /// Where several merchants have the number
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// ECPay's TradeNo, for a later authorization of a recurring order
    #[arg(long, value_name = "TRADE_NO")]
    pub authorization: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum OrdersCommand {
    /// Register an order
    Add {
        /// MerchantTradeNo, the shop's order number
        #[arg(value_parser = merchant_trade_no)]
        trade_no: MerchantTradeNo,
        /// Needed where the settings name several merchants
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
        /// ECPay's TradeNo, for a later authorization of a recurring order
        #[arg(long, value_name = "TRADE_NO", value_parser = trade_no)]
        authorization: Option<TradeNo>,
        /// New Taiwan dollars; an order of another amount is not captured
        #[arg(long, value_parser = amount)]
        expected_amount: Option<Twd>,
        /// As the shop knows it: 0 paid at once, without bonus points; else in so many parts. ECPay does not always
        /// tell, and what may be paid in parts is refunded whole or not at all
        #[arg(long, value_name = "PARTS")]
        installments: Option<i64>,
        /// Capture at the next allowed moment
        #[arg(long, conflicts_with = "hold")]
        capture: bool,
        /// Never capture by itself
        #[arg(long)]
        hold: bool,
        #[arg(long)]
        memo: Option<String>,
    },
    /// List orders, newest first
    List {
        /// registered, unpaid, authorized, to_be_captured, captured, refunded, voided, expired, not_card, not_found, review
        #[arg(long)]
        state: Option<String>,
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// Shipped: capture it at the next allowed moment
    Capture(OrderArgs),
    /// Never capture it by itself; alerts go on
    Hold(OrderArgs),
    /// Follow the capture policy again
    Release(OrderArgs),
    /// Take over the orders of a list of the shop's own
    Import(ImportArgs),
    /// Take over the card orders of statements that were downloaded at ECPay
    Adopt(AdoptArgs),
}

#[derive(Subcommand)]
pub(super) enum VouchersCommand {
    /// Register a voucher order
    Add {
        /// MerchantTradeNo of a voucher order that was sold
        number: String,
        /// The number is the FreeTradeNo of one that was given away
        #[arg(long)]
        free: bool,
        /// Needed where the settings name several merchants
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
    },
    /// List voucher orders, newest first
    List {
        /// registered, issuing, issued, issue_failed, not_found, review
        #[arg(long)]
        state: Option<String>,
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        print: PrintArgs,
    },
    /// One voucher order: state, money, tickets and its whole history
    Show {
        /// MerchantTradeNo, or FreeTradeNo
        number: String,
        /// Where the number was sold once and given away once, the latter
        #[arg(long)]
        free: bool,
        /// Where several merchants have the number
        #[arg(long, value_name = "ID", value_parser = merchant)]
        merchant: Option<MerchantId>,
        #[command(flatten)]
        print: PrintArgs,
    },
}

#[derive(Subcommand)]
pub(super) enum AlertsCommand {
    /// Note that a person has taken notice
    Ack {
        id: i64,
        /// Who [default: the user at the terminal]
        #[arg(long, value_parser = name)]
        by: Option<String>,
    },
    /// Send a test message through each channel of the settings, or through one
    Test {
        /// Its name
        channel: Option<String>,
    },
}

#[derive(Args)]
pub(super) struct SimulatorArgs {
    /// A loopback address
    #[arg(long, default_value = "127.0.0.1:8484")]
    pub listen: SocketAddr,
    /// The merchant that it knows; the public stage merchant with its keys by default
    #[arg(long, value_name = "ID", default_value = "3002607", value_parser = merchant)]
    pub merchant: MerchantId,
    /// HashKey, 16 bytes [default: the public stage key]
    #[arg(long, default_value = "pwFHCqoQZGmho4w6", hide_default_value = true)]
    pub hash_key: String,
    /// HashIV, 16 bytes [default: the public stage key]
    #[arg(long, default_value = "EkRm7iFT261dpevs", hide_default_value = true)]
    pub hash_iv: String,
    /// HashKey of the voucher calls [default: the public stage key]
    #[arg(long, default_value = "c539115ea7674f20", hide_default_value = true)]
    pub voucher_hash_key: String,
    /// HashIV of the voucher calls [default: the public stage key]
    #[arg(long, default_value = "86f625e60cb1473a", hide_default_value = true)]
    pub voucher_hash_iv: String,
    /// The platform that calls for the merchant
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub platform: Option<MerchantId>,
    /// 每日自動關帳: capture everything authorized at 20:15
    #[arg(long)]
    pub daily_auto_close: bool,
    /// Its orders are made by 全方位金流 (AIO), whose calls are forms
    #[arg(long)]
    pub aio: bool,
    /// Keep the bank in this file, and go on with what it holds
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// What faults at a rate draw from; the same number draws the same faults
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Args)]
pub(super) struct DemoArgs {
    /// Keep the ledger in this directory instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Serve the status page of the ledger that was played, on this loopback address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertKind;
    use crate::domain::language::Language;

    #[test]
    fn what_an_alert_says_to_type_can_be_typed() {
        for kind in AlertKind::ALL {
            let Some(command) = kind.todo(Language::English).command.filter(|c| c.starts_with("ecpayd ")) else {
                continue;
            };
            let typed = command.split(' ').map(|word| match word {
                "ORDER" | "NUMBER" | "TRADE_NO" => "20180914001",
                "MERCHANT" => "3002607",
                "ATTEMPT" | "REFUND" | "ALERT" => "24",
                "--applied|--not-applied" => "--applied",
                other => other,
            });
            let parsed = Cli::try_parse_from(typed).map(drop);
            assert!(parsed.is_ok(), "{kind:?}: {command}: {parsed:?}");
        }
    }
}
