//! `doctor`, and the settings of it for `check-config`.

use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::args::DoctorArgs;
use super::table::one_line;
use super::{Failure, channels, now};
use crate::config::{MerchantSettings, Settings};
use crate::daemon;
use crate::doctor::probe::Question;
use crate::doctor::{Check, Facts, Level, ProbeEnd, Probed, Tried, bundle, judge, look};
use crate::domain::calendar::show;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;

/// What programs read; its words are English.
#[derive(Serialize)]
struct Report<'a> {
    ecpayd: &'static str,
    checked_at: String,
    settings: String,
    /// The worst level of all.
    result: Level,
    checks: &'a [Check],
}

pub(super) async fn doctor(config: Option<PathBuf>, args: DoctorArgs) -> Result<(), Failure> {
    let path = super::settings_path(config)?;
    let mut facts = look::at_all(&path, super::environment(), &now).await;
    if args.alerts
        && let Ok(settings) = &facts.examined.settings
    {
        let tried = channels::tried(settings).await.into_iter();
        facts.tried = tried.map(|(channel, sent)| Tried { channel, sent }).collect();
    }
    if let Some(order) = &args.probe
        && let Ok(settings) = &facts.examined.settings
    {
        facts.probed = Some(probed(settings, order, args.merchant.as_ref()).await?);
    }
    let english = judge::all(&facts, Language::English);
    let report = serde_json::to_string_pretty(&Report {
        ecpayd: env!("CARGO_PKG_VERSION"),
        checked_at: show(facts.now),
        settings: path.display().to_string(),
        result: worst(&english),
        checks: &english,
    })?;
    if args.print.json {
        say!("{report}");
    } else {
        tell(&judge::all(&facts, args.print.language()), args.print.language());
    }
    if let Some(file) = &args.bundle {
        pack(file, &facts, &report, args.print.json, args.print.language())?;
    }
    judged(&english, &facts)
}

async fn probed(settings: &Settings, order: &MerchantTradeNo, named: Option<&MerchantId>) -> Result<Probed, Failure> {
    let merchant = whose(settings, named)?;
    let card = &merchant.card;
    let end = if [&card.hash_key, &card.hash_iv].iter().any(|key| key.expose_secret().is_empty()) {
        ProbeEnd::NoKeys
    } else {
        let gateway = daemon::card_gateway(merchant, daemon::transport(settings)?)?;
        Question::new(settings, merchant, order, now).ask(&gateway).await
    };
    Ok(Probed { merchant_id: merchant.merchant_id.to_string(), end })
}

/// The one whose orders are by form, unless it is named.
fn whose<'s>(settings: &'s Settings, named: Option<&MerchantId>) -> Result<&'s MerchantSettings, Failure> {
    let all = &settings.merchants;
    if let Some(named) = named {
        let found = all.iter().find(|merchant| merchant.merchant_id == *named);
        return found.ok_or_else(|| Failure::Usage(format!("merchant {named} is not in the settings")));
    }
    let by_form: Vec<_> = all.iter().filter(|merchant| merchant.form.is_some()).collect();
    match (by_form.as_slice(), all.as_slice()) {
        ([only], _) => Ok(only),
        ([], [only, ..]) => Ok(only),
        _ => Err(Failure::Usage("several merchants have api = \"form\": choose one with --merchant".to_owned())),
    }
}

/// Where the settings are judged alone: what is wrong goes to standard error, in the words of errors.
pub(super) fn check_config(config: Option<PathBuf>) -> Result<(), Failure> {
    let path = super::settings_path(config)?;
    let facts = look::at_settings(&path, super::environment(), &now);
    let settings = facts.examined.settings.as_ref().map_err(|problems| Failure::Usage(problems.to_string()))?;
    // The loader's own warnings are about files that are judged here.
    let checks = judge::of_settings(&facts, Language::English);
    let (failing, warnings): (Vec<_>, Vec<_>) =
        checks.iter().filter(|check| check.level > Level::Ok).partition(|check| check.level == Level::Fails);
    for check in warnings {
        anstream::eprintln!("ecpayd: {}", sentence(check, Language::English));
    }
    if !failing.is_empty() {
        let told: Vec<_> = failing.into_iter().map(|check| sentence(check, Language::English)).collect();
        return Err(Failure::Problem(told.join("\n")));
    }
    let merchants: Vec<_> = settings.merchants.iter().map(|m| m.merchant_id.as_str()).collect();
    say!("settings are good; merchants: {}; ledger: {}", merchants.join(", "), settings.database_path.display());
    Ok(())
}

/// After `init` has written.
pub(super) async fn after_init(path: &Path, language: Language) -> Level {
    let facts = look::at_all(path, super::environment(), &now).await;
    let checks = judge::all(&facts, language);
    tell(&checks, language);
    worst(&checks)
}

fn worst(checks: &[Check]) -> Level {
    checks.iter().map(|check| check.level).max().unwrap_or(Level::Ok)
}

/// 2 where the settings are wrong, as for every command; 1 where anything else fails.
fn judged(checks: &[Check], facts: &Facts) -> Result<(), Failure> {
    let failing = checks.iter().filter(|check| check.level == Level::Fails).count();
    if facts.examined.settings.is_err() {
        let path = facts.settings_path.display();
        return Err(Failure::Usage(format!("the settings in {path} are wrong; the rest could not be looked at")));
    }
    if failing > 0 {
        return Err(Failure::Problem(format!("{failing} of {} checks fail", checks.len())));
    }
    Ok(())
}

fn tell(checks: &[Check], language: Language) {
    let widest = checks.iter().map(|check| check.code.word().len()).max().unwrap_or_default();
    for check in checks {
        let (mark, word) = (check.level.mark(), check.level.named(language));
        let style = style(check.level);
        // Words in Chinese are of equal width; of the English ones the longest has seven letters.
        let word = language.pick(format!("{word:<7}"), word.to_owned());
        let code = check.code.word();
        say!("{style}{mark} {word}{style:#}  {code:<widest$}  {}", one_line(&sentence(check, language)));
    }
}

fn style(level: Level) -> Style {
    let colour = match level {
        Level::Ok => AnsiColor::Green,
        Level::Warning => AnsiColor::Yellow,
        Level::Fails => AnsiColor::Red,
    };
    colour.on_default()
}

pub(super) fn sentence(check: &Check, language: Language) -> String {
    let about = check.about.as_ref().map(|about| format!("{about}{}", language.pick(": ", "：")));
    let mend = check.mend.as_ref().map(|mend| format!("{}{mend}", language.pick("; to mend: ", "；處理：")));
    format!("{}{}{}", about.unwrap_or_default(), check.found, mend.unwrap_or_default())
}

fn pack(file: &Path, facts: &Facts, report: &str, quietly: bool, language: Language) -> Result<(), Failure> {
    let shown = file.display();
    bundle::write(file, facts, report).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::Problem(format!("{shown} is there already, and is not written over: name another file"))
        }
        _ => Failure::Problem(format!("{shown} cannot be written: {error}")),
    })?;
    if !quietly {
        say!(
            "{}",
            language.pick(
                format!("{shown} is written: no key, no order number and no memo is in it; read it before you send it"),
                format!("已寫入 {shown}：裡面沒有金鑰、訂單編號與備註；寄出前請先看過"),
            )
        );
    }
    Ok(())
}
