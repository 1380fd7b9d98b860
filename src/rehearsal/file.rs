//! Settings for a daemon in a process of its own.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};

use super::merchant::{Merchant, card_keys};
use crate::domain::calendar::taipei;
use crate::simulator::STAGE_VOUCHER_KEYS;

/// The text of a settings file: the ledger, and merchants whose gateway is `url`. Further sections may follow.
pub fn settings_file(ledger: &Path, merchants: &[Merchant], url: &str) -> String {
    let mut text = format!("[database]\npath = {ledger:?}\n");
    let access = |(key, iv)| format!("base_url = \"{url}\"\nhash_key = \"{key}\"\nhash_iv = \"{iv}\"\n");
    for merchant in merchants {
        let Merchant { at_bank, vouchers, by_form } = merchant;
        text += &format!("[[merchant]]\nmerchant_id = \"{}\"\n", at_bank.merchant_id);
        if at_bank.daily_auto_close {
            text += "daily_auto_close = true\n";
        }
        if let Some(platform) = &at_bank.platform_id {
            text += &format!("platform_id = \"{platform}\"\n");
        }
        text += &format!("[merchant.card]\n{}", access(card_keys(merchant, merchants)));
        if *by_form {
            text += &format!("api = \"form\"\nform_url = \"{url}\"\n");
        }
        if *vouchers {
            text += &format!("[merchant.voucher]\n{}", access(STAGE_VOUCHER_KEYS));
        }
    }
    text
}

/// A section with a closing window on the other side of the day, so that a rehearsal in real time may
/// begin at any hour.
pub fn far_window(now: DateTime<Utc>) -> String {
    let start = taipei(now) + Duration::hours(8);
    let end = start + Duration::minutes(15);
    format!("[window]\nstart = \"{}\"\nend = \"{}\"\n", start.format("%H:%M"), end.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::{GatewayAccess, KeysNeeded, Settings};
    use crate::rehearsal::{Rehearsal, Setup};
    use crate::simulator::SimMerchant;

    fn told(access: &GatewayAccess) -> [&str; 3] {
        [&access.base_url, access.hash_key.expose_secret(), access.hash_iv.expose_secret()]
    }

    #[test]
    fn a_daemon_of_its_own_process_reads_the_settings_of_the_one_in_this() {
        let dir = tempfile::tempdir().expect("a directory");
        let member = SimMerchant { platform_id: Some("3085340".to_owned()), ..SimMerchant::stage() };
        let platform = Merchant::made_up("3085340").with_vouchers();
        let platform = SimMerchant { daily_auto_close: true, ..platform.at_bank };
        let merchants = [
            Merchant { at_bank: member, ..Merchant::stage().of_aio() },
            Merchant { at_bank: platform, ..Merchant::stage().with_vouchers() },
        ]
        .to_vec();
        let (ledger, path) = (dir.path().join("ledger.db"), dir.path().join("config.toml"));
        let now = DateTime::UNIX_EPOCH;
        let here = Rehearsal::open(Setup { merchants: merchants.clone(), ..Setup::new(now, &ledger) });
        let here = here.expect("good merchants").settings;

        let url = "http://127.0.0.1:9";
        std::fs::write(&path, settings_file(&ledger, &merchants, url) + &far_window(now)).expect("a file");
        let there = Settings::load(&path, std::iter::empty(), KeysNeeded::All).expect("good settings");

        assert_eq!(there.database_path, here.database_path);
        assert_eq!(there.merchants.len(), 2);
        for (there, here) in there.merchants.iter().zip(&here.merchants) {
            assert_eq!((&there.merchant_id, &there.platform_id), (&here.merchant_id, &here.platform_id));
            assert_eq!(there.daily_auto_close, here.daily_auto_close);
            assert_eq!(there.voucher.is_some(), here.voucher.is_some());
            let both = [(Some(&there.card), Some(&here.card)), (there.voucher.as_ref(), here.voucher.as_ref())];
            for (there, here) in both.into_iter().filter_map(|(there, here)| there.zip(here)) {
                assert_eq!(told(there), [&[url][..], &told(here)[1..]].concat()[..]);
            }
        }
    }
}
