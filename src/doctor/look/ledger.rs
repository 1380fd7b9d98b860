//! The ledger: its files, then what is in it.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::files::{directory_of, facts};
use crate::doctor::{LedgerFacts, Opened};
use crate::ledger::LedgerError;
use crate::ledger::inspect::{Inspection, ServiceSeen, check_place, disk};

/// What may lie beside it.
const BESIDE: [&str; 4] = ["-wal", "-shm", ".mark", ".lock"];

pub(super) fn look(path: &Path, now: DateTime<Utc>) -> LedgerFacts {
    with(path, opened(path, now))
}

/// By the process that writes it: nothing that reads all of it.
pub(super) fn look_beside_the_writer(
    path: &Path,
    now: DateTime<Utc>,
) -> (LedgerFacts, Result<Vec<ServiceSeen>, LedgerError>) {
    let seen = Inspection::beside_the_writer(path).map(|ledger| (said(&ledger, now, None), ledger.services(now)));
    match seen {
        Ok((opened, services)) => (with(path, Ok(opened)), services),
        Err(error) => (with(path, Err(error)), Ok(Vec::new())),
    }
}

fn with(path: &Path, opened: Result<Opened, LedgerError>) -> LedgerFacts {
    let directory = directory_of(path);
    let beside = BESIDE.iter().filter_map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        facts(Path::new(&name))
    });
    LedgerFacts {
        directory: facts(directory),
        file: facts(path),
        beside: beside.collect(),
        place: check_place(path),
        disk: disk(directory),
        opened,
        path: path.to_owned(),
    }
}

/// Twice where a daemon has started in between: from then on its log is there to be read.
fn opened(path: &Path, now: DateTime<Utc>) -> Result<Opened, LedgerError> {
    let ledger = Inspection::open(path)?;
    let whole = |ledger: &Inspection| said(ledger, now, Some(ledger.damage()));
    let said = whole(&ledger);
    if ledger.was_overtaken() {
        return Ok(whole(&Inspection::open(path)?));
    }
    Ok(said)
}

fn said(ledger: &Inspection, now: DateTime<Utc>, damage: Option<Result<Vec<String>, LedgerError>>) -> Opened {
    Opened {
        is_whole: ledger.is_whole(),
        contract: ledger.contract(),
        altered: ledger.altered(),
        damage,
        vitals: ledger.vitals(now),
        alerts: ledger.alerts(),
        resting: ledger.resting(now),
        backed_up_at: ledger.backed_up_at(),
        schema: ledger.schema(),
    }
}
