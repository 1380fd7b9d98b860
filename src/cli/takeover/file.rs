//! Opening a list of orders.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressBarIter, ProgressDrawTarget, ProgressStyle};

use crate::cli::Failure;
use crate::gateway::statement::decode::Coding;
use crate::gateway::statement::{Sheet, SheetError};

/// What a list is read from.
pub(in crate::cli) type Source = ProgressBarIter<File>;

/// The file, and how much of it is read, to be drawn on standard error.
pub(in crate::cli) fn open(path: &Path) -> Result<(Sheet<Source>, ProgressBar), Failure> {
    let cannot = |error: io::Error| unreadable(path, &SheetError::from(error));
    let mut file = File::open(path).map_err(cannot)?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let coding = Coding::of(&file).map_err(cannot)?;
    file.rewind().map_err(cannot)?;
    // Not drawn before its turn: of several files all first lines are read before.
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} % {eta}") {
        bar.set_style(style);
    }
    let sheet = Sheet::open(bar.wrap_read(file), coding).map_err(|error| unreadable(path, &error))?;
    Ok((sheet, bar))
}

/// Of a file that is no list, whatever the reason.
pub(in crate::cli) fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let kind = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let why = match kind {
        Some(io::ErrorKind::NotFound) => "there is no such file".to_owned(),
        Some(io::ErrorKind::PermissionDenied) => "this user may not read it".to_owned(),
        Some(io::ErrorKind::IsADirectory) => "it is a directory".to_owned(),
        _ => error.to_string(),
    };
    Failure::Usage(format!("{}: {why}", path.display()))
}
