//! What the first settings are made of.

use secrecy::SecretString;

use crate::domain::api::CardApi;
use crate::domain::ids::MerchantId;

pub(super) struct Answers {
    pub(super) merchant_id: MerchantId,
    pub(super) hash_key: SecretString,
    pub(super) hash_iv: SecretString,
    pub(super) daily_auto_close: bool,
    pub(super) api: CardApi,
    pub(super) base_url: String,
}
