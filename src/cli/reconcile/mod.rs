//! `reconcile`: the ledger against ECPay's statements, and against what ECPay shows now.

mod file;
mod look;
mod show;

use std::path::PathBuf;

use chrono::{Duration, NaiveDate};

use self::file::{Checked, ReadFile};
use self::show::{Compared, Report};
use super::args::ReconcileArgs;
use super::fetch::{Fetch, months};
use super::{Failure, ledger, now, print_json};
use crate::config::Settings;
use crate::domain::calendar::taipei_date;
use crate::domain::ids::MerchantId;
use crate::engine::{statement_name, take_statement};
use crate::ledger::{Ledger, Range, Whose};

/// What is compared where neither files nor days are named.
const USUAL: Duration = Duration::days(31);

pub(super) async fn reconcile(config: Option<PathBuf>, args: &ReconcileArgs) -> Result<(), Failure> {
    if let Some((from, to)) = args.days().filter(|(from, to)| from > to) {
        return Err(Failure::Usage(format!("--from {from} is after --to {to}: exchange them")));
    }
    let (settings, ledger) = ledger(config.clone())?;
    known(&settings, args.merchant.as_ref())?;
    let done = of_ledger(&settings, &ledger, config, args).await;
    ledger.close().await;
    let report = done?;
    if args.print.json {
        print_json(&report)?;
    } else {
        report.tell(args.print.language());
    }
    report.end()
}

async fn of_ledger(
    settings: &Settings,
    ledger: &Ledger,
    config: Option<PathBuf>,
    args: &ReconcileArgs,
) -> Result<Report, Failure> {
    let checked = check_all(args)?;
    let looked = match args.look {
        true => Some(look::look(ledger, config.clone(), args).await?),
        false => None,
    };
    let mut files = match args.days().filter(|_| args.fetch) {
        Some(days) => fetched(settings, ledger, config, args, days).await?,
        None => Vec::new(),
    };
    for file in checked {
        files.push(file.read(ledger, whose(settings, args)?, args.days()).await?);
    }
    // A look alone says nothing of statements.
    let is_of_statements = !args.look || !args.statement.is_empty() || args.from.is_some();
    let mut merchants = Vec::new();
    for range in ranges(settings, args, &files).into_iter().filter(|_| is_of_statements) {
        let (differences, raised) = ledger.differences_told(&range, now()).await?;
        merchants.push(Compared { range, differences, raised: raised.len() });
    }
    Ok(Report { files, looked, merchants })
}

/// The days of all merchants, or of the one that is named.
async fn fetched(
    settings: &Settings,
    ledger: &Ledger,
    config: Option<PathBuf>,
    args: &ReconcileArgs,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<ReadFile>, Failure> {
    let fetch = Fetch::open(ledger, config, args.print.language())?;
    let mut files = Vec::new();
    let all = settings.merchants.iter().map(|m| &m.merchant_id);
    for merchant in all.filter(|id| args.merchant.as_ref().is_none_or(|named| named == *id)) {
        for days in months(from, to)? {
            let fetched = fetch.file(merchant, days).await?;
            let kind = fetched.kind;
            let read = take_statement(ledger, merchant, fetched, now()).await?;
            files.push(ReadFile::fetched(statement_name(kind, days), kind, read));
        }
    }
    Ok(files)
}

fn known(settings: &Settings, named: Option<&MerchantId>) -> Result<(), Failure> {
    let is_known = |named: &&MerchantId| settings.merchants.iter().any(|merchant| merchant.merchant_id == **named);
    match named.filter(|named| !is_known(named)) {
        Some(named) => Err(Failure::Usage(format!("merchant {named} is not in the settings"))),
        None => Ok(()),
    }
}

/// All files, before anything is written or asked.
fn check_all(args: &ReconcileArgs) -> Result<Vec<Checked>, Failure> {
    args.statement.iter().map(|path| file::check(path)).collect()
}

fn whose(settings: &Settings, args: &ReconcileArgs) -> Result<Whose, Failure> {
    if let Some(named) = &args.merchant {
        return Ok(Whose::Of(named.clone()));
    }
    let all: Vec<MerchantId> = settings.merchants.iter().map(|m| m.merchant_id.clone()).collect();
    Ok(Whose::OneOf(all))
}

/// For each merchant the days to compare: those named, else those of its files.
fn ranges(settings: &Settings, args: &ReconcileArgs, files: &[ReadFile]) -> Vec<Range> {
    let of_files = |merchant: &MerchantId| {
        let files = files.iter().filter(|file| file.read.merchant_id == *merchant);
        files.map(|file| (file.read.from, file.read.to)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    };
    let today = taipei_date(now());
    let usual = || files.is_empty().then_some((today - USUAL, today));
    let mut merchants: Vec<MerchantId> = match &args.merchant {
        Some(named) => vec![named.clone()],
        None => settings.merchants.iter().map(|m| m.merchant_id.clone()).collect(),
    };
    // Of files, their merchants alone.
    merchants.retain(|merchant| files.is_empty() || of_files(merchant).is_some());
    let range = |merchant_id: MerchantId| {
        let days: Option<(NaiveDate, NaiveDate)> = args.days().or_else(|| of_files(&merchant_id)).or_else(usual);
        days.map(|(from, to)| Range { merchant_id, from, to })
    };
    merchants.into_iter().filter_map(range).collect()
}
