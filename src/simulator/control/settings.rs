use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Refused, read, time};
use crate::domain::calendar;
use crate::domain::ids::MerchantId;
use crate::simulator::bank::{BankError, Terms};
use crate::simulator::faults::{Fault, FaultKind};
use crate::simulator::handle::{Moment, SimHandle};
use crate::simulator::time::{FASTEST, Time};

const LONGEST_LEAP: std::time::Duration = std::time::Duration::from_secs(10 * 365 * 86_400);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetClock {
    /// With nothing told: back to the clock the simulator was started with.
    now: Option<String>,
    /// So far ahead of the present time.
    forward: Option<String>,
    running: Option<bool>,
    /// So many times as fast as the clock.
    speed: Option<u32>,
}

pub(super) async fn clock(State(handle): State<SimHandle>) -> Answer {
    Ok(Json(shown_clock(&handle)))
}

pub(super) async fn set_clock(State(handle): State<SimHandle>, body: Bytes) -> Answer {
    let asked: SetClock = read(&body)?;
    handle.retime(|moment| {
        let time = asked.time(&moment)?;
        if time.at(moment.clock) < moment.lived_to {
            let lived_to = calendar::show(moment.lived_to);
            return Err(Refused(format!("the bank has lived to {lived_to}, and its time cannot go back")));
        }
        Ok(time)
    })?;
    Ok(Json(shown_clock(&handle)))
}

impl SetClock {
    fn time(&self, moment: &Moment) -> Result<Time, Refused> {
        let Moment { time, clock, now, .. } = *moment;
        let named = match (self.now.as_deref(), self.forward.as_deref()) {
            (Some(_), Some(_)) => return Err(Refused("now and forward cannot both be told".to_owned())),
            (Some(named), None) => Some(time_or_date(named)?),
            (None, Some(span)) => Some(now + ahead(span)?),
            (None, None) => None,
        };
        match (named, self.speed, self.running) {
            (_, Some(_), Some(false)) => Err(Refused("a clock that stands has no speed".to_owned())),
            (named, Some(speed @ 1..=FASTEST), _) => Ok(Time::fast(named.unwrap_or(now), clock, speed)),
            (_, Some(_), _) => Err(Refused(format!("speed must be 1 to {FASTEST}"))),
            (Some(named), None, Some(true)) => Ok(Time::running(named, clock)),
            // Ahead by a span, a clock that runs goes on running, and one that stands stands.
            (Some(named), None, None) if self.forward.is_some() => Ok(match time {
                Time::Fixed(_) => Time::Fixed(named),
                Time::Running { .. } => Time::running(named, clock),
                Time::Fast { speed, .. } => Time::fast(named, clock, speed),
            }),
            (Some(named), None, _) => Ok(Time::Fixed(named)),
            (None, None, Some(false)) => Ok(Time::Fixed(now)),
            (None, None, _) => Ok(Time::Running { ahead: Duration::zero() }),
        }
    }
}

/// A day alone is its first second.
fn time_or_date(text: &str) -> Result<DateTime<Utc>, Refused> {
    if text.len() == "2026-08-01".len() { time(&format!("{text} 00:00:00")) } else { time(text) }
}

fn ahead(span: &str) -> Result<Duration, Refused> {
    let span_of = humantime::parse_duration(span).ok().filter(|s| *s <= LONGEST_LEAP).map(Duration::from_std);
    match span_of {
        Some(Ok(span)) => Ok(span),
        _ => Err(Refused(format!("'{span}' is not a span like 21d or 90m, of ten years at most"))),
    }
}

fn shown_clock(handle: &SimHandle) -> Value {
    let time = handle.time();
    let mut shown = json!({ "now": calendar::show(handle.now()), "running": !matches!(time, Time::Fixed(_)) });
    if let Time::Fast { speed, .. } = time {
        shown["speed"] = json!(speed);
    }
    shown
}

pub(super) async fn faults(State(handle): State<SimHandle>) -> Answer {
    handle.read(|desk, _| Ok(Json(desk.faults.waiting().map(|f| json!(f)).collect())))
}

pub(super) async fn strike(State(handle): State<SimHandle>, body: Bytes) -> Answer {
    let asked: Map<String, Value> = read(&body)?;
    let fault = Fault::deserialize(Value::Object(asked.clone())).map_err(|error| Refused(error.to_string()))?;
    let known = json!(fault);
    if let Some(name) = asked.keys().find(|name| known.get(name).is_none()) {
        return Err(Refused(format!("unknown field {name}")));
    }
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

/// Sets each field that is told, so that a new one needs no second place here. Whatever is
/// wrong is said with the field's name, and then nothing is changed at all.
fn changed(terms: &Terms, asked: &Map<String, Value>) -> Result<Terms, Refused> {
    let mut all = json!(terms);
    for (name, value) in asked {
        if all.get(name).is_none() {
            let known = all.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            return Err(Refused(format!("unknown field {name}; known are {}", known.join(", "))));
        }
        all[name] = value.clone();
        Terms::deserialize(&all).map_err(|error| Refused(format!("{name}: {error}")))?;
    }
    Terms::deserialize(&all).map_err(|error| Refused(error.to_string()))
}

pub(super) async fn merchants(State(handle): State<SimHandle>) -> Answer {
    handle.look(|bank, _| Ok(Json(bank.merchants().map(|(id, t)| shown_terms(id, t)).collect())))
}

pub(super) async fn change_merchant(State(handle): State<SimHandle>, Path(id): Path<String>, body: Bytes) -> Answer {
    let id = MerchantId::parse(&id).map_err(|error| Refused(error.to_string()))?;
    let asked: Map<String, Value> = read(&body)?;
    handle.with_bank(|bank, now| {
        let terms = bank.terms(&id).ok_or_else(|| BankError::UnknownMerchant(id.clone()))?;
        let new = changed(terms, &asked)?;
        bank.change_terms(&id, now, |terms| *terms = new)?;
        Ok(Json(bank.terms(&id).map_or(Value::Null, |terms| shown_terms(&id, terms))))
    })
}

fn shown_terms(id: &MerchantId, terms: &Terms) -> Value {
    json!({ "merchant_id": id, "terms": terms })
}
