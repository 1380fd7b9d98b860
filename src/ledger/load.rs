//! One order, whole: what the plan decides by.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::alerts::OpenStage;
use super::record::Shown;
use super::{Ledger, LedgerError, from_ms};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Before};
use crate::domain::facts::Observation;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::order::{CaptureMode, Order};
use crate::domain::plan::{MerchantState, Situation};
use crate::domain::refund::{Refund, RefundState};
use crate::domain::restored::{Restored, Unclaimed};
use crate::domain::status::CardStatus;
use crate::domain::voucher::PaidVouchers;

/// An order's situation, and what the ledger knows beside it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub situation: Situation,
    pub look_failures: u32,
    /// The alerts of the order that are open.
    pub alerts: Vec<OpenStage>,
    /// What the ledger shows of the order.
    pub shown: Shown,
    /// The authorization that the gateway has shown, with its amount.
    pub authorization: Option<(TradeNo, Twd)>,
}

/// What the settings say of an order's merchant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerchantTerms {
    pub daily_auto_close: bool,
    /// The voucher service is in them.
    pub vouchers: bool,
}

/// Refused and unsent attempts further back than this decide nothing; what took effect
/// or may do so is read whole.
const MOST_ATTEMPTS: i64 = 200;

impl Ledger {
    /// Reads an order. The terms are settings of its merchant, which the ledger does not hold.
    pub async fn load(&self, order_id: i64, terms: MerchantTerms) -> Result<Loaded, LedgerError> {
        // One statement: the parts belong to the same moment, and only one question crosses to SQLite's thread.
        let row = sqlx::query(
            "SELECT o.id, o.merchant_id, o.merchant_trade_no, o.trade_no, o.expected_amount, o.capture, o.created_at,
                    s.observation, s.retry_at, s.capture_slot, s.changed_after, s.revision, s.look_failures,
                    s.trade_no AS seen_trade_no, s.amount AS seen_amount, s.authorized_at, s.state AS shown_state, s.captured_amount, s.left_amount,
                    s.capture_by, s.expires_at, m.paused_at, m.silent_until,
                    (SELECT json_group_array(json_array(id, amount, state, detail)) FROM (
                       SELECT i.id, i.amount, r.state, r.detail FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
                        WHERE r.order_id = o.id AND r.state IN ('queued', 'running', 'waiting', 'review') ORDER BY i.id LIMIT 100)) AS refunds,
                    (SELECT json_group_array(json_array(id, refund_id, action, amount, state, before_status, before_net, started_at, finished_at, text, first_absence_at, asked)) FROM (
                       SELECT * FROM attempts
                        WHERE order_id = o.id AND (state IN ('started', 'accepted', 'unknown', 'review', 'applied')
                                                   OR id IN (SELECT id FROM attempts WHERE order_id = o.id ORDER BY id DESC LIMIT ?2 + 0))
                        ORDER BY id)) AS attempts,
                    t.id AS takeover, t.noticed_at, t.newest_attempt, t.answered_at,
                    s.refunded_amount, s.taken_over, s.unclaimed_amount, s.unclaimed_void,
                    v.id AS voucher_id, v.guard, vs.observation AS voucher_observation, vs.retry_at AS voucher_retry_at, vs.last_error AS voucher_error,
                    (SELECT json_group_array(json_array(kind, stage)) FROM alerts a WHERE a.order_id = o.id AND a.closed_at IS NULL) AS alerts
               FROM orders o JOIN order_state s ON s.order_id = o.id JOIN merchants m ON m.merchant_id = s.merchant_id
                    LEFT JOIN takeovers t ON t.id = (SELECT max(id) FROM takeovers)
                    LEFT JOIN voucher_orders v ON v.merchant_trade_no = o.merchant_trade_no AND v.merchant_id = o.merchant_id
                    LEFT JOIN voucher_state vs ON vs.voucher_id = v.id
              WHERE o.id = ?1",
        )
        .bind(order_id)
        .bind(MOST_ATTEMPTS)
        .fetch_one(&mut *self.reader.lock().await)
        .await?;

        let bad = |why: String| LedgerError::BadRow { table: "orders", id: order_id, why };
        let observation: Option<String> = row.try_get("observation")?;
        let situation = Situation {
            order: order(&row).map_err(|e| e.named(bad))?,
            merchant: MerchantState {
                paused: row.try_get::<Option<i64>, _>("paused_at")?.is_some(),
                daily_auto_close: terms.daily_auto_close,
                silent_until: row.try_get::<Option<i64>, _>("silent_until")?.map(from_ms),
            },
            observation: observation
                .map(|json| serde_json::from_str::<Observation>(&json))
                .transpose()
                .map_err(|e| bad(e.to_string()))?,
            retry_at: row.try_get::<Option<i64>, _>("retry_at")?.map(from_ms),
            capture_slot: row.try_get::<Option<i64>, _>("capture_slot")?.map(from_ms),
            refunds: parts(&row, "refunds")
                .and_then(|r| r.into_iter().map(refund).collect())
                .map_err(|e| e.named(bad))?,
            attempts: parts(&row, "attempts")
                .and_then(|a| a.into_iter().map(attempt).collect())
                .map_err(|e| e.named(bad))?,
            restored: restored(&row).map_err(|e| e.named(bad))?,
            unclaimed: unclaimed(&row).map_err(|e| e.named(bad))?,
            vouchers: vouchers(&row, terms).map_err(|e| e.named(bad))?,
        };
        let look_failures = u32::try_from(row.try_get::<i64, _>("look_failures")?).unwrap_or(u32::MAX);
        let authorization = authorization(&row).map_err(|e| e.named(bad))?;
        let alerts = parts(&row, "alerts").map_err(|e| e.named(bad))?;
        let shown = shown(&row)?;
        Ok(Loaded { situation, look_failures, alerts, shown, authorization })
    }
}

