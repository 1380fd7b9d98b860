//! A look of the walk's own: what ECPay itself says of an order, for the screen and for the recording.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::mask::Mask;
use super::recorder::{Heard, Recorder};
use super::recording::Recording;
use super::stage::Mark;
use super::words;
use crate::cli::{Failure, now};
use crate::config::{MerchantSettings, Settings};
use crate::daemon;
use crate::domain::calendar;
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;
use crate::domain::service::Service;
use crate::gateway::LookError;
use crate::gateway::card::CardGateway;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::envelope::AnswerEnvelope;
use crate::ledger::{Ledger, Silence};

pub(super) struct Looks {
    recorder: Arc<Recorder>,
    gateway: CardGateway,
    /// To open once more what the recorder has heard.
    keys: Keys,
    merchant_id: MerchantId,
    platform_id: Option<MerchantId>,
    pace: Duration,
    cooldown: chrono::Duration,
    recording: Option<Recording>,
}

impl Looks {
    /// With the merchant's keys, which are in the settings.
    pub fn new(settings: &Settings, merchant: &MerchantSettings, record: Option<&Path>) -> Result<Self, Failure> {
        let recorder = Arc::new(Recorder::over(daemon::transport(settings)?));
        let recording = record.map(Recording::open).transpose().map_err(|e| Failure::Usage(e.to_string()))?;
        Ok(Self {
            gateway: daemon::card_gateway(merchant, recorder.clone())?,
            keys: daemon::access(merchant, &merchant.card)?.keys,
            recorder,
            merchant_id: merchant.merchant_id.clone(),
            platform_id: merchant.platform_id.clone(),
            pace: settings.gateway.min_interval,
            cooldown: chrono::Duration::from_std(settings.gateway.cooldown).unwrap_or(chrono::Duration::days(1)),
            recording,
        })
    }

    pub async fn look(
        &mut self,
        ledger: &Ledger,
        language: Language,
        order: &MerchantTradeNo,
        mark: Mark,
    ) -> Result<(), Failure> {
        if let Some(until) = silence(ledger, &self.merchant_id).await? {
            say!("{}", words::silent(language, &until));
            return Ok(());
        }
        let seen = self.ask(order).await;
        let heard = self.recorder.take();
        self.record(order, mark, &heard)?;
        if matches!(seen, Err(LookError::RateLimited)) {
            // The daemon keeps it as well: 403 is by merchant and address.
            let (merchant_id, until) = (self.merchant_id.clone(), now() + self.cooldown);
            let silence = Silence { merchant_id, service: Service::Card, until, provoked_by: None, now: now() };
            ledger.write(silence).await?;
        }
        say!("{}", words::shown(language, &seen));
        Ok(())
    }

    async fn ask(&self, order: &MerchantTradeNo) -> Result<Seen, LookError> {
        tokio::time::sleep(self.pace).await;
        let paid = match self.gateway.query_order(order, now().timestamp()).await?.answer.paid() {
            Ok(paid) => paid,
            Err(seen) => return Ok(seen),
        };
        tokio::time::sleep(self.pace).await;
        Ok(self.gateway.card_detail(&paid, order, None, now().timestamp()).await?.answer)
    }

    fn record(&mut self, order: &MerchantTradeNo, mark: Mark, heard: &[Heard]) -> Result<(), Failure> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let platform = self.platform_id.as_ref().map(MerchantId::as_str);
        let mask = Mask::of([self.merchant_id.as_str(), order.as_str()].into_iter().chain(platform));
        let day = calendar::taipei_date(now()).to_string();
        for answer in heard {
            recording.append(&line(answer, &self.keys, &mask, mark, &day)?)?;
        }
        Ok(())
    }
}

/// Until when the ledger says that ECPay wants no call, if so.
async fn silence(ledger: &Ledger, merchant: &MerchantId) -> Result<Option<String>, Failure> {
    let merchants = ledger.merchants().await?;
    let until = merchants.into_iter().find(|m| m.merchant_id == merchant.as_str()).and_then(|m| m.silent_until);
    // Both in Taipei's time, to the second, so that they compare as texts do.
    Ok(until.filter(|until| *until >= calendar::show(now())))
}

#[derive(Serialize)]
struct Line<'a> {
    call: &'a str,
    day: &'a str,
    step: &'static str,
    http: u16,
    #[serde(rename = "TransCode")]
    trans_code: Option<i64>,
    #[serde(rename = "TransMsg")]
    trans_msg: Option<String>,
    /// Null where there is none that can be read.
    answer: Option<Box<RawValue>>,
}

fn line(heard: &Heard, keys: &Keys, mask: &Mask, mark: Mark, day: &str) -> Result<String, Failure> {
    let body = heard.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&heard.body);
    let envelope: Option<AnswerEnvelope> = serde_json::from_slice(body).ok();
    let opened = envelope.as_ref().and_then(|envelope| keys.open(&envelope.data).ok());
    let masked = opened.and_then(|text| mask.answer(&text));
    let line = Line {
        // As ECPay's pages name it, without the version before it.
        call: heard.url.rmatch_indices('/').nth(1).map_or("", |(at, _)| &heard.url[at + 1..]),
        day,
        step: mark.word(),
        http: heard.status,
        trans_code: envelope.as_ref().map(|envelope| envelope.trans_code),
        trans_msg: envelope.map(|envelope| mask.words(&envelope.trans_msg)),
        answer: masked.map(RawValue::from_string).transpose()?,
    };
    Ok(serde_json::to_string(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_was_answered_and_none_of_its_numbers() {
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("keys");
        let mask = Mask::of(["GOLIVE35", "3002607"]);
        let envelope = |code: i64, text: &str, data: &str| {
            format!(
                r#"{{"MerchantID":"3002607","RpHeader":{{"Timestamp":9}},"TransCode":{code},"TransMsg":"{text}","Data":"{data}"}}"#
            )
        };
        let sealed = keys.seal(r#"{"RtnCode":1,"OrderInfo":{"MerchantTradeNo":"GOLIVE35","TradeAmt":35}}"#);
        let start = r#"{"call":"Cashier/QueryTrade","day":"2026-11-30","step":"voided","#;
        for (status, body, expected) in [
            (
                200,
                envelope(1, "Success", &sealed),
                r#""http":200,"TransCode":1,"TransMsg":"Success","answer":{"RtnCode":1,"OrderInfo":{"MerchantTradeNo":"AAAAAA99","TradeAmt":99}}}"#,
            ),
            (
                200,
                envelope(0, "MerchantID 3002607 Error", ""),
                r#""http":200,"TransCode":0,"TransMsg":"MerchantID 9999999 Error","answer":null}"#,
            ),
            (200, envelope(1, "", "bm90aGluZw=="), r#""http":200,"TransCode":1,"TransMsg":"","answer":null}"#),
            (403, "<html>3002607</html>".to_owned(), r#""http":403,"TransCode":null,"TransMsg":null,"answer":null}"#),
        ] {
            let url = "https://ecpayment.ecpay.com.tw/1.0.0/Cashier/QueryTrade".to_owned();
            let heard = Heard { url, status, body: body.into_bytes() };
            let told = line(&heard, &keys, &mask, Mark::Voided, "2026-11-30").expect("a line");
            assert_eq!(told, format!("{start}{expected}"));
        }
    }
}
