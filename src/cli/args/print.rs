//! How a command prints what it was asked for.

use clap::Args;

use crate::domain::language::Language;

#[derive(Args)]
pub(in crate::cli) struct PrintArgs {
    /// Print JSON with stable field names
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    lang: LanguageArgs,
}

#[derive(Args)]
pub(in crate::cli) struct LanguageArgs {
    /// What people read, in en or zh-TW [default: by LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    lang: Option<Language>,
}

impl PrintArgs {
    pub fn language(&self) -> Language {
        self.lang.language()
    }
}

impl LanguageArgs {
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(of_environment)
    }
}

pub(super) fn of_environment() -> Language {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok());
    Language::of_locales(values.iter().map(Option::as_deref))
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).map_err(|e| e.to_string())
}
