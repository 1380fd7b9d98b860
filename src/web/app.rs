//! From a path to a page.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use tokio::sync::Mutex;

use super::ask::{Ask, PageError, Query};
use super::cache::Cache;
use super::failing::Failing;
use super::sentences::Lang;
use super::site::Site;
use super::{alerts, assets, deadlines, doctor, gateway, guard, order, orders, overview, refunds};
use crate::ledger::Interrupter;
use crate::ledger::pages::PageReader;

/// How a page is made.
type Make = fn(&Ask<'_>) -> Result<String, PageError>;

pub struct App {
    site: Arc<Site>,
    /// One page at a time: a second one would only take the disk from the engine.
    reader: Arc<Mutex<PageReader>>,
    interrupter: Interrupter,
    cache: Cache,
    failing: Arc<Failing>,
}

impl App {
    pub fn new(site: Arc<Site>, reader: PageReader) -> Self {
        let interrupter = reader.interrupter();
        Self {
            site,
            reader: Arc::new(Mutex::new(reader)),
            interrupter,
            cache: Cache::default(),
            failing: Arc::default(),
        }
    }

    async fn answer(self: Arc<Self>, uri: Uri, headers: HeaderMap, make: Make) -> Response {
        let query = Query::parse(uri.query());
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let lang = query.lang().unwrap_or_else(|| Lang::accepted(accepted));
        let name = format!("{} {uri}", lang.word());
        if let Some(page) = self.cache.fresh(&name, Instant::now()) {
            return html(lang, &page);
        }
        let reader = self.reader.clone().lock_owned().await;
        // Made while this one waited for its turn.
        if let Some(page) = self.cache.fresh(&name, Instant::now()) {
            return html(lang, &page);
        }
        let (site, failing) = (self.site.clone(), self.failing.clone());
        let unfinished = Unfinished { app: &self, over: false };
        let made = tokio::task::spawn_blocking(move || {
            let now = (site.now)();
            let path = uri.path();
            reader.at_one_moment(|reader| make(&Ask { reader, site: &site, lang, now, failing: &failing, path, query }))
        });
        let made = made.await;
        unfinished.over();
        match made {
            Ok(Ok(page)) => {
                let page: Arc<str> = page.into();
                self.cache.keep(name, page.clone(), Instant::now());
                html(lang, &page)
            }
            Ok(Err(PageError::NotFound)) => not_found(),
            Ok(Err(error)) => failed(&error),
            Err(error) => {
                tracing::error!(%error, "a page was not made to its end");
                internal()
            }
        }
    }
}

/// Whoever gives a page up ends what it still reads.
struct Unfinished<'a> {
    app: &'a App,
    over: bool,
}

impl Unfinished<'_> {
    fn over(mut self) {
        self.over = true;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.app.interrupter.interrupt();
        }
    }
}

pub fn routes(app: Arc<App>) -> Router {
    let extra = app.site.extra.clone();
    Router::new()
        .route("/", page(overview::page))
        .route("/deadlines", page(deadlines::page))
        .route("/orders", page(orders::page))
        .route("/orders/{merchant}/{number}", page(order::page))
        .route("/orders/{merchant}/{number}/{authorization}", page(order::page))
        .route("/refunds", page(refunds::page))
        .route("/alerts", page(alerts::page))
        .route("/gateway", page(gateway::page))
        .route("/doctor", page(doctor::page))
        .fallback(async || not_found())
        .with_state(app)
        .merge(assets::routes())
        .merge(extra)
}

fn page(make: Make) -> MethodRouter<Arc<App>> {
    get(async move |State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap| app.answer(uri, headers, make).await)
}

fn html(lang: Lang, page: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag())),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
    ];
    (headers, page.to_owned()).into_response()
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is no such page, or no such order in the ledger\n").into_response()
}

/// What the ledger says of itself names its path: that is for the log.
fn failed(error: &PageError) -> Response {
    tracing::warn!(%error, "a page could not be made");
    match error {
        PageError::Ledger(error) if error.is_of_the_moment() => guard::too_slow(),
        _ => internal(),
    }
}

fn internal() -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "the page could not be made: the log of ecpayd says why, /doctor what is wrong\n",
    )
        .into_response()
}
