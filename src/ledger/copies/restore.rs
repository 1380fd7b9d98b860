//! A copy takes the place of a ledger on which nobody runs.
//!
//! 1. The copy is made a file of its own beside the ledger: verified, with its owner, on the disk. It is called
//!    `.restoring` from here on, and no daemon starts beside it.
//! 2. The ledger that is there gets a second name in a directory of its own, and its logs go there.
//! 3. The copy takes the first name, in one step.
//!
//! Cut short anywhere, the next restore makes the second step undone and begins anew; so does this one, where it fails.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::{CopyError, io};
use super::lost::History;
use super::made;
use super::owner::Owner;
use super::partial::{Partial, sync_folder};
use super::{aside, backup};
use crate::domain::calendar::show;
use crate::ledger::sqlite::replaced::Replaced;
use crate::ledger::sqlite::{lock, mounts, open, place, verify};
use crate::ledger::times::from_ms;
use crate::ledger::{LedgerError, Pause, Write as _};

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Restoring {
    pub ledger: PathBuf,
    pub copy: PathBuf,
    /// Who stops all money actions in the copy before any daemon can start on it.
    pub pause_by: Option<String>,
    pub now: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub struct Restored {
    pub ledger: PathBuf,
    /// The time of the newest event of the copy.
    pub ends_at: Option<String>,
    /// The directory in which the ledger is that was there. None: there was none.
    pub replaced: Option<PathBuf>,
    pub history: History,
    /// How many merchants were paused.
    pub paused: Option<usize>,
    /// Whose it was, where this user could not give it to them.
    pub not_given_to: Option<Owner>,
}

impl Restoring {
    pub fn run(self) -> Result<Restored, CopyError> {
        let real = open::real(&self.ledger);
        mounts::check(&real)?;
        if open::real(&self.copy) == real || backup::is_same_file(&self.copy, &real) {
            return Err(CopyError::Itself { path: self.copy });
        }
        made::check(&self.copy)?;
        let owner = Owner::of(&real)?;
        let _lock = held(&self.ledger, &real, owner)?;
        aside::undo(&real)?;
        check_names(&real)?;
        let ready = Partial::beside(&lock::to_be_put_in_place(&real))?;
        let content = made::made(&self.copy, false, &ready)?;
        let paused = self.pause_by.as_deref().map(|by| pause(ready.path(), by, self.now)).transpose()?;
        let given = owner.give(ready.path())?;
        let replaced = real.exists().then(|| Replaced::take(&real)).transpose()?;
        let history = history(replaced.as_ref(), &ready)?;
        let folder =
            switch(&real, &ready, owner, self.now).inspect_err(|_| begin_no_more(&real, &ready, &self.copy))?;
        drop(replaced);
        let newest = content.newest;
        Ok(Restored {
            ledger: self.ledger,
            ends_at: (newest.id > 0).then(|| show(from_ms(newest.at))),
            replaced: folder,
            history,
            paused,
            not_given_to: (!given).then_some(owner),
        })
    }
}

/// While it is held no daemon starts.
fn held(ledger: &Path, real: &Path, owner: Owner) -> Result<lock::Lock, CopyError> {
    let beside = lock::path_beside(real);
    let is_new = !beside.exists();
    let lock = lock::lock_as_it_is(ledger, real).map_err(|error| match error {
        held @ LedgerError::Held { .. } => CopyError::Running(held),
        error => error.into(),
    })?;
    if is_new {
        owner.give(&beside)?;
    }
    Ok(lock)
}

/// What another name is for nobody here knows.
fn check_names(real: &Path) -> Result<(), CopyError> {
    match std::fs::metadata(real) {
        Ok(found) => Ok(place::check_links(real, &found)?),
        Err(_) => Ok(()),
    }
}

/// In the copy, which nobody knows of yet.
fn pause(copy: &Path, by: &str, now: DateTime<Utc>) -> Result<usize, CopyError> {
    let db = verify::open_alone_to_write(copy)?;
    let pause = Pause::all(None, by, now);
    let paused = db.together(|tx| pause.apply(tx))?;
    db.close()?;
    Ok(paused)
}

fn history(replaced: Option<&Replaced>, copy: &Partial) -> Result<History, CopyError> {
    match replaced {
        None => Ok(History::None),
        Some(Replaced::Damaged(why)) => Ok(History::Unknown(why.clone())),
        // What it did is told if it can be; it is kept in any case.
        Some(Replaced::Whole(old)) => {
            let copy = verify::open_alone(copy.path())?;
            Ok(History::of(old, &copy).unwrap_or_else(|error| History::Unknown(error.to_string())))
        }
    }
}

/// The directory in which the ledger is now that was there.
fn switch(real: &Path, ready: &Partial, owner: Owner, now: DateTime<Utc>) -> Result<Option<PathBuf>, CopyError> {
    ready.take_name()?;
    let folder = aside::put_aside(real, owner, now)?;
    std::fs::rename(ready.target(), real).map_err(io("the copy cannot take its place", real))?;
    sync_folder(real)?;
    Ok(folder)
}

/// After a step that failed: as it was. What cannot be undone now the next restore does.
fn begin_no_more(real: &Path, ready: &Partial, copy: &Path) {
    if aside::undo(real).is_ok() && open::real(copy) != ready.target() {
        let _ = std::fs::remove_file(ready.target());
    }
}
