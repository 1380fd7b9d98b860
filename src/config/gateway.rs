//! One of a merchant's gateways: its address and its keys, and which keys may be used there.

use secrecy::SecretString;

use super::{
    base_url::{BaseUrl, Hosts},
    keys::{HASH_IV, HASH_KEY, is_public_stage_key, is_whole},
    reader::Section,
    secret::KeyRing,
};

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

pub(super) fn read(
    section: &mut Section<'_>,
    hosts: Hosts,
    ring: KeyRing<'_>,
    exposure: &mut Exposure,
) -> Option<Gateway> {
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
