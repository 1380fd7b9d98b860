//! `report`: the books of a range of days, on the terminal or in files.

mod csv_files;
mod json;
mod lines;
mod made;
mod request;
mod sheets;
mod summary;
#[cfg(feature = "xlsx")]
mod xlsx;

use std::path::Path;

use self::csv_files::CsvFiles;
use self::json::JsonText;
use self::request::Request;
use self::summary::Summary;
use super::args::{Calendar, ReportArgs};
use super::{Failure, now};
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::ledger::books::{Books, Range};
use crate::ledger::{self, Differences, Ledger};

pub(super) async fn report(ledger: &Ledger, args: ReportArgs) -> Result<(), Failure> {
    let ReportArgs { from, to, .. } = args;
    if from > to {
        return Err(Failure::Usage(format!("--from {from} is after --to {to}: exchange them")));
    }
    let spoken = args.print.language();
    let range = Range { from, to, merchant: args.merchant.as_ref().map(|merchant| merchant.as_str().to_owned()) };
    let differences = differences(ledger, &range).await?;
    let (roc, language) = (args.calendar == Some(Calendar::Roc), args.header.unwrap_or(spoken));
    let request = Request { range, roc, language, now: now(), differences };
    ledger.books(|books| match (&args.csv, &args.xlsx) {
        (Some(folder), _) => csv(books, &request, folder, args.armour, spoken),
        (None, Some(file)) => xlsx(books, &request, file, spoken),
        (None, None) if args.print.json => json(books, &request),
        (None, None) => Summary::read(books, &request)?.print(&request, spoken),
    })
}

/// Of the merchants that are reported, where statements were read: nothing can differ from none.
async fn differences(ledger: &Ledger, range: &Range) -> Result<Vec<(String, Differences)>, Failure> {
    let known = ledger.books(|books| books.merchants())?;
    if let Some(merchant) = range.merchant.as_ref().filter(|merchant| !known.contains(merchant)) {
        return Err(Failure::Problem(format!("merchant {merchant} is not in the ledger")));
    }
    let mut found = Vec::new();
    for merchant in known.into_iter().filter(|known| range.merchant.as_ref().is_none_or(|wanted| wanted == known)) {
        let Ok(merchant_id) = MerchantId::parse(&merchant) else { continue };
        if !ledger.books(|books| books.has_statements(&merchant))? {
            continue;
        }
        let of = ledger::Range { merchant_id, from: range.from, to: range.to };
        found.push((merchant, ledger.differences(&of).await?));
    }
    Ok(found)
}

fn csv(books: &Books, request: &Request, folder: &Path, armour: bool, spoken: Language) -> Result<(), Failure> {
    let mut files = CsvFiles::into(folder, request.language, armour)?;
    sheets::write(books, request, &mut files)?;
    for (file, rows) in files.put()? {
        told(spoken, &file, rows);
    }
    Ok(())
}

#[cfg(feature = "xlsx")]
fn xlsx(books: &Books, request: &Request, file: &Path, spoken: Language) -> Result<(), Failure> {
    let mut workbook = xlsx::Book::new(file, request.language)?;
    sheets::write(books, request, &mut workbook)?;
    let rows = workbook.put()?;
    told(spoken, file, rows);
    Ok(())
}

#[cfg(not(feature = "xlsx"))]
fn xlsx(_: &Books, _: &Request, _: &Path, _: Language) -> Result<(), Failure> {
    Err(Failure::Usage("this ecpayd was built without workbooks: --csv writes the same sheets".to_owned()))
}

fn json(books: &Books, request: &Request) -> Result<(), Failure> {
    let mut text = JsonText::of(&request.range)?;
    sheets::write(books, request, &mut text)?;
    text.end_all()
}

fn told(language: Language, file: &Path, rows: u64) {
    let file = file.display();
    say!("{}", language.pick(format!("{file}: {rows} rows"), format!("{file}：{rows} 列")));
}
