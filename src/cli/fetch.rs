//! Statements asked for by a person: a file a minute, and none while ECPay wants silence.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};

use super::{Failure, now, settings};
use crate::config::{KeysNeeded, MerchantSettings, Settings};
use crate::daemon;
use crate::domain::calendar::show;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::domain::reason::Reason;
use crate::domain::service::Service;
use crate::domain::traffic::{Call, CallEnd, CallSum, hour_of};
use crate::engine::{Fetched, statement_name};
use crate::gateway::LookError;
use crate::gateway::card::{MediaDates, MediaDays, MediaError};
use crate::gateway::transport::Transport;
use crate::ledger::{CallCount, KeepTraffic, Ledger, Silence, StatementAskedByHand};

pub(super) struct Fetch<'a> {
    ledger: &'a Ledger,
    /// With the keys.
    settings: Settings,
    transport: Arc<dyn Transport>,
    language: Language,
}

/// Days of any length, as the months that are asked for.
pub(super) fn months(from: NaiveDate, to: NaiveDate) -> Result<Vec<MediaDays>, Failure> {
    MediaDays::months(from, to).map_err(|error| Failure::Usage(error.to_string()))
}

impl<'a> Fetch<'a> {
    pub fn open(ledger: &'a Ledger, config: Option<PathBuf>, language: Language) -> Result<Self, Failure> {
        let settings = settings(config, KeysNeeded::Gateways)?;
        let transport = daemon::transport(&settings)?;
        Ok(Self { ledger, settings, transport, language })
    }

    /// The card rows that ECPay settled on these days.
    pub async fn file(&self, merchant: &MerchantId, days: MediaDays) -> Result<Fetched, Failure> {
        let access = self.settings.merchants.iter().find(|m| m.merchant_id == *merchant);
        let access = access.ok_or_else(|| Failure::Usage(format!("merchant {merchant} is not in the settings")))?;
        let gateway = daemon::card_gateway(access, self.transport.clone())?;
        let kind = gateway.statement_kind();
        let name = statement_name(kind, days);
        self.refuse_in_silence(access).await?;
        self.wait().await?;
        self.tell(&self.language.pick(
            format!("asking ECPay for {name} of merchant {merchant}"),
            format!("向綠界要特店 {merchant} 的 {name}"),
        ));
        let (at, began) = (now(), Instant::now());
        let answer = gateway.statement(MediaDates::Settled, days, at.timestamp()).await;
        self.ledger.write(StatementAskedByHand { merchant_id: merchant.clone(), now: at }).await?;
        self.count(merchant, at, &answer, began.elapsed()).await?;
        if matches!(answer, Err(MediaError::Call(LookError::RateLimited))) {
            self.keep_silence(merchant).await?;
        }
        answer.map(|bytes| Fetched { kind, days, bytes }).map_err(|error| {
            let why = Reason::from(error.reason()).sentence(self.language);
            Failure::Problem(format!("{name} of merchant {merchant}: {why}"))
        })
    }

    async fn refuse_in_silence(&self, merchant: &MerchantSettings) -> Result<(), Failure> {
        let merchant_id = &merchant.merchant_id;
        let merchants = self.ledger.merchants().await?;
        let until = merchants.into_iter().find(|m| m.merchant_id == merchant_id.as_str()).and_then(|m| m.silent_until);
        // Both in Taipei's time, to the second, so that they compare as texts do.
        match until.filter(|until| *until >= show(now())) {
            Some(until) => Err(Failure::Problem(format!(
                "ECPay has asked for silence (http 403): no call for merchant {merchant_id} before {until}"
            ))),
            None => Ok(()),
        }
    }

    /// A minute between two files, whosever they are, and whoever has asked: the daemon, or another command.
    async fn wait(&self) -> Result<(), Failure> {
        let last = self.ledger.last_statement_asked_for().await?;
        let interval = self.settings.gateway.statement_interval;
        let passed = last.map_or(interval, |last| (now() - last).to_std().unwrap_or_default());
        let rest = interval.saturating_sub(passed);
        if rest > Duration::ZERO {
            let s = rest.as_secs() + 1;
            self.tell(&self.language.pick(
                format!("waiting {s} s: ECPay gives out one statement a minute"),
                format!("等待 {s} 秒：綠界一分鐘只給一份對帳檔"),
            ));
            tokio::time::sleep(rest).await;
        }
        tokio::time::sleep(self.settings.gateway.min_interval).await;
        Ok(())
    }

    fn tell(&self, text: &str) {
        anstream::eprintln!("ecpayd: {text}");
    }

    /// As the daemon's calls are.
    async fn count(
        &self,
        merchant: &MerchantId,
        at: DateTime<Utc>,
        answer: &Result<Vec<u8>, MediaError>,
        took: Duration,
    ) -> Result<(), Failure> {
        let end = answer.as_ref().map_or_else(MediaError::end, |_| CallEnd::Answered);
        let call = CallCount {
            merchant_id: merchant.clone(),
            service: Service::Card.word(),
            hour: hour_of(at),
            call: Call::Statement.word(),
            end: end.word(),
            sum: CallSum { calls: 1, ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX) },
        };
        self.ledger.write(KeepTraffic { calls: vec![call], answers: Vec::new() }).await?;
        Ok(())
    }

    /// The daemon keeps it as well: 403 is by merchant and address.
    async fn keep_silence(&self, merchant: &MerchantId) -> Result<(), Failure> {
        let cooldown = chrono::Duration::from_std(self.settings.gateway.cooldown).unwrap_or(chrono::Duration::days(1));
        let (merchant_id, until) = (merchant.clone(), now() + cooldown);
        let silence = Silence { merchant_id, service: Service::Card, until, provoked_by: None, now: now() };
        self.ledger.write(silence).await?;
        Ok(())
    }
}
