//! What a lane knows of its gateway: failing, limiting, out of time, not taking our keys.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use super::lane::Lane;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::facts::Observation;
use crate::gateway::client::LookError;
use crate::ledger::{LedgerError, MerchantAlert, Silence};

/// From so many failures in a row the lane sends one order at a time, ever more rarely.
const FAILURES: u32 = 3;

#[derive(Default)]
pub(super) struct Health {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    down_until: Option<DateTime<Utc>>,
    silent_until: Option<DateTime<Utc>>,
    /// Alerts that this process has raised or closed; of the others the ledger's rows may be open.
    raised: BTreeSet<&'static str>,
    closed: BTreeSet<&'static str>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many orders may be sent out, of `free` places.
    pub(super) fn allowance(&self, free: usize, in_flight: usize, now: DateTime<Utc>) -> usize {
        let state = self.state();
        match (state.silent_until, state.down_until) {
            (Some(until), _) if until > now => 0,
            (_, Some(until)) if until > now => 0,
            (_, Some(_)) => free.min(1_usize.saturating_sub(in_flight)),
            _ => free,
        }
    }

    /// Nothing is sent before.
    pub(super) fn quiet_until(&self) -> Option<DateTime<Utc>> {
        let state = self.state();
        state.silent_until.max(state.down_until)
    }
}

impl Lane {
    pub(super) async fn answered(&self, observation: &Observation) -> Result<(), LedgerError> {
        {
            let mut state = self.health.state();
            state.failures = 0;
            state.down_until = None;
            state.silent_until = None;
        }
        for kind in [AlertKind::GatewayDown, AlertKind::RateLimited, AlertKind::BadCredentials] {
            self.close(kind).await?;
        }
        let skewed = Duration::seconds(observation.skew_s.abs()) > self.shared.policy.max_skew;
        if skewed {
            let message = format!(
                "the gateway's clock differs by {} s from ours: no money action until they agree (is NTP running?)",
                observation.skew_s
            );
            self.raise(AlertKind::ClockSkew, Severity::Critical, message).await
        } else {
            self.close(AlertKind::ClockSkew).await
        }
    }

    /// A look failed. Which of the failures speak of the gateway and not of one order is said here.
    pub(super) async fn not_answered(&self, error: &LookError, order_failures: u32) -> Result<(), LedgerError> {
        match error {
            LookError::RateLimited => return self.limited().await,
            LookError::NotBound(_) | LookError::AmountMismatch { .. } | LookError::Refused { .. } => return Ok(()),
            LookError::NotSent(_) | LookError::Lost(_) | LookError::BadCredentials(_) => {}
        }
        let failures = {
            let now = self.now();
            let mut state = self.health.state();
            state.failures += 1;
            if state.failures >= FAILURES {
                let pause = Duration::seconds(5) * 2_i32.pow((state.failures - FAILURES).min(6));
                state.down_until = Some(now + pause.min(Duration::minutes(5)));
            }
            state.failures
        };
        if let LookError::BadCredentials(_) = error {
            self.raise(AlertKind::BadCredentials, Severity::Critical, error.to_string()).await?;
        } else if failures.max(order_failures) >= FAILURES {
            self.raise(AlertKind::GatewayDown, Severity::Warning, error.to_string()).await?;
        }
        Ok(())
    }

    /// HTTP 403: silence, kept in the ledger so that it survives a restart.
    pub(super) async fn limited(&self) -> Result<(), LedgerError> {
        let now = self.now();
        let until = now + self.settings.cooldown;
        self.health.state().silent_until = Some(until);
        self.shared.ledger.write(Silence { merchant_id: self.merchant_id.clone(), until, now }).await?;
        let message =
            format!("the gateway limits our rate (http 403): no calls until {}", crate::domain::calendar::show(until));
        self.raise(AlertKind::RateLimited, Severity::Warning, message).await
    }

    async fn raise(&self, kind: AlertKind, severity: Severity, message: String) -> Result<(), LedgerError> {
        {
            let mut state = self.health.state();
            state.closed.remove(kind.word());
            if !state.raised.insert(kind.word()) {
                return Ok(());
            }
        }
        let alert = MerchantAlert {
            merchant_id: self.merchant_id.clone(),
            kind,
            raised: Some((severity, message)),
            now: self.now(),
        };
        if let Some(raised) = self.shared.ledger.write(alert).await? {
            super::pass::tell(&raised);
        }
        Ok(())
    }

    async fn close(&self, kind: AlertKind) -> Result<(), LedgerError> {
        {
            let mut state = self.health.state();
            state.raised.remove(kind.word());
            if !state.closed.insert(kind.word()) {
                return Ok(());
            }
        }
        let alert = MerchantAlert { merchant_id: self.merchant_id.clone(), kind, raised: None, now: self.now() };
        self.shared.ledger.write(alert).await.map(|_| ())
    }
}
