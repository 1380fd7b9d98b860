//! The door that a pause comes through while somebody holds the ledger's write lock.
//!
//! A file beside the ledger, a line of JSON for each pause that was asked for. Whoever may write the ledger may
//! write there, a daemon that does not run finds it at its start, and no protocol can hang. That the file is there
//! stops every money call at the socket, whatever stands in it; the daemon writes the pauses into the ledger as
//! soon as the lock is free, and takes the file away.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sqlite::place::with_suffix;
use super::{Ledger, LedgerError, Pause};
use crate::domain::ids::MerchantId;
use crate::domain::pause::PauseOf;

/// Longer is no pause of ours.
const LONGEST_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub struct Door(PathBuf);

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    merchant_id: Option<String>,
    only: Option<PauseOf>,
    by: String,
    #[serde(default)]
    why: String,
    until: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
}

impl Door {
    pub fn beside(ledger: &Path) -> Self {
        Self(with_suffix(ledger, ".pause"))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A pause was asked for that is not in the ledger yet. That this cannot be seen says the same.
    pub fn is_shut(&self) -> bool {
        self.0.try_exists().unwrap_or(true)
    }

    /// Asks for a pause: from here on no money call leaves.
    pub fn shut(&self, pause: &Pause) -> io::Result<Asked> {
        let line = Line {
            merchant_id: pause.merchant_id.as_ref().map(ToString::to_string),
            only: pause.only,
            by: pause.by.clone(),
            why: pause.why.clone(),
            until: pause.until,
            at: pause.now,
        };
        let text = serde_json::to_string(&line)? + "\n";
        loop {
            let mut file = OpenOptions::new().create(true).append(true).mode(0o660).open(&self.0)?;
            file.lock()?;
            // Taken away between the two: nobody would read it.
            if file.metadata()?.nlink() > 0 {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(Asked(text));
            }
        }
    }

    /// What was asked for is in the ledger: the file goes, unless more was asked for meanwhile.
    pub fn done(&self, asked: &Asked) -> io::Result<()> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        file.lock()?;
        // Where somebody else's is there too the daemon takes both, ours a second time.
        if self.read()?.as_ref() == Some(&asked.0) { gone(std::fs::remove_file(&self.0)) } else { Ok(()) }
    }

    fn read(&self) -> io::Result<Option<String>> {
        match std::fs::read(&self.0) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_BYTES)]).into_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What was written into the door.
pub struct Asked(String);

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A line that cannot be read stops everything: whoever wrote it wanted something to stop.
fn pauses(text: &str, now: DateTime<Utc>) -> Vec<Pause> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut found: Vec<Pause> = lines.map(|line| pause(line).unwrap_or_else(|| unreadable(now))).collect();
    if found.is_empty() {
        found.push(unreadable(now));
    }
    found
}

fn pause(line: &str) -> Option<Pause> {
    let line: Line = serde_json::from_str(line).ok()?;
    let merchant_id = line.merchant_id.map(|id| MerchantId::parse(&id)).transpose().ok()?;
    Some(Pause { merchant_id, only: line.only, by: line.by, why: line.why, until: line.until, now: line.at })
}

fn unreadable(now: DateTime<Utc>) -> Pause {
    Pause { why: "the file .pause beside the ledger could not be read".to_owned(), ..Pause::all(None, "ecpayd", now) }
}

impl Ledger {
    pub fn door(&self) -> Door {
        Door::beside(&self.path)
    }

    /// Writes down the pauses that came through the door, and opens it. Returns how many.
    pub async fn take_pauses(&self, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        let door = self.door();
        let failed = |error: io::Error| LedgerError::Refused(format!("{}: {error}", door.path().display()));
        let Some(text) = door.read().map_err(failed)? else { return Ok(0) };
        let asked = pauses(&text, now);
        for pause in &asked {
            let taken = self.write(pause.clone()).await;
            if let Err(LedgerError::Refused(_)) = taken {
                // Of a merchant that is not known here: all of them wait, rather than the wrong one.
                self.write(unreadable(now)).await?;
            } else {
                taken?;
            }
        }
        door.done(&Asked(text)).map_err(failed)?;
        Ok(asked.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_785_547_852, 0).expect("an instant")
    }

    #[test]
    fn what_was_asked_for_is_read_as_it_was_and_anything_else_stops_everything() {
        let dir = tempfile::tempdir().expect("a directory");
        let door = Door::beside(&dir.path().join("ledger.db"));
        assert!(!door.is_shut());
        let only = Pause {
            only: Some(PauseOf::Refund),
            why: "stock\ncount".to_owned(),
            until: Some(at()),
            ..Pause::all(Some(MerchantId::parse("3002607").expect("an id")), "Lin", at())
        };
        let first = door.shut(&only).expect("a file");
        door.shut(&Pause::all(None, "Wu", at())).expect("another line");
        door.done(&first).expect("the other stays");
        assert!(door.is_shut());
        let read = pauses(&door.read().expect("a file").expect("text"), at());
        assert_eq!(format!("{read:?}"), format!("{:?}", [only, Pause::all(None, "Wu", at())]));
        for odd in [
            "",
            "\n",
            "{}",
            "pause please",
            "{\"merchant_id\":\"no number!\",\"by\":\"x\",\"at\":\"2026-08-01T00:00:00Z\"}",
        ] {
            let read = pauses(odd, at());
            assert!(matches!(&read[..], [Pause { merchant_id: None, only: None, until: None, .. }]), "{odd}: {read:?}");
        }
    }
}
