//! One order, whole: what the plan decides by.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::db::{self, Db, Row, params};
use super::times::from_ms;
use super::{Ledger, LedgerError, funding};
use crate::domain::action::Action;
use crate::domain::alert::AlertKind;
use crate::domain::api::CardApi;
use crate::domain::attempt::{Attempt, AttemptState, Before};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::movement::{Booked, MovementKind, Unexplained};
use crate::domain::order::{CaptureMode, Order, OrderState};
use crate::domain::pause::Pauses;
use crate::domain::plan::Provoked;
use crate::domain::record::{Kept, OpenStage, OrderRow};
use crate::domain::refund::{Refund, RefundState};
use crate::domain::restored::{Restored, Unclaimed};
use crate::domain::situation::{MerchantState, Situation};
use crate::domain::status::CardStatus;
use crate::domain::voucher::PaidVouchers;

/// What the settings say of an order's merchant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerchantTerms {
    pub daily_auto_close: bool,
    pub api: CardApi,
    /// The voucher service is in them.
    pub vouchers: bool,
}

/// Refused and unsent attempts further back than this decide nothing; what took effect
/// or may do so is read whole.
const MOST_ATTEMPTS: i64 = 200;

impl Ledger {
    /// Reads an order. The terms are settings of its merchant, which the ledger does not hold.
    pub async fn load(&self, order_id: i64, terms: MerchantTerms) -> Result<Kept, LedgerError> {
        self.writer.question(move |db| kept(db, order_id, terms)).await
    }

    /// The same where very many are read in a row and little is committed between them: none is handed over.
    pub async fn load_in_a_row(&self, order_id: i64, terms: MerchantTerms) -> Result<Kept, LedgerError> {
        self.ask(|db| kept(db, order_id, terms)).await
    }
}

/// The order as the connection sees it: in a transaction of its own, or in the one that writes.
pub(super) fn kept(db: &Db, order_id: i64, terms: MerchantTerms) -> Result<Kept, LedgerError> {
    let what = params! { most_attempts: MOST_ATTEMPTS, order: order_id };
    let kept = db.one(include_str!("sql/load_order.sql"), what, |row| of_row(row, terms));
    let mut kept = kept.map_err(|e| e.named(|why| LedgerError::BadRow { table: "orders", id: order_id, why }))?;
    kept.situation.funded_back = funding::refunded(db, &kept.situation)?;
    Ok(kept)
}

fn of_row(row: &Row<'_>, terms: MerchantTerms) -> Result<Kept, Broken> {
    let observation: Option<String> = row.get("observation")?;
    let situation = Situation {
        order: order(row)?,
        merchant: MerchantState {
            missing: !row.get::<bool>("configured")?,
            pauses: Pauses { capture: pause(row, "captures")?, refund: pause(row, "refunds")? },
            daily_auto_close: terms.daily_auto_close,
            api: terms.api,
            silent_until: row.get::<Option<i64>>("silent_until")?.map(from_ms),
        },
        observation: observation.map(|json| serde_json::from_str(&json)).transpose().map_err(row_error)?,
        retry_at: row.get::<Option<i64>>("retry_at")?.map(from_ms),
        last_error: row.get("last_error")?,
        capture_slot: row.get::<Option<i64>>("capture_slot")?.map(from_ms),
        refunds: parts(row, "refunds")?.into_iter().map(refund).collect::<Result<_, _>>()?,
        attempts: parts(row, "attempts")?.into_iter().map(attempt).collect::<Result<_, _>>()?,
        restored: restored(row)?,
        unclaimed: unclaimed(row)?,
        followed: row.get("followed")?,
        // Asked for where an attempt waits for it.
        funded_back: None,
        vouchers: vouchers(row, terms)?,
    };
    let look_failures = u32::try_from(row.get::<i64>("look_failures")?).unwrap_or(u32::MAX);
    let provoked = Provoked { looks: row.get("looks_403")?, money_calls: row.get("money_calls_403")? };
    let (alerts, shown, authorization) = (open_stages(row, "alerts")?, shown(row)?, authorization(row)?);
    let booked = booked(row)?;
    Ok(Kept { situation, look_failures, provoked, alerts, row: shown, authorization, booked })
}

