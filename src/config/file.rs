//! The settings file on disk.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// A hundred merchants fit in a tenth of it.
const LONGEST_BYTES: u64 = 256 * 1024;

/// Its text and its permission bits, from one open file: they belong together.
pub(super) fn read(path: &Path) -> Result<(String, u32), String> {
    let cannot = |error: io::Error| format!("cannot be read: {error}").to_lowercase();
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "no such file; `ecpayd init` writes one, or name another".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "no permission to read it; join the group that owns it (`ecpayd` for the systemd unit) and log in again"
                .to_owned()
        }
        _ => cannot(error),
    })?;
    let mode = mode(&file.metadata().map_err(cannot)?);
    let mut bytes = Vec::new();
    file.take(LONGEST_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LONGEST_BYTES {
        return Err(format!("is longer than {LONGEST_BYTES} bytes; this is no settings file"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        format!("is not UTF-8 text from byte {good} on; save it as UTF-8")
    })?;
    Ok((text, mode))
}

pub(super) fn others_can_read(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| is_open(mode(&found)))
}

/// Whether a mode lets everybody in, whichever way.
pub(super) fn is_open(mode: u32) -> bool {
    mode & 0o007 != 0
}

fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o7777
}
