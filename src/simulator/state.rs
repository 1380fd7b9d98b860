//! The file in which the bank outlives the process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::handle::{Kept, SimHandle};
use crate::domain::ids::MerchantId;

/// What a file has to begin with to be one of ours.
const FORMAT: &str = "ecpayd simulator";
const VERSION: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("state file {0} cannot be read")]
    Read(PathBuf, #[source] io::Error),
    #[error("state file {path} is damaged or not the simulator's ({why}): name another file, or move this one away")]
    Foreign { path: PathBuf, why: String },
    #[error("state file {path} belongs to merchant {theirs}, not to {ours}: name that merchant, or another file")]
    OtherMerchant { path: PathBuf, theirs: String, ours: String },
    #[error("state file {0} cannot be written")]
    Write(PathBuf, #[source] io::Error),
}

#[derive(Serialize, Deserialize)]
struct Page {
    format: String,
    version: u32,
    #[serde(flatten)]
    kept: Kept,
}

/// Only the start of a page, to tell a foreign file from a damaged one.
#[derive(Deserialize)]
struct Title {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

pub struct StateFile {
    path: PathBuf,
    /// The handle's count of changes that is in the file.
    saved: Option<u64>,
}

impl StateFile {
    /// Gives the bank what the file holds; a file that is not there yet is written at once, so
    /// that a path that cannot be written is known at the start.
    pub fn open(path: &Path, handle: &SimHandle) -> Result<Self, StateError> {
        match fs::read(path) {
            Ok(bytes) => handle.restore(read(path, &bytes, handle)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StateError::Read(path.to_owned(), error)),
        }
        let mut file = Self { path: path.to_owned(), saved: None };
        file.save(handle)?;
        Ok(file)
    }

    /// Writes what has changed since the last time; the file is whole at every instant.
    pub fn save(&mut self, handle: &SimHandle) -> Result<(), StateError> {
        let Some((changes, kept)) = handle.keep(self.saved) else { return Ok(()) };
        let page = Page { format: FORMAT.to_owned(), version: VERSION, kept };
        let written = serde_json::to_vec(&page).map_err(io::Error::from).and_then(|bytes| replace(&self.path, &bytes));
        written.map_err(|error| StateError::Write(self.path.clone(), error))?;
        self.saved = Some(changes);
        Ok(())
    }

    /// The last page, whatever has changed: how far the bank has lived stands in it.
    pub fn close(mut self, handle: &SimHandle) -> Result<(), StateError> {
        self.saved = None;
        self.save(handle)
    }
}

fn read(path: &Path, bytes: &[u8], handle: &SimHandle) -> Result<Kept, StateError> {
    let foreign = |why: String| StateError::Foreign { path: path.to_owned(), why };
    let title: Title = serde_json::from_slice(bytes).map_err(|error| foreign(error.to_string()))?;
    if title.format != FORMAT {
        return Err(foreign(format!("it does not say \"{FORMAT}\"")));
    }
    if title.version != VERSION {
        return Err(foreign(format!("it has version {}, not {VERSION}", title.version)));
    }
    let page: Page = serde_json::from_slice(bytes).map_err(|error| foreign(error.to_string()))?;
    let theirs = names(page.kept.desk.bank.merchants());
    let ours = handle.read(|desk, _| names(desk.bank.merchants().map(|(id, _)| id)));
    if theirs != ours {
        return Err(StateError::OtherMerchant { path: path.to_owned(), theirs, ours });
    }
    Ok(page.kept)
}

fn names<'a>(ids: impl Iterator<Item = &'a MerchantId>) -> String {
    ids.map(MerchantId::as_str).collect::<Vec<_>>().join(", ")
}

/// A rename is whole or not at all, and a crash in the middle of writing leaves the old file.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
