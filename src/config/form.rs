//! `[merchant.card] api = "form"`: where the forms of 全方位金流 (AIO) are sent.

use secrecy::SecretString;

use super::{
    base_url::{self, BaseUrl},
    gateway::{Exposure, Gateway},
    reader::Section,
    secret::{KeyRing, Source},
};
use crate::domain::api::CardApi;

#[derive(Clone, Debug)]
pub struct FormSettings {
    /// Without a slash at the end.
    pub url: String,
    /// Of the card detail by form, which is asked where the JSON one does not know an order.
    pub credit_check_code: Option<SecretString>,
}

const CREDIT_CHECK_CODE: Source =
    Source::new("credit_check_code", "credit_check_code_file", "credit_check_code_credential");

const API: &[(&str, CardApi)] = &[("json", CardApi::Json), ("form", CardApi::Form)];

/// None after a complaint. `card`: the gateway of the same section, if that was read.
pub(super) fn read(
    section: &mut Section<'_>,
    card: Option<&Gateway>,
    ring: KeyRing<'_>,
    exposure: &mut Exposure,
) -> Option<Option<FormSettings>> {
    let api = section.choice("api", CardApi::Json, API);
    let url = section.text("form_url").filter(|text| !text.is_empty());
    let (code, code_in_file) = CREDIT_CHECK_CODE.optional(section, ring, is_code);
    if api == CardApi::Json {
        let is_given = [("form_url", url.is_some()), ("credit_check_code", !matches!(code, Ok(None)))];
        for (key, _) in is_given.into_iter().filter(|(_, is_given)| *is_given) {
            section.complain(key, "is only for orders of 全方位金流 (AIO); set api = \"form\" beside it, or remove it");
        }
        return is_given.iter().all(|(_, is_given)| !is_given).then_some(None);
    }
    exposure.holds_keys |= code_in_file;
    let url = url.or_else(|| card.and_then(|card| base_url::form_beside(&card.access.base_url)));
    let Some(url) = url else {
        if card.is_some() {
            section.complain("form_url", "is missing; it is the address of 全方位金流, https://HOST");
        }
        return None;
    };
    let url = BaseUrl::parse(&url, base_url::FORM).map_err(|why| section.complain("form_url", why)).ok();
    exposure.leaves_host |= !url.as_ref().is_some_and(|url| url.loopback);
    let (url, credit_check_code) = (url?, code.ok()?);
    if let Some(card) = card {
        card.check_keys(section, &url);
    }
    Some(Some(FormSettings { url: url.text, credit_check_code: credit_check_code.map(|code| code.secret) }))
}

/// One number for each merchant, of 7 to 10 digits in the vendor's samples.
fn is_code(text: &str) -> Result<(), String> {
    if (4..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err("gives what is no 商家檢查碼: it is a number, in 廠商後台 under 信用卡收單 > 信用卡授權資訊".to_owned())
}
