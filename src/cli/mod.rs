//! The commands, and what they share. One file for each group; each opens the settings, then the ledger.

/// Prints a line on standard output.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::cli::print(format_args!($($text)*))
    };
}

mod alerts;
mod args;
mod backup;
mod channels;
mod check;
mod demo;
mod dispatch;
mod doctor;
mod explain;
mod fetch;
mod go_live;
mod health;
mod history;
mod init;
mod manual;
mod orders;
mod pause;
mod reconcile;
mod refund;
mod refunds;
mod report;
mod resolve;
mod restore;
mod run;
mod show;
mod simulator;
mod status;
mod table;
mod takeover;
mod vouchers;
mod words;

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

pub use dispatch::main;

use crate::config::{KeysNeeded, Settings};
use crate::daemon::SystemClock;
use crate::domain::ids::MerchantId;
use crate::engine::Clock;
use crate::ledger::Ledger;
use crate::ledger::views::FoundOrder;

/// Why a command ended badly, by exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 1: the thing asked about failed or has a problem.
    Problem(String),
    /// 2: usage or settings are wrong.
    Usage(String),
    /// 1: the log has said why, in its own format.
    Logged,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problem(why) | Self::Usage(why) => f.write_str(why),
            Self::Logged => f.write_str("the log says why"),
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Problem(told(&error))
    }
}

/// The error with its causes, where it does not tell them itself.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        if !text.contains(&why) {
            text = format!("{text}: {why}");
        }
        cause = error.source();
    }
    text
}

/// Settings and ledger for a person's command. The keys of the gateway are not needed.
fn ledger(config: Option<PathBuf>) -> Result<(Settings, Ledger), Failure> {
    let settings = settings(config, KeysNeeded::None)?;
    let ledger = Ledger::attach(&settings.database_path)?;
    Ok((settings, ledger))
}

fn settings(config: Option<PathBuf>, need: KeysNeeded) -> Result<Settings, Failure> {
    let path = settings_path(config)?;
    Settings::load(&path, environment(), need).map_err(|problems| Failure::Usage(problems.to_string()))
}

fn settings_path(config: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(path) = config {
        return Ok(path);
    }
    let [here, of_unit] = ["config.toml", "/etc/ecpayd/config.toml"].map(PathBuf::from);
    // Under `sudo -u` in a home of somebody else: whether there is one that comes first nobody can say.
    if here.try_exists().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
        let shut =
            "this user may not look for a config.toml in the current directory: `cd /`, or name one with --config";
        return Err(Failure::Usage(shut.to_owned()));
    }
    let mut usual = [here, of_unit].into_iter();
    // One that this user may not see is there all the same; reading it says so.
    let found = usual.find(|path| path.try_exists().unwrap_or(true));
    let missing =
        "there is no config.toml here nor in /etc/ecpayd: `ecpayd init` writes one, or name one with --config";
    found.ok_or_else(|| Failure::Usage(missing.to_owned()))
}

/// A variable that is no text can be none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
}

/// The one order that a command means.
async fn find(ledger: &Ledger, order: &args::OrderArgs) -> Result<FoundOrder, Failure> {
    let number = &order.trade_no;
    let mut found = ledger.find_orders(number, order.merchant.as_ref().map(MerchantId::as_str)).await?;
    if found.is_empty() {
        return Err(Failure::Problem(format!("order {number} is not in the ledger")));
    }
    if let Some(authorization) = &order.authorization {
        let named = found.iter().any(|o| o.asked_trade_no.as_ref() == Some(authorization));
        found.retain(|o| if named { &o.asked_trade_no } else { &o.trade_no }.as_ref() == Some(authorization));
        if found.is_empty() {
            return Err(Failure::Problem(format!("order {number} has no authorization {authorization} in the ledger")));
        }
    }
    if found.iter().any(|o| o.merchant_id != found[0].merchant_id) {
        return Err(Failure::Usage(format!("order {number} is known at several merchants: name one with --merchant")));
    }
    // The order itself, unless a later authorization was named.
    let own = found.iter().position(|o| o.asked_trade_no.is_none());
    match (own, found.len()) {
        (Some(own), _) => Ok(found.swap_remove(own)),
        (None, 1) => Ok(found.swap_remove(0)),
        (None, _) => Err(Failure::Usage(format!(
            "order {number} is registered by several authorizations: name one with --authorization"
        ))),
    }
}

/// A reader that has gone away ends the command; a disk that is full is a problem to tell.
fn print(text: std::fmt::Arguments<'_>) {
    if let Err(error) = writeln!(anstream::stdout(), "{text}") {
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            anstream::eprintln!("ecpayd: standard output cannot be written: {error}");
            std::process::exit(1);
        }
        std::process::exit(0);
    }
}

fn now() -> chrono::DateTime<chrono::Utc> {
    SystemClock.now()
}

/// The person at the terminal, for the history.
fn person() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "somebody".to_owned())
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)?;
    say!("{text}");
    Ok(())
}
