//! `[[merchant]]`: who the orders belong to, and the gateways that know them.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::{
    base_url::{self, BaseUrl, Hosts},
    form::{self, FormSettings},
    keys::{HASH_IV, HASH_KEY, is_public_stage_key, is_whole},
    reader::Section,
    secret::KeyRing,
};
use crate::domain::{api::CardApi, ids::MerchantId};

#[derive(Clone, Debug)]
pub struct MerchantSettings {
    pub merchant_id: MerchantId,
    /// Platform merchants only.
    pub platform_id: Option<MerchantId>,
    /// 每日自動關帳: the vendor captures each evening by itself.
    pub daily_auto_close: bool,
    pub card: GatewayAccess,
    /// `card.api = "form"`: its orders are of 全方位金流 (AIO). Nothing: of the JSON products.
    pub form: Option<FormSettings>,
    /// Nothing: the merchant sells no vouchers.
    pub voucher: Option<GatewayAccess>,
}

impl MerchantSettings {
    /// By which its card orders are acted on.
    pub fn api(&self) -> CardApi {
        if self.form.is_some() { CardApi::Form } else { CardApi::Json }
    }
}

/// One of a merchant's gateways, which has keys of its own.
#[derive(Clone, Debug)]
pub struct GatewayAccess {
    /// Without a slash at the end.
    pub base_url: String,
    pub hash_key: SecretString,
    pub hash_iv: SecretString,
}

/// What decides whether the settings file may be open to others.
#[derive(Default)]
pub(super) struct Exposure {
    pub(super) holds_keys: bool,
    /// Some gateway is not on loopback (or its address is not readable).
    pub(super) leaves_host: bool,
}

pub(super) fn read_all(root: &mut Section<'_>, ring: KeyRing<'_>, exposure: &mut Exposure) -> Vec<MerchantSettings> {
    let mut seen = BTreeSet::new();
    let merchants = root.each("merchant", |section| {
        let merchant = read(section, ring, exposure);
        if let Some(id) = &merchant.0
            && !seen.insert(id.clone())
        {
            section.complain("merchant_id", format!("{id} stands twice; each merchant has one section"));
        }
        merchant.1
    });
    if merchants.as_ref().is_some_and(Vec::is_empty) {
        root.complain("merchant", "is missing; add a [[merchant]] section");
    }
    merchants.into_iter().flatten().flatten().collect()
}

/// The number alone too: a merchant with another problem still counts as a duplicate.
fn read(
    section: &mut Section<'_>,
    ring: KeyRing<'_>,
    exposure: &mut Exposure,
) -> (Option<MerchantId>, Option<MerchantSettings>) {
    let merchant_id = section.required("merchant_id", "it is the MerchantID that ECPay gave you");
    let merchant_id = merchant_id.and_then(|text| number(section, "merchant_id", &text));
    let platform_id = section.text("platform_id").filter(|text| !text.is_empty());
    let platform_id = platform_id.and_then(|text| number(section, "platform_id", &text));
    let daily_auto_close = section.boolean("daily_auto_close", false);
    let card = section.within("card", |section| {
        let read = gateway(section, base_url::CARD, ring, exposure);
        let form = form::read(section, read.as_ref(), ring, exposure);
        Some((read?.access, form?))
    });
    let voucher = section.within_if_present("voucher", |section| gateway(section, base_url::VOUCHER, ring, exposure));
    let merchant = merchant_id.clone().zip(card).map(|(merchant_id, (card, form))| MerchantSettings {
        merchant_id,
        platform_id,
        daily_auto_close,
        card,
        form,
        voucher: voucher.flatten().map(|read| read.access),
    });
    (merchant_id, merchant)
}

fn number(section: &Section<'_>, key: &str, text: &str) -> Option<MerchantId> {
    let number = MerchantId::parse(text).ok();
    if number.is_none() {
        section.complain(key, "must be 1 to 10 letters and digits, as ECPay gave it");
    }
    number
}

fn gateway(section: &mut Section<'_>, hosts: Hosts, ring: KeyRing<'_>, exposure: &mut Exposure) -> Option<Gateway> {
    let base_url = section.required("base_url", "it is the gateway's address, https://HOST");
    let base_url =
        base_url.and_then(|text| BaseUrl::parse(&text, hosts).map_err(|why| section.complain("base_url", why)).ok());
    let (hash_key, inline_key) = HASH_KEY.required(section, ring, is_whole);
    let (hash_iv, inline_iv) = HASH_IV.required(section, ring, is_whole);
    exposure.holds_keys |= inline_key || inline_iv;
    exposure.leaves_host |= !base_url.as_ref().is_some_and(|url| url.loopback);

    let (base_url, hash_key, hash_iv) = (base_url?, hash_key?, hash_iv?);
    let public_keys = [&hash_key, &hash_iv].into_iter().filter(|key| is_public_stage_key(key)).map(|key| key.from);
    let read = Gateway {
        public_keys: public_keys.collect(),
        access: GatewayAccess { base_url: base_url.text.clone(), hash_key: hash_key.secret, hash_iv: hash_iv.secret },
    };
    read.check_keys(section, &base_url);
    Some(read)
}

/// A gateway that was read.
pub(super) struct Gateway {
    pub(super) access: GatewayAccess,
    /// Which of the section's keys give one of ECPay's public stage keys.
    public_keys: Vec<&'static str>,
}

impl Gateway {
    /// They are everybody's.
    pub(super) fn check_keys(&self, section: &Section<'_>, url: &BaseUrl) {
        for from in self.public_keys.iter().filter(|_| !url.is_stage()) {
            let text = format!(
                "gives one of ECPay's public stage keys, and {} is a production host; \
                 set the key of your contract, or the stage host",
                url.host
            );
            section.complain(from, text);
        }
    }
}
