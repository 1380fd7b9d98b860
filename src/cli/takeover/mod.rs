//! `orders import` and `orders adopt`: orders that a shop had before it had ecpayd, taken over from a list.
//!
//! The list is read as it is written to the ledger, a part at a time. Each part is a transaction that is over before
//! a shop's own INSERT has waited for long; a run that is ended leaves whole ones, and the next finds them there.

pub(super) mod file;
mod list;
mod refused;
mod seen;
mod shop_list;
mod statements;
mod stop;
mod summary;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use indicatif::{ProgressBar, ProgressDrawTarget};

use self::file::{open, unreadable};
use self::list::{List, Listed};
use self::refused::RefusedRows;
use self::seen::Seen;
use self::shop_list::{Defaults, ShopList};
use self::statements::CardOrders;
use self::stop::Stop;
use self::summary::{Report, Summary};
use super::args::{AdoptArgs, ImportArgs, PrintArgs};
use super::fetch::{Fetch, months};
use super::{Failure, now, print_json, told};
use crate::domain::calendar::taipei_date;
use crate::domain::ids::MerchantId;
use crate::engine::Fetched;
use crate::gateway::statement::decode::Coding;
use crate::gateway::statement::{Row, Sheet, SheetError, Statement};
use crate::ledger::{Ledger, LedgerError, ListedOrder, TakeOver, TakenOver};

/// Rows to a transaction.
const PART: usize = 500;

/// `merchant`: the one of rows that name none, where there is one.
pub(super) async fn import(ledger: &Ledger, args: &ImportArgs, merchant: Option<MerchantId>) -> Result<(), Failure> {
    let path = args.file.as_path();
    let (sheet, bar) = open(path)?;
    let is_known = merchant.is_some();
    let defaults = Defaults { merchant_id: merchant.map(String::from), capture: args.capture.word() };
    let list = ShopList::of(sheet, defaults).map_err(|error| misread(path, &error))?;
    if !is_known && !list.names_merchants() {
        let why = "the settings name several merchants, and it has no column merchant_id: choose one with --merchant";
        return Err(Failure::Usage(format!("{}: {why}", path.display())));
    }
    let mut intake = Intake::new(ledger, args.yes)?;
    intake.take(path, list, &bar).await?;
    intake.end(&args.print)
}

pub(super) async fn adopt(ledger: &Ledger, args: &AdoptArgs, merchant: MerchantId) -> Result<(), Failure> {
    let merchant_id = String::from(merchant);
    // All of them, before anything is written.
    let mut lists = Vec::new();
    for path in &args.statement {
        let (sheet, bar) = open(path)?;
        let statement = Statement::of(sheet).map_err(|error| misread(path, &error))?;
        let capture = args.capture.word();
        lists.push((path, CardOrders { statement, merchant_id: merchant_id.clone(), capture }, bar));
    }
    let mut intake = Intake::new(ledger, args.yes)?;
    for (path, list, bar) in lists {
        intake.take(path, list, &bar).await?;
    }
    intake.end(&args.print)
}

/// The same of what ECPay has settled from `since` on, asked for by its own call.
pub(super) async fn adopt_fetched(
    ledger: &Ledger,
    args: &AdoptArgs,
    merchant: MerchantId,
    since: NaiveDate,
    config: Option<PathBuf>,
) -> Result<(), Failure> {
    let yesterday = taipei_date(now()) - Days::new(1);
    let months = months(since, yesterday)?;
    let fetch = Fetch::open(ledger, config, args.print.language())?;
    let mut intake = Intake::new(ledger, args.yes)?;
    for days in months {
        // Beside which the rows are written that were refused.
        let Fetched { kind, bytes: file, .. } = fetch.file(&merchant, days).await?;
        let path = PathBuf::from(format!("{}-{merchant}-{}.csv", kind.name(), days.from()));
        let sheet = Coding::of(&file[..]).map_err(SheetError::from).and_then(|coding| Sheet::open(&file[..], coding));
        let statement = Statement::of(sheet.map_err(|error| misread(&path, &error))?);
        let statement = statement.map_err(|error| misread(&path, &error))?;
        let list = CardOrders { statement, merchant_id: merchant.to_string(), capture: args.capture.word() };
        intake.take(&path, list, &ProgressBar::hidden()).await?;
    }
    intake.end(&args.print)
}

fn misread(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::Usage(format!("{} {error}", path.display()))
}

/// One run over some files.
struct Intake<'a> {
    ledger: &'a Ledger,
    writes: bool,
    stop: Stop,
    /// How long the last transaction took.
    took: Option<Duration>,
    seen: Seen,
    files: Vec<Summary>,
}

/// Why a run ends before its last row.
enum End {
    Asked,
    Sheet(SheetError),
    Ledger(LedgerError),
    RefusedFile(std::io::Error),
}

impl<'a> Intake<'a> {
    fn new(ledger: &'a Ledger, writes: bool) -> Result<Self, Failure> {
        Ok(Self { ledger, writes, stop: Stop::listen()?, took: None, seen: Seen::default(), files: Vec::new() })
    }

