//! Answers into bytes.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Addressee, Call, Keyring, Unread};
use crate::domain::ids::MerchantId;
use crate::gateway::wire::checksum;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::envelope::{AnswerEnvelope, RpHeader};
use crate::gateway::wire::urlencode;
use crate::simulator::bank::{JsonText, Terms};
use crate::simulator::style;

/// The vendor's list of codes is not public; this only differs from 1.
const TRANS_REFUSED: i64 = 0;

/// What is wrong with an answer that is otherwise whole.
#[derive(Clone, Copy)]
pub enum Crooked<'a> {
    No,
    /// Sealed with these instead.
    Keys(&'a Keys),
    Checksum,
}

impl Keyring {
    /// The bytes of an answer, sealed for the sender.
    pub fn seal(
        &self,
        to: &Addressee,
        data: &Value,
        terms: &Terms,
        crooked: Crooked<'_>,
        now: DateTime<Utc>,
    ) -> Vec<u8> {
        let voucher = to.call.is_voucher();
        let own = self.member(&to.sender).map(|m| if voucher { &m.voucher_keys } else { &m.keys });
        let keys = match crooked {
            Crooked::Keys(other) => Some(other),
            Crooked::No | Crooked::Checksum => own,
        };
        let text = style::json(data, terms);
        let sealed = keys.map(|keys| keys.seal_encoded(&style::encoded(&text, terms))).unwrap_or_default();
        if !voucher {
            return bytes(&envelope(to.sender.as_str(), 1, "Success", sealed, now));
        }
        let summed = if matches!(crooked, Crooked::Checksum) { format!("{text} ") } else { text };
        let platform = to.sender != to.merchant_id;
        bytes(&AnswerEnvelope {
            platform_id: Some(if platform { to.sender.to_string() } else { String::new() }),
            check_mac_value: Some(keys.map(|keys| checksum::of(keys, &summed)).unwrap_or_default()),
            // The vendor's sample has no text here.
            ..envelope(to.merchant_id.as_str(), 1, "", sealed, now)
        })
    }

    /// The bytes of an answer to a form. That of the order query alone is signed.
    pub fn form_answer(&self, to: &Addressee, data: &Value, terms: &Terms, crooked: Crooked<'_>) -> Vec<u8> {
        let Value::Object(fields) = data else { return Vec::new() };
        match to.call {
            Call::QueryTradeV2 | Call::QueryCreditCardPeriodInfo => data.to_string().into_bytes(),
            Call::FormAction => {
                let words = |value: &Value| match terms.json {
                    JsonText::Raw => plain(value),
                    JsonText::Escaped => urlencode::encode(&plain(value)),
                };
                joined(fields.iter().map(|(name, value)| (name.as_str(), words(value)))).into_bytes()
            }
            _ => {
                let mut sorted: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), plain(value))).collect();
                sorted.sort_by_key(|(name, _)| name.to_lowercase());
                if matches!(crooked, Crooked::Checksum) {
                    sorted.push(("z", String::new()));
                }
                let pairs: Vec<_> = sorted.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let keys = match crooked {
                    Crooked::Keys(other) => Some(other),
                    Crooked::No | Crooked::Checksum => self.member(&to.sender).map(|member| &member.keys),
                };
                let sum = keys.map(|keys| checksum::form::of(keys, &pairs)).unwrap_or_default();
                sorted.retain(|(name, _)| *name != "z");
                format!("{}&{}={sum}", joined(sorted.into_iter()), checksum::form::FIELD).into_bytes()
            }
        }
    }

    /// An envelope without `Data`, to a call that is refused as a whole.
    pub fn refusal(merchant_id: &MerchantId, trans_code: i64, text: &str, now: DateTime<Utc>) -> Vec<u8> {
        bytes(&envelope(merchant_id.as_str(), trans_code, text, String::new(), now))
    }

    pub fn seal_refusal(&self, unread: &Unread, terms: &Terms, now: DateTime<Utc>) -> Vec<u8> {
        match unread {
            Unread::Envelope { told, text, .. } => bytes(&envelope(told, TRANS_REFUSED, text, String::new(), now)),
            Unread::Content { to, data } => self.seal(to, data, terms, Crooked::No, now),
            Unread::Form { text, .. } => text.clone().into_bytes(),
        }
    }
}

fn joined<'a>(fields: impl Iterator<Item = (&'a str, String)>) -> String {
    fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn envelope(merchant_id: &str, trans_code: i64, text: &str, data: String, now: DateTime<Utc>) -> AnswerEnvelope {
    AnswerEnvelope {
        merchant_id: merchant_id.to_owned(),
        rp_header: RpHeader { timestamp: Some(now.timestamp()) },
        trans_code,
        trans_msg: text.to_owned(),
        data,
        platform_id: None,
        check_mac_value: None,
    }
}

fn bytes(answer: &AnswerEnvelope) -> Vec<u8> {
    // Strings and integers always serialize.
    serde_json::to_vec(answer).unwrap_or_default()
}