/// None: these go on. Its end, if it has one.
fn pause(row: &Row<'_>, of: &str) -> Result<Option<Option<DateTime<Utc>>>, Broken> {
    let at: Option<i64> = row.get(&format!("{of}_paused"))?;
    let until: Option<i64> = row.get(&format!("{of}_paused_until"))?;
    Ok(at.map(|_| until.map(from_ms)))
}

/// Open alerts, as kind and stage. A kind that this version does not know is none of its own to close.
pub(super) fn open_stages(row: &Row<'_>, column: &str) -> Result<Vec<OpenStage>, Broken> {
    let stages: Vec<(String, String)> = parts(row, column)?;
    let known = |(kind, stage): (String, String)| Some(OpenStage { kind: AlertKind::parse(&kind)?, stage });
    Ok(stages.into_iter().filter_map(known).collect())
}

fn shown(row: &Row<'_>) -> Result<OrderRow, Broken> {
    let state: String = row.get("shown_state")?;
    let amount = |column: &str| -> Result<Option<Twd>, Broken> {
        row.get::<Option<i64>>(column)?.map(Twd::new).transpose().map_err(row_error)
    };
    Ok(OrderRow {
        state: OrderState::parse(&state).ok_or_else(|| Broken::Row(format!("state '{state}'")))?,
        captured: amount("captured_amount")?.unwrap_or_default(),
        captured_at: row.get::<Option<i64>>("captured_at")?.map(from_ms),
        left: amount("left_amount")?,
        capture_by: row.get::<Option<i64>>("capture_by")?.map(from_ms),
        expires_at: row.get::<Option<i64>>("expires_at")?.map(from_ms),
        refunded: amount("shown_refunded")?.unwrap_or_default(),
        amount: amount("shown_amount")?,
    })
}

fn authorization(row: &Row<'_>) -> Result<Option<(TradeNo, Twd)>, Broken> {
    let seen: (Option<i64>, Option<String>, Option<i64>) =
        (row.get("authorized_at")?, row.get("seen_trade_no")?, row.get("seen_amount")?);
    let (Some(_), Some(trade_no), Some(amount)) = seen else { return Ok(None) };
    Ok(Some((TradeNo::parse(&trade_no).map_err(row_error)?, Twd::new(amount).map_err(row_error)?)))
}

fn restored(row: &Row<'_>) -> Result<Option<Restored>, Broken> {
    let Some(id) = row.get::<Option<i64>>("restore")? else { return Ok(None) };
    Ok(Some(Restored {
        id,
        noticed_at: from_ms(row.get("noticed_at")?),
        answered_at: row.get::<Option<i64>>("answered_at")?.map(from_ms),
        newest_attempt: row.get("newest_attempt")?,
        caught_up: row.get::<i64>("caught_up")? == id,
        known: Twd::new(row.get("refunded_amount")?).map_err(row_error)?,
    }))
}

fn unclaimed(row: &Row<'_>) -> Result<Unclaimed, Broken> {
    let amount = Twd::new(row.get("unclaimed_amount")?).map_err(row_error)?;
    Ok(Unclaimed { amount, void: row.get::<i64>("unclaimed_void")? != 0 })
}

fn vouchers(row: &Row<'_>, terms: MerchantTerms) -> Result<Option<PaidVouchers>, Broken> {
    let Some(id) = row.get::<Option<i64>>("voucher_id")? else { return Ok(None) };
    let observation: Option<String> = row.get("voucher_observation")?;
    Ok(Some(PaidVouchers {
        id,
        served: terms.vouchers,
        guard: row.get("guard")?,
        observation: observation.map(|json| serde_json::from_str(&json)).transpose().map_err(row_error)?,
        retry_at: row.get::<Option<i64>>("voucher_retry_at")?.map(from_ms),
        last_error: row.get("voucher_error")?,
    }))
}