    async fn take(&mut self, path: &Path, mut list: impl List, bar: &ProgressBar) -> Result<(), Failure> {
        let mut summary = Summary::of(path, list.kind());
        let mut refused = RefusedRows::of(path);
        // Which draws nothing where there is no terminal.
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let done = self.all(&mut list, &mut summary, &mut refused).await;
        bar.finish_and_clear();
        summary.refused_file = refused.path().map(|path| path.display().to_string());
        self.files.push(summary);
        done.map_err(|end| self.ended(path, end))
    }

    async fn all(&mut self, list: &mut impl List, summary: &mut Summary, refused: &mut RefusedRows) -> Result<(), End> {
        let mut rows = part(list)?;
        while !rows.is_empty() {
            // Not before the first of all, but between two files too.
            if let Some(took) = self.took
                && self.stop.asked_in_a_pause(took).await
            {
                return Err(End::Asked);
            }
            let orders =
                rows.iter().filter_map(|(_, listed)| if let Listed::Order(o) = listed { Some(o) } else { None });
            let orders: Vec<ListedOrder> = orders.cloned().collect();
            let begun = Instant::now();
            let mut taken = self.taken(orders).await?.into_iter();
            self.took = Some(begun.elapsed());
            let counted =
                rows.into_iter().filter_map(|(row, listed)| Some((row, counted(summary, listed, &mut taken)?)));
            let refusals: Vec<(Row, String)> = counted.collect();
            for (row, why) in refusals {
                summary.is_refused(row.line, &why);
                if self.writes {
                    refused.add(list.header(), &row, &why).map_err(End::RefusedFile)?;
                }
            }
            refused.flush().map_err(End::RefusedFile)?;
            rows = part(list)?;
        }
        Ok(())
    }

    /// What becomes of some orders, each in its place.
    async fn taken(&mut self, orders: Vec<ListedOrder>) -> Result<Vec<TakenOver>, End> {
        if self.writes {
            return self.ledger.write(TakeOver(orders)).await.map_err(End::Ledger);
        }
        let alone = self.ledger.try_take_over(orders.clone()).await.map_err(End::Ledger)?;
        Ok(orders.iter().zip(alone).map(|(order, alone)| self.seen.judge(order, alone)).collect())
    }

    /// What was done by then, behind the reason.
    fn ended(&self, path: &Path, end: End) -> Failure {
        let Report { new, already_there, refused, .. } = Report::of(&self.files, !self.writes);
        let are_in = new + already_there;
        let so_far = match self.writes {
            true => format!(
                "rows that are in: {are_in}, {new} of them new; refused: {refused}; the same command again goes on from there"
            ),
            false => "nothing was written".to_owned(),
        };
        match end {
            End::Asked => Failure::Problem(format!("ended as asked; {so_far}")),
            End::Ledger(error) => Failure::Problem(format!("{}; {so_far}", told(&error))),
            End::RefusedFile(error) => Failure::Problem(format!("refused rows cannot be written: {error}; {so_far}")),
            End::Sheet(error) => Failure::Usage(format!("{}; {so_far}", unreadable(path, &error))),
        }
    }

    fn end(self, print: &PrintArgs) -> Result<(), Failure> {
        let report = Report::of(&self.files, !self.writes);
        if print.json {
            print_json(&report)?;
        } else {
            let language = print.language();
            self.files.iter().for_each(|file| file.tell(language));
            if !self.writes {
                say!("{}", language.pick("nothing was written: --yes writes it", "尚未寫入：加上 --yes 才會寫入"));
            }
        }
        match report.refused {
            0 => Ok(()),
            refused => Err(Failure::Problem(format!("{refused} of {} rows were refused", report.rows))),
        }
    }
}

impl From<SheetError> for End {
    fn from(error: SheetError) -> Self {
        Self::Sheet(error)
    }
}

fn part(list: &mut impl List) -> Result<Vec<(Row, Listed)>, SheetError> {
    let mut rows = Vec::new();
    while rows.len() < PART {
        let Some(row) = list.read()? else { break };
        rows.push(row);
    }
    Ok(rows)
}

/// Counts a row; where it is refused, why it is.
fn counted(summary: &mut Summary, listed: Listed, taken: &mut impl Iterator<Item = TakenOver>) -> Option<String> {
    summary.rows += 1;
    let order = match listed {
        Listed::Refused(why) => return Some(why),
        Listed::LeftOut(what) => {
            summary.is_left_out(what);
            return None;
        }
        Listed::Order(order) => order,
    };
    match taken.next() {
        Some(TakenOver::New) => summary.is_new(&order.capture),
        Some(TakenOver::There) => summary.already_there += 1,
        Some(TakenOver::Refused(why)) => return Some(why),
        None => return Some("the ledger has said nothing of it".to_owned()),
    }
    None
}

#[cfg(test)]
mod tests;
