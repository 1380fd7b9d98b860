//! From the arguments to one command, and from its end to the exit status.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{Cli, Command};
use super::{
    Failure, alerts, demo, explain, ledger, orders, pause, refund, refunds, resolve, run, show, simulator, status,
    vouchers,
};

pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    // One thread: what takes time is the network and the thread that writes the ledger, and each hand-over
    // between workers costs more of the processors than it brings.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(Err(Failure::Problem(format!("the runtime cannot be started: {error}")))),
    };
    end(runtime.block_on(dispatch(cli)))
}

/// A slip of usage, told in one line like every other error. Help and version are printed as they are.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let text = error.render().to_string();
    let words = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut paragraphs = text.trim_start_matches("error: ").split("\n\n").map(words);
    let what = paragraphs.next().unwrap_or_default();
    let hints: String = paragraphs.filter(|p| p.starts_with("tip: ")).map(|p| format!("; {p}")).collect();
    end(Err(Failure::Usage(format!("{what}{hints}"))))
}

fn end(result: Result<(), Failure>) -> ExitCode {
    let (text, code) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Problem(text)) => (text, 1),
        Err(Failure::Usage(text)) => (text, 2),
    };
    for line in text.lines() {
        anstream::eprintln!("ecpayd: {line}");
    }
    ExitCode::from(code)
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let config = cli.config;
    match cli.command {
        Command::Run { once } => run::run(config, once).await,
        Command::CheckConfig => run::check_config(config),
        Command::Status { json } => status::status(&ledger(config)?.1, json).await,
        Command::Show { order, json } => {
            let (settings, ledger) = ledger(config)?;
            show::show(&settings, &ledger, &order, json).await
        }
        Command::Explain { order, json } => {
            let (settings, ledger) = ledger(config)?;
            explain::explain(&settings, &ledger, &order, json).await
        }
        Command::Orders { command } => orders::orders(config, command).await,
        Command::Vouchers { command } => vouchers::vouchers(config, command).await,
        Command::Refund(args) => {
            let (settings, ledger) = ledger(config)?;
            refund::refund(&settings, &ledger, args).await
        }
        Command::Refunds { command } => refunds::refunds(&ledger(config)?.1, command).await,
        Command::Alerts { command, json } => alerts::alerts(&ledger(config)?.1, command, json).await,
        Command::Resolve(args) => resolve::resolve(&ledger(config)?.1, args).await,
        Command::Pause { merchant } => pause::pause(&ledger(config)?.1, merchant).await,
        Command::Resume { merchant } => pause::resume(&ledger(config)?.1, merchant).await,
        Command::Simulator(args) => simulator::simulator(args).await,
        Command::Demo(args) => demo::demo(args).await,
    }
}
