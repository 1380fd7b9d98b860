//! One statement: looked through, then read into the ledger.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::ProgressDrawTarget;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::cli::table::one_line;
use crate::cli::takeover::file::{open, unreadable};
use crate::cli::{Failure, now};
use crate::domain::calendar::show;
use crate::domain::language::Language;
use crate::domain::statement::StatementRow;
use crate::gateway::statement::decode::Coding;
use crate::gateway::statement::{Books, Kind, Sheet, SheetError};
use crate::ledger::{Ledger, LedgerError, ReadStatement, RowSource, StatementFile, StatementRead, Whose};

/// A file that can be read to its end.
pub(super) struct Checked {
    path: PathBuf,
    kind: Kind,
    sha256: String,
    is_whole: bool,
}

/// A file that is in the ledger.
pub(super) struct ReadFile {
    path: PathBuf,
    kind: Kind,
    pub read: StatementRead,
}

/// Reads it to its end: what is wrong with it is told before the ledger is held for it.
pub(super) fn check(path: &Path) -> Result<Checked, Failure> {
    let (sheet, bar) = open(path)?;
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let misread = |error: &dyn std::error::Error| Failure::Usage(format!("{}: {error}", path.display()));
    let mut books = Books::of(sheet).map_err(|error| misread(&error))?;
    let found = books.by_ref().find_map(Result::err);
    bar.finish_and_clear();
    if let Some(error) = found {
        return Err(misread(&error));
    }
    let kind = books.kind();
    // Which of the payments it was asked for it does not say.
    let is_whole = !kind.lists_payments() || books.is_any_paid_out();
    let sha256 = digest(path).map_err(|error| unreadable(path, &SheetError::from(error)))?;
    Ok(Checked { path: path.to_owned(), kind, sha256, is_whole })
}

fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            read => hash.update(&buffer[..read]),
        }
    }
}

impl Checked {
    pub async fn read(
        self,
        ledger: &Ledger,
        whose: Whose,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> Result<ReadFile, Failure> {
        let Self { path, kind, sha256, is_whole } = self;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let file = StatementFile { name, sha256, kind, whose, days, is_whole };
        let read = ledger.read_statement(ReadStatement { file, rows: rows_of(path.clone()), now: now() }).await;
        match read {
            Ok(read) => Ok(ReadFile { path, kind, read }),
            Err(LedgerError::Statement(why)) => {
                Err(Failure::Usage(format!("{}: {why}; nothing of it was read", path.display())))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn rows_of(path: PathBuf) -> RowSource {
    Box::new(move || match books(&path) {
        Ok(books) => Box::new(books.map(|row| row.map_err(|error| error.to_string()))),
        Err(why) => Box::new(std::iter::once::<Result<StatementRow, String>>(Err(why))),
    })
}

fn books(path: &Path) -> Result<Books<File>, String> {
    let told = |error: &dyn std::error::Error| error.to_string();
    let mut file = File::open(path).map_err(|error| told(&error))?;
    let coding = Coding::of(&file).map_err(|error| told(&error))?;
    file.rewind().map_err(|error| told(&error))?;
    let sheet = Sheet::open(file, coding).map_err(|error| told(&error))?;
    Books::of(sheet).map_err(|error| told(&error))
}

#[derive(Serialize)]
pub(super) struct FileTold<'a> {
    file: String,
    kind: Kind,
    merchant_id: &'a str,
    from: NaiveDate,
    to: NaiveDate,
    rows: u64,
    /// Null: it is new.
    read_before: Option<String>,
}

impl ReadFile {
    /// By ECPay's own call.
    pub fn fetched(name: String, kind: Kind, read: StatementRead) -> Self {
        Self { path: name.into(), kind, read }
    }

    pub fn told(&self) -> FileTold<'_> {
        let StatementRead { merchant_id, from, to, read_before, rows, .. } = &self.read;
        FileTold {
            file: self.path.display().to_string(),
            kind: self.kind,
            merchant_id: merchant_id.as_str(),
            from: *from,
            to: *to,
            rows: *rows,
            read_before: read_before.map(show),
        }
    }

    pub fn tell(&self, language: Language) {
        let FileTold { file, kind, from, to, rows, read_before, .. } = self.told();
        let kind = kind.name();
        let line = match (read_before, rows) {
            (Some(at), _) => language.pick(
                format!("{file} ({kind}): was read already, on {at}; nothing in it is new"),
                format!("{file}（{kind}）：已於 {at} 讀過，沒有新內容"),
            ),
            (None, 0) => language.pick(
                format!("{file} ({kind}): has no rows; that it is empty is noted"),
                format!("{file}（{kind}）：沒有任何列；已記下它是空的"),
            ),
            (None, rows) => {
                let s = if rows == 1 { "" } else { "s" };
                language.pick(
                    format!("{file} ({kind}): {rows} row{s} of {from} to {to}, read"),
                    format!("{file}（{kind}）：{from} 至 {to}，共 {rows} 列，已讀入"),
                )
            }
        };
        say!("{}", one_line(&line));
    }
}
