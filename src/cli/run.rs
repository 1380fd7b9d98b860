//! `run`.

use std::path::PathBuf;

use super::{Failure, settings};
use crate::config::KeysNeeded;
use crate::{daemon, telemetry};

pub(super) async fn run(config: Option<PathBuf>, once: bool) -> Result<(), Failure> {
    let load = || settings(config.clone(), KeysNeeded::All);
    let settings = load()?;
    telemetry::init(&settings.log).map_err(|e| Failure::Usage(e.to_string()))?;
    if once {
        daemon::run_once(&settings).await?;
    } else {
        daemon::run(&settings, &|| load().map_err(|(Failure::Problem(why) | Failure::Usage(why))| why)).await?;
    }
    Ok(())
}
