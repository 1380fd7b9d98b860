//! The two voucher calls of ECTicket. Each is one POST, changes nothing, and is not repeated here.
//!
//! Their host, their keys and their checksum are not those of the card calls.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::caller::{Access, Caller, Dated, json_of, read_json};
use super::checksum;
use super::envelope::{AnswerEnvelope, CheckedRequestEnvelope, RqHeader};
use super::errors::LookError;
use super::transport::{Purpose, Transport};
use super::voucher_order::{self, VoucherAnswer, VoucherQuery};
use super::voucher_refunds::{self, RefundAnswer, RefundQuery};
pub use super::voucher_seen::OrderPage;
use crate::domain::ids::VoucherTradeNo;
use crate::domain::voucher::{ConfirmedRefunds, VoucherNumber};

pub struct VoucherGateway {
    caller: Caller,
}

impl VoucherGateway {
    pub fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        Self { caller: Caller::new(transport, access) }
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
        let request = VoucherQuery::of(self.caller.access.merchant_id.clone(), number, page);
        let (envelope, answer) = self.ask::<VoucherAnswer>(voucher_order::PATH, &request, stamp_s).await?;
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
        let merchant_id = self.caller.access.merchant_id.clone();
        let request = RefundQuery { merchant_id, merchant_trade_no: order.clone() };
        let (envelope, answer) = self.ask::<RefundAnswer>(voucher_refunds::PATH, &request, stamp_s).await?;
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
        let access = &self.caller.access;
        let json = json_of(request)?;
        let envelope = CheckedRequestEnvelope {
            platform_id: access.platform_id.clone(),
            merchant_id: access.merchant_id.clone(),
            rq_header: RqHeader { timestamp: stamp_s },
            data: access.keys.seal(&json),
            check_mac_value: checksum::of(&access.keys, &json),
        };
        let answer = self.caller.post(path, &envelope, Purpose::Query).await?;
        let read = read_json(&self.open(&answer)?)?;
        Ok((answer, read))
    }

    /// Not a word of an answer counts before its checksum holds, nor does its refusal.
    fn open(&self, envelope: &AnswerEnvelope) -> Result<String, LookError> {
        self.caller.check_taken(envelope)?;
        let json = self.caller.decrypt(envelope)?;
        let claimed = envelope.check_mac_value.as_deref().filter(|claimed| !claimed.trim().is_empty());
        let claimed = claimed.ok_or(LookError::Forged("is missing"))?;
        if !checksum::holds(&self.caller.access.keys, &json, claimed) {
            return Err(LookError::Forged("does not hold"));
        }
        self.caller.check_merchant(Some(&envelope.merchant_id))?;
        Ok(json)
    }
}
