//! The settings as they are written first: short, and what else there is named in a comment.

use std::path::Path;

use toml::Value;

use super::answers::Answers;
use crate::config::{credential_of, form_beside};
use crate::domain::api::CardApi;

/// Where the unit keeps its settings; its ledger lies elsewhere.
const OF_UNIT: &str = "/etc/ecpayd";

pub(super) fn is_of_unit(dir: &Path) -> bool {
    dir == Path::new(OF_UNIT)
}

/// The files of the keys, in the directory `keys`: HashKey, then HashIV.
pub(super) fn key_files(answers: &Answers) -> [String; 2] {
    ["hash_key", "hash_iv"].map(|key| format!("{}.card.{key}", answers.merchant_id))
}

/// The form's host beside the vendor's own goes without saying; a stand-in serves both under one address.
fn api(answers: &Answers) -> String {
    let (word, note) = match answers.api {
        CardApi::Form => ("form", "全方位金流 (AIO); \"json\" is 站內付 2.0 and the others: docs/products.md"),
        CardApi::Json => ("json", "站內付 2.0 and the others; \"form\" is 全方位金流 (AIO): docs/products.md"),
    };
    let url = Value::String(answers.base_url.clone());
    let url = match (answers.api, form_beside(&answers.base_url)) {
        (CardApi::Form, None) => format!("form_url = {url}\n"),
        _ => String::new(),
    };
    format!("api = \"{word}\"                     # {note}\n{url}")
}

/// `dir` is absolute.
pub(super) fn settings(dir: &Path, answers: &Answers) -> String {
    let is_of_unit = is_of_unit(dir);
    let ledger = if is_of_unit { "/var/lib/ecpayd/ecpayd.db".into() } else { dir.join("ecpayd.db") };
    let log = if is_of_unit { "[log]\nformat = \"journald\"\n" } else { "[log]\nformat = \"text\"\n" };
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let [key, iv] = key_files(answers).map(|file| quoted(&credential_of(&file)));
    let (ledger, base_url) = (quoted(&ledger.to_string_lossy()), quoted(&answers.base_url));
    let api = api(answers);
    let (merchant_id, daily) = (quoted(answers.merchant_id.as_str()), answers.daily_auto_close);
    format!(
        "# Written by `ecpayd init`. Every setting with its default stands in the config.toml of the source.
# `ecpayd check-config` reads this file, `ecpayd doctor` everything. A change takes effect at a restart.

[database]
path = {ledger}

[[merchant]]
merchant_id = {merchant_id}
daily_auto_close = {daily}         # whether 每日自動關帳 is on in ECPay's dashboard

[merchant.card]
base_url = {base_url}
{api}# The files of keys/ beside this one, of that name without k_: the unit hands them over as credentials.
hash_key_credential = {key}
hash_iv_credential = {iv}

# Who is told: docs/alerts.md. Secrets may stand in keys/ too, as in token_credential = \"k_line.token\".
# [[alerts.channel]]

# The status page, for every user of this machine; a token keeps others out (docs/page.md).
# [http]
# listen = \"127.0.0.1:8420\"

{log}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MerchantId;

    #[test]
    fn the_forms_host_is_written_only_where_it_does_not_go_without_saying() {
        for (api, base_url, told) in [
            (CardApi::Json, "http://127.0.0.1:9", None),
            (CardApi::Form, "http://127.0.0.1:9", Some("form_url = \"http://127.0.0.1:9\"\n")),
            (CardApi::Form, crate::config::PRODUCTION, None),
            (CardApi::Form, "https://ecpayment-stage.ecpay.com.tw", None),
        ] {
            let answers = Answers {
                merchant_id: MerchantId::parse("1234567").expect("a number"),
                hash_key: "k".into(),
                hash_iv: "v".into(),
                daily_auto_close: false,
                api,
                base_url: base_url.to_owned(),
            };
            let text = settings(Path::new("/tmp/x"), &answers);
            assert!(text.contains(&format!("\napi = \"{}\" ", api.word())), "{text}");
            assert_eq!(told.is_some(), text.contains("\nform_url = "), "{text}");
            assert!(told.is_none_or(|told| text.contains(told)), "{text}");
        }
    }
}
