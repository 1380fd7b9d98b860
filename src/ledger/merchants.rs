//! What has to survive a restart about each merchant, and about the daemon.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::SqliteConnection;

use super::{LedgerError, Write, events, ms};
use crate::domain::alert::AlertKind;
use crate::domain::attempt::AttemptState;
use crate::domain::ids::MerchantId;
use crate::domain::service::Service;

/// What a voucher order says that nobody asks about.
const NOT_SERVED: &str = "the settings name no voucher service for its merchant: add [merchant.voucher]";

pub struct MerchantSetting {
    pub merchant_id: MerchantId,
    /// The settings name the voucher service for it.
    pub vouchers: bool,
}

/// Brings the ledger in line with the settings, and takes over what a crash left open.
pub struct DaemonStarted {
    pub merchants: Vec<MerchantSetting>,
    /// When it differs from the last start's, every unfinished order is planned anew.
    pub settings_fingerprint: String,
    pub now: DateTime<Utc>,
}

/// What the start found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Attempts whose call may have gone out before the last process ended.
    pub open_attempts: u64,
    pub planned_anew: u64,
    /// Unfinished orders of merchants that are not in the settings.
    pub orphans: u64,
}

impl Write for DaemonStarted {
    type Out = Found;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<Found, LedgerError> {
        if deliberate!(TakesOpenForNotSent) {
            let forget = "UPDATE attempts SET state = 'not_sent', finished_at = started_at WHERE state = 'started'";
            sqlx::query(forget).execute(&mut *tx).await?;
        }
        sqlx::query("UPDATE merchants SET configured = 0, vouchers = 0").execute(&mut *tx).await?;
        for merchant in &self.merchants {
            sqlx::query(
                "INSERT INTO merchants (merchant_id, vouchers) VALUES (?1, ?2)
                 ON CONFLICT (merchant_id) DO UPDATE SET configured = 1, vouchers = ?2",
            )
            .bind(merchant.merchant_id.as_str())
            .bind(merchant.vouchers)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "UPDATE voucher_state SET last_error = ? WHERE next_at IS NOT NULL AND merchant_id IN (SELECT merchant_id FROM merchants WHERE vouchers = 0)",
        )
        .bind(NOT_SERVED)
        .execute(&mut *tx)
        .await?;
        // It is in them again, and the next look may be a month away.
        sqlx::query(
            "UPDATE voucher_state SET last_error = NULL WHERE last_error = ? AND merchant_id IN (SELECT merchant_id FROM merchants WHERE vouchers = 1)",
        )
        .bind(NOT_SERVED)
        .execute(&mut *tx)
        .await?;
        let open_attempts = self.take_over(tx).await?;
        clock_seen(tx, self.now).await?;
        let before: String = sqlx::query_scalar("SELECT settings FROM daemon").fetch_one(&mut *tx).await?;
        let planned_anew = if before == self.settings_fingerprint || before.is_empty() {
            0
        } else {
            sqlx::query("UPDATE voucher_state SET next_at = min(next_at, ?) WHERE next_at IS NOT NULL")
                .bind(ms(self.now))
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE order_state SET next_at = min(next_at, ?) WHERE next_at IS NOT NULL")
                .bind(ms(self.now))
                .execute(&mut *tx)
                .await?
                .rows_affected()
        };
        sqlx::query("UPDATE daemon SET settings = ?, started_at = ?, stopped_at = NULL")
            .bind(&self.settings_fingerprint)
            .bind(ms(self.now))
            .execute(&mut *tx)
            .await?;
        // CROSS: merchants first. Without statistics SQLite would read all unfinished orders instead.
        let orphans: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM merchants m CROSS JOIN order_state s ON s.merchant_id = m.merchant_id WHERE m.configured = 0 AND s.next_at IS NOT NULL",
        )
        .fetch_one(&mut *tx)
        .await?;
        let detail = json!({ "version": env!("CARGO_PKG_VERSION"), "open_attempts": open_attempts });
        events::of_merchant(tx, None, self.now, "daemon_started", detail).await?;
        Ok(Found { open_attempts, planned_anew, orphans: u64::try_from(orphans).unwrap_or(0) })
    }
}

