//! A file of comma-separated values: its columns by their names, its rows one at a time.

use std::io::{self, BufReader, Chain, Read};

use csv::StringRecord;
use encoding_rs_io::DecodeReaderBytes;

use super::decode::{Coding, bare};

/// Put behind the file, on a line of its own. A quote that is opened and not closed takes it in with all the rows on
/// the way, and is known by it.
const BEHIND: &str = "\n\u{1}the end of the file\u{1}";
const END: &str = BEHIND.split_at(1).1;

/// No row of a list of orders is longer. What a quote takes in that is never closed could fill the memory.
const LONGEST_ROW: u64 = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("is empty: its first line has to name the columns")]
    Empty,
    #[error("is no CSV file: the quote that its first line opens is never closed")]
    OpenHeader,
}

/// Why a row cannot be told from its columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error(
        "the row has {cells} cells, and the first line names {columns} columns: text with a comma in it needs quotes"
    )]
    Longer { cells: usize, columns: usize },
    #[error("a quote is opened in this row and never closed, and all rows behind it were taken for one cell: close it")]
    OpenQuote,
    #[error("the row holds bytes that are no text in {0}: save the file in UTF-8")]
    NoText(&'static str),
}

/// One row as it came, but for the encoding.
#[derive(Clone, Debug)]
pub struct Row {
    /// Of the file, from 1 on; where it begins, if it takes several.
    pub line: u64,
    pub cells: StringRecord,
    pub fault: Option<RowFault>,
}

impl Row {
    /// What stands in a column; nothing where the row ends before it.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }
}

/// The text of a file, and what is put behind it.
type Text<R> = Chain<BufReader<DecodeReaderBytes<R, Vec<u8>>>, &'static [u8]>;

/// Text of which no more is read than a row may have.
struct OfRows<T> {
    text: T,
    left: u64,
}

impl<T: Read> Read for OfRows<T> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let why = "a row is longer than 4 MB: it is no CSV file, or a quote in it is never closed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let read = self.text.read(room)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

pub struct Sheet<R: Read> {
    rows: csv::Reader<OfRows<Text<R>>>,
    coding: Coding,
    header: Vec<String>,
    next: StringRecord,
}

impl<R: Read> Sheet<R> {
    /// From the beginning of the file, whose encoding is known.
    pub fn open(file: R, coding: Coding) -> Result<Self, SheetError> {
        let text = BufReader::new(coding.text(file)).chain(BEHIND.as_bytes());
        let text = OfRows { text, left: LONGEST_ROW };
        // By LF alone, and without the CR before it: with both, the reader is not on the line that it says.
        let by_lines = csv::Terminator::Any(b'\n');
        let rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).terminator(by_lines).from_reader(text);
        let mut sheet = Self { rows, coding, header: Vec::new(), next: StringRecord::new() };
        let Some(first) = sheet.read()? else { return Err(SheetError::Empty) };
        if first.fault == Some(RowFault::OpenQuote) {
            return Err(SheetError::OpenHeader);
        }
        sheet.header = first.cells.iter().map(bare).collect();
        // Columns without a name at the end are a spreadsheet's, which saves what once had been written to.
        while sheet.header.pop_if(|name| name.is_empty()).is_some() {}
        Ok(sheet)
    }

    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The next row in which something stands.
    pub fn read(&mut self) -> Result<Option<Row>, SheetError> {
        loop {
            self.rows.get_mut().left = LONGEST_ROW;
            if !self.rows.read_record(&mut self.next).map_err(io::Error::from)? {
                return Ok(None);
            }
            if self.next.len() == 1 && &self.next[0] == END {
                return Ok(None);
            }
            if self.next.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let fault = self.fault();
            return Ok(Some(Row { line: self.line(fault.as_ref()), cells: as_it_came(&self.next), fault }));
        }
    }

    /// Where the row begins that was read last. What the reader says of it is the line before those it passed over.
    fn line(&self, fault: Option<&RowFault>) -> u64 {
        let inside: usize = self.next.iter().map(|cell| cell.matches('\n').count()).sum();
        let its_end = usize::from(fault != Some(&RowFault::OpenQuote));
        self.rows.position().line().saturating_sub((inside + its_end).try_into().unwrap_or(u64::MAX))
    }

    fn fault(&self) -> Option<RowFault> {
        let (cells, columns) = (&self.next, self.header.len());
        let beyond = cells.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells.iter().next_back().is_some_and(|last| last.ends_with(END)) {
            Some(RowFault::OpenQuote)
        } else if columns > 0 && beyond {
            Some(RowFault::Longer { cells: cells.len(), columns })
        } else if !self.coding.is_valid() && cells.iter().any(|cell| cell.contains(char::REPLACEMENT_CHARACTER)) {
            Some(RowFault::NoText(self.coding.name()))
        } else {
            None
        }
    }
}

/// Without the CR at its end, or without what was put behind the file.
fn as_it_came(cells: &StringRecord) -> StringRecord {
    let mut bare: Vec<&str> = cells.iter().collect();
    if let Some(last) = bare.last_mut() {
        *last = last.strip_suffix(BEHIND).or_else(|| last.strip_suffix('\r')).unwrap_or(last);
    }
    bare.into()
}
