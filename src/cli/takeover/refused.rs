//! The file of the rows that were refused, for whoever corrects them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::shop_list::WHERE_AND_WHY;
use crate::gateway::statement::{Row, RowFault};

/// By it a spreadsheet reads UTF-8 as UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Made with the first row that is refused.
pub(super) struct RefusedRows {
    list: PathBuf,
    file: Option<(PathBuf, csv::Writer<File>)>,
}

impl RefusedRows {
    pub fn of(list: &Path) -> Self {
        Self { list: list.to_owned(), file: None }
    }

    pub fn add(&mut self, header: &[String], row: &Row, why: &str) -> io::Result<()> {
        let (_, file) = match self.file.take() {
            Some(open) => self.file.insert(open),
            None => self.file.insert(create(&self.list, header)?),
        };
        let line = row.line.to_string();
        // In front: behind a row that is shorter than the first line they would be under other names.
        let cells = [line.as_str(), why].into_iter().chain(row.cells.iter());
        match row.fault {
            Some(RowFault::OpenQuote) => left_open(file, &cells.collect::<Vec<_>>()),
            _ => Ok(file.write_record(cells)?),
        }
    }

    /// What was added is in the file.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |(_, file)| file.flush())
    }

    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }
}

/// The last row of all. As any other it would be a good one with a strange cell, for whoever imports the file.
fn left_open(file: &mut csv::Writer<File>, cells: &[&str]) -> io::Result<()> {
    let (last, before) = cells.split_last().unwrap_or((&"", &[]));
    let mut row = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b',')).from_writer(Vec::new());
    row.write_record(before)?;
    let mut row = row.into_inner().map_err(|error| error.into_error())?;
    write!(row, "\"{}", last.replace('"', "\"\""))?;
    file.flush()?;
    file.get_ref().write_all(&row)
}

/// Under a name that is not taken: whoever corrects rows does it in the file of an earlier run.
fn create(list: &Path, header: &[String]) -> io::Result<(PathBuf, csv::Writer<File>)> {
    let stem = list.file_stem().unwrap_or_default();
    for number in 1_u32.. {
        let mut name = stem.to_owned();
        name.push(if number == 1 { ".refused.csv".to_owned() } else { format!(".refused-{number}.csv") });
        let path = list.with_file_name(name);
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        };
        file.write_all(MARK)?;
        let mut rows = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(file);
        rows.write_record(WHERE_AND_WHY.into_iter().chain(header.iter().map(String::as_str)))?;
        return Ok((path, rows));
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