impl DaemonStarted {
    /// An attempt found open at start-up is unknown: its call may have gone out.
    async fn take_over(&self, tx: &mut SqliteConnection) -> Result<u64, LedgerError> {
        let why = "found open at start-up";
        let open: Vec<(i64, i64)> =
            sqlx::query_as("SELECT id, order_id FROM attempts WHERE state = 'started' AND state IN ('started', 'accepted', 'unknown', 'review')").fetch_all(&mut *tx).await?;
        for (attempt, order) in &open {
            sqlx::query("UPDATE attempts SET state = ?, text = ?, finished_at = ? WHERE id = ?")
                .bind(AttemptState::Unknown.word())
                .bind(why)
                .bind(ms(self.now))
                .bind(attempt)
                .execute(&mut *tx)
                .await?;
            sqlx::query("UPDATE order_state SET next_at = 0, rank = 0 WHERE order_id = ?")
                .bind(order)
                .execute(&mut *tx)
                .await?;
            events::of_order(tx, *order, self.now, "attempt_unknown", json!({ "attempt": attempt, "text": why }))
                .await?;
        }
        Ok(open.len() as u64)
    }
}

/// The daemon leaves; nothing is in flight.
pub struct DaemonStopped {
    pub now: DateTime<Utc>,
}

impl Write for DaemonStopped {
    type Out = ();

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<(), LedgerError> {
        sqlx::query("UPDATE daemon SET stopped_at = ?").bind(ms(self.now)).execute(&mut *tx).await?;
        events::of_merchant(tx, None, self.now, "daemon_stopped", json!({})).await
    }
}

/// After HTTP 403.
pub struct Silence {
    pub merchant_id: MerchantId,
    pub service: Service,
    pub until: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Write for Silence {
    type Out = ();

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<(), LedgerError> {
        let silence = match self.service {
            Service::Card => "UPDATE merchants SET silent_until = ? WHERE merchant_id = ?",
            Service::Voucher => "UPDATE merchants SET voucher_silent_until = ? WHERE merchant_id = ?",
        };
        sqlx::query(silence).bind(ms(self.until)).bind(self.merchant_id.as_str()).execute(&mut *tx).await?;
        let mut detail = json!({ "until": self.until.to_rfc3339() });
        if self.service == Service::Voucher {
            detail["service"] = json!("voucher");
        }
        events::of_merchant(tx, Some(self.merchant_id.as_str()), self.now, "rate_limited", detail).await
    }
}

/// Stops money actions of one merchant, or of all.
pub struct Pause {
    pub merchant_id: Option<MerchantId>,
    pub by: String,
    pub now: DateTime<Utc>,
}

impl Write for Pause {
    type Out = u64;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<u64, LedgerError> {
        let merchant = known(tx, self.merchant_id.as_ref()).await?;
        let done = sqlx::query("UPDATE merchants SET paused_at = ?1, paused_by = ?2 WHERE paused_at IS NULL AND (?3 IS NULL OR merchant_id = ?3)")
            .bind(ms(self.now))
            .bind(&self.by)
            .bind(merchant)
            .execute(&mut *tx)
            .await?;
        events::of_merchant(tx, merchant, self.now, "paused", json!({ "by": self.by })).await?;
        Ok(done.rows_affected())
    }
}

/// Lets money actions go on; what waited for it is due at once.
pub struct Resume {
    pub merchant_id: Option<MerchantId>,
    pub by: String,
    pub now: DateTime<Utc>,
}

impl Write for Resume {
    type Out = u64;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<u64, LedgerError> {
        let merchant = known(tx, self.merchant_id.as_ref()).await?;
        let done = sqlx::query("UPDATE merchants SET paused_at = NULL, paused_by = NULL WHERE paused_at IS NOT NULL AND (?1 IS NULL OR merchant_id = ?1)")
            .bind(merchant)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE order_state SET next_at = 0 WHERE rule = 'paused' AND (?1 IS NULL OR merchant_id = ?1)")
            .bind(merchant)
            .execute(&mut *tx)
            .await?;
        events::of_merchant(tx, merchant, self.now, "resumed", json!({ "by": self.by })).await?;
        Ok(done.rows_affected())
    }
}

async fn known<'a>(
    tx: &mut SqliteConnection,
    merchant: Option<&'a MerchantId>,
) -> Result<Option<&'a str>, LedgerError> {
    let Some(merchant) = merchant else { return Ok(None) };
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM merchants WHERE merchant_id = ?")
        .bind(merchant.as_str())
        .fetch_one(tx)
        .await?;
    if found == 0 {
        Err(LedgerError::Refused(format!("merchant {merchant} is not known here: it is not in the settings")))
    } else {
        Ok(Some(merchant.as_str()))
    }
}

