use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Answer, Body, Named, Refused, time};
use crate::domain::action::Action;
use crate::domain::calendar;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::simulator::bank::{BankError, Terms};
use crate::simulator::desk::Desk;
use crate::simulator::faults::{Fault, FaultKind, OnCall, Rate};
use crate::simulator::handle::{Moment, SimHandle};
use crate::simulator::time::{FASTEST, Stamps, Time};

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
    /// Whose time the calls' Timestamp is compared with. Alone it leaves the clock as it is.
    stamps: Option<Stamps>,
}

pub(super) async fn clock(State(handle): State<SimHandle>) -> Answer {
    Ok(Json(shown_clock(&handle)))
}

pub(super) async fn set_clock(State(handle): State<SimHandle>, body: Body) -> Answer {
    let asked: SetClock = body.read()?;
    if asked.sets_time() {
        handle.retime(|moment| {
            let time = asked.time(&moment)?;
            if time.at(moment.clock) < moment.lived_to {
                let lived_to = calendar::show(moment.lived_to);
                return Err(Refused(format!(
                    "the bank has lived to {lived_to}, and its time cannot go back: start again without this state"
                )));
            }
            Ok(time)
        })?;
    }
    if let Some(stamps) = asked.stamps {
        handle.set_stamps(stamps);
    }
    Ok(Json(shown_clock(&handle)))
}

impl SetClock {
    fn sets_time(&self) -> bool {
        self.stamps.is_none()
            || self.now.is_some()
            || self.forward.is_some()
            || self.running.is_some()
            || self.speed.is_some()
    }

    fn time(&self, moment: &Moment) -> Result<Time, Refused> {
        let Moment { time, clock, now, .. } = *moment;
        let named = match (self.now.as_deref(), self.forward.as_deref()) {
            (Some(_), Some(_)) => return Err(Refused("now and forward cannot both be told".to_owned())),
            (Some(named), None) => Some(time_or_date(named)?),
            (None, Some(span)) => Some(now + super::call::span(span)?),
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

fn shown_clock(handle: &SimHandle) -> Value {
    let time = handle.time();
    let mut shown = json!({ "now": calendar::show(handle.now()), "running": !matches!(time, Time::Fixed(_)) });
    if let Time::Fast { speed, .. } = time {
        shown["speed"] = json!(speed);
    }
    if handle.stamps() == Stamps::Computer {
        shown["stamps"] = json!(Stamps::Computer);
    }
    shown
}

pub(super) async fn faults(State(handle): State<SimHandle>) -> Answer {
    handle.read(|desk, _| Ok(Json(desk.faults.waiting().map(|f| json!(f)).collect())))
}

pub(super) async fn strike(State(handle): State<SimHandle>, body: Body) -> Answer {
    let mut asked: Map<String, Value> = body.read()?;
    let lasts = lasts(&mut asked)?;
    for (name, value) in &asked {
        let wrong = match name.as_str() {
            "call" => OnCall::deserialize(value).err(),
            "action" => Option::<Action>::deserialize(value).err(),
            "merchant_trade_no" => Option::<MerchantTradeNo>::deserialize(value).err(),
            "voucher_no" => Option::<String>::deserialize(value).err(),
            "times" => Option::<u32>::deserialize(value).err(),
            "rate" => Option::<Rate>::deserialize(value).err(),
            _ => None,
        };
        if let Some(error) = wrong {
            return Err(Refused(format!("{name}: {error}")));
        }
    }
    if let Some(lasts) = lasts {
        asked.insert("until".to_owned(), json!(calendar::show(handle.now() + lasts)));
    }
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
    if let Some(why) = fault.cannot_strike() {
        return Err(Refused(why));
    }
    handle.strike(fault);
    faults(State(handle)).await
}

/// `for`: a span of the bank's time.
fn lasts(asked: &mut Map<String, Value>) -> Result<Option<Duration>, Refused> {
    if asked.contains_key("until") {
        return Err(Refused("unknown field until: say for how long, like \"for\":\"3d\"".to_owned()));
    }
    let Some(told) = asked.remove("for") else { return Ok(None) };
    let span = told.as_str().ok_or_else(|| Refused(format!("for: {told} is not a span like 21d or 90m")))?;
    super::call::span(span).map(Some)
}

pub(super) async fn clear_faults(State(handle): State<SimHandle>) -> Answer {
    handle.clear_faults();
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
    let terms = Terms::deserialize(&all).map_err(|error| Refused(error.to_string()))?;
    terms.problem().map_or(Ok(terms), |why| Err(Refused(why)))
}

pub(super) async fn merchants(State(handle): State<SimHandle>) -> Answer {
    handle.read(|desk, now| Ok(Json(desk.bank.merchants().map(|(id, _)| shown_merchant(desk, id, now)).collect())))
}

pub(super) async fn merchant(State(handle): State<SimHandle>, Named(id): Named) -> Answer {
    let id = MerchantId::parse(&id).map_err(|error| Refused(error.to_string()))?;
    handle.read(|desk, now| {
        desk.bank.terms(&id).ok_or_else(|| BankError::UnknownMerchant(id.clone()))?;
        Ok(Json(shown_merchant(desk, &id, now)))
    })
}

pub(super) async fn change_merchant(State(handle): State<SimHandle>, Named(id): Named, body: Body) -> Answer {
    let id = MerchantId::parse(&id).map_err(|error| Refused(error.to_string()))?;
    let asked: Map<String, Value> = body.read()?;
    handle.with_desk(|desk, now| {
        let terms = desk.bank.terms(&id).ok_or_else(|| BankError::UnknownMerchant(id.clone()))?;
        let new = changed(terms, &asked)?;
        desk.bank.change_terms(&id, now, |terms| *terms = new)?;
        Ok(Json(shown_merchant(desk, &id, now)))
    })
}

/// `forbidden_until` is there while its calls, or its platform's, are answered with 403.
fn shown_merchant(desk: &Desk, id: &MerchantId, now: DateTime<Utc>) -> Value {
    let mut shown = json!({ "merchant_id": id, "terms": desk.bank.terms(id) });
    let callers = [Some(id), desk.keyring.platform_of(id)];
    let silent = callers.into_iter().flatten().filter_map(|caller| desk.faults.forbidden_until(caller, now));
    if let Some(until) = silent.max() {
        shown["forbidden_until"] = json!(calendar::show(until));
    }
    shown
}
