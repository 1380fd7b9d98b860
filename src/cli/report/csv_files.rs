//! A CSV file for each sheet, as Excel in Taiwan reads it: UTF-8 with its mark, CRLF, RFC 4180.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::made::{Made, cannot};
use super::request::Sheets;
use crate::cli::Failure;
use crate::domain::language::Language;
use crate::domain::report::cell::{self, Cell, harmless};
use crate::domain::report::sheet::{Column, Form, Sheet};

/// By it a spreadsheet reads UTF-8 as UTF-8.
const MARK: &str = "\u{feff}";

pub(super) struct CsvFiles {
    folder: PathBuf,
    language: Language,
    armour: bool,
    written: Vec<OneFile>,
}

struct OneFile {
    made: Made,
    rows: u64,
    forms: Vec<Form>,
    csv: csv::Writer<BufWriter<File>>,
}

impl CsvFiles {
    /// Nothing is touched before it is clear that every file may be written.
    pub fn into(folder: &Path, language: Language, armour: bool) -> Result<Self, Failure> {
        let shown = folder.display();
        if std::fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
            return Err(Failure::Problem(format!("{shown} is a file: --csv takes a directory")));
        }
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::Problem(format!("directory {shown} cannot be made: {error}")))?;
        for sheet in Sheet::ALL {
            let file = file_of(folder, *sheet);
            if !may_be_replaced(&file, *sheet).map_err(|error| cannot(&file, &error))? {
                let file = file.display();
                return Err(Failure::Problem(format!(
                    "{file} is not from a report: move it, or name another directory"
                )));
            }
        }
        Ok(Self { folder: folder.to_owned(), language, armour, written: Vec::new() })
    }

    /// All of them take their names, now that each is whole.
    pub fn put(self) -> Result<Vec<(PathBuf, u64)>, Failure> {
        let whole = |file: OneFile| {
            let target = file.made.target().to_owned();
            let inner = file.csv.into_inner().map_err(|error| cannot(&target, error.error()))?;
            let on_disk = inner.into_inner().map_err(|error| cannot(&target, error.error()))?;
            Ok((file.made, on_disk, file.rows))
        };
        let whole: Vec<(Made, File, u64)> = self.written.into_iter().map(whole).collect::<Result<_, Failure>>()?;
        whole.into_iter().map(|(made, file, rows)| Ok((made.put(&file)?, rows))).collect()
    }

    fn current(&mut self) -> Result<&mut OneFile, Failure> {
        self.written.last_mut().ok_or_else(|| Failure::Problem("no sheet was begun".to_owned()))
    }
}

fn file_of(folder: &Path, sheet: Sheet) -> PathBuf {
    folder.join(format!("{}.csv", sheet.word()))
}

/// There is none, or it begins as this sheet of a report does.
fn may_be_replaced(file: &Path, sheet: Sheet) -> std::io::Result<bool> {
    let mut begins = [0_u8; 64];
    let read = match File::open(file) {
        Ok(mut found) => found.read(&mut begins)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let first = sheet.columns(false).first().copied();
    let ours = |language: Language| first.map(|column| format!("{MARK}{},", column.named(language)));
    Ok(Language::ALL.into_iter().filter_map(ours).any(|ours| begins[..read].starts_with(ours.as_bytes())))
}

impl Sheets for CsvFiles {
    fn begin(&mut self, sheet: Sheet, columns: &[Column]) -> Result<(), Failure> {
        let (made, file) = Made::beside(&file_of(&self.folder, sheet))?;
        let mut file = BufWriter::with_capacity(1 << 16, file);
        file.write_all(MARK.as_bytes()).map_err(|error| cannot(made.target(), &error))?;
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
        csv.write_record(columns.iter().map(|column| column.named(self.language)))?;
        self.written.push(OneFile { made, rows: 0, forms: columns.iter().map(|column| column.form).collect(), csv });
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Failure> {
        let armour = self.armour;
        let file = self.current()?;
        for (cell, form) in cells.iter().zip(&file.forms) {
            file.csv.write_field(written(cell, *form, armour).as_bytes())?;
        }
        file.csv.write_record(None::<&[u8]>)?;
        file.rows += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        let file = self.current()?;
        file.csv.flush().map_err(|error| cannot(file.made.target(), &error))
    }
}

fn written(cell: &Cell, form: Form, armour: bool) -> Cow<'_, str> {
    match cell {
        Cell::None => "".into(),
        Cell::Whole(value) => value.to_string().into(),
        Cell::Milli(value) => cell::milli(*value).into(),
        Cell::Text(text) if armour && form == Form::Number => format!("=\"{text}\"").into(),
        Cell::Text(text) => harmless(text),
        Cell::Word(_, shown) => harmless(shown),
    }
}
