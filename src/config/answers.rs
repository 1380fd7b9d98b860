//! Single values, for whoever asks a person for them before there are settings.

use super::{
    base_url::{BaseUrl, CARD},
    keys::{is_stage_key, is_whole},
};

/// The card gateway of everybody whose contract is not a trial.
pub const PRODUCTION: &str = "https://ecpayment.ecpay.com.tw";

/// The address of a card gateway, as the settings take it.
pub fn card_base_url(text: &str) -> Result<String, String> {
    BaseUrl::parse(text, CARD).map(|url| url.text)
}

/// Whether this may be HashKey or HashIV of the card gateway there. Never repeats it.
pub fn card_key(text: &str, base_url: &str) -> Result<(), String> {
    is_whole(text)?;
    if text.contains(|c: char| !c.is_ascii_graphic()) {
        return Err("holds a blank or a sign that ECPay's keys do not have".to_owned());
    }
    let url = BaseUrl::parse(base_url, CARD)?;
    if is_stage_key(text) && !url.is_stage() {
        return Err(format!("is one of ECPay's public stage keys, and {} is a production host", url.host));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_a_slip_before_it_is_written_down() {
        for (key, url, why) in [
            ("k3yK3yk3yK3yk3yA", PRODUCTION, ""),
            ("k3yK3yk3yK3yk3y", PRODUCTION, "gives 15 bytes"),
            ("", PRODUCTION, "gives 0 bytes"),
            ("k3yK3yk3yK3yk3y ", PRODUCTION, "holds a blank"),
            ("pwFHCqoQZGmho4w6", PRODUCTION, "public stage keys"),
            ("pwFHCqoQZGmho4w6", "http://127.0.0.1:8484", ""),
            ("pwFHCqoQZGmho4w6", "https://ecpayment-stage.ecpay.com.tw", ""),
        ] {
            let told = card_key(key, url).err().unwrap_or_default();
            assert!(told.contains(why) && told.is_empty() == why.is_empty(), "{key}: {told}");
            assert!(key.is_empty() || !told.contains(key), "{told}");
        }
    }
}
