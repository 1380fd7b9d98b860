//! The workbook for the accountant: numbers are numbers, days are days, order numbers keep their digits.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime, Timelike as _};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

use super::made::{Made, cannot};
use super::request::Sheets;
use crate::cli::Failure;
use crate::domain::language::Language;
use crate::domain::report::cell::Cell;
use crate::domain::report::sheet::{Column, Form, Sheet};

/// Excel's limits of a sheet and of a cell.
const ROWS: u32 = 1_048_576;
const LETTERS: usize = 32_767;

/// Of 1 to 9: a month of 300,000 movements is a seventh larger than with the usual 6, and is packed in far less time.
const COMPRESSION: u8 = 3;

const A4: u8 = 9;
const HEADER: u32 = 0xDD_E5_EE;

pub(super) struct Book {
    workbook: Workbook,
    made: Made,
    file: std::fs::File,
    language: Language,
    /// None: no sheet was begun yet.
    place: Option<usize>,
    sheet: Sheet,
    columns: Vec<Column>,
    formats: Vec<Format>,
    sums: Vec<i64>,
    /// The next one.
    row: u32,
    all_rows: u64,
}

impl Book {
    pub fn new(path: &Path, language: Language) -> Result<Self, Failure> {
        if path.symlink_metadata().is_ok() {
            let path = path.display();
            return Err(Failure::Problem(format!("{path} is there already: remove it, or name another file")));
        }
        let (made, file) = Made::beside(path)?;
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(COMPRESSION);
        // What does not fit into memory goes where the workbook goes, which has room for it.
        let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        workbook.set_tempdir(beside)?;
        let (columns, formats, sums) = (Vec::new(), Vec::new(), Vec::new());
        let sheet = Sheet::Movements;
        Ok(Self { workbook, made, file, language, place: None, sheet, columns, formats, sums, row: 0, all_rows: 0 })
    }

    pub fn put(mut self) -> Result<u64, Failure> {
        let mut out = BufWriter::new(&self.file);
        self.workbook.save_to_writer(&mut out)?;
        out.flush().map_err(|error| cannot(self.made.target(), &error))?;
        drop(out);
        if self.made.target().symlink_metadata().is_ok() {
            return Err(Failure::Problem(format!("{} was made by another meanwhile", self.made.target().display())));
        }
        self.made.put(&self.file)?;
        Ok(self.all_rows)
    }

    fn current(&mut self) -> Result<&mut Worksheet, XlsxError> {
        self.workbook.worksheet_from_index(self.place.unwrap_or_default())
    }

    fn write_cell(&mut self, at: usize, cell: &Cell) -> Result<(), XlsxError> {
        let Some(place) = self.place else { return Ok(()) };
        let (row, column) = (self.row, column_number(at));
        let form = self.columns[at].form;
        let sheet = self.workbook.worksheet_from_index(place)?;
        match cell {
            Cell::None => {}
            Cell::Whole(value) => {
                sheet.write_number(row, column, *value as f64)?;
            }
            Cell::Milli(value) => {
                sheet.write_number(row, column, *value as f64 / 1000.0)?;
            }
            Cell::Text(text) => {
                match serial(form, text) {
                    Some(number) => sheet.write_number(row, column, number)?,
                    None => sheet.write_string(row, column, fitting(text))?,
                };
            }
            Cell::Word(_, shown) => {
                sheet.write_string(row, column, *shown)?;
            }
        }
        Ok(())
    }

