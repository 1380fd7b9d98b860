//! `run`.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Failure, settings, told};
use crate::config::{KeysNeeded, LogFormat};
use crate::doctor::look;
use crate::{daemon, telemetry};

pub(super) async fn run(config: Option<PathBuf>, once: bool) -> Result<(), Failure> {
    let load = || settings(config.clone(), KeysNeeded::All);
    let settings = load()?;
    telemetry::init(&settings.log).map_err(|e| Failure::Usage(e.to_string()))?;
    let ended = if once {
        daemon::run_once(&settings).await
    } else {
        let anew = || load().map_err(|failure| failure.to_string());
        let path = super::settings_path(config.clone())?;
        let examine = Arc::new(move || look::at_settings(&path, super::environment(), &super::now));
        daemon::run(&settings, &anew, examine).await
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
