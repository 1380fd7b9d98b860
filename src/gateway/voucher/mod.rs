//! The two voucher calls of ECTicket. Each is one POST, changes nothing, and is not repeated here.
//!
//! Their host, their keys and their checksum are not those of the card calls.

pub mod order;
mod order_seen;
pub mod refunds;
pub mod tickets;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::order::{VoucherAnswer, VoucherQuery};
pub use self::order_seen::OrderPage;
use self::refunds::{RefundAnswer, RefundQuery};
use super::caller::{Access, Answered, Caller, Dated, Errand, json_of, read_json};
use super::errors::LookError;
use super::transport::Transport;
use super::wire::checksum;
use super::wire::cipher::Keys;
use super::wire::envelope::{AnswerEnvelope, CheckedRequestEnvelope, RqHeader};
use crate::domain::ids::VoucherTradeNo;
use crate::domain::voucher::{ConfirmedRefunds, VoucherNumber};

pub struct VoucherGateway {
    caller: Caller,
}

impl VoucherGateway {
    pub fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        Self { caller: Caller::new(transport, access) }
    }

    /// Other keys, from the next call on.
    pub fn renew(&self, keys: Keys) {
        self.caller.renew(keys);
    }

    /// One page of an order: the first without `page`, then as long as there is one
    ///
    /// ```text
    ///  let mut order = gateway.query_order(&number, None, stamp_s).await?.answer;
    ///  while let Some(page) = order.next_page() {
    ///      order = order.with(gateway.query_order(&number, Some(page), stamp_s).await?.answer)?;
    ///  }
    ///  let (seen, tickets) = order.seen();
    /// ```
    ///
    /// Each call needs a place in the caller's pace, so the loop is the caller's. It ends: each
    /// page has to bring a ticket that was not there, up to the order's `TotalCount`.
    pub async fn query_order(
        &self,
        number: &VoucherNumber,
        page: Option<u32>,
        stamp_s: i64,
    ) -> Result<Dated<OrderPage>, LookError> {
        let request = VoucherQuery::of(self.caller.merchant_id.clone(), number, page);
        let (envelope, answer) = self.ask::<VoucherAnswer>(order::PATH, &request, stamp_s).await?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        Ok(Dated::of(&envelope, OrderPage::of(answer, number)?))
    }

    /// The refunds of an order with pickup vouchers that the bank has confirmed. Where the
    /// service has no such call the error is [`LookError::NoSuchCall`].
    pub async fn query_refunds(
        &self,
        order: &VoucherTradeNo,
        stamp_s: i64,
    ) -> Result<Dated<ConfirmedRefunds>, LookError> {
        let merchant_id = self.caller.merchant_id.clone();
        let request = RefundQuery { merchant_id, merchant_trade_no: order.clone() };
        let (envelope, answer) = self.ask::<RefundAnswer>(refunds::PATH, &request, stamp_s).await?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        Ok(Dated::of(&envelope, answer.confirmed(order)?))
    }

    /// Unlike the card calls, whose outer `MerchantID` is the platform's when one calls, these
    /// name both outside, the merchant and its platform (vendor page QueryOrderInfo,
    /// `PlatformID`), and `Data` names the merchant alone.
    async fn ask<T: DeserializeOwned>(
        &self,
        path: &'static str,
        request: &impl Serialize,
        stamp_s: i64,
    ) -> Result<(AnswerEnvelope, T), LookError> {
        let (caller, keys) = (&self.caller, self.caller.keys());
        let json = json_of(request)?;
        let envelope = CheckedRequestEnvelope {
            platform_id: caller.platform_id.clone(),
            merchant_id: caller.merchant_id.clone(),
            rq_header: RqHeader { timestamp: stamp_s },
            data: keys.seal(&json),
            check_mac_value: checksum::of(&keys, &json),
        };
        let answer = caller.post(path, &envelope, keys, Errand::Query).await?;
        let read = read_json(&self.open(&answer)?)?;
        Ok((answer.envelope, read))
    }

    /// Not a word of an answer counts before its checksum holds, nor does its refusal.
    fn open(&self, answered: &Answered) -> Result<String, LookError> {
        let Answered { envelope, keys } = answered;
        self.caller.check_taken(envelope)?;
        let json = self.caller.decrypt(answered)?;
        let claimed = envelope.check_mac_value.as_deref().filter(|claimed| !claimed.trim().is_empty());
        let claimed = claimed.ok_or(LookError::Forged("is missing"))?;
        if !checksum::holds(keys, &json, claimed) && !deliberate!(BelievesForgedVouchers) {
            return Err(LookError::Forged("does not hold"));
        }
        self.caller.check_merchant(Some(&envelope.merchant_id))?;
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::{Value, json};

    use super::*;
    use crate::domain::ids::MerchantId;
    use crate::domain::voucher::VoucherSeen;
    use crate::gateway::transport::{HttpAnswer, Posted, Purpose};
    use crate::gateway::wire::cipher::Keys;

    /// Answers every call alike and keeps what was sent.
    struct Script(Vec<u8>, Mutex<Vec<u8>>);

    impl Transport for Script {
        fn post<'a>(&'a self, _: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
            assert_eq!(purpose, Purpose::Query);
            *self.1.lock().expect("no panic before") = body;
            Box::pin(async { Ok(HttpAnswer { status: 200, date_s: None, body: self.0.clone() }) })
        }
    }

    fn keys() -> Keys {
        Keys::new("c539115ea7674f20", "86f625e60cb1473a").expect("the public stage keys")
    }

    fn sold() -> VoucherNumber {
        VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse("V1").expect("a number"))
    }

    /// What an answer comes to, and the request it was to.
    async fn asked(answer: &Value) -> (Result<VoucherSeen, LookError>, Value) {
        let script = Arc::new(Script(answer.to_string().into_bytes(), Mutex::default()));
        let merchant_id = MerchantId::parse("3362787").expect("a number");
        let base_url = "https://ecticket.example".to_owned();
        let access = Access { merchant_id, platform_id: None, base_url, keys: keys() };
        let page = VoucherGateway::new(script.clone(), access).query_order(&sold(), None, 1_525_168_923).await;
        let sent = serde_json::from_slice(&script.1.lock().expect("no panic before")).expect("json");
        (page.map(|dated| dated.answer.seen().0), sent)
    }

    fn answer(json: &str) -> Value {
        json!({"PlatformID": "", "MerchantID": "3362787", "RpHeader": {"Timestamp": 1_525_169_058}, "TransCode": 1,
            "TransMsg": "", "Data": keys().seal(json), "CheckMacValue": checksum::of(&keys(), json)})
    }

    const UNKNOWN: &str = r#"{ "RtnCode": 10200047, "RtnMsg": "查無訂單\/資料" }"#;

    #[tokio::test]
    async fn a_request_carries_the_checksum_of_its_own_text() {
        let (_, sent) = asked(&answer(UNKNOWN)).await;
        let json = keys().open(sent["Data"].as_str().expect("data")).expect("our own data");
        assert_eq!(json, r#"{"MerchantID":"3362787","MerchantTradeNo":"V1","FreeTradeNo":""}"#);
        assert_eq!(sent["CheckMacValue"], checksum::of(&keys(), &json));
        assert_eq!((&sent["PlatformID"], &sent["MerchantID"]), (&Value::Null, &json!("3362787")));
        assert_eq!(sent["RqHeader"], json!({"Timestamp": 1_525_168_923}));
    }

    #[tokio::test]
    async fn the_checksum_is_that_of_the_text_as_it_was_received() {
        assert_eq!(asked(&answer(UNKNOWN)).await.0, Ok(VoucherSeen::NotFound));
        let mut written_anew = answer(UNKNOWN);
        let tree: Value = serde_json::from_str(UNKNOWN).expect("json");
        written_anew["CheckMacValue"] = json!(checksum::of(&keys(), &tree.to_string()));
        assert_eq!(asked(&written_anew).await.0, Err(LookError::Forged("does not hold")));
    }

    #[tokio::test]
    async fn each_check_has_its_turn_and_what_comes_first_is_told() {
        let with = |fields: &[(&str, Value)]| {
            let mut answer = answer(r#"{"RtnCode": 5, "RtnMsg": "no", "MerchantID": "2000132"}"#);
            fields.iter().for_each(|(name, value)| answer[*name] = value.clone());
            answer
        };
        let other = Keys::new("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS").expect("the public stage keys");
        let refused = || ("TransCode", json!(0));
        let undecryptable = || ("Data", json!(other.seal(UNKNOWN)));
        let unsigned = || ("CheckMacValue", json!(null));
        let foreign = || ("MerchantID", json!("2000132"));
        type Fits = fn(&LookError) -> bool;
        let table: [(Value, Fits); 8] = [
            (json!({"error": 1}), |e| matches!(e, LookError::Lost(_))),
            (with(&[refused(), undecryptable(), unsigned()]), |e| e.to_string().contains("TransCode 0")),
            (with(&[undecryptable(), unsigned(), foreign()]), |e| e.to_string().contains("does not decrypt")),
            (with(&[unsigned(), foreign()]), |e| *e == LookError::Forged("is missing")),
            (with(&[("CheckMacValue", json!(" "))]), |e| *e == LookError::Forged("is missing")),
            (with(&[("CheckMacValue", json!([]))]), |e| *e == LookError::Forged("is missing")),
            (with(&[foreign()]), |e| matches!(e, LookError::NotBound(_))),
            (with(&[]), |e| matches!(e, LookError::NotBound(_))),
        ];
        for (answer, fits) in table {
            let error = asked(&answer).await.0.expect_err("no order");
            assert!(fits(&error), "{answer}: {error:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_json_is_unreadable_and_its_text_not_told() {
        let error = asked(&answer(r#"{"RtnCode": 1, "RtnMsg": "Success" "CustomerName": "Wang"}"#)).await.0;
        assert!(matches!(&error, Err(LookError::Unreadable(why)) if !why.contains("Wang")), "{error:?}");
    }
}
