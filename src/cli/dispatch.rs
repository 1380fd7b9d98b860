//! From the arguments to one command, and from its end to the exit status.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{AlertsCommand, Cli, Command};
use super::{
    Failure, alerts, backup, channels, check, demo, doctor, explain, go_live, health, init, ledger, manual, orders,
    pause, reconcile, refund, refunds, report, resolve, restore, run, show, simulator, status, vouchers,
};
use crate::config::Settings;
use crate::ledger::Ledger;

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
        Err(Failure::Logged) => return ExitCode::from(1),
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
        Command::Init(args) => init::init(args).await,
        Command::CheckConfig => doctor::check_config(config),
        Command::Doctor(args) => doctor::doctor(config, args).await,
        Command::Check { print } => check::check(config, &print),
        Command::Status { print, exit_code } => {
            on_ledger(config, async |_, ledger| status::status(ledger, &print, exit_code).await).await
        }
        Command::Health => on_ledger(config, async |_, ledger| health::health(ledger).await).await,
        Command::Show { order, print } => {
            on_ledger(config, async |settings, ledger| show::show(settings, ledger, &order, &print).await).await
        }
        Command::Explain { order, print } => {
            on_ledger(config, async |settings, ledger| explain::explain(settings, ledger, &order, &print).await).await
        }
        Command::Orders { command } => {
            let keys = config.clone();
            on_ledger(config, async |settings, ledger| orders::orders(settings, ledger, command, keys).await).await
        }
        Command::Vouchers { command } => {
            on_ledger(config, async |settings, ledger| vouchers::vouchers(settings, ledger, command).await).await
        }
        Command::Refund(args) => {
            on_ledger(config, async |settings, ledger| refund::refund(settings, ledger, args).await).await
        }
        Command::Refunds { command } => {
            on_ledger(config, async |_, ledger| refunds::refunds(ledger, command).await).await
        }
        Command::Report(args) => on_ledger(config, async |_, ledger| report::report(ledger, args).await).await,
        Command::Alerts { command: Some(AlertsCommand::Test { channel }), .. } => {
            channels::test(config, channel.as_deref()).await
        }
        Command::Alerts { command, print } => {
            on_ledger(config, async |_, ledger| alerts::alerts(ledger, command, &print).await).await
        }
        Command::Resolve(args) => on_ledger(config, async |_, ledger| resolve::resolve(ledger, args).await).await,
        Command::Pause(args) => pause::pause(config, args).await,
        Command::Resume(args) => on_ledger(config, async |_, ledger| pause::resume(ledger, args).await).await,
        Command::Reconcile(args) => reconcile::reconcile(config, &args).await,
        Command::Backup(args) => backup::backup(config, args).await,
        Command::Restore(args) => restore::restore(config, &args),
        Command::GoLive(args) => go_live::go_live(config, args).await,
        Command::Simulator(args) => simulator::simulator(args).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { directory } => manual::man(&directory),
    }
}

/// Does what is asked, and closes the ledger whatever came of it: a process that ends before leaves SQLite's log.
async fn on_ledger(
    config: Option<PathBuf>,
    ask: impl AsyncFnOnce(&Settings, &Ledger) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (settings, ledger) = ledger(config)?;
    let done = ask(&settings, &ledger).await;
    ledger.close().await;
    done
}
