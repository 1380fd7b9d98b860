//! What the card calls and the voucher calls share: one POST, and an answer's outer JSON.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::errors::{LookError, unreadable};
use super::transport::{HttpAnswer, Purpose, Transport, TransportError};
use super::wire::cipher::{Keys, OpenError};
use super::wire::envelope::AnswerEnvelope;
use super::wire::liberal::Fields;
use crate::domain::action::Leave;
use crate::domain::ids::MerchantId;
use crate::domain::quote::quote;

const LONGEST_TRANS_MSG: usize = 100;

/// Who asks, where, and with which keys.
pub struct Access {
    pub merchant_id: MerchantId,
    /// The platform that calls for the merchant: the keys are the platform's then.
    pub platform_id: Option<MerchantId>,
    /// Scheme and host, `https://ecpayment.ecpay.com.tw` or `https://ecticket.ecpay.com.tw`.
    pub base_url: String,
    pub keys: Keys,
}

/// An answer with the gateway's clock beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// `RpHeader.Timestamp`, or the header `Date` of an answer without it. Unix seconds.
    pub gateway_clock_s: Option<i64>,
    pub answer: T,
}

impl<T> Dated<T> {
    pub(super) fn of(envelope: &AnswerEnvelope, answer: T) -> Self {
        Self { gateway_clock_s: envelope.rp_header.timestamp, answer }
    }
}

/// What a call is made for.
pub(super) enum Errand {
    Query,
    /// A question whose answer is a file.
    Statement,
    /// It goes out only while it may.
    Money(Leave),
}

pub(super) struct Caller {
    transport: Arc<dyn Transport>,
    pub(super) merchant_id: MerchantId,
    pub(super) platform_id: Option<MerchantId>,
    base_url: String,
    keys: RwLock<Arc<Keys>>,
}

/// An answer, and the keys of the call that it answers: others may be in use by now.
pub(super) struct Answered {
    pub(super) envelope: AnswerEnvelope,
    pub(super) keys: Arc<Keys>,
}

