//! Whose a file of the ledger is, and who else may write to it.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use super::error::{CopyError, io};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
    mode: u32,
}

/// Of a ledger that is not there yet: as the unit has it made.
const SHARED: u32 = 0o660;

impl Owner {
    /// Of the ledger; where there is none, of the directory that it is to lie in.
    pub(super) fn of(real: &Path) -> Result<Self, CopyError> {
        if let Ok(found) = std::fs::metadata(real) {
            return Ok(Self { uid: found.uid(), gid: found.gid(), mode: found.mode() & 0o777 });
        }
        let folder = real.parent().unwrap_or(Path::new("/"));
        let found = std::fs::metadata(folder).map_err(io("there is no such directory", folder))?;
        Ok(Self { uid: found.uid(), gid: found.gid(), mode: SHARED })
    }

    /// Of something that nobody but its owner is to look into.
    pub(super) fn alone(self) -> Self {
        Self { mode: 0o700, ..self }
    }

    /// False: this user may not give it away, and it stays with this user.
    pub(super) fn give(self, path: &Path) -> Result<bool, CopyError> {
        let given = chown(path, Some(self.uid), Some(self.gid)).is_ok();
        if !given {
            // Who is no root may hand it to a group of its own.
            let _ = chown(path, None, Some(self.gid));
        }
        std::fs::set_permissions(path, Permissions::from_mode(self.mode))
            .map_err(io("its mode cannot be set", path))?;
        Ok(given)
    }
}
