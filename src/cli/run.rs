//! `run`.

use std::path::PathBuf;

use super::{Failure, settings, told};
use crate::config::{KeysNeeded, LogFormat};
use crate::{daemon, telemetry};

pub(super) async fn run(config: Option<PathBuf>, once: bool) -> Result<(), Failure> {
    let load = || settings(config.clone(), KeysNeeded::All);
    let settings = load()?;
    telemetry::init(&settings.log).map_err(|e| Failure::Usage(e.to_string()))?;
    let ended = if once {
        daemon::run_once(&settings).await
    } else {
        let anew = || load().map_err(|failure| failure.to_string());
        daemon::run(&settings, &anew).await
    };
    match ended {
        Ok(()) => Ok(()),
        // Where a person waits for it, as every command ends.
        Err(error) if once && settings.log.format == LogFormat::Text => Err(error.into()),
        Err(error) => {
            tracing::error!("{}", told(&error));
            Err(Failure::Logged)
        }
    }
}
