//! Whether ECPay's JSON actions know the orders of a merchant that says `api = "form"`. The one thing here that sends
//! more than queries: `domain::probe` says when it may.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::facts::{After, ProbeAsked, ProbeEnd};
use crate::config::{MerchantSettings, Settings};
use crate::domain::action::Leave;
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::policy::Policy;
use crate::domain::probe::{self, Answer, Unfit};
use crate::domain::service::Service;
use crate::gateway::LookError;
use crate::gateway::card::{CardGateway, Looked, Untouched};
use crate::ledger::LedgerError;
use crate::ledger::inspect::Inspection;

/// One question about one order.
#[derive(Clone)]
pub struct Question {
    merchant_id: MerchantId,
    by_form: bool,
    daily_auto_close: bool,
    order: MerchantTradeNo,
    policy: Policy,
    pace: Duration,
    database: PathBuf,
    now: fn() -> DateTime<Utc>,
}

impl Question {
    pub fn new(
        settings: &Settings,
        merchant: &MerchantSettings,
        order: &MerchantTradeNo,
        now: fn() -> DateTime<Utc>,
    ) -> Self {
        Self {
            merchant_id: merchant.merchant_id.clone(),
            by_form: merchant.form.is_some(),
            daily_auto_close: merchant.daily_auto_close,
            order: order.clone(),
            policy: settings.policy.clone(),
            pace: settings.gateway.min_interval,
            database: settings.database_path.clone(),
            now,
        }
    }

    /// Looks, asks, and looks again.
    pub async fn ask(&self, gateway: &CardGateway) -> ProbeEnd {
        self.asked(gateway).await.unwrap_or_else(|stopped| stopped)
    }

    async fn asked(&self, gateway: &CardGateway) -> Result<ProbeEnd, ProbeEnd> {
        self.may_begin()?;
        let (looked, skew_s) = self.look(gateway).await.map_err(ProbeEnd::LookFailed)?;
        let untouched = match looked {
            Looked::Untouched(untouched) => untouched,
            Looked::Otherwise(seen) => return Err(Unfit::NotUntouched { seen: Box::new(seen) }.into()),
        };
        probe::clocks_allow(&self.policy, skew_s)?;
        let query = gateway.json_query_knows(&untouched, self.stamp_s().await).await;
        if let Err(error @ LookError::RateLimited) = query {
            return Err(ProbeEnd::LookFailed(error));
        }
        let (answer, acts_until) = self.send(gateway, untouched).await;
        let after = match answer {
            Answer::NotSent { .. } | Answer::Limited => None,
            _ => Some(self.look(gateway).await.map(|(looked, _)| After::of(looked))),
        };
        Ok(ProbeEnd::Asked(Box::new(ProbeAsked { query, answer, after, acts_until })))
    }

    async fn send(&self, gateway: &CardGateway, untouched: Untouched) -> (Answer, DateTime<Utc>) {
        let stamp_s = self.stamp_s().await;
        // Asked once more with the connection made: a shop may have written meanwhile.
        let (again, until) = (self.clone(), (self.now)() + probe::FRESH);
        let leave: Leave = Arc::new(move || {
            if (again.now)() > until {
                return Err("the look before it is too old".to_owned());
            }
            again.may_begin().map_err(|_| "what allowed it has changed meanwhile".to_owned())
        });
        let answer = gateway.probe(untouched, stamp_s, leave).await;
        (answer, (self.now)() + probe::lasts(&self.policy))
    }

    /// The pace of a merchant's calls, and then our clock.
    async fn stamp_s(&self) -> i64 {
        tokio::time::sleep(self.pace).await;
        (self.now)().timestamp()
    }

    async fn look(&self, gateway: &CardGateway) -> Result<(Looked, Option<i64>), LookError> {
        let seen = gateway.query_order(&self.order, self.stamp_s().await).await?;
        let paid = match seen.answer.paid() {
            Ok(paid) => paid,
            Err(other) => return Ok((Looked::Otherwise(*other), None)),
        };
        let mut detail = gateway.untouched(&paid, &self.order, self.stamp_s().await).await?;
        if let (None, Looked::Untouched(first)) = (paid.gwsr, &detail.answer) {
            let again = gateway.untouched(&paid, &self.order, self.stamp_s().await).await?;
            if matches!(&again.answer, Looked::Untouched(second) if !second.agrees_with(first)) {
                return Err(LookError::NotBound("two card details do not agree".to_owned()));
            }
            detail = again;
        }
        let skew_s = detail.gateway_clock_s.map(|clock| clock - (self.now)().timestamp());
        Ok((detail.answer, skew_s))
    }

    /// By the settings, the ledger and the time of day.
    fn may_begin(&self) -> Result<(), ProbeEnd> {
        if !self.by_form {
            return Err(Unfit::NotByForm.into());
        }
        probe::time_allows(&self.policy, self.daily_auto_close, (self.now)())?;
        let silent = |error: LedgerError| ProbeEnd::LedgerSilent(error.to_string());
        let mut ledger = Inspection::open(&self.database).map_err(silent)?;
        let mut found = self.held(&ledger);
        if ledger.was_overtaken() {
            ledger = Inspection::open(&self.database).map_err(silent)?;
            found = self.held(&ledger);
        }
        if !ledger.is_whole() {
            return Err(ProbeEnd::LedgerSilent("what was written last cannot be read while no daemon runs".to_owned()));
        }
        found.map_err(silent)?
    }

    fn held(&self, ledger: &Inspection) -> Result<Result<(), ProbeEnd>, LedgerError> {
        let resting = ledger.resting((self.now)())?;
        let mine = |rest: &&_| is_mine(rest, &self.merchant_id);
        if let Some(rest) = resting.iter().find(mine) {
            return Ok(Err(ProbeEnd::Resting(rest.until)));
        }
        let entries = ledger.entries(&self.merchant_id, &self.order)?;
        Ok(probe::ledger_allows(&entries).map_err(ProbeEnd::from))
    }
}

fn is_mine(rest: &crate::ledger::inspect::Resting, merchant_id: &MerchantId) -> bool {
    rest.service == Service::Card && rest.merchant_id == merchant_id.as_str()
}

impl From<Unfit> for ProbeEnd {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl After {
    fn of(looked: Looked) -> Self {
        match looked {
            Looked::Untouched(_) => Self::AsBefore,
            Looked::Otherwise(seen) => Self::Changed(Box::<Seen>::new(seen)),
        }
    }
}