/// What is no longer needed by anybody.
pub struct Housekeeping {
    pub now: DateTime<Utc>,
}

/// What SQLite's planner knows of the tables, from a few rows of each index.
///
/// Not by `PRAGMA optimize`: a table that has partial indexes alone, as the events, it counts to
/// the last row, and nobody else can write meanwhile.
const STATISTICS: [&str; 8] = [
    "PRAGMA analysis_limit = 1000",
    "ANALYZE orders",
    "ANALYZE order_state",
    "ANALYZE refund_intents",
    "ANALYZE refunds",
    "ANALYZE attempts",
    "ANALYZE voucher_orders",
    "ANALYZE voucher_state",
];

/// How long an alert that only tells of something stays after a person has taken notice.
const ACKNOWLEDGED_FOR_MS: i64 = 30 * 24 * 3_600_000;

impl Write for Housekeeping {
    type Out = ();

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<(), LedgerError> {
        let now = ms(self.now);
        sqlx::query("DELETE FROM capture_slots WHERE minute < ?")
            .bind(now / 60_000 - 24 * 60)
            .execute(&mut *tx)
            .await?;
        for kind in AlertKind::ALL.iter().filter(|k| k.is_event()) {
            sqlx::query(
                "UPDATE alerts SET closed_at = ?1 WHERE closed_at IS NULL AND kind = ?2 AND acked_at < ?1 - ?3",
            )
            .bind(now)
            .bind(kind.word())
            .bind(ACKNOWLEDGED_FOR_MS)
            .execute(&mut *tx)
            .await?;
        }
        for statement in STATISTICS {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        Ok(())
    }
}

/// Notes the time, and wakes everything when the clock has been set back since: next steps that
/// were reckoned by a clock running ahead would be slept through.
pub struct ClockSeen {
    pub now: DateTime<Utc>,
}

/// Less is how clocks are kept; more is a clock that was set.
const SET_BACK_MS: i64 = 60_000;

impl Write for ClockSeen {
    /// How many orders were woken.
    type Out = u64;

    async fn apply(&self, tx: &mut SqliteConnection) -> Result<u64, LedgerError> {
        clock_seen(tx, self.now).await
    }
}

async fn clock_seen(tx: &mut SqliteConnection, now: DateTime<Utc>) -> Result<u64, LedgerError> {
    let before: Option<i64> = sqlx::query_scalar("SELECT clock_at FROM daemon").fetch_one(&mut *tx).await?;
    sqlx::query("UPDATE daemon SET clock_at = ?").bind(ms(now)).execute(&mut *tx).await?;
    if before.is_none_or(|before| before <= ms(now) + SET_BACK_MS) {
        return Ok(0);
    }
    sqlx::query("UPDATE voucher_state SET next_at = 0, retry_at = NULL WHERE next_at > 0").execute(&mut *tx).await?;
    let woken =
        sqlx::query("UPDATE order_state SET next_at = 0, retry_at = NULL WHERE next_at > 0").execute(&mut *tx).await?;
    events::of_merchant(tx, None, now, "clock_set_back", json!({ "woken": woken.rows_affected() })).await?;
    Ok(woken.rows_affected())
}
