//! `run`, `check-config`.

use std::path::PathBuf;

use super::{Failure, settings};
use crate::config::KeysNeeded;
use crate::{daemon, telemetry};

pub(super) async fn run(config: Option<PathBuf>, once: bool) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::All)?;
    telemetry::init(&settings.log).map_err(|e| Failure::Usage(e.to_string()))?;
    if once {
        daemon::run_once(&settings).await?;
    } else {
        daemon::run(&settings).await?;
    }
    Ok(())
}

pub(super) fn check_config(config: Option<PathBuf>) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::Readable)?;
    for warning in &settings.warnings {
        anstream::eprintln!("ecpayd: {warning}");
    }
    let merchants: Vec<_> = settings.merchants.iter().map(|m| m.merchant_id.as_str()).collect();
    say!("settings are good; merchants: {}; ledger: {}", merchants.join(", "), settings.database_path.display());
    Ok(())
}
