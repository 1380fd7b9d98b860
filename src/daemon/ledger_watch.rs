//! What the daemon looks after in the ledger's own house: its log, its disk, its backups, its schema.

use crate::domain::alert::AlertKind;
use crate::domain::backup;
use crate::domain::storage::{Disk, Storage};
use crate::engine::{Engine, tell};
use crate::ledger::{Housekeeping, LedgerError, SumDays};

/// Each minute.
pub(super) async fn storage(engine: &Engine) -> Result<(), LedgerError> {
    let shared = engine.shared();
    let (ledger, now) = (&shared.ledger, shared.clock.now());
    let log = ledger.log().await?.alert();
    let disk = ledger.disk().map_or(Storage::Keep, Disk::alert);
    let newest = ledger.newest_backup().await?.map(|backup| backup.began_at());
    let told = [
        (AlertKind::LedgerLogLarge, log),
        (AlertKind::DiskLow, disk),
        (AlertKind::BackupFailing, backup::age_alert(newest, now)),
    ];
    for (kind, storage) in told {
        if let Some(raised) = ledger.tell_storage(kind, storage, now).await? {
            tell(&raised);
        }
    }
    Ok(())
}

/// Each minute: what has moved since is added up.
pub(super) async fn books(engine: &Engine) -> Result<(), LedgerError> {
    while engine.shared().ledger.write(SumDays::default()).await? {}
    Ok(())
}

/// Each night.
pub(super) async fn housekeeping(engine: &Engine) -> Result<(), LedgerError> {
    let shared = engine.shared();
    // The daemon's loop ends with what this finds.
    shared.ledger.check_schema()?;
    shared.ledger.write(Housekeeping { now: shared.clock.now() }).await
}