fn shown(row: &SqliteRow) -> Result<Shown, sqlx::Error> {
    Ok(Shown {
        state: row.try_get("shown_state")?,
        amount: row.try_get("seen_amount")?,
        captured: row.try_get("captured_amount")?,
        refunded: row.try_get("refunded_amount")?,
        left: row.try_get("left_amount")?,
        capture_by: row.try_get("capture_by")?,
        expires_at: row.try_get("expires_at")?,
    })
}

fn authorization(row: &SqliteRow) -> Result<Option<(TradeNo, Twd)>, Broken> {
    let seen: (Option<i64>, Option<String>, Option<i64>) =
        (row.try_get("authorized_at")?, row.try_get("seen_trade_no")?, row.try_get("seen_amount")?);
    let (Some(_), Some(trade_no), Some(amount)) = seen else { return Ok(None) };
    Ok(Some((TradeNo::parse(&trade_no).map_err(row_error)?, Twd::new(amount).map_err(row_error)?)))
}

fn restored(row: &SqliteRow) -> Result<Option<Restored>, Broken> {
    let Some(id) = row.try_get::<Option<i64>, _>("takeover")? else { return Ok(None) };
    Ok(Some(Restored {
        id,
        noticed_at: from_ms(row.try_get("noticed_at")?),
        answered_at: row.try_get::<Option<i64>, _>("answered_at")?.map(from_ms),
        newest_attempt: row.try_get("newest_attempt")?,
        taken_over: row.try_get::<i64, _>("taken_over")? == id,
        known: Twd::new(row.try_get("refunded_amount")?).map_err(row_error)?,
    }))
}

fn unclaimed(row: &SqliteRow) -> Result<Unclaimed, Broken> {
    let amount = Twd::new(row.try_get("unclaimed_amount")?).map_err(row_error)?;
    Ok(Unclaimed { amount, void: row.try_get::<i64, _>("unclaimed_void")? != 0 })
}

