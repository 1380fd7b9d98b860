//! What the ledger knows of its backups.

use chrono::{DateTime, Utc};

use super::db::{Db, from_columns, params};
use super::storage::StorageAlert;
use super::times::{from_ms, ms};
use super::{Ledger, LedgerError, Write};
use crate::domain::alert::AlertKind;
use crate::domain::storage::Storage;

/// The newest one that was made whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestBackup {
    backed_up_at: i64,
    pub backed_up_to: String,
}

from_columns!(NewestBackup: backed_up_at, backed_up_to);

impl NewestBackup {
    /// It has nothing that was written later.
    pub fn began_at(&self) -> DateTime<Utc> {
        from_ms(self.backed_up_at)
    }
}

impl Ledger {
    /// None: none was ever made.
    pub async fn newest_backup(&self) -> Result<Option<NewestBackup>, LedgerError> {
        let select = "SELECT backed_up_at, backed_up_to FROM daemon WHERE backed_up_at IS NOT NULL";
        self.ask(|db| Ok(db.maybe(select, &[], |row| row.try_into())?)).await
    }
}

/// A backup was made; the alert about those that failed closes.
pub struct BackedUp {
    pub began_at: DateTime<Utc>,
    pub file: String,
    pub now: DateTime<Utc>,
}

impl Write for BackedUp {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let made = params! { at: ms(self.began_at), file: self.file };
        tx.run("UPDATE daemon SET backed_up_at = :at, backed_up_to = :file", made)?;
        let close = StorageAlert { kind: AlertKind::BackupFailing, storage: Storage::Close, now: self.now };
        close.apply(tx).map(drop)
    }
}
