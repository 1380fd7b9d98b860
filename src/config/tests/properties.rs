//! Whatever stands in the file and the environment.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_text_panics_the_loader(text in any::<String>(), name in "ECPAYD_[A-Z0-9_]{0,30}", value in any::<String>()) {
        let _ = load(&text, &[(&name, &value)]);
    }

    #[test]
    fn no_value_panics_the_loader_and_none_is_repeated(
        section in "capture|refund|window|gateway|poll|alerts|log|database|merchant|merchant.card|merchant.voucher|http|[alerts.channel]|[events.channel]",
        key in "policy|deadline_days|lead|start|timeout|unpaid|expiry_days|level|path|listen|hash_key_file|base_url|merchant_id|digest|kind|url|secret|token|hosts|heartbeat_url|events|argv|to|name|language",
        value in "S3CRET|[ -~]{0,20}|[0-9]{1,22}(d|s|ms|y|)",
        quote in "\"|'''|",
    ) {
        let line = format!("[{section}]\n{key} = {quote}{value}{quote}\n");
        let rest = if section.starts_with("merchant") { String::new() } else { production() };
        let outcome = load(&(rest + &line), &[]);
        let told = outcome.err().unwrap_or_default().concat();
        prop_assert!(!told.contains("S3CRET") && !told.contains(KEY), "{told}");
    }
}
