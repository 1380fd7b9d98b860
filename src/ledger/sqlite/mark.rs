//! The marker beside the ledger: how far this ledger had come, for the day when a copy is
//! put in its place.
//!
//! It is written after each commit and before anybody is answered. So no money call
//! leaves that the marker does not know of, and a copy made before it is noticed at the next start.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ErrorCode;

use crate::ledger::LedgerError;
use crate::ledger::db::{self, Db, Text, from_columns, params};

const FORMAT: &str = "ecpayd-mark 1";

/// No event has this number.
const NEVER: i64 = -1;

/// The marker of a ledger that this process holds.
pub(in crate::ledger) struct Mark {
    path: PathBuf,
    /// None: it cannot be written.
    file: Option<File>,
    identity: String,
    /// The newest event of ours, with its fingerprint.
    noted: Mutex<(i64, u64)>,
    told: AtomicBool,
}

/// An event that two ledgers may have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ledger) struct Known {
    /// 0: there is none.
    pub id: i64,
    pub at: i64,
    fingerprint: u64,
}

/// The newest one; nothing but zeros in a ledger without any.
#[derive(Default)]
struct Event {
    id: i64,
    at: i64,
    merchant_trade_no: Option<String>,
    kind: String,
    detail: Text,
}

from_columns!(Event: id, at, merchant_trade_no, kind, detail);

impl Mark {
    /// Opens the marker, and says why the ledger may be older than what has happened, if so.
    /// `path` is the ledger's real one.
    pub(in crate::ledger) fn open(path: &Path, connection: &Db) -> Result<(Self, Option<String>), LedgerError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".mark");
        let path = PathBuf::from(name);
        let identity: String = connection.one("SELECT identity FROM daemon", &[], |row| row.at(0))?;
        let restored = restored(&path, &identity, connection)?;
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let mark = Self { path, file: None, identity, noted: Mutex::new((NEVER, 0)), told: AtomicBool::new(false) };
        match opened {
            Ok(file) => Ok((Self { file: Some(file), ..mark }, restored)),
            Err(error) => {
                mark.cannot(&error);
                Ok((mark, restored))
            }
        }
    }

    /// Notes the newest event, if there is a newer one.
    pub(in crate::ledger) fn note(&self, connection: &Db) {
        self.keep(self.newest(connection));
    }

    /// The newest event, for [`Self::keep`]: read in the transaction that adds it, it costs none of its own. None: it
    /// cannot be read, and a marker that falls behind stops nobody.
    pub(in crate::ledger) fn newest(&self, connection: &Db) -> Option<Known> {
        newest(connection).map_err(|error| self.cannot(&error)).ok()
    }

    /// Notes an event that is committed, if it is a newer one.
    pub(in crate::ledger) fn keep(&self, event: Option<Known>) {
        let Some(Known { id, at, fingerprint }) = event else { return };
        let noted = (id, fingerprint);
        if std::mem::replace(&mut *self.noted(), noted) == noted {
            return;
        }
        let Some(file) = &self.file else { return };
        // Always as many bytes: what is overwritten in place is whole whenever the process is killed.
        let line = format!("{FORMAT} {} {id:020} {fingerprint:016x} {at:020}\n", self.identity);
        if let Err(error) = file.write_all_at(line.as_bytes(), 0) {
            self.cannot(&error);
        }
    }

    fn noted(&self) -> MutexGuard<'_, (i64, u64)> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::ledger) fn identity(&self) -> &str {
        &self.identity
    }

    /// Why the ledger is not the one that the newest event was written to, if so.
    pub(in crate::ledger) fn missing_from(&self, connection: &Db) -> Result<Option<String>, LedgerError> {
        let (id, fingerprint) = *self.noted();
        let identity: Result<String, db::Error> = connection.one("SELECT identity FROM daemon", &[], |row| row.at(0));
        match identity {
            Ok(identity) if identity == self.identity => {}
            // Of a database without that table, or of one that has no row in it.
            Ok(_) | Err(db::Error::NoRow) => return Ok(Some("it is another ledger".to_owned())),
            Err(db::Error::Sqlite(error)) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                return Ok(Some("it is no ledger".to_owned()));
            }
            Err(error) => return Err(error.into()),
        }
        if id <= 0 {
            return Ok(None);
        }
        Ok(match event(connection, id)? {
            None => Some(format!("event {id} was in it and is not any more")),
            Some(event) if event.fingerprint() != fingerprint => Some(format!("event {id} is another one now")),
            Some(_) => None,
        })
    }

    /// Now and then, so that a power failure leaves a marker that is not too old.
    pub(in crate::ledger) fn sync(&self) {
        if let Some(Err(error)) = self.file.as_ref().map(File::sync_data) {
            self.cannot(&error);
        }
    }

    /// Said once.
    fn cannot(&self, error: &dyn std::fmt::Display) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let marker = self.path.display();
            tracing::warn!(%marker, %error, "the marker cannot be written: a restore of the ledger would not be noticed; let this user write there");
        }
    }
}

