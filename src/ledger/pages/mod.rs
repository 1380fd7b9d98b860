//! What a status page reads: on a connection of its own, so that no page keeps the engine from an answer.
//!
//! Every list is limited, and every statement goes by an index: a page takes as long on a million orders as on
//! a thousand.

mod added_up;
mod alerts;
mod authorized;
mod money;
mod order;
mod orders;
mod refunds;
mod settled;
mod told;
mod upkeep;

use std::path::Path;

pub use self::added_up::Settled;
pub use self::alerts::PageAlert;
pub use self::authorized::{AheadOrder, AuthorizedGroup};
pub use self::money::{MoneyOfDay, MoneyOfKind};
pub use self::orders::{OrderFilter, PageOrder};
pub use self::refunds::AllowanceNoted;
pub use self::told::{AlertDelivery, PageChannel};
pub use self::upkeep::{AnswerSeen, CallsOfHour, DaemonTimes, FailingOrder, PageMerchant, StatementsRead};

use self::added_up::AddedUp;
use super::LedgerError;
use super::db::{Db, Interrupter};
use super::sqlite::open;

/// More than any number of a row.
pub const NEWEST: i64 = i64::MAX;

/// As many rows as a page reads at most to find those that no index knows.
const SCANNED: i64 = 5000;

/// A connection that can only read, and what it has added up.
pub struct PageReader(Db, AddedUp);

/// A part of a list, and where the next part begins.
#[derive(Debug)]
pub struct Part<T> {
    pub rows: Vec<T>,
    /// None: there is no more.
    pub next: Option<i64>,
}

impl PageReader {
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Ok(Self(open::reader(path)?, AddedUp::default()))
    }

    /// Ends what a page that took too long still reads.
    pub fn interrupter(&self) -> Interrupter {
        self.0.interrupter()
    }

    /// All answers of `read` are of the same moment.
    pub fn at_one_moment<T, E: From<LedgerError>>(&self, read: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        let begun = self.0.begin_reading().map_err(LedgerError::from)?;
        let answer = read(self)?;
        begun.end().map_err(LedgerError::from)?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn what_a_page_reads_for_ever_is_ended_from_another_thread() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ledger.db");
        drop(crate::ledger::as_a_shop(&path).expect("a file").run("PRAGMA user_version = 1", &[]));
        let reader = PageReader::open(&path).expect("a reader");
        let (interrupter, over) = (reader.interrupter(), AtomicBool::new(false));
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    interrupter.interrupt();
                    std::thread::yield_now();
                }
            });
            let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
            let read =
                reader.at_one_moment(|reader| Ok::<i64, LedgerError>(reader.0.one(endless, &[], |row| row.at(0))?));
            over.store(true, Ordering::Relaxed);
            assert!(matches!(read, Err(LedgerError::Sql(_))), "{read:?}");
        });
    }
}
