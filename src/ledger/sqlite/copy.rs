//! A copy of a whole ledger into one file, by SQLite itself.

use std::path::Path;

use super::open;
use crate::ledger::db::{self, Db, params};

/// One read of `from`, whoever writes to it meanwhile. `to` is there, empty, and nobody else's; its mode stays.
pub(in crate::ledger) fn copy(from: &Db, to: &Path) -> Result<(), db::Error> {
    // Without SQLite's locks on it: where the target is on another machine they would meet ours.
    let file = open::uri(to, "nolock=1");
    from.run("VACUUM INTO :file", params! { file })?;
    Ok(())
}
