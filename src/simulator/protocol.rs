//! Bytes of a request in, what is asked for out; plain JSON in, bytes of an answer out.
//!
//! Stricter than the vendor on purpose: a request that this reads would be read by ECPay too.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use crate::domain::action::Action;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::gateway::cipher::Keys;
use crate::gateway::envelope::{AnswerEnvelope, RpHeader};

/// Seed 003, RqHeader. How far ahead a stamp may be is on no page; taken as the same.
const STAMP_VALID: Duration = Duration::minutes(10);

/// The vendor's list of codes is not public; these only differ from 1.
const TRANS_REFUSED: i64 = 0;
const CONTENT_REFUSED: i64 = 10_200_052;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    QueryOrder,
    CardDetail,
    DoAction,
}

impl Call {
    pub const ALL: [Self; 3] = [Self::QueryOrder, Self::CardDetail, Self::DoAction];

    pub fn path(self) -> &'static str {
        match self {
            Self::QueryOrder => "/1.0.0/Cashier/QueryTrade",
            Self::CardDetail => "/1.0.0/CreditDetail/QueryTrade",
            Self::DoAction => "/1.0.0/Credit/DoAction",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub call: Call,
    /// `RqHeader.Timestamp`.
    pub stamp_s: i64,
    /// Whose keys the request was sealed with: the merchant, or its platform.
    pub sender: MerchantId,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub question: Question,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Order,
    Card { trade_no: Option<TradeNo> },
    Act { trade_no: TradeNo, action: Action, amount: Twd },
}

/// Why a request is not acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Answered with a `TransCode` other than 1 and no `Data`.
    Envelope { sender: String, text: String },
    /// Answered inside `Data`.
    Content { sender: MerchantId, data: Value },
}

struct Member {
    keys: Keys,
    platform_id: Option<MerchantId>,
}

/// Every merchant and platform that may call.
#[derive(Default)]
pub struct Keyring(BTreeMap<MerchantId, Member>);

impl Keyring {
    pub fn add(&mut self, id: MerchantId, keys: Keys, platform_id: Option<MerchantId>) {
        self.0.insert(id, Member { keys, platform_id });
    }

    pub fn read(&self, call: Call, body: &[u8], now: DateTime<Utc>) -> Result<Request, Unread> {
        let envelope: Value = serde_json::from_slice(body).map_err(|_| refuse("", "the body is not JSON"))?;
        let sender = envelope["MerchantID"].as_str().ok_or_else(|| refuse("", "MerchantID is required"))?;
        let known = MerchantId::parse(sender).ok().and_then(|id| self.0.get_key_value(&id));
        let (id, member) = known.ok_or_else(|| refuse(sender, "MerchantID Error"))?;
        let stamp = envelope["RqHeader"]["Timestamp"].as_i64();
        let stamp = stamp.ok_or_else(|| refuse(sender, "RqHeader.Timestamp is required"))?;
        if !stamp_holds(stamp, now) {
            return Err(refuse(sender, "Timestamp Error"));
        }
        let data = envelope["Data"].as_str().ok_or_else(|| refuse(sender, "Data is required"))?;
        let plain = member.keys.open(data).map_err(|_| refuse(sender, "Data decrypt fail"))?;
        match serde_json::from_str(&plain) {
            Ok(Value::Object(fields)) => self.question(call, stamp, id, &fields),
            _ => Err(refuse(sender, "Data is not a JSON object")),
        }
    }

    fn question(
        &self,
        call: Call,
        stamp_s: i64,
        sender: &MerchantId,
        data: &Map<String, Value>,
    ) -> Result<Request, Unread> {
        let within = |done: Result<Request, String>| {
            done.map_err(|text| Unread::Content {
                sender: sender.clone(),
                data: json!({ "RtnCode": CONTENT_REFUSED, "RtnMsg": text }),
            })
        };
        let merchant_id = match self.merchant(sender, data) {
            Ok(merchant_id) => merchant_id,
            // Recorded: this call alone words it like this, without any RtnCode.
            Err(_) if call == Call::CardDetail => {
                return Err(Unread::Content { sender: sender.clone(), data: json!({ "RtnMsg": "error_Stop" }) });
            }
            Err(text) => return within(Err(text)),
        };
        within(read_fields(call, data).map(|(merchant_trade_no, question)| Request {
            call,
            stamp_s,
            sender: sender.clone(),
            merchant_id,
            merchant_trade_no,
            question,
        }))
    }

