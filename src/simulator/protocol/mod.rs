//! Bytes of a request in, what is asked for out; plain JSON in, bytes of an answer out.
//!
//! Stricter than the vendor on purpose: a request that this reads would be read by ECPay too.

mod fields;
mod form;
mod request;
mod seal;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use crate::domain::ids::MerchantId;
use crate::gateway::wire::checksum;
use crate::gateway::wire::cipher::Keys;
use form::Form;
pub use request::{Addressee, Call, Question, Request};
pub use seal::Crooked;

use super::statements::form_fields;

/// Vendor page 信用卡請退款功能, in English, RqHeader. How far ahead a stamp may be is on no page; taken as the same.
const STAMP_VALID: Duration = Duration::minutes(10);

/// The vendor's list of codes is not public; this only differs from 1.
const CONTENT_REFUSED: i64 = 10_200_052;

/// Why a request is not acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Answered with a `TransCode` other than 1 and no `Data`.
    Envelope { sender: Option<MerchantId>, told: String, text: String },
    /// Answered inside `Data`.
    Content { to: Addressee, data: Value },
    /// A form, answered in plain text.
    Form { sender: Option<MerchantId>, text: String },
}

impl Unread {
    /// Who called, where that can be read.
    pub fn sender(&self) -> Option<&MerchantId> {
        match self {
            Self::Envelope { sender, .. } | Self::Form { sender, .. } => sender.as_ref(),
            Self::Content { to, .. } => Some(&to.sender),
        }
    }
}

struct Member {
    keys: Keys,
    voucher_keys: Keys,
    platform_id: Option<MerchantId>,
}

/// Every merchant and platform that may call.
#[derive(Default)]
pub struct Keyring(BTreeMap<MerchantId, Member>);

impl Keyring {
    pub fn add(&mut self, id: MerchantId, keys: Keys, voucher_keys: Keys, platform_id: Option<MerchantId>) {
        self.0.insert(id, Member { keys, voucher_keys, platform_id });
    }

    /// Whether there is such a merchant.
    pub fn change_voucher_keys(&mut self, id: &MerchantId, keys: Keys) -> bool {
        self.0.get_mut(id).map(|member| member.voucher_keys = keys).is_some()
    }

    pub fn platform_of(&self, id: &MerchantId) -> Option<&MerchantId> {
        self.0.get(id).and_then(|member| member.platform_id.as_ref())
    }

    /// Whose keys a caller has: its own or, of a platform that is no merchant here, those of a
    /// merchant that it may call for.
    fn member(&self, caller: &MerchantId) -> Option<&Member> {
        let called_for = || self.0.values().find(|member| member.platform_id.as_ref() == Some(caller));
        self.0.get(caller).or_else(called_for)
    }

    pub fn read(&self, call: Call, body: &[u8], now: DateTime<Utc>) -> Result<Request, Unread> {
        if call.is_form() {
            return self.read_form(call, body, now);
        }
        let envelope: Value = serde_json::from_slice(body).map_err(|_| refuse("", "the body is not JSON"))?;
        let sender = sender(call, &envelope)?;
        let known = MerchantId::parse(sender).ok().and_then(|id| self.member(&id).map(|member| (id, member)));
        let (id, member) = known.ok_or_else(|| refuse(sender, "MerchantID Error"))?;
        let stamp_s = envelope["RqHeader"]["Timestamp"].as_i64();
        let stamp_s = stamp_s.ok_or_else(|| refuse(sender, "RqHeader.Timestamp is required"))?;
        if !stamp_holds(stamp_s, now) {
            return Err(refuse(sender, "Timestamp Error"));
        }
        let data = envelope["Data"].as_str().ok_or_else(|| refuse(sender, "Data is required"))?;
        let keys = if call.is_voucher() { &member.voucher_keys } else { &member.keys };
        let plain = keys.open(data).map_err(|_| refuse(sender, "Data decrypt fail"))?;
        if call.is_voucher() {
            let claimed = envelope["CheckMacValue"].as_str();
            let claimed = claimed.ok_or_else(|| refuse(sender, "CheckMacValue is required"))?;
            if !checksum::holds(keys, &plain, claimed) {
                return Err(refuse(sender, "CheckMacValue Error"));
            }
        }
        match serde_json::from_str(&plain) {
            Ok(Value::Object(fields)) => self.question(call, stamp_s, &id, &fields),
            _ => Err(refuse(sender, "Data is not a JSON object")),
        }
    }

