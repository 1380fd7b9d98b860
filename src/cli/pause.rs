//! `pause`, `resume`.

use std::path::PathBuf;
use std::time::Duration as StdDuration;

use chrono::Duration;

use super::args::{PauseArgs, ResumeArgs};
use super::{Failure, now, person};
use crate::config::KeysNeeded;
use crate::domain::calendar::show;
use crate::domain::pause::PauseOf;
use crate::ledger::{Ledger, LedgerError, Pause, Resume};

/// So long the ledger is waited for: where it is held for longer the pause has its door.
const BUSY: StdDuration = StdDuration::from_secs(3);

pub(super) async fn pause(config: Option<PathBuf>, args: PauseArgs) -> Result<(), Failure> {
    let settings = super::settings(config, KeysNeeded::None)?;
    let ledger = Ledger::attach_within(&settings.database_path, BUSY)?;
    let paused = paused(&ledger, args).await;
    ledger.close().await;
    paused
}

async fn paused(ledger: &Ledger, args: PauseArgs) -> Result<(), Failure> {
    let now = now();
    let lasts = args.lasts.and_then(|lasts| Duration::from_std(lasts).ok());
    let pause = Pause {
        merchant_id: args.merchant,
        only: args.only.map(PauseOf::from),
        by: person(),
        why: args.why,
        until: lasts.map(|lasts| now + lasts),
        now,
    };
    let door = ledger.door();
    let failed = |error: std::io::Error| Failure::Problem(format!("{}: {error}", door.path().display()));
    // First the door, which no lock of the ledger holds up: from here on no money call leaves.
    // Where nothing can be written beside the ledger, it alone says what came of the pause.
    let asked = door.shut(&pause).ok();
    let what = what(pause.only);
    let until = pause.until.map_or_else(String::new, |until| format!(" until {}", show(until)));
    match (ledger.write(pause).await, asked) {
        (Ok(count), asked) => {
            asked.map_or(Ok(()), |asked| door.done(&asked)).map_err(failed)?;
            match count {
                0 => say!("{what} were paused already, for as long or longer: ecpayd status says by whom"),
                _ => say!("{what} paused for {count} merchant(s){until}; queries go on"),
            }
            Ok(())
        }
        (Err(LedgerError::Busy), Some(_)) => {
            say!(
                "{what} paused{until}: no money call leaves any more. Another program holds the ledger; the pause stands in {} until the daemon can write it down",
                door.path().display()
            );
            Ok(())
        }
        (Err(error), asked) => {
            asked.map_or(Ok(()), |asked| door.done(&asked)).map_err(failed)?;
            Err(error.into())
        }
    }
}

pub(super) async fn resume(ledger: &Ledger, args: ResumeArgs) -> Result<(), Failure> {
    let only = args.only.map(PauseOf::from);
    // What came through the door and is not written down yet would come back after this.
    ledger.take_pauses(now()).await?;
    let count = ledger.write(Resume { merchant_id: args.merchant, only, by: person(), now: now() }).await?;
    match count {
        0 => say!("{} were not paused", what(only)),
        _ => say!("{} go on for {count} merchant(s)", what(only)),
    }
    Ok(())
}

fn what(only: Option<PauseOf>) -> &'static str {
    match only {
        None => "captures and refunds",
        Some(PauseOf::Capture) => "captures",
        Some(PauseOf::Refund) => "refunds",
    }
}
