//! What a lane's calls say of its gateway, as alerts and as silence.

use crate::domain::alert::{AlertKind, Severity};
use crate::domain::reason::Upkeep;
use crate::engine::error::EngineError;
use crate::engine::lane::health::{Blame, REJECTED_TRIES};
use crate::engine::lane::{Lane, Work};
use crate::gateway::LookError;
use crate::ledger::{MerchantAlert, ProvokedBy, Raised, Silence};

impl<W: Work> Lane<W> {
    /// A call for a row was answered, by a clock that is so many seconds ahead of ours. None: it told no time.
    pub(in crate::engine) async fn answered(&self, row: i64, skew_s: Option<i64>) -> Result<(), EngineError> {
        self.health.succeeded(row);
        self.shared.tally.traffic.answered(&self.merchant_id, W::SERVICE, self.now(), skew_s);
        if !self.is_silent() {
            self.close(AlertKind::RateLimited).await?;
        }
        for kind in [AlertKind::GatewayDown, AlertKind::BadCredentials] {
            self.close(kind).await?;
        }
        match skew_s {
            Some(skew_s) if self.agrees(skew_s) => self.close(AlertKind::ClockSkew).await,
            Some(skew_s) => self.clocks_differ(skew_s).await,
            None => self.tells_no_time().await,
        }
    }

    fn agrees(&self, skew_s: i64) -> bool {
        let max_skew_s = self.shared.policy.max_skew.num_seconds();
        (-max_skew_s..=max_skew_s).contains(&skew_s)
    }

    async fn tells_no_time(&self) -> Result<(), EngineError> {
        let reason = Upkeep::AnswersTellNoTime { service: W::SERVICE };
        self.raise(AlertKind::ClockSkew, Severity::Critical, reason).await
    }

    async fn clocks_differ(&self, skew_s: i64) -> Result<(), EngineError> {
        let reason = Upkeep::ClockSkew { service: W::SERVICE, skew_s };
        self.raise(AlertKind::ClockSkew, Severity::Critical, reason).await
    }

    /// A look failed, as so many before it at the same row. Which of the failures are about the gateway and
    /// not of one order is said here.
    pub(in crate::engine) async fn not_answered(
        &self,
        row: i64,
        failures: u32,
        error: &LookError,
    ) -> Result<(), EngineError> {
        match error {
            LookError::RateLimited => return Ok(()),
            LookError::NotBound(_) | LookError::Unreadable(_) | LookError::Refused { .. } => {
                self.health.taken();
                return Ok(());
            }
            LookError::NotSent(_)
            | LookError::Lost(_)
            | LookError::NoSuchCall(_)
            | LookError::BadCredentials(_)
            | LookError::NotTaken { .. }
            | LookError::StampTooOld { .. }
            | LookError::Forged(_) => {}
        }
        let now = self.now();
        let seems_down = self.health.failed(row, failures, now);
        if let LookError::NotTaken { gateway_clock_s: Some(theirs @ 1..), .. } = error {
            let skew_s = theirs.saturating_sub(now.timestamp());
            // It refuses what was stamped too long ago, and nothing is wrong with the keys.
            if !self.agrees(skew_s) {
                return self.clocks_differ(skew_s).await;
            }
        }
        if let LookError::StampTooOld { gateway_clock_s, .. } = error {
            return self.clocks_differ(gateway_clock_s.saturating_sub(now.timestamp())).await;
        }
        if let LookError::BadCredentials(why) | LookError::NotTaken { why, .. } = error {
            // Runs of one order each, from a timer, remember no earlier answer; the order's row does.
            let lasts = self.health.rejected(now) || (seems_down && failures >= REJECTED_TRIES);
            if !lasts {
                return Ok(());
            }
            let (service, error) = (W::SERVICE, why.clone());
            // An answer that came sealed with our keys says nothing against them.
            let reason = match why.as_str() {
                "error_Stop" | "error" => Upkeep::MerchantNotTaken { service, error },
                _ => Upkeep::KeysNotTaken { service, error },
            };
            self.raise(AlertKind::BadCredentials, Severity::Critical, reason).await?;
        } else if seems_down {
            let reason = Upkeep::NoAnswer { service: W::SERVICE, error: error.to_string() };
            self.raise(AlertKind::GatewayDown, Severity::Warning, reason).await?;
        }
        Ok(())
    }

    /// HTTP 403 to a call for a row: silence, kept in the ledger so that it survives a restart. Where the
    /// row alone brings it, `provoked_by` is kept as well. `known`: it has been set aside for it before.
    pub(in crate::engine) async fn limited(
        &self,
        row: i64,
        provoked_by: ProvokedBy,
        known: bool,
    ) -> Result<Blame, EngineError> {
        if deliberate!(CallsThroughSilence) {
            return Ok(Blame::Maybe);
        }
        let now = self.now();
        let until = now + self.settings.cooldown;
        let blame = match self.health.limited(row, until, now) {
            Blame::Maybe if known => Blame::Alone,
            blame => blame,
        };
        let provoked_by = Some(provoked_by).filter(|_| blame == Blame::Alone);
        let silence = Silence { merchant_id: self.merchant_id.clone(), service: W::SERVICE, until, provoked_by, now };
        self.shared.ledger.write(silence).await?;
        let reason = Upkeep::RateLimited { service: W::SERVICE, until: until.into() };
        // Raised before or not: it is this silence that it has to tell of.
        self.health.forget(AlertKind::RateLimited);
        self.raise(AlertKind::RateLimited, Severity::Warning, reason).await?;
        Ok(blame)
    }

    async fn raise(&self, kind: AlertKind, severity: Severity, reason: Upkeep) -> Result<(), EngineError> {
        if self.health.has_told(kind, true) {
            return Ok(());
        }
        let alert = MerchantAlert {
            merchant_id: self.merchant_id.clone(),
            service: W::SERVICE,
            kind,
            raised: Some((severity, reason.into())),
            now: self.now(),
        };
        let raised = self.shared.ledger.write(alert).await?;
        self.health.told(kind, true);
        if let Some(raised) = raised {
            tell(&raised);
        }
        Ok(())
    }

    async fn close(&self, kind: AlertKind) -> Result<(), EngineError> {
        if self.health.has_told(kind, false) {
            return Ok(());
        }
        let (merchant_id, service, now) = (self.merchant_id.clone(), W::SERVICE, self.now());
        let alert = MerchantAlert { merchant_id, service, kind, raised: None, now };
        self.shared.ledger.write(alert).await?;
        self.health.told(kind, false);
        Ok(())
    }
}

/// An alert's one log line.
pub fn tell(raised: &Raised) {
    let a = &raised.alert;
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                alert = a.kind.word(),
                severity = a.severity.word(),
                merchant_id = raised.merchant_id,
                merchant_trade_no = raised.merchant_trade_no,
                days_left = a.days_left,
                "{}",
                a.message()
            )
        };
    }
    match a.severity {
        Severity::Notice => line!(info),
        Severity::Warning => line!(warn),
        Severity::Critical => line!(error),
    }
}