    /// Files and actions are asked for without a stamp: they may be of any time.
    fn read_form(&self, call: Call, body: &[u8], now: DateTime<Utc>) -> Result<Request, Unread> {
        let refuse =
            |sender: Option<&MerchantId>, text: &str| Unread::Form { sender: sender.cloned(), text: text.to_owned() };
        let form = Form::of(body).ok_or_else(|| refuse(None, "the body is not a form"))?;
        let merchant_id = form.id("MerchantID").ok_or_else(|| refuse(None, "MerchantID Error"))?;
        // A platform signs with its own keys, and the merchant's number stays (vendor page 介接注意事項, ?p=2858).
        let platform = form.id("PlatformID");
        let sender = platform.clone().unwrap_or_else(|| merchant_id.clone());
        let is_allowed = match &platform {
            Some(platform) => self.platform_of(&merchant_id) == Some(platform),
            None => self.0.contains_key(&merchant_id),
        };
        let member = self.member(&sender).filter(|_| is_allowed);
        let member = member.ok_or_else(|| refuse(Some(&sender), "MerchantID Error"))?;
        if !form.is_signed_with(&member.keys) {
            return Err(refuse(Some(&sender), "10200073|CheckMacValue Error"));
        }
        let question = match call.file() {
            Some(file) => form_fields(file, &form.0).map(Question::Statement),
            None => form::question(call, &form, now),
        };
        let question = question.map_err(|why| refuse(Some(&sender), &why))?;
        let to = Addressee { call, sender, merchant_id };
        Ok(Request { stamp_s: now.timestamp(), to, question })
    }

    fn question(
        &self,
        call: Call,
        stamp_s: i64,
        sender: &MerchantId,
        data: &Map<String, Value>,
    ) -> Result<Request, Unread> {
        let to =
            |merchant_id: &MerchantId| Addressee { call, sender: sender.clone(), merchant_id: merchant_id.clone() };
        let refused = |text: String| Unread::Content {
            to: to(sender),
            data: json!({ "RtnCode": CONTENT_REFUSED, "RtnMsg": text }),
        };
        let merchant_id = self.merchant(call, sender, data).map_err(|text| match call {
            // Recorded: this call alone words it like this, without any RtnCode.
            Call::CardDetail => Unread::Content { to: to(sender), data: json!({ "RtnMsg": "error_Stop" }) },
            _ => refused(text),
        })?;
        let question = fields::read(call, data).map_err(refused)?;
        Ok(Request { stamp_s, to: to(&merchant_id), question })
    }

    /// A platform calls for a merchant: the outer `MerchantID` is then `PlatformID` (vendor page
    /// 信用卡請退款功能). The voucher calls have `PlatformID` outside, which is the sender already.
    fn merchant(&self, call: Call, sender: &MerchantId, data: &Map<String, Value>) -> Result<MerchantId, String> {
        let merchant_id = fields::number(data, "MerchantID", MerchantId::parse)?;
        let theirs = self.0.get(&merchant_id).and_then(|m| m.platform_id.as_ref());
        let platform_id = if call.is_voucher() {
            (merchant_id != *sender).then(|| sender.clone())
        } else {
            fields::optional(data, "PlatformID", MerchantId::parse)?
        };
        let allowed = match platform_id {
            Some(platform) => platform == *sender && theirs == Some(&platform),
            None => merchant_id == *sender && self.0.contains_key(sender),
        };
        if allowed { Ok(merchant_id) } else { Err("MerchantID Error".to_owned()) }
    }
}

/// Whose keys the request is sealed with.
fn sender(call: Call, envelope: &Value) -> Result<&str, Unread> {
    let platform_id = envelope["PlatformID"].as_str().filter(|id| call.is_voucher() && !id.is_empty());
    let merchant_id = envelope["MerchantID"].as_str().ok_or_else(|| refuse("", "MerchantID is required"))?;
    Ok(platform_id.unwrap_or(merchant_id))
}

/// Whether a request of this stamp is still, or already, acted on.
pub fn stamp_holds(stamp_s: i64, now: DateTime<Utc>) -> bool {
    now.timestamp().saturating_sub(stamp_s).unsigned_abs() <= STAMP_VALID.num_seconds().unsigned_abs()
}

fn refuse(sender: &str, text: &str) -> Unread {
    let told: String = sender.chars().take(10).collect();
    Unread::Envelope { sender: MerchantId::parse(sender).ok(), told, text: text.to_owned() }
}
