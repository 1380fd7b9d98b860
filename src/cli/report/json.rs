//! One JSON object on standard output: an array for each sheet, whose objects have the English names of its columns.

use std::io::{BufWriter, ErrorKind, StdoutLock, Write as _};

use super::request::Sheets;
use crate::cli::Failure;
use crate::domain::report::cell::{self, Cell};
use crate::domain::report::sheet::{Column, Sheet};
use crate::ledger::books::Range;

pub(super) struct JsonText {
    out: BufWriter<StdoutLock<'static>>,
    columns: Vec<Column>,
    is_first: bool,
}

impl JsonText {
    pub fn of(range: &Range) -> Result<Self, Failure> {
        let mut text = Self { out: BufWriter::new(std::io::stdout().lock()), columns: Vec::new(), is_first: true };
        let merchant = serde_json::to_string(&range.merchant)?;
        text.write(&format!("{{\"from\":\"{}\",\"to\":\"{}\",\"merchant\":{merchant}", range.from, range.to))?;
        Ok(text)
    }

    pub fn end_all(mut self) -> Result<(), Failure> {
        self.write("}\n")?;
        self.out.flush().map_err(|error| gone(&error))
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(|error| gone(&error))
    }
}

impl Sheets for JsonText {
    fn begin(&mut self, sheet: Sheet, columns: &[Column]) -> Result<(), Failure> {
        (self.columns, self.is_first) = (columns.to_vec(), true);
        self.write(&format!(",\n\"{}\":[", sheet.word()))
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Failure> {
        let mut line = String::from(if self.is_first { "\n{" } else { ",\n{" });
        self.is_first = false;
        for (at, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            line += if at == 0 { "" } else { "," };
            line += &format!("\"{}\":{}", column.name, value(cell)?);
        }
        line.push('}');
        self.write(&line)
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.write("]")
    }
}

fn value(cell: &Cell) -> Result<String, Failure> {
    Ok(match cell {
        Cell::None => "null".to_owned(),
        Cell::Whole(value) => value.to_string(),
        Cell::Milli(value) => cell::milli(*value),
        Cell::Text(text) => serde_json::to_string(text)?,
        Cell::Word(word, _) => serde_json::to_string(word)?,
    })
}

/// A reader that has gone away ends the command.
fn gone(error: &std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    Failure::Problem(format!("standard output cannot be written: {error}"))
}
