//! A file that was fetched, into the ledger.

use std::io::Cursor;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::domain::ids::MerchantId;
use crate::domain::reason::{Fetching, Reason};
use crate::domain::reconcile::listed_until;
use crate::domain::statement::StatementKind;
use crate::gateway::card::MediaDays;
use crate::gateway::statement::decode::Coding;
use crate::gateway::statement::{Books, Sheet};
use crate::ledger::{Ledger, LedgerError, ReadStatement, RowSource, StatementFile, StatementRead, Whose};

/// Why a file is not in the ledger: by itself, or by the ledger.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("{}", Reason::from(.0.clone()).english())]
    File(Fetching),
    #[error(transparent)]
    Ledger(LedgerError),
}

/// What a fetched file is called.
pub fn name(kind: StatementKind, days: MediaDays) -> String {
    format!("{} {} to {}", kind.name(), days.from(), days.to())
}

/// A file that ECPay was asked for.
pub struct Fetched {
    pub kind: StatementKind,
    pub days: MediaDays,
    pub bytes: Vec<u8>,
}

/// Reads a file of settlement days, all of it or nothing.
pub async fn take(
    ledger: &Ledger,
    merchant: &MerchantId,
    fetched: Fetched,
    now: DateTime<Utc>,
) -> Result<StatementRead, NotTaken> {
    let Fetched { kind: asked, days, bytes } = fetched;
    let bytes: Arc<[u8]> = bytes.into();
    let of_file = |error: String| NotTaken::File(Fetching::StatementNotRead { error });
    let kind = books(bytes.clone()).map_err(of_file)?.kind();
    if kind != asked {
        return Err(of_file(format!("it is a {}, which nobody has asked for", kind.name())));
    }
    let file = StatementFile {
        name: name(kind, days),
        sha256: identity(merchant, &name(kind, days), &bytes, now),
        kind,
        whose: Whose::Of(merchant.clone()),
        days: Some((days.from(), days.to())),
        is_whole: true,
    };
    match ledger.read_statement(ReadStatement { file, rows: rows(bytes), now }).await {
        Ok(read) => Ok(read),
        Err(LedgerError::Statement(why)) => Err(of_file(why)),
        Err(error) => Err(NotTaken::Ledger(error)),
    }
}

/// Of the file with what it was asked for and what can be in it by now: a file without rows is the same every day,
/// and each time it says something new.
fn identity(merchant: &MerchantId, name: &str, bytes: &[u8], now: DateTime<Utc>) -> String {
    let asked = format!("{merchant}, {name}, up to {}\n", listed_until(now));
    let digest = Sha256::new().chain_update(asked).chain_update(bytes).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn rows(bytes: Arc<[u8]>) -> RowSource {
    Box::new(move || match books(bytes.clone()) {
        Ok(books) => Box::new(books.map(|row| row.map_err(|error| error.to_string()))),
        Err(why) => Box::new(std::iter::once(Err(why))),
    })
}

fn books(bytes: Arc<[u8]>) -> Result<Books<Cursor<Arc<[u8]>>>, String> {
    let coding = Coding::of(&bytes[..]).map_err(|error| error.to_string())?;
    let sheet = Sheet::open(Cursor::new(bytes), coding).map_err(|error| error.to_string())?;
    Books::of(sheet).map_err(|error| error.to_string())
}