    /// A platform calls for a merchant: the outer `MerchantID` is then `PlatformID` (vendor page 信用卡請退款功能).
    fn merchant(&self, sender: &MerchantId, data: &Map<String, Value>) -> Result<MerchantId, String> {
        let merchant_id = number(data, "MerchantID", MerchantId::parse)?;
        let platform_id = optional(data, "PlatformID", MerchantId::parse)?;
        let theirs = self.0.get(&merchant_id).map(|m| &m.platform_id);
        let allowed = match platform_id {
            Some(platform) => platform == *sender && theirs == Some(&Some(platform)),
            None => merchant_id == *sender,
        };
        if allowed { Ok(merchant_id) } else { Err("MerchantID Error".to_owned()) }
    }

    /// The bytes of an answer, sealed for the sender unless other keys are given.
    pub fn seal(&self, sender: &MerchantId, data: &Value, other: Option<&Keys>, now: DateTime<Utc>) -> Vec<u8> {
        let own = self.0.get(sender).map(|m| &m.keys);
        let sealed = other.or(own).map(|keys| keys.seal(&data.to_string())).unwrap_or_default();
        envelope(sender.as_str(), 1, "Success", sealed, now)
    }

    pub fn seal_refusal(&self, unread: &Unread, now: DateTime<Utc>) -> Vec<u8> {
        match unread {
            Unread::Envelope { sender, text } => envelope(sender, TRANS_REFUSED, text, String::new(), now),
            Unread::Content { sender, data } => self.seal(sender, data, None, now),
        }
    }
}

/// Whether a request of this stamp is still, or already, acted on.
pub fn stamp_holds(stamp_s: i64, now: DateTime<Utc>) -> bool {
    now.timestamp().saturating_sub(stamp_s).unsigned_abs() <= STAMP_VALID.num_seconds().unsigned_abs()
}

fn read_fields(call: Call, data: &Map<String, Value>) -> Result<(MerchantTradeNo, Question), String> {
    let merchant_trade_no = number(data, "MerchantTradeNo", MerchantTradeNo::parse)?;
    let question = match call {
        Call::QueryOrder => Question::Order,
        Call::CardDetail => Question::Card { trade_no: optional(data, "TradeNo", TradeNo::parse)? },
        Call::DoAction => Question::Act {
            trade_no: number(data, "TradeNo", TradeNo::parse)?,
            action: number(data, "Action", |letter| Action::parse(letter).ok_or(()))?,
            amount: amount(data)?,
        },
    };
    Ok((merchant_trade_no, question))
}

fn number<T, E>(data: &Map<String, Value>, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, String> {
    optional(data, name, parse)?.ok_or_else(|| format!("{name} is required"))
}

/// Empty text stands for absent (vendor page 信用卡請退款功能, `PlatformID`).
fn optional<T, E>(
    data: &Map<String, Value>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    let wrong = || format!("{name} format error");
    match data.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => parse(text).map(Some).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

fn amount(data: &Map<String, Value>) -> Result<Twd, String> {
    let dollars = data.get("TotalAmount").ok_or("TotalAmount is required")?.as_i64();
    let amount = dollars.and_then(|d| Twd::new(d).ok()).filter(|a| !a.is_zero());
    amount.ok_or_else(|| "TotalAmount format error".to_owned())
}

fn refuse(sender: &str, text: &str) -> Unread {
    Unread::Envelope { sender: sender.chars().take(10).collect(), text: text.to_owned() }
}

fn envelope(sender: &str, trans_code: i64, text: &str, data: String, now: DateTime<Utc>) -> Vec<u8> {
    let answer = AnswerEnvelope {
        merchant_id: sender.to_owned(),
        rp_header: RpHeader { timestamp: Some(now.timestamp()) },
        trans_code,
        trans_msg: text.to_owned(),
        data,
    };
    // Strings and integers always serialize.
    serde_json::to_vec(&answer).unwrap_or_default()
}
