//! `check`: the ledger against itself.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget};
use serde::Serialize;

use super::args::PrintArgs;
use super::table::one_line;
use super::{Failure, settings};
use crate::config::KeysNeeded;
use crate::domain::language::Language;
use crate::ledger::audit::{self, CountDiffers, DayDiffers, Differing};
use crate::ledger::inspect::Inspection;

/// What programs read; its words are English.
#[derive(Serialize)]
struct Report {
    orders: u64,
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_trade_no: Option<String>,
    message: String,
}

pub(super) fn check(config: Option<PathBuf>, print: &PrintArgs) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::None)?;
    let ledger = Inspection::open(&settings.database_path)?;
    if !ledger.is_whole() {
        let why = "what was written last is in a log that cannot be read without writing: start ecpayd, and check then";
        return Err(Failure::Problem(format!("{}: {why}", settings.database_path.display())));
    }
    let language = if print.json { Language::English } else { print.language() };
    let report = checked(&ledger, language)?;
    if ledger.was_overtaken() {
        return Err(Failure::Problem("somebody has opened the ledger meanwhile: check it once more".to_owned()));
    }
    if print.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.differences.iter().for_each(tell);
    }
    match (report.differences.len(), language) {
        (0, _) if print.json => Ok(()),
        (0, Language::English) => {
            say!("{} orders: every sum, step and day agrees", report.orders);
            Ok(())
        }
        (0, Language::Chinese) => {
            say!("{} 筆訂單：所有合計、狀態變化與日結均相符", report.orders);
            Ok(())
        }
        (n, Language::English) => Err(Failure::Problem(format!("{n} differences in {} orders", report.orders))),
        (n, Language::Chinese) => Err(Failure::Problem(format!("{} 筆訂單，{n} 項不符", report.orders))),
    }
}

fn tell(difference: &Difference) {
    let names = [&difference.merchant_id, &difference.merchant_trade_no];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let colon = if names.is_empty() { "" } else { ": " };
    say!("{}{colon}{}", names.join(" "), one_line(&difference.message));
}

fn checked(ledger: &Inspection, language: Language) -> Result<Report, Failure> {
    let mut differences = of_the_file(ledger, language)?;
    differences.extend(audit::counts(ledger.db())?.into_iter().map(|count| of_count(count, language)));
    differences.extend(audit::days(ledger.db())?.into_iter().map(|day| of_day(day, language)));
    let bar = ProgressBar::with_draw_target(Some(audit::count(ledger.db())?), ProgressDrawTarget::stderr());
    let orders = audit::orders(ledger.db(), |seen, found| {
        bar.set_position(seen);
        differences.extend(found.into_iter().map(|found| of_order(found, language)));
    })?;
    bar.finish_and_clear();
    Ok(Report { orders, differences })
}

fn of_the_file(ledger: &Inspection, language: Language) -> Result<Vec<Difference>, Failure> {
    let difference = |code, message| Difference { code, merchant_id: None, merchant_trade_no: None, message };
    let schema = |what: String| match language {
        Language::English => difference("schema", format!("the schema is not the one that was shipped: {what}")),
        Language::Chinese => difference("schema", format!("結構與出廠時不同：{what}")),
    };
    let damage = |what: String| match language {
        Language::English => difference("damage", format!("the file is damaged: {what}")),
        Language::Chinese => difference("damage", format!("檔案已損毀：{what}")),
    };
    let dangling = |(table, parent): (String, String)| match language {
        Language::English => difference("dangling", format!("{table} names rows of {parent} that are not there")),
        Language::Chinese => difference("dangling", format!("{table} 指向不存在的 {parent} 資料")),
    };
    let mut found: Vec<Difference> = ledger.altered()?.what.into_iter().map(schema).collect();
    found.extend(ledger.damage()?.into_iter().map(damage));
    found.extend(audit::dangling(ledger.db())?.into_iter().map(dangling));
    Ok(found)
}

fn of_count(count: CountDiffers, language: Language) -> Difference {
    let CountDiffers { merchant_id, state, kept, counted } = count;
    let message = match language {
        Language::English => format!("{kept} orders are counted as {state}, and {counted} are"),
        Language::Chinese => format!("狀態 {state} 計為 {kept} 筆，實際為 {counted} 筆"),
    };
    Difference { code: "count", merchant_id: Some(merchant_id), merchant_trade_no: None, message }
}

fn of_day(day: DayDiffers, language: Language) -> Difference {
    let DayDiffers { merchant_id, day, kind, kept, journal } = day;
    let message = match language {
        Language::English => format!("{day} is kept with NT${kept} {kind}, and its movements come to NT${journal}"),
        Language::Chinese => format!("{day} 的 {kind} 記為 NT${kept}，異動合計為 NT${journal}"),
    };
    Difference { code: "day", merchant_id: Some(merchant_id), merchant_trade_no: None, message }
}

fn of_order(found: Differing, language: Language) -> Difference {
    Difference {
        code: found.finding.code(),
        message: found.finding.sentence(language),
        merchant_id: Some(found.merchant_id),
        merchant_trade_no: Some(found.merchant_trade_no),
    }
}
