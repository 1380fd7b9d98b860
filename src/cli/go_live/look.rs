//! A look of the walk's own: what ECPay itself says of an order, for the screen and for the recording.

use std::path::Path;
use std::sync::Arc;

use super::line::{Opened, line};
use super::mask::Mask;
use super::recorder::{Heard, Recorder};
use super::recording::Recording;
use super::stage::Mark;
use super::words;
use crate::cli::{Failure, now};
use crate::config::{MerchantSettings, Settings};
use crate::daemon;
use crate::doctor::Probed;
use crate::doctor::probe::Question;
use crate::domain::calendar;
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;
use crate::domain::service::Service;
use crate::gateway::LookError;
use crate::gateway::card::CardGateway;
use crate::gateway::wire::cipher::Keys;
use crate::ledger::{Ledger, Silence};

/// In the recording.
const PROBE: &str = "probe";

pub(super) struct Looks {
    recorder: Arc<Recorder>,
    gateway: CardGateway,
    /// To open once more what the recorder has heard.
    keys: Keys,
    settings: Settings,
    merchant: MerchantSettings,
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
            settings: settings.clone(),
            merchant: merchant.clone(),
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
        if let Some(until) = silence(ledger, &self.merchant.merchant_id).await? {
            say!("{}", words::silent(language, &until));
            return Ok(());
        }
        let seen = self.ask(order).await;
        self.heard(ledger, order, mark.word()).await?;
        say!("{}", words::shown(language, &seen));
        Ok(())
    }

    /// Those that go by JSON have nothing to ask.
    pub fn can_probe(&self) -> bool {
        self.merchant.form.is_some()
    }

    /// Whether the JSON actions know the order: the one call of the walk's own that is more than a query.
    pub async fn probe(&mut self, ledger: &Ledger, order: &MerchantTradeNo) -> Result<Probed, Failure> {
        let question = Question::new(&self.settings, &self.merchant, order, now);
        self.recorder.let_one_out();
        let end = question.ask(&self.gateway).await;
        self.recorder.let_none_out();
        self.heard(ledger, order, PROBE).await?;
        Ok(Probed { merchant_id: self.merchant.merchant_id.to_string(), end })
    }

    /// Records what came. After a 403 the daemon keeps the silence as well: it is by merchant and address.
    async fn heard(&mut self, ledger: &Ledger, order: &MerchantTradeNo, step: &'static str) -> Result<(), Failure> {
        let heard = self.recorder.take();
        self.record(order, step, &heard)?;
        if heard.iter().any(|answer| answer.status == 403) {
            let cooldown = chrono::Duration::from_std(self.settings.gateway.cooldown);
            let until = now() + cooldown.unwrap_or(chrono::Duration::days(1));
            let merchant_id = self.merchant.merchant_id.clone();
            let silence = Silence { merchant_id, service: Service::Card, until, provoked_by: None, now: now() };
            ledger.write(silence).await?;
        }
        Ok(())
    }

    async fn ask(&self, order: &MerchantTradeNo) -> Result<Seen, LookError> {
        tokio::time::sleep(self.settings.gateway.min_interval).await;
        let paid = match self.gateway.query_order(order, now().timestamp()).await?.answer.paid() {
            Ok(paid) => paid,
            Err(seen) => return Ok(*seen),
        };
        tokio::time::sleep(self.settings.gateway.min_interval).await;
        Ok(self.gateway.card_detail(&paid, order, None, now().timestamp()).await?.answer)
    }

    fn record(&mut self, order: &MerchantTradeNo, step: &'static str, heard: &[Heard]) -> Result<(), Failure> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let MerchantSettings { merchant_id, platform_id, .. } = &self.merchant;
        let platform = platform_id.as_ref().map(MerchantId::as_str);
        let mask = Mask::of([merchant_id.as_str(), order.as_str()].into_iter().chain(platform));
        let day = calendar::taipei_date(now()).to_string();
        for answer in heard {
            recording.append(&line(answer, Opened { keys: &self.keys, mask: &mask }, step, &day)?)?;
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
