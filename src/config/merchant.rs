//! `[[merchant]]`: who the orders belong to, and the gateways that know them.

use std::collections::BTreeSet;

use super::{
    base_url,
    form::{self, FormSettings},
    gateway::{self, Exposure, GatewayAccess},
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
        let read = gateway::read(section, base_url::CARD, ring, exposure);
        let form = form::read(section, read.as_ref(), ring, exposure);
        Some((read?.access, form?))
    });
    let voucher =
        section.within_if_present("voucher", |section| gateway::read(section, base_url::VOUCHER, ring, exposure));
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