impl Event {
    fn known(&self) -> Known {
        Known { id: self.id, at: self.at, fingerprint: self.fingerprint() }
    }

    /// FNV-1a of 64 bits: the same in every version, and all that is needed to tell two histories apart.
    fn fingerprint(&self) -> u64 {
        let text = format!(
            "{} {} {} {} {}",
            self.id,
            self.at,
            self.merchant_trade_no.as_deref().unwrap_or_default(),
            self.kind,
            &*self.detail
        );
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// Compares the marker with the ledger: why this may be put back from a copy, if so.
fn restored(path: &Path, identity: &str, connection: &Db) -> Result<Option<String>, LedgerError> {
    let name = path.display();
    let text = std::fs::read_to_string(path);
    let missing = match &text {
        // Cut short in its making, or never begun.
        Ok(text) if text.is_empty() => Some("is empty".to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => Some("is not there".to_owned()),
        Err(error) => Some(format!("cannot be read ({error})")),
        Ok(_) => None,
    };
    if let Some(why) = missing {
        // A ledger that holds no order yet has nothing that could be lost.
        let holds: bool = connection.one("SELECT EXISTS (SELECT 1 FROM orders)", &[], |row| row.at(0))?;
        return Ok(holds.then(|| format!("its marker {name} {why}")));
    }
    let text = text.unwrap_or_default();
    let Some((owner, id, fingerprint)) = read(&text) else {
        return Ok(Some(format!("its marker {name} is damaged")));
    };
    if owner != identity {
        return Ok(Some(format!("the marker {name} is of another ledger")));
    }
    if id == 0 {
        return Ok(None);
    }
    Ok(match event(connection, id)? {
        None => Some(format!("its marker {name} knows of event {id}, and the ledger does not")),
        Some(event) if event.fingerprint() != fingerprint => {
            Some(format!("event {id} is another one than its marker {name} knows"))
        }
        Some(_) => None,
    })
}

fn newest_event(connection: &Db) -> Result<Event, db::Error> {
    let newest = "SELECT id, at, merchant_trade_no, kind, detail FROM events ORDER BY id DESC LIMIT 1";
    Ok(connection.maybe(newest, &[], |row| row.try_into())?.unwrap_or_default())
}

/// The newest event, as far as a copy is told apart by it.
pub(in crate::ledger) fn newest(connection: &Db) -> Result<Known, db::Error> {
    newest_event(connection).map(|event| event.known())
}

/// The event of this number.
pub(in crate::ledger) fn known(connection: &Db, id: i64) -> Result<Option<Known>, db::Error> {
    Ok(event(connection, id)?.map(|event| event.known()))
}

fn event(connection: &Db, id: i64) -> Result<Option<Event>, db::Error> {
    let select = "SELECT id, at, merchant_trade_no, kind, detail FROM events WHERE id = :id";
    connection.maybe(select, params! { id }, |row| row.try_into())
}

fn read(text: &str) -> Option<(&str, i64, u64)> {
    let rest = text.strip_prefix(FORMAT)?.strip_prefix(' ')?.strip_suffix('\n')?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let [owner, id, fingerprint, at] = fields.as_slice() else { return None };
    at.parse::<i64>().ok()?;
    Some((owner, id.parse().ok()?, u64::from_str_radix(fingerprint, 16).ok()?))
}
