//! `init`: the first settings, from a few questions or from flags.

mod answers;
mod ask;
mod place;
mod text;

use std::path::Path;

use self::answers::Answers;
use super::args::{ApiWord, InitArgs, YesNo};
use super::{Failure, doctor};
use crate::config::{card_base_url, card_key};
use crate::doctor::Level;
use crate::domain::api::CardApi;
use crate::domain::language::Language;

/// Its exit status says whether the settings were written; what `doctor` finds after that is told, and no failure
/// of `init`: a gateway that does not answer today leaves good settings.
pub(super) async fn init(args: InitArgs) -> Result<(), Failure> {
    let language = args.language();
    // Nobody types keys in vain.
    place::check_free(&args.dir)?;
    let base_url = card_base_url(&args.base_url).map_err(|why| Failure::Usage(format!("--base-url {why}")))?;
    let answers = answers(&args, base_url, language)?;
    let config = place::write(&args.dir, &answers)?;
    let shown = config.display();
    let keys = config.with_file_name(crate::config::KEYS);
    say!(
        "{}",
        language.pick(
            format!("written: {shown}, and the keys into {}", keys.display()),
            format!("已寫入 {shown}，金鑰在 {}", keys.display()),
        )
    );
    let worst = doctor::after_init(&config, language).await;
    say!("{}", next(&config, worst, language));
    Ok(())
}

fn answers(args: &InitArgs, base_url: String, language: Language) -> Result<Answers, Failure> {
    let mut source = ask::Source::new(language);
    let merchant_id = match &args.merchant {
        Some(id) => id.clone(),
        None => source.merchant_id()?,
    };
    let (hash_key, hash_iv) = match (&args.hash_key_file, &args.hash_iv_file) {
        (Some(key), Some(iv)) => {
            (from_file("--hash-key-file", key, &base_url)?, from_file("--hash-iv-file", iv, &base_url)?)
        }
        _ => (source.key("HashKey", &base_url)?, source.key("HashIV", &base_url)?),
    };
    let daily_auto_close = match args.daily_auto_close {
        Some(answer) => answer == YesNo::Yes,
        None => source.daily_auto_close()?,
    };
    let by_flags = args.merchant.is_some() && args.hash_key_file.is_some() && args.daily_auto_close.is_some();
    let api = match args.api {
        Some(ApiWord::Form) => CardApi::Form,
        Some(ApiWord::Json) => CardApi::Json,
        // Whoever has given all the rest by flags is asked nothing.
        None if by_flags => CardApi::default(),
        None => source.api()?,
    };
    Ok(Answers { merchant_id, hash_key, hash_iv, daily_auto_close, api, base_url })
}

fn from_file(flag: &str, path: &Path, base_url: &str) -> Result<secrecy::SecretString, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!("{flag} {} cannot be read: {}", path.display(), error.to_string().to_lowercase()))
    })?;
    let key = text.trim_end_matches(['\r', '\n']);
    card_key(key, base_url).map_err(|why| Failure::Usage(format!("{flag} {why}")))?;
    Ok(key.into())
}

fn next(config: &Path, worst: Level, language: Language) -> String {
    let under_unit = config == Path::new("/etc/ecpayd/config.toml");
    let start = match under_unit {
        true => "systemctl enable --now ecpayd".to_owned(),
        false => format!("ecpayd --config {} run", config.display()),
    };
    match worst {
        Level::Fails => language.pick(
            format!("mend what fails, then `ecpayd --config {} doctor` once more", config.display()),
            format!("請先處理異常的項目，再執行 `ecpayd --config {} doctor`", config.display()),
        ),
        _ => language.pick(format!("next: {start}"), format!("下一步：{start}")),
    }
}