fn vouchers(row: &SqliteRow, terms: MerchantTerms) -> Result<Option<PaidVouchers>, Broken> {
    let Some(id) = row.try_get::<Option<i64>, _>("voucher_id")? else { return Ok(None) };
    let observation: Option<String> = row.try_get("voucher_observation")?;
    Ok(Some(PaidVouchers {
        id,
        served: terms.vouchers,
        guard: row.try_get("guard")?,
        observation: observation.map(|json| serde_json::from_str(&json)).transpose().map_err(row_error)?,
        retry_at: row.try_get::<Option<i64>, _>("voucher_retry_at")?.map(from_ms),
        last_error: row.try_get("voucher_error")?,
    }))
}

/// Either the database failed, or the row holds what it must not.
pub(super) enum Broken {
    Sql(sqlx::Error),
    Row(String),
}

impl Broken {
    pub(super) fn named(self, bad: impl FnOnce(String) -> LedgerError) -> LedgerError {
        match self {
            Self::Sql(error) => error.into(),
            Self::Row(why) => bad(why),
        }
    }
}

impl From<sqlx::Error> for Broken {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

pub(super) fn row_error(error: impl std::fmt::Display) -> Broken {
    Broken::Row(error.to_string())
}

fn order(row: &SqliteRow) -> Result<Order, Broken> {
    let trade_no: Option<String> = row.try_get("trade_no")?;
    let expected: Option<i64> = row.try_get("expected_amount")?;
    let capture: String = row.try_get("capture")?;
    Ok(Order {
        id: row.try_get("id")?,
        merchant_id: MerchantId::parse(row.try_get("merchant_id")?).map_err(row_error)?,
        merchant_trade_no: MerchantTradeNo::parse(row.try_get("merchant_trade_no")?).map_err(row_error)?,
        asked_trade_no: trade_no.map(|t| TradeNo::parse(&t)).transpose().map_err(row_error)?,
        expected_amount: expected.map(Twd::new).transpose().map_err(row_error)?,
        capture: CaptureMode::parse(&capture).ok_or_else(|| Broken::Row(format!("capture '{capture}'")))?,
        registered_at: from_ms(row.try_get("created_at")?),
        changed_after_attempt: row.try_get("changed_after")?,
        revision: row.try_get("revision")?,
    })
}

/// Rows of another table, as one array of arrays.
pub(super) fn parts<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<Vec<T>, Broken> {
    serde_json::from_str(row.try_get(column)?).map_err(row_error)
}

/// In the order of the columns in the statement.
#[derive(Deserialize)]
struct RefundRow {
    id: i64,
    amount: Option<i64>,
    state: String,
    detail: String,
}

fn refund(row: RefundRow) -> Result<Refund, Broken> {
    Ok(Refund {
        id: row.id,
        amount: row.amount.map(Twd::new).transpose().map_err(row_error)?,
        state: RefundState::parse(&row.state).ok_or_else(|| Broken::Row(format!("refund state '{}'", row.state)))?,
        detail: row.detail,
    })
}

/// In the order of the columns in the statement.
#[derive(Deserialize)]
struct AttemptRow {
    id: i64,
    refund_id: Option<i64>,
    action: String,
    amount: i64,
    state: String,
    before_status: String,
    before_net: i64,
    started_at: i64,
    finished_at: Option<i64>,
    text: String,
    first_absence_at: Option<i64>,
    asked: Option<i64>,
}

fn attempt(row: AttemptRow) -> Result<Attempt, Broken> {
    let status = CardStatus::ALL.into_iter().find(|s| s.english() == row.before_status);
    Ok(Attempt {
        id: row.id,
        refund_id: row.refund_id,
        action: Action::parse(&row.action).ok_or_else(|| Broken::Row(format!("action '{}'", row.action)))?,
        amount: Twd::new(row.amount).map_err(row_error)?,
        state: AttemptState::parse(&row.state).ok_or_else(|| Broken::Row(format!("attempt state '{}'", row.state)))?,
        before: Before {
            status: status.ok_or_else(|| Broken::Row(format!("status '{}'", row.before_status)))?,
            net: row.before_net,
        },
        started_at: from_ms(row.started_at),
        finished_at: row.finished_at.map(from_ms),
        text: row.text,
        first_absence_at: row.first_absence_at.map(from_ms),
        asked: row.asked,
    })
}
