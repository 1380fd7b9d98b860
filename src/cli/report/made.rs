//! A file in the making, which takes its name when it is whole.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::cli::Failure;

/// Gone when it is dropped, unless it was given its name.
pub(super) struct Made {
    partial: PathBuf,
    target: PathBuf,
    is_put: bool,
}

impl Made {
    /// Beside its target, for its owner to write and for the group to read: order numbers and reasons stand in it.
    pub fn beside(target: &Path) -> Result<(Self, File), Failure> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let partial = target.with_file_name(format!(".{name}.partial-{}", std::process::id()));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o640).open(&partial);
        let file = file.map_err(|error| cannot(target, &error))?;
        Ok((Self { partial, target: target.to_owned(), is_put: false }, file))
    }

    /// What was written is on the disk, and in its place from here on.
    pub fn put(mut self, file: &File) -> Result<PathBuf, Failure> {
        file.sync_all().map_err(|error| cannot(&self.target, &error))?;
        std::fs::rename(&self.partial, &self.target).map_err(|error| cannot(&self.target, &error))?;
        self.is_put = true;
        Ok(self.target.clone())
    }

    pub fn target(&self) -> &Path {
        &self.target
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if !self.is_put {
            // Gone already, or it stays: its name says what it is.
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}

pub(super) fn cannot(target: &Path, error: &io::Error) -> Failure {
    Failure::Problem(format!("{} cannot be written: {error}", target.display()))
}
