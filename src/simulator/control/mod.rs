//! Control calls: a person or a test sets the scene and reads the truth.
//!
//! `docs/simulator.md` has them all, each with a call that can be copied. Times are Taipei's.
//! Where more than one merchant is known, `merchant_id` goes into the body that creates an
//! order, and into the query (`/sim/orders/A1?merchant_id=3002607`) elsewhere.
//! What cannot be done is answered with 400 and `{"error": "..."}`.

mod orders;
mod settings;
mod vouchers;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use chrono::{DateTime, Datelike, Duration, NaiveDateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::bank::BankError;
use super::handle::SimHandle;
use crate::domain::calendar::from_taipei;
use crate::domain::ids::MerchantId;

pub(super) fn routes() -> Router<SimHandle> {
    Router::new()
        .route("/sim/orders", get(orders::list).post(orders::create))
        .route("/sim/orders/{no}", get(orders::show))
        .route("/sim/orders/{no}/pay", post(orders::pay))
        .route("/sim/orders/{no}/dashboard", post(orders::dashboard))
        .route("/sim/orders/{no}/says", post(orders::say))
        .route("/sim/orders/{no}/undo", post(orders::undo))
        .route("/sim/actions", get(orders::actions))
        .route("/sim/vouchers", get(vouchers::list).post(vouchers::create))
        .route("/sim/vouchers/{no}", get(vouchers::show))
        .route("/sim/vouchers/{no}/issue", post(vouchers::issue))
        .route("/sim/vouchers/{no}/redeem", post(vouchers::redeem))
        .route("/sim/vouchers/{no}/refund", post(vouchers::refund))
        .route("/sim/vouchers/{no}/confirm", post(vouchers::confirm))
        .route("/sim/clock", get(settings::clock).post(settings::set_clock))
        .route("/sim/faults", get(settings::faults).post(settings::strike).delete(settings::clear_faults))
        .route("/sim/merchants", get(settings::merchants))
        .route("/sim/merchants/{id}", get(settings::merchant).post(settings::change_merchant))
        .route("/sim", any(no_such_call))
        .route("/sim/", any(no_such_call))
        .route("/sim/{*rest}", any(no_such_call))
        .method_not_allowed_fallback(no_such_method)
}

async fn no_such_call(uri: Uri) -> Response {
    told(StatusCode::NOT_FOUND, &format!("there is no control call {}: docs/simulator.md has them all", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Response {
    told(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("{} does not take {method}: docs/simulator.md has its calls", uri.path()),
    )
}

type Answer = Result<Json<Value>, Refused>;

/// A sentence for the person who asked.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        told(StatusCode::BAD_REQUEST, &self.0)
    }
}

fn told(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// The name in a path.
struct Named(String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let named = Path::from_request_parts(parts, state).await;
        named.map(|Path(name)| Self(name)).map_err(|error| Refused(error.body_text()))
    }
}

/// Two merchants may use the same order number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    merchant_id: Option<MerchantId>,
}

impl Whose {
    fn is_of(&self, merchant_id: &MerchantId) -> bool {
        self.merchant_id.as_ref().is_none_or(|wanted| wanted == merchant_id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Whose {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Query::try_from_uri(&parts.uri).map(|Query(whose)| whose).map_err(|error| Refused(error.body_text()))
    }
}

/// A body, whatever content type it came with, so that plain `curl -d` works.
struct Body(Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Bytes::from_request(request, state).await.map(Self).map_err(|error| Refused(error.body_text()))
    }
}

impl Body {
    /// Nothing is an empty object.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let body = if self.0.is_empty() { b"{}" } else { self.0.as_ref() };
        let value: Value =
            serde_json::from_slice(body).map_err(|error| Refused(format!("the body is not JSON: {error}")))?;
        if !value.is_object() {
            return Err(Refused("the body must be a JSON object, like {\"amount\":1200}".to_owned()));
        }
        serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string() {
            path if path == "." => Refused(error.inner().to_string()),
            path => Refused(format!("{path}: {}", error.inner())),
        })
    }
}

impl From<BankError> for Refused {
    fn from(error: BankError) -> Self {
        Self(error.to_string())
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, Refused> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        .filter(|civil| in_calendar(civil.year()))
        .map(from_taipei)
        .ok_or_else(|| Refused(format!("'{text}' is not a time like 2026-08-01 09:30:00")))
}

/// The longest span that is taken: ten years.
const LONGEST_SPAN: std::time::Duration = std::time::Duration::from_secs(10 * 366 * 86_400);

fn span(text: &str) -> Result<Duration, Refused> {
    let span = humantime::parse_duration(text).ok().filter(|span| *span <= LONGEST_SPAN).map(Duration::from_std);
    match span {
        Some(Ok(span)) => Ok(span),
        _ => Err(Refused(format!("'{text}' is not a span like 21d or 90m, of ten years at most"))),
    }
}

/// Far from the ends of the calendar, where adding days would overflow.
fn in_calendar(year: i32) -> bool {
    (2000..2200).contains(&year)
}