/// Either the database failed, or the row holds what it must not.
pub(super) enum Broken {
    Sql(db::Error),
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

impl From<db::Error> for Broken {
    fn from(error: db::Error) -> Self {
        Self::Sql(error)
    }
}

pub(super) fn row_error(error: impl std::fmt::Display) -> Broken {
    Broken::Row(error.to_string())
}

fn order(row: &Row<'_>) -> Result<Order, Broken> {
    let trade_no: Option<String> = row.get("trade_no")?;
    let expected: Option<i64> = row.get("expected_amount")?;
    let capture: String = row.get("capture")?;
    Ok(Order {
        id: row.get("id")?,
        merchant_id: MerchantId::parse(&row.get::<String>("merchant_id")?).map_err(row_error)?,
        merchant_trade_no: MerchantTradeNo::parse(&row.get::<String>("merchant_trade_no")?).map_err(row_error)?,
        asked_trade_no: trade_no.map(|t| TradeNo::parse(&t)).transpose().map_err(row_error)?,
        expected_amount: expected.map(Twd::new).transpose().map_err(row_error)?,
        installments: row.get("installments")?,
        capture: CaptureMode::parse(&capture).ok_or_else(|| Broken::Row(format!("capture '{capture}'")))?,
        registered_at: from_ms(row.get("created_at")?),
        changed_after_attempt: row.get("changed_after")?,
        revision: row.get("revision")?,
    })
}

/// Rows of another table, as one array of arrays.
pub(super) fn parts<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Vec<T>, Broken> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(row_error)
}

/// In the order of the columns in the statement.
#[derive(Deserialize)]
struct RefundRow {
    id: i64,
    amount: Option<i64>,
    state: String,
    detail: String,
    created_at: i64,
    led_by: Option<i64>,
}

fn refund(row: RefundRow) -> Result<Refund, Broken> {
    Ok(Refund {
        id: row.id,
        amount: row.amount.map(Twd::new).transpose().map_err(row_error)?,
        state: RefundState::parse(&row.state).ok_or_else(|| Broken::Row(format!("refund state '{}'", row.state)))?,
        detail: row.detail,
        asked_at: from_ms(row.created_at),
        led_by: row.led_by,
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
    code: Option<i64>,
    text: String,
    first_absence_at: Option<i64>,
    sent: i64,
    reviewed_status: Option<String>,
    reviewed_net: Option<i64>,
    undone_at: Option<i64>,
    asked: Option<i64>,
    by_form: i64,
}

fn attempt(row: AttemptRow) -> Result<Attempt, Broken> {
    let reviewed = row.reviewed_status.zip(row.reviewed_net).map(|(status, net)| before(&status, net)).transpose()?;
    Ok(Attempt {
        id: row.id,
        refund_id: row.refund_id,
        api: if row.by_form == 0 { CardApi::Json } else { CardApi::Form },
        action: Action::parse(&row.action).ok_or_else(|| Broken::Row(format!("action '{}'", row.action)))?,
        amount: Twd::new(row.amount).map_err(row_error)?,
        state: AttemptState::parse(&row.state).ok_or_else(|| Broken::Row(format!("attempt state '{}'", row.state)))?,
        before: before(&row.before_status, row.before_net)?,
        started_at: from_ms(row.started_at),
        finished_at: row.finished_at.map(from_ms),
        code: row.code,
        text: row.text,
        first_absence_at: row.first_absence_at.map(from_ms),
        sent: row.sent != 0,
        reviewed,
        undone: row.undone_at.is_some(),
        asked: row.asked,
    })
}

fn before(status: &str, net: i64) -> Result<Before, Broken> {
    let known = CardStatus::ALL.into_iter().find(|s| s.english() == status);
    let status = known.ok_or_else(|| Broken::Row(format!("status '{status}'")))?;
    Ok(Before { status, net })
}

/// In the order of the columns in the statement.
#[derive(Deserialize)]
struct BookedRow {
    kind: String,
    amount: i64,
    attempt: Option<i64>,
    id: i64,
    gateway_at: Option<i64>,
}

/// What the journal holds of the order that is loaded.
fn booked(row: &Row<'_>) -> Result<Booked, Broken> {
    let mut booked = Booked::default();
    for BookedRow { kind, amount, attempt, id, gateway_at } in parts(row, "booked")? {
        let kind = MovementKind::parse(&kind).ok_or_else(|| row_error(format!("movement '{kind}'")))?;
        let gateway_at = gateway_at.map(from_ms);
        booked.add(Unexplained { id, kind, amount, gateway_at }, attempt);
    }
    Ok(booked)
}
