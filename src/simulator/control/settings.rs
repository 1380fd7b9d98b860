use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use chrono::Duration;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Answer, Refused, read, time};
use crate::domain::calendar;
use crate::domain::ids::MerchantId;
use crate::simulator::bank::{Dialect, Terms};
use crate::simulator::faults::{Fault, FaultKind};
use crate::simulator::handle::{SimHandle, Time};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetClock {
    /// Absent: back to the clock the simulator was started with.
    now: Option<String>,
    #[serde(default)]
    running: bool,
}

pub(super) async fn clock(State(handle): State<SimHandle>) -> Answer {
    Ok(Json(shown_clock(&handle)))
}

pub(super) async fn set_clock(State(handle): State<SimHandle>, body: Bytes) -> Answer {
    let asked: SetClock = read(&body)?;
    let time = match asked.now.as_deref().map(time).transpose()? {
        Some(now) if asked.running => handle.running_from(now),
        Some(now) => Time::Fixed(now),
        None => Time::Running { ahead: Duration::zero() },
    };
    let lived_to = handle.with_bank(|bank, _| bank.lived_to());
    if handle.at(time) < lived_to {
        let lived_to = calendar::show(lived_to);
        return Err(Refused(format!("the bank has lived to {lived_to}, and its time cannot go back")));
    }
    handle.set_time(time);
    Ok(Json(shown_clock(&handle)))
}

fn shown_clock(handle: &SimHandle) -> Value {
    json!({ "now": calendar::show(handle.now()), "running": matches!(handle.time(), Time::Running { .. }) })
}

pub(super) async fn faults(State(handle): State<SimHandle>) -> Answer {
    handle.with_desk(|desk, _| Ok(Json(desk.faults.waiting().map(|f| json!(f)).collect())))
}

pub(super) async fn strike(State(handle): State<SimHandle>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    if let FaultKind::Status { code } | FaultKind::StatusAfter { code } = fault.kind
        && !(200..=599).contains(&code)
    {
        return Err(Refused(format!("{code} is not a status between 200 and 599")));
    }
    handle.strike(fault);
    faults(State(handle)).await
}

pub(super) async fn clear_faults(State(handle): State<SimHandle>) -> Answer {
    handle.with_desk(|desk, _| desk.faults.clear());
    faults(State(handle)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTerms {
    daily_auto_close: Option<bool>,
    closes_called_back: Option<bool>,
    /// `null` is without end, which is not the same as absent.
    #[serde(default, deserialize_with = "present")]
    balance: Option<Option<i64>>,
    shrink: Option<bool>,
    dialect: Option<Dialect>,
    card_info: Option<bool>,
    numeric_merchant_id: Option<bool>,
    header_lags: Option<bool>,
}

impl ChangeTerms {
    fn apply(self, terms: &mut Terms) {
        fn set<T>(place: &mut T, wanted: Option<T>) {
            if let Some(value) = wanted {
                *place = value;
            }
        }
        set(&mut terms.daily_auto_close, self.daily_auto_close);
        set(&mut terms.closes_called_back, self.closes_called_back);
        set(&mut terms.balance, self.balance);
        set(&mut terms.shrink, self.shrink);
        set(&mut terms.dialect, self.dialect);
        set(&mut terms.card_info, self.card_info);
        set(&mut terms.numeric_merchant_id, self.numeric_merchant_id);
        set(&mut terms.header_lags, self.header_lags);
    }
}

fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(from).map(Some)
}

pub(super) async fn merchants(State(handle): State<SimHandle>) -> Answer {
    handle.with_bank(|bank, _| Ok(Json(bank.merchants().map(|(id, t)| shown_terms(id, t)).collect())))
}

pub(super) async fn change_merchant(State(handle): State<SimHandle>, Path(id): Path<String>, body: Bytes) -> Answer {
    let id = MerchantId::parse(&id).map_err(|error| Refused(error.to_string()))?;
    let asked: ChangeTerms = read(&body)?;
    handle.with_bank(|bank, now| {
        bank.change_terms(&id, now, |terms| asked.apply(terms))?;
        Ok(Json(bank.terms(&id).map_or(Value::Null, |terms| shown_terms(&id, terms))))
    })
}

fn shown_terms(id: &MerchantId, terms: &Terms) -> Value {
    json!({ "merchant_id": id, "terms": terms })
}