    /// Of what the filter leaves, and of all without one.
    fn write_sums(&mut self) -> Result<(), XlsxError> {
        let (last, row, title) = (self.row, self.row, self.language.pick("total", "合計"));
        let bold = |format: &Format| format.clone().set_bold().set_border_top(FormatBorder::Thin);
        for at in 0..self.columns.len() {
            let (column, format) = (column_number(at), bold(&self.formats[at]));
            let (is_summed, form, sum) = (self.columns[at].is_summed, self.columns[at].form, self.sums[at]);
            let sheet = self.current()?;
            if at == 0 {
                let format = Format::new().set_bold().set_border_top(FormatBorder::Thin);
                sheet.write_string_with_format(row, column, title, &format)?;
            } else if is_summed {
                let name = rust_xlsxwriter::utility::column_number_to_name(column);
                let result = if form == Form::Fee { format!("{}", sum as f64 / 1000.0) } else { sum.to_string() };
                let formula = Formula::new(format!("=SUBTOTAL(9,{name}2:{name}{last})")).set_result(result);
                sheet.write_formula_with_format(row, column, formula, &format)?;
            } else {
                sheet.write_blank(row, column, &format)?;
            }
        }
        Ok(())
    }
}

impl Sheets for Book {
    fn begin(&mut self, sheet: Sheet, columns: &[Column]) -> Result<(), Failure> {
        self.place = Some(self.place.map_or(0, |place| place + 1));
        (self.sheet, self.columns, self.row) = (sheet, columns.to_vec(), 1);
        self.formats = columns.iter().map(|column| format_of(column.form)).collect();
        self.sums = vec![0; columns.len()];
        let language = self.language;
        let page = self.workbook.add_worksheet_with_constant_memory()?;
        page.set_name(sheet.titled(language))?;
        page.set_freeze_panes(1, 0)?;
        page.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        page.set_repeat_rows(0, 0)?;
        let header = Format::new()
            .set_bold()
            .set_background_color(HEADER)
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        for (at, column) in columns.iter().enumerate() {
            page.set_column_width(column_number(at), column.width)?;
            // Once for all its cells: to look a format up for each takes a tenth of the time.
            page.set_column_format(column_number(at), &self.formats[at])?;
            let header = match column.form {
                Form::Money | Form::Fee | Form::Count => header.clone().set_align(FormatAlign::Right),
                Form::Text | Form::Number => header.clone().set_indent(1),
                Form::Day | Form::Time => header.clone(),
            };
            page.write_string_with_format(0, column_number(at), column.named(language), &header)?;
        }
        Ok(())
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), Failure> {
        // One is left for the sums.
        if self.row + 1 >= ROWS {
            let name = self.sheet.titled(self.language);
            let why = format!("sheet {name} has more rows than Excel's {ROWS}: report fewer days, or write --csv");
            return Err(Failure::Problem(why));
        }
        for (at, cell) in cells.iter().enumerate().take(self.columns.len()) {
            self.write_cell(at, cell)?;
            if let Cell::Whole(value) | Cell::Milli(value) = cell {
                self.sums[at] = self.sums[at].saturating_add(*value);
            }
        }
        self.row += 1;
        self.all_rows += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.row == 1 {
            return Ok(());
        }
        if self.columns.iter().any(|column| column.is_summed) {
            self.write_sums()?;
        }
        let (last_row, last_column) = (self.row - 1, column_number(self.columns.len().saturating_sub(1)));
        self.current()?.autofilter(0, 0, last_row, last_column)?;
        Ok(())
    }
}

fn column_number(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn format_of(form: Form) -> Format {
    match form {
        // Away from a number that ends where it begins.
        Form::Text | Form::Number => Format::new().set_num_format("@").set_indent(1),
        Form::Money => Format::new().set_num_format("#,##0"),
        Form::Fee => Format::new().set_num_format("#,##0.000"),
        Form::Count => Format::new().set_num_format("0"),
        Form::Day => Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        Form::Time => Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
    }
}

/// A day or a time as Excel counts it: days since 1899-12-30. None: it is text.
fn serial(form: Form, text: &str) -> Option<f64> {
    let days = |day: NaiveDate| Some((day - NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days() as f64);
    match form {
        Form::Day => days(text.parse().ok()?),
        Form::Time => {
            let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
            Some(days(at.date())? + f64::from(at.num_seconds_from_midnight()) / 86_400.0)
        }
        _ => None,
    }
}

/// No more than Excel takes, which counts the halves of what is beyond 16 bits.
fn fitting(text: &str) -> String {
    if text.len() <= LETTERS || text.encode_utf16().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS / 2 - 1).chain(['…']).collect()
}
