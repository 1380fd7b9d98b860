//! Whose orders they are: at the bank, and in the settings.

use crate::config::{FormSettings, GatewayAccess, MerchantSettings};
use crate::domain::ids::{BadNumber, MerchantId};
use crate::simulator::{STAGE_VOUCHER_KEYS, SimMerchant};

/// Nobody's, for card calls.
pub const MADE_UP_KEYS: (&str, &str) = ("madeUpKey0000001", "madeUpIv00000001");

/// With made-up or public keys; never put real ones here.
#[derive(Clone)]
pub struct Merchant {
    pub at_bank: SimMerchant,
    /// The voucher service is in the settings. At the bank everybody has it.
    pub vouchers: bool,
    /// Its orders are of 全方位金流 (AIO), and acted on by form.
    pub by_form: bool,
}

impl Merchant {
    /// The vendor's public stage merchant.
    pub fn stage() -> Self {
        Self { at_bank: SimMerchant::stage(), vouchers: false, by_form: false }
    }

    pub fn made_up(merchant_id: &str) -> Self {
        let (hash_key, hash_iv) = (MADE_UP_KEYS.0.to_owned(), MADE_UP_KEYS.1.to_owned());
        let at_bank = SimMerchant { merchant_id: merchant_id.to_owned(), hash_key, hash_iv, ..SimMerchant::stage() };
        Self { at_bank, vouchers: false, by_form: false }
    }

    pub fn of_aio(self) -> Self {
        Self { at_bank: SimMerchant { aio: true, ..self.at_bank }, by_form: true, ..self }
    }

    pub fn with_vouchers(self) -> Self {
        Self { vouchers: true, ..self }
    }
}

pub(super) fn settings(merchants: &[Merchant], base_url: &str) -> Result<Vec<MerchantSettings>, BadNumber> {
    let access = |(key, iv): (&str, &str)| GatewayAccess {
        base_url: base_url.to_owned(),
        hash_key: key.into(),
        hash_iv: iv.into(),
    };
    let one = |merchant: &Merchant| {
        let Merchant { at_bank, vouchers, by_form } = merchant;
        Ok(MerchantSettings {
            merchant_id: MerchantId::parse(&at_bank.merchant_id)?,
            platform_id: at_bank.platform_id.as_deref().map(MerchantId::parse).transpose()?,
            daily_auto_close: at_bank.daily_auto_close,
            card: access(card_keys(merchant, merchants)),
            form: by_form.then(|| FormSettings { url: base_url.to_owned(), credit_check_code: None }),
            voucher: vouchers.then(|| access(STAGE_VOUCHER_KEYS)),
        })
    };
    merchants.iter().map(one).collect()
}

/// A platform calls with its own.
pub(super) fn card_keys<'a>(merchant: &'a Merchant, all: &'a [Merchant]) -> (&'a str, &'a str) {
    let platform = merchant.at_bank.platform_id.as_ref();
    let caller = all.iter().find(|m| Some(&m.at_bank.merchant_id) == platform).unwrap_or(merchant);
    (&caller.at_bank.hash_key, &caller.at_bank.hash_iv)
}
