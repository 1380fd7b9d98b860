//! What the commands take that set up a machine and look after it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::print::{PrintArgs, language, of_environment};
use super::values::{merchant, merchant_trade_no};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;

#[derive(Args)]
pub(in crate::cli) struct DoctorArgs {
    #[command(flatten)]
    pub print: PrintArgs,
    /// Send a test message through each channel as well
    #[arg(long)]
    pub alerts: bool,
    /// Write all that was found to this file, for somebody who helps: without keys, order numbers and memos
    #[arg(long, value_name = "FILE.tar")]
    pub bundle: Option<PathBuf>,
    /// Ask whether ECPay's JSON actions know this order by form: one E, which ECPay refuses on an authorized order
    ///
    /// It has to be registered on hold, freshly paid by card, and of a merchant with api = "form".
    #[arg(long, value_name = "NO", value_parser = merchant_trade_no)]
    pub probe: Option<MerchantTradeNo>,
    /// Of --probe: needed where several merchants have api = "form"
    #[arg(long, value_name = "ID", value_parser = merchant, requires = "probe")]
    pub merchant: Option<MerchantId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum YesNo {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ApiWord {
    Form,
    Json,
}

#[derive(Args)]
pub(in crate::cli) struct InitArgs {
    /// Where config.toml and the directory `keys` are made
    #[arg(long, value_name = "DIR", default_value = "/etc/ecpayd")]
    pub dir: PathBuf,
    /// MerchantID, as ECPay gave it [default: asked for]
    #[arg(long, value_name = "ID", value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// A file that holds the HashKey and nothing else [default: asked for]
    #[arg(long, value_name = "FILE", requires = "hash_iv_file")]
    pub hash_key_file: Option<PathBuf>,
    /// A file that holds the HashIV and nothing else [default: asked for]
    #[arg(long, value_name = "FILE", requires = "hash_key_file")]
    pub hash_iv_file: Option<PathBuf>,
    /// Whether 每日自動關帳 is on in ECPay's dashboard [default: asked for]
    #[arg(long, value_name = "yes|no")]
    pub daily_auto_close: Option<YesNo>,
    /// Which of ECPay's products makes the orders: form, 全方位金流 (AIO), as most plugins; json, 站內付 2.0 and the
    /// others [default: asked for, and json where all else is given by flags]
    #[arg(long, value_name = "form|json")]
    pub api: Option<ApiWord>,
    /// The card gateway, to rehearse with `ecpayd simulator` or at ECPay's stage
    #[arg(long, value_name = "URL", default_value = crate::config::PRODUCTION)]
    pub base_url: String,
    /// What people read, in en or zh-TW [default: by LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    lang: Option<Language>,
}

impl InitArgs {
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(of_environment)
    }
}
