//! From settings to an engine on an open ledger.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::Duration;
use secrecy::ExposeSecret;

use crate::config::{GatewayAccess, MerchantSettings, Settings};
use crate::engine::{Clock, Engine, EngineError, LaneSettings, Merchant, Shared, StatementPace, Tally, tell};
use crate::gateway::Access;
use crate::gateway::card::{CardGateway, FormAccess};
use crate::gateway::transport::{HttpTransport, Transport};
use crate::gateway::wire::cipher::Keys;
use crate::ledger::{DaemonStarted, Ledger, LedgerError, MerchantSetting, MerchantTerms, MerchantsTaken};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("merchant {merchant_id}: {why}")]
    Keys { merchant_id: String, why: String },
    #[error("the http client cannot be set up: {0}")]
    Http(String),
    #[error("{0}")]
    Channel(String),
    #[error("http.listen: cannot listen on {on}: {why}")]
    Listen { on: SocketAddr, why: String },
    #[error("the scheduler cannot be set up: {0}")]
    Schedule(String),
    #[error("no thread for what systemd is told: {0}")]
    Thread(String),
}

/// Opens the ledger, settles the attempts that the last run left open, and builds the engine over HTTP.
pub async fn engine(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Engine, StartError> {
    open(settings, clock, transport(settings)?).await
}

pub fn transport(settings: &Settings) -> Result<Arc<dyn Transport>, StartError> {
    let transport = HttpTransport::new(settings.gateway.timeout);
    Ok(Arc::new(transport.map_err(|e| StartError::Http(e.to_string()))?))
}

/// The same over any transport.
pub async fn open(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
) -> Result<Engine, StartError> {
    let merchants = settings.merchants.iter().map(|m| merchant(settings, m)).collect::<Result<Vec<_>, _>>()?;
    let ledger = Ledger::open(&settings.database_path, clock.now()).await?;
    if let Some(reason) = ledger.restored() {
        tracing::warn!(
            reason,
            "this ledger may have been put back from a copy: no money moves on an order until it is known what happened meanwhile"
        );
    }
    let served = settings
        .merchants
        .iter()
        .map(|m| MerchantSetting { merchant_id: m.merchant_id.clone(), vouchers: m.voucher.is_some() });
    let now = clock.now();
    let found = ledger.write(MerchantsTaken { merchants: served.collect(), now }).await?;
    let open_attempts = found.open_attempts;
    ledger.take_pauses(now).await?;
    let started = DaemonStarted { settings_fingerprint: fingerprint(settings), open_attempts, now };
    let planned_anew = ledger.write(started).await?;
    if open_attempts > 0 {
        tracing::warn!(
            attempts = open_attempts,
            "calls may have been under way when the last run ended; they are settled by looks"
        );
    }
    if planned_anew > 0 {
        tracing::info!(orders = planned_anew, "the settings have changed: unfinished orders are planned anew");
    }
    found.raised.iter().for_each(tell);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let (policy, tally) = (settings.policy.clone(), Tally::default());
    let interval = chrono(settings.gateway.statement_interval);
    let statements = StatementPace { fetch_at: settings.fetch_statements, interval };
    let shared = Arc::new(Shared { ledger, policy, clock, tally, statements });
    Ok(Engine::new(shared, &transport, merchants))
}

fn merchant(settings: &Settings, merchant: &MerchantSettings) -> Result<Merchant, StartError> {
    let gateway = &settings.gateway;
    Ok(Merchant {
        card: access(merchant, &merchant.card)?,
        form: form(merchant),
        daily_auto_close: merchant.daily_auto_close,
        voucher: merchant.voucher.as_ref().map(|voucher| access(merchant, voucher)).transpose()?,
        lane: LaneSettings {
            min_interval: chrono(gateway.min_interval),
            concurrency: usize::try_from(gateway.concurrency).unwrap_or(1),
            cooldown: chrono(gateway.cooldown),
        },
    })
}

/// Settings hold durations of a day at most.
fn chrono(duration: std::time::Duration) -> Duration {
    Duration::from_std(duration).unwrap_or(Duration::days(1))
}

pub fn access(merchant: &MerchantSettings, service: &GatewayAccess) -> Result<Access, StartError> {
    let keys = Keys::new(service.hash_key.expose_secret(), service.hash_iv.expose_secret())
        .map_err(|e| StartError::Keys { merchant_id: merchant.merchant_id.to_string(), why: e.to_string() })?;
    Ok(Access {
        merchant_id: merchant.merchant_id.clone(),
        platform_id: merchant.platform_id.clone(),
        base_url: service.base_url.clone(),
        keys,
    })
}

/// Where its forms are sent, if its orders are acted on by form.
fn form(merchant: &MerchantSettings) -> Option<FormAccess> {
    let form = merchant.form.as_ref()?;
    Some(FormAccess { url: form.url.clone(), credit_check_code: form.credit_check_code.clone() })
}

/// The merchant's card calls.
pub fn card_gateway(merchant: &MerchantSettings, transport: Arc<dyn Transport>) -> Result<CardGateway, StartError> {
    Ok(CardGateway::new(transport, access(merchant, &merchant.card)?).by_form(form(merchant)))
}

/// What the ledger does not hold of an order's merchant.
pub fn terms(merchant: &MerchantSettings) -> MerchantTerms {
    MerchantTerms {
        daily_auto_close: merchant.daily_auto_close,
        api: merchant.api(),
        vouchers: merchant.voucher.is_some(),
    }
}

/// What plans depend on. No key is part of it.
fn fingerprint(settings: &Settings) -> String {
    let merchants = settings.merchants.iter();
    let terms: Vec<_> = merchants.map(|m| (m.merchant_id.as_str(), terms(m))).collect();
    format!("{:?} {terms:?}", settings.policy)
}
