//! The ledger: its files, then what is in it.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::files::{directory_of, facts};
use crate::doctor::{LedgerFacts, Opened};
use crate::ledger::LedgerError;
use crate::ledger::inspect::{Inspection, check_place, disk};

/// What may lie beside it.
const BESIDE: [&str; 4] = ["-wal", "-shm", ".mark", ".lock"];

pub(super) fn look(path: &Path, now: DateTime<Utc>) -> LedgerFacts {
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
        opened: opened(path, now),
        path: path.to_owned(),
    }
}

/// Twice where a daemon has started in between: from then on its log is there to be read.
fn opened(path: &Path, now: DateTime<Utc>) -> Result<Opened, LedgerError> {
    let ledger = Inspection::open(path)?;
    let said = said(&ledger, now);
    if ledger.was_overtaken() {
        return Ok(self::said(&Inspection::open(path)?, now));
    }
    Ok(said)
}

fn said(ledger: &Inspection, now: DateTime<Utc>) -> Opened {
    Opened {
        is_whole: ledger.is_whole(),
        contract: ledger.contract(),
        altered: ledger.altered(),
        damage: ledger.damage(),
        vitals: ledger.vitals(now),
        alerts: ledger.alerts(),
        resting: ledger.resting(now),
        backed_up_at: ledger.backed_up_at(),
        schema: ledger.schema(),
    }
}
