//! The file that a walk appends to: a line for each answer.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// By its first line a file is known as one of ours.
const HEAD: &str = "{\"recording\":\"ecpayd go-live\",\"version\":1}\n";

const OWNER_ONLY: u32 = 0o600;

#[derive(Debug, thiserror::Error)]
pub(super) enum RecordingError {
    #[error("--record {0}: it is there already and is no recording of go-live: name another file")]
    NotOurs(PathBuf),
    #[error("--record {path}: {why}")]
    Io { path: PathBuf, why: io::Error },
}

pub(super) struct Recording {
    file: File,
    path: PathBuf,
}

impl Recording {
    /// Creates it, or goes on with one that a walk has begun.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let failed = |why| RecordingError::Io { path: path.to_owned(), why };
        let mut new = OpenOptions::new();
        match new.append(true).create_new(true).mode(OWNER_ONLY).open(path) {
            Ok(mut file) => {
                file.write_all(HEAD.as_bytes()).map_err(failed)?;
                Ok(Self { file, path: path.to_owned() })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::go_on(path),
            Err(error) => Err(failed(error)),
        }
    }

    fn go_on(path: &Path) -> Result<Self, RecordingError> {
        let failed = |why| RecordingError::Io { path: path.to_owned(), why };
        let not_ours = || RecordingError::NotOurs(path.to_owned());
        // Neither a link to another's file, nor a pipe that would be waited for.
        if !path.symlink_metadata().map_err(failed)?.is_file() {
            return Err(not_ours());
        }
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).append(true).custom_flags(flags.bits().cast_signed()).open(path).map_err(failed)?;
        let mut head = vec![0; HEAD.len()];
        if file.read_exact(&mut head).is_err() || head != HEAD.as_bytes() {
            return Err(not_ours());
        }
        file.set_permissions(Permissions::from_mode(OWNER_ONLY)).map_err(failed)?;
        let mut last = [0];
        file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last)).map_err(failed)?;
        if last != *b"\n" {
            // A walk that was killed has left half a line.
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { file, path: path.to_owned() })
    }

    pub fn append(&mut self, line: &str) -> Result<(), RecordingError> {
        let written = self.file.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|why| RecordingError::Io { path: self.path.clone(), why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).expect("a file")
    }

    #[test]
    fn it_is_for_its_owner_alone_and_goes_on_where_it_ended() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("walk.jsonl");
        Recording::open(&path).expect("a new one").append("{}").expect("a line");
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("its mode");
        std::fs::write(&path, format!("{}{{\"half", text(&path))).expect("half a line");
        Recording::open(&path).expect("our own").append("[]").expect("a line");
        assert_eq!(text(&path), format!("{HEAD}{{}}\n{{\"half\n[]\n"));
        assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, OWNER_ONLY);
    }

    #[test]
    fn a_file_of_another_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        Recording::open(&path("own")).expect("a new one");
        std::os::unix::fs::symlink(path("own"), path("link")).expect("a link");
        for (name, content) in
            [("empty", ""), ("notes", "my notes, and more of them than the first line is long"), ("cut", &HEAD[..20])]
        {
            std::fs::write(path(name), content).expect("a file");
            assert!(matches!(Recording::open(&path(name)), Err(RecordingError::NotOurs(_))), "{name}");
            assert_eq!(text(&path(name)), content);
        }
        assert!(matches!(Recording::open(&path("link")), Err(RecordingError::NotOurs(_))));
        assert!(matches!(Recording::open(dir.path()), Err(RecordingError::NotOurs(_))));
        assert!(matches!(Recording::open(&path("none/here")), Err(RecordingError::Io { .. })));
    }
}
