//! The port of the daemon: the status page, `/healthz` and `/metrics`.
//!
//! A connection may outlive the daemon's wish to end, and with the engine it would hold the ledger: whoever
//! answers takes the engine for the time of one answer.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::self_check::{self, Itself, Looks, Told};
use super::start::{StartError, terms};
use crate::config::{HttpSettings, Settings};
use crate::domain::health::{Health, State as Condition, Vitals};
use crate::engine::Engine;
use crate::metrics::{self, Calls, Snapshot};
use crate::web::{self, HttpOptions, Site};

/// How old the line at the top of a page may be.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(5);

/// Prometheus' text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone)]
struct Watch {
    engine: Weak<Engine>,
    calls: Calls,
    seen: Arc<Mutex<Option<Vitals>>>,
}

/// Nothing listens where the settings name no address.
pub(super) async fn open(
    settings: &Settings,
    engine: &Arc<Engine>,
    calls: Calls,
    looks: Looks,
    tasks: &mut JoinSet<()>,
) -> Result<(), StartError> {
    let HttpSettings { listen: Some(listen), token, hosts, .. } = &settings.http else { return Ok(()) };
    let cannot = |error: std::io::Error| StartError::Listen { on: *listen, why: error.to_string() };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let watch = Watch { engine: Arc::downgrade(engine), calls, seen: Arc::default() };
    let http = HttpOptions { listen: *listen, token: token.clone(), hosts: hosts.clone() };
    let site = site(settings, engine, http, &watch);
    let (found, now) = (Told::default(), site.now.clone());
    let itself = Itself { looks, ledger: site.ledger.clone(), names_directories: token.is_some(), now };
    let last = found.clone();
    let site = Arc::new(Site { self_check: Arc::new(move || Some(last.last())), ..site });
    tasks.spawn(look_after(watch));
    tasks.spawn(self_check::keep(itself, found));
    tasks.spawn(async move {
        if let Err(error) = web::serve(listener, site, pending()).await {
            tracing::error!(%error, "the status page ended; the rest of the daemon goes on");
        }
    });
    tracing::info!(on = %listen, "the status page is served");
    Ok(())
}

fn site(settings: &Settings, engine: &Arc<Engine>, http: HttpOptions, watch: &Watch) -> Site {
    let clock = engine.shared().clock.clone();
    let seen = watch.seen.clone();
    Site {
        ledger: settings.database_path.clone(),
        policy: settings.policy.clone(),
        merchants: settings.merchants.iter().map(|m| (m.merchant_id.to_string(), terms(m))).collect(),
        now: Arc::new(move || clock.now()),
        http,
        self_check: Arc::new(|| None),
        vitals: Arc::new(move || *seen.lock().unwrap_or_else(PoisonError::into_inner)),
        extra: Router::new().route("/healthz", get(healthz)).route("/metrics", get(figures)).with_state(watch.clone()),
    }
}

async fn look_after(watch: Watch) {
    loop {
        if let Some(vitals) = watch.vitals().await {
            *watch.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(vitals);
        }
        tokio::time::sleep(LOOKED_AT_EVERY).await;
    }
}

impl Watch {
    /// None: the daemon ends.
    async fn health(&self) -> Option<Health> {
        health(&*self.engine.upgrade()?).await
    }

    async fn vitals(&self) -> Option<Vitals> {
        vitals(&*self.engine.upgrade()?).await
    }
}

/// None: the ledger cannot be read.
pub(super) async fn health(engine: &Engine) -> Option<Health> {
    Some(vitals(engine).await?.health(engine.shared().clock.now()))
}

async fn vitals(engine: &Engine) -> Option<Vitals> {
    let shared = engine.shared();
    match shared.ledger.vitals(shared.clock.now()).await {
        Ok(vitals) => Some(vitals),
        Err(error) => {
            tracing::error!(%error, "the daemon's health cannot be told");
            None
        }
    }
}

/// Told to everybody, so by codes alone: no numbers, no names.
async fn healthz(State(watch): State<Watch>) -> Response {
    let Some(health) = watch.health().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "unhealthy: ending\n").into_response();
    };
    let status = match health.state {
        Condition::Ok | Condition::Degraded => StatusCode::OK,
        Condition::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let codes: Vec<&str> = health.why.iter().map(|reason| reason.code()).collect();
    let state = health.state.word();
    let line = if codes.is_empty() { format!("{state}\n") } else { format!("{state}: {}\n", codes.join(", ")) };
    (status, line).into_response()
}

async fn figures(State(watch): State<Watch>) -> Response {
    let cannot = |why: String| (StatusCode::SERVICE_UNAVAILABLE, format!("no figures: {why}\n")).into_response();
    let Some(engine) = watch.engine.upgrade() else { return cannot("the daemon ends".to_owned()) };
    let shared = engine.shared();
    let now = shared.clock.now();
    let (figures, vitals) = match (shared.ledger.figures(now).await, shared.ledger.vitals(now).await) {
        (Ok(figures), Ok(vitals)) => (figures, vitals),
        (Err(error), _) | (_, Err(error)) => return cannot(error.to_string()),
    };
    let storage = shared.ledger.storage();
    let snapshot = Snapshot { now, figures: &figures, vitals: &vitals, storage: &storage, tally: &shared.tally };
    match metrics::text(&watch.calls, &snapshot) {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => cannot(error.to_string()),
    }
}
