//! Settings that a running daemon takes over on SIGHUP: keys, channels, the level of the log. All or nothing.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::told;
use crate::config::{GatewayAccess, Settings};
use crate::domain::ids::MerchantId;
use crate::domain::service::Service;
use crate::engine::Engine;
use crate::gateway::wire::cipher::Keys;
use crate::telemetry;

/// Reads the settings anew; an error names every problem.
pub type Load<'a> = &'a (dyn Fn() -> Result<Settings, String> + Send + Sync);

/// What the daemon runs with, as far as it may change.
pub(super) struct Running<'a> {
    pub settings: Settings,
    pub load: Load<'a>,
    /// The channels' tasks.
    pub telling: JoinSet<()>,
    /// The settings on the disk may be others than those that the daemon has looked at last.
    pub look_again: Arc<Notify>,
}

impl Running<'_> {
    /// A try that is cut short is made again by the new channels, under the same key.
    pub(super) async fn reload(&mut self, engine: &Arc<Engine>) {
        match self.try_reload(engine).await {
            Ok(changed) if changed.is_empty() => {
                tracing::info!("settings read again: no key or level has changed; the channels are set up anew");
            }
            Ok(changed) => tracing::info!("settings read again: {}; the channels are set up anew", changed.join(", ")),
            Err(why) => tracing::error!("settings were not taken over, nothing has changed: {why}"),
        }
        self.look_again.notify_one();
    }

    async fn try_reload(&mut self, engine: &Arc<Engine>) -> Result<Vec<String>, String> {
        let new = (self.load)()?;
        let waiting = needs_restart(&self.settings, &new);
        // What can fail comes before anything is changed.
        let renewed = renewed(&self.settings, &new)?;
        telemetry::check(&new.log.level).map_err(|error| error.to_string())?;
        let deliveries = told::deliveries(&new, engine).await.map_err(|error| error.to_string())?;

        let mut changed = Vec::new();
        for (merchant_id, service, keys) in renewed {
            if engine.renew_keys(&merchant_id, service, keys) {
                changed.push(format!("new keys of merchant {merchant_id} for {}", service.name()));
            }
        }
        if new.log.level != self.settings.log.level {
            telemetry::set_level(&new.log.level).map_err(|error| error.to_string())?;
            changed.push(format!("log.level is {}", new.log.level));
        }
        self.telling.shutdown().await;
        self.telling = deliveries.start(engine);
        if !waiting.is_empty() {
            tracing::warn!("these settings have changed and need a restart: {}", waiting.join(", "));
        }
        self.take(new);
        Ok(changed)
    }

    /// What needs a restart stays as it runs, and is told again the next time.
    fn take(&mut self, new: Settings) {
        for merchant in &mut self.settings.merchants {
            let Some(read) = new.merchants.iter().find(|m| m.merchant_id == merchant.merchant_id) else { continue };
            take_keys(&mut merchant.card, &read.card);
            if let (Some(voucher), Some(read)) = (&mut merchant.voucher, &read.voucher) {
                take_keys(voucher, read);
            }
        }
        self.settings.alerts = new.alerts;
        self.settings.event_channels = new.event_channels;
        self.settings.log.level = new.log.level;
    }
}

fn take_keys(access: &mut GatewayAccess, read: &GatewayAccess) {
    access.hash_key = read.hash_key.clone();
    access.hash_iv = read.hash_iv.clone();
}

type Renewed = (MerchantId, Service, Keys);

/// Keys that are others now, of services that run.
fn renewed(old: &Settings, new: &Settings) -> Result<Vec<Renewed>, String> {
    let mut renewed = Vec::new();
    for merchant in &old.merchants {
        let Some(read) = new.merchants.iter().find(|m| m.merchant_id == merchant.merchant_id) else { continue };
        let services = [
            (Service::Card, Some(&merchant.card), Some(&read.card)),
            (Service::Voucher, merchant.voucher.as_ref(), read.voucher.as_ref()),
        ];
        for (service, was, is) in services {
            let Some((was, is)) = was.zip(is) else { continue };
            if !is_same(&was.hash_key, &is.hash_key) || !is_same(&was.hash_iv, &is.hash_iv) {
                let keys = Keys::new(is.hash_key.expose_secret(), is.hash_iv.expose_secret());
                let keys = keys.map_err(|error| format!("merchant {}: {error}", merchant.merchant_id))?;
                renewed.push((merchant.merchant_id.clone(), service, keys));
            }
        }
    }
    Ok(renewed)
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Sections that have changed and that only a start reads.
fn needs_restart(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let secret = |secret: &Option<SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
    let merchants = |settings: &Settings| -> Vec<String> {
        let address = |access: &GatewayAccess| access.base_url.clone();
        let one = |m: &crate::config::MerchantSettings| {
            let voucher = m.voucher.as_ref().map(address);
            let form = m.form.as_ref().map(|form| (&form.url, secret(&form.credit_check_code)));
            format!("{:?}", (&m.merchant_id, &m.platform_id, m.daily_auto_close, address(&m.card), form, voucher))
        };
        settings.merchants.iter().map(one).collect()
    };
    let http =
        |s: &Settings| (s.http.listen, s.http.hosts.clone(), secret(&s.http.token), secret(&s.http.heartbeat_url));
    let plan = |s: &Settings| format!("{:?}", (&s.policy, s.foreign_writes));
    [
        ("[database]", old.database_path != new.database_path),
        ("[[merchant]]", merchants(old) != merchants(new)),
        ("[capture], [refund], [window], [poll] or the ages of [alerts]", plan(old) != plan(new)),
        ("[gateway]", format!("{:?}", old.gateway) != format!("{:?}", new.gateway)),
        ("[http]", http(old) != http(new)),
        ("[reconcile]", old.fetch_statements != new.fetch_statements),
        ("log.format", old.log.format != new.log.format),
    ]
    .into_iter()
    .filter(|(_, has_changed)| *has_changed)
    .map(|(section, _)| section)
    .collect()
}
