//! What `report` takes.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::print::{PrintArgs, language};
use super::values::{day, merchant};
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;

#[derive(Args)]
pub(in crate::cli) struct ReportArgs {
    /// The first day, YYYY-MM-DD in Asia/Taipei
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub from: NaiveDate,
    /// The last day, which is in it
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub to: NaiveDate,
    /// Of one merchant alone
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// Write a file for each sheet into this directory; those of an earlier report are replaced
    #[arg(long, value_name = "DIR", conflicts_with_all = ["xlsx", "json"])]
    pub csv: Option<PathBuf>,
    /// Write a workbook; there is no such file yet
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub xlsx: Option<PathBuf>,
    /// The language of the files, en or zh-TW: programs go by en [default: as --lang]
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub header: Option<Language>,
    /// roc: days of the Republic (115/11/29) and tax periods stand beside the days of every sheet
    #[arg(long, value_name = "CALENDAR", value_enum)]
    pub calendar: Option<Calendar>,
    /// Write order numbers as ="…", by which Excel keeps all their digits
    #[arg(long, requires = "csv")]
    pub armour: bool,
    #[command(flatten)]
    pub print: PrintArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Calendar {
    Roc,
}