impl Caller {
    pub(super) fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        let Access { merchant_id, platform_id, base_url, keys } = access;
        Self { transport, merchant_id, platform_id, base_url, keys: RwLock::new(Arc::new(keys)) }
    }

    /// For one call, from its sealing to its answer.
    pub(super) fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From the next call on.
    pub(super) fn renew(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// One POST; every failure up to a readable envelope is named here.
    pub(super) async fn post(
        &self,
        path: &'static str,
        envelope: &impl Serialize,
        keys: Arc<Keys>,
        errand: Errand,
    ) -> Result<Answered, LookError> {
        read_envelope(&self.send(path, envelope, errand).await?, keys)
    }

    /// The same, whatever the answer is made of: its status is 200.
    pub(super) async fn send(
        &self,
        path: &'static str,
        envelope: &impl Serialize,
        errand: Errand,
    ) -> Result<HttpAnswer, LookError> {
        let body = json_of(envelope)?.into_bytes();
        self.send_to(&self.base_url, path, body, errand).await
    }

    /// The same, whatever the request is made of, and to any host.
    pub(super) async fn send_to(
        &self,
        base_url: &str,
        path: &'static str,
        body: Vec<u8>,
        errand: Errand,
    ) -> Result<HttpAnswer, LookError> {
        let url = format!("{}{path}", base_url.trim_end_matches('/'));
        let posted = match errand {
            Errand::Query => self.transport.post(&url, body, Purpose::Query),
            Errand::Statement => self.transport.post(&url, body, Purpose::Statement),
            Errand::Money(leave) => self.transport.post_money(&url, body, leave),
        };
        let answer = match posted.await {
            Ok(answer) => answer,
            Err(TransportError::NotSent(why)) => return Err(LookError::NotSent(why)),
            Err(TransportError::Lost(why)) => return Err(LookError::Lost(why)),
        };
        match answer.status {
            200 => Ok(answer),
            403 => Err(LookError::RateLimited),
            404 => Err(LookError::NoSuchCall(path)),
            status => Err(LookError::Lost(format!("http {status}"))),
        }
    }

    /// Whether the request was taken at all.
    pub(super) fn check_taken(&self, envelope: &AnswerEnvelope) -> Result<(), LookError> {
        if envelope.trans_code == 1 {
            return Ok(());
        }
        let said = quote(&envelope.trans_msg, LONGEST_TRANS_MSG);
        let why = format!("TransCode {}: {said}", envelope.trans_code);
        if speaks_of_an_outage(&envelope.trans_msg) {
            return Err(LookError::Lost(why));
        }
        Err(LookError::NotTaken { gateway_clock_s: envelope.rp_header.timestamp, why })
    }

    /// The answer's text exactly as it was received.
    pub(super) fn decrypt(&self, Answered { envelope, keys }: &Answered) -> Result<String, LookError> {
        keys.open(&envelope.data).map_err(|error| match error {
            OpenError::Damaged => LookError::Lost(error.to_string()),
            OpenError::NotDecrypted => LookError::BadCredentials(format!(
                "the answer does not decrypt with the hash key of merchant {}",
                self.merchant_id
            )),
        })
    }

    /// An answer that names a merchant has to name ours, or its platform.
    pub(super) fn check_merchant(&self, named: Option<&str>) -> Result<(), LookError> {
        let ours = [Some(&self.merchant_id), self.platform_id.as_ref()];
        match named.filter(|named| !named.is_empty()) {
            Some(named) if !ours.into_iter().flatten().any(|id| id.as_str() == named) => {
                let why = format!("merchant {} asked, the answer names another", self.merchant_id);
                Err(LookError::NotBound(why))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the gateway says of itself that it is down or too busy, which says nothing about the keys.
/// Its words for it are not published; one that is missing here is taken for a refusal of the call.
fn speaks_of_an_outage(trans_msg: &str) -> bool {
    const WORDS: [&str; 14] = [
        "維護",
        "維修",
        "保養",
        "忙線",
        "忙碌",
        "繁忙",
        "稍後",
        "稍候",
        "暫停服務",
        "maintenance",
        "busy",
        "unavailable",
        "try again",
        "overload",
    ];
    let words = trans_msg.to_lowercase();
    WORDS.iter().any(|word| words.contains(word))
}

pub(super) fn json_of(request: &impl Serialize) -> Result<String, LookError> {
    serde_json::to_string(request).map_err(|_| LookError::NotSent("request has no json".to_owned()))
}

pub(super) fn read_json<T: DeserializeOwned>(json: &str) -> Result<T, LookError> {
    serde_json::from_str(without_bom(json)).map(|Fields(answer)| answer).map_err(|e| unreadable(&e))
}

/// The outer JSON of an answer.
pub(super) fn read_envelope(answer: &HttpAnswer, keys: Arc<Keys>) -> Result<Answered, LookError> {
    let Fields(mut envelope): Fields<AnswerEnvelope> = serde_json::from_slice(bytes_without_bom(&answer.body))
        .map_err(|e| LookError::Lost(unreadable(&e).to_string()))?;
    let told = &mut envelope.rp_header.timestamp;
    // 0 is what a refusal may have there.
    *told = told.filter(|at| *at > 0).or(answer.date_s);
    Ok(Answered { envelope, keys })
}

pub(super) fn bytes_without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// A mark of the byte order may stand before JSON, which knows none.
pub(super) fn without_bom(json: &str) -> &str {
    json.trim_start().trim_start_matches('\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_outage_are_told_from_words_about_the_call() {
        for outage in [
            "系統維護中",
            "系統維護，請稍後再試",
            "維護中",
            "系統忙線中",
            "系統忙碌",
            "System maintenance",
            "Under MAINTENANCE, please try again later",
            "The system is busy.",
            "Service Unavailable",
        ] {
            assert!(speaks_of_an_outage(outage), "{outage}");
        }
        for refusal in
            ["", "Decrypt Fail", "解密失敗", "MerchantID Error", "Timestamp Error", "CheckMacValue Error", "参數錯誤"]
        {
            assert!(!speaks_of_an_outage(refusal), "{refusal}");
        }
    }
}
