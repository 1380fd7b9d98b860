//! The body of a request of the form API: fields beside each other, signed by `CheckMacValue`.

use std::collections::BTreeMap;

use crate::domain::ids::MerchantId;
use crate::gateway::wire::checksum::form;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::urlencode;

pub(super) struct Form(pub BTreeMap<String, String>);

impl Form {
    pub fn of(body: &[u8]) -> Option<Self> {
        let field = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            Some((urlencode::decode(name).ok()?, urlencode::decode(value).ok()?))
        };
        std::str::from_utf8(body).ok()?.trim().split('&').map(field).collect::<Option<_>>().map(Self)
    }

    pub fn id(&self, name: &str) -> Option<MerchantId> {
        self.0.get(name).and_then(|id| MerchantId::parse(id).ok())
    }

    pub fn is_signed_with(&self, keys: &Keys) -> bool {
        let pairs: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.0.get(form::FIELD).is_some_and(|claimed| form::holds(keys, &pairs, claimed))
    }
}
