//! `backup`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::args::BackupArgs;
use super::{Failure, now, settings};
use crate::config::KeysNeeded;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::reason::Upkeep;
use crate::domain::storage::Storage;
use crate::ledger::copies::{self, CopyError, Target};
use crate::ledger::{BackedUp, Ledger};

pub(super) async fn backup(config: Option<PathBuf>, args: BackupArgs) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::None)?;
    let (path, began_at) = (&settings.database_path, now());
    let (keep, target) = (args.keep, target(args, began_at));
    // A name that cannot be is the fault of whoever typed it, and nothing that anybody has to be told of.
    copies::check_name(path, &target)?;
    let made = if copies::may_be_noted(path) {
        let ledger = Ledger::attach(path)?;
        let made = noted(&ledger, &target, began_at).await;
        ledger.close().await;
        made?
    } else {
        let made = copies::back_up_unnoted(path, &target)?;
        anstream::eprintln!("ecpayd: the ledger does not know of this backup, since this user may only read it");
        made
    };
    say!("the ledger is backed up to {}", made.display());
    if let Some(keep) = keep {
        for removed in copies::prune(&made, usize::try_from(keep).unwrap_or(usize::MAX))? {
            say!("removed {}, for {keep} are kept", removed.display());
        }
    }
    Ok(())
}

fn target(args: BackupArgs, at: DateTime<Utc>) -> Target {
    match (args.file, args.dir) {
        (None, Some(folder)) => Target::Dated { folder, at },
        (file, _) => Target::File(file.unwrap_or_default()),
    }
}

/// The ledger knows what came of it.
async fn noted(ledger: &Ledger, target: &Target, began_at: DateTime<Utc>) -> Result<PathBuf, Failure> {
    let made = match ledger.back_up(target) {
        Ok(made) => made,
        Err(error) => return Err(told(ledger, error).await),
    };
    let file = made.display().to_string();
    let done = ledger.write(BackedUp { began_at, file, now: now() }).await;
    done.map_err(|error| {
        Failure::Problem(format!(
            "the backup {} is made, and could not be noted in the ledger: {error}",
            made.display()
        ))
    })?;
    Ok(made)
}

async fn told(ledger: &Ledger, error: CopyError) -> Failure {
    let error = error.to_string();
    let raise = Storage::Raise(Severity::Warning, Upkeep::BackupFailed { error: error.clone() }.into());
    match ledger.tell_storage(AlertKind::BackupFailing, raise, now()).await {
        Ok(_) => Failure::Problem(error),
        Err(untold) => Failure::Problem(format!("{error}; no alert could be raised about it: {untold}")),
    }
}
