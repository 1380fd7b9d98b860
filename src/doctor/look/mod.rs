//! Finds out what there is. Reads only.

mod files;
mod hosts;
mod ledger;
mod query;

use std::path::Path;

use super::facts::{Facts, LedgerFacts, Now};
use super::owners;
use crate::config::{Examined, KEYS, KeysNeeded, Settings};

/// The settings of the unit, and the group by which it reads them.
const OF_UNIT: &str = "/etc/ecpayd/config.toml";
const GROUP: &str = "ecpayd";

fn service_group() -> Option<u32> {
    owners::group_id(GROUP)
}

/// What can be seen of the settings without a ledger and without a network.
pub fn at_settings(path: &Path, env: impl Iterator<Item = (String, String)>, now: Now<'_>) -> Facts {
    let examined = Settings::examine(path, env, KeysNeeded::Readable);
    Facts {
        now: now(),
        me: rustix::process::geteuid().as_raw(),
        service_group: path.canonicalize().is_ok_and(|path| path == Path::new(OF_UNIT)).then(service_group).flatten(),
        settings_path: path.to_owned(),
        settings_file: files::facts(path),
        settings_directory: files::facts(files::directory_of(path)),
        keys_directory: files::facts(&path.with_file_name(KEYS)),
        keys_refused: files::refused(&path.with_file_name(KEYS)),
        secret_files: files::of_secrets(path, &examined),
        examined,
        ledger: None,
        copies: Vec::new(),
        hosts: Vec::new(),
        asked: Vec::new(),
        served: None,
        tried: Vec::new(),
        probed: None,
    }
}

/// Everything but the channels, through which only a wish sends something.
pub async fn at_all(path: &Path, env: impl Iterator<Item = (String, String)>, now: Now<'_>) -> Facts {
    let facts = at_settings(path, env, now);
    let Examined { settings: Ok(settings), .. } = &facts.examined else { return facts };
    let ledger = ledger::look(&settings.database_path, facts.now);
    let hosts = hosts::look(settings).await;
    let asked = query::ask(settings, &ledger, now).await;
    let copies = files::copies(&settings.database_path);
    Facts { ledger: Some(ledger), hosts, asked, copies, ..facts }
}

/// What the daemon sees of itself, beside its settings: nobody is asked, and nothing takes long on a large ledger.
/// `database` is the ledger that it has open.
pub fn by_daemon(settings: Facts, database: &Path) -> Facts {
    let (ledger, served) = ledger::look_beside_the_writer(database, settings.now);
    Facts { ledger: Some(ledger), served: Some(served), copies: files::copies(database), ..settings }
}

impl LedgerFacts {
    /// Whether it could say that calls have to rest.
    fn may_rest(&self) -> bool {
        !matches!(self.opened, Err(crate::ledger::LedgerError::Missing { .. }))
    }
}
