//! What a control call is given, and how it is answered.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Duration, NaiveDateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::domain::calendar::from_taipei;
use crate::domain::ids::MerchantId;
use crate::simulator::bank::BankError;

pub(super) type Answer = Result<Json<Value>, Refused>;

/// A sentence for the person who asked.
pub(super) struct Refused(pub(super) String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        told(StatusCode::BAD_REQUEST, &self.0)
    }
}

pub(super) fn told(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// The name in a path.
pub(super) struct Named(pub(super) String);

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
pub(super) struct Whose {
    pub(super) merchant_id: Option<MerchantId>,
}

impl Whose {
    pub(super) fn is_of(&self, merchant_id: &MerchantId) -> bool {
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
pub(super) struct Body(Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Bytes::from_request(request, state).await.map(Self).map_err(|error| Refused(error.body_text()))
    }
}

impl Body {
    /// Nothing is an empty object.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
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

pub(super) fn time(text: &str) -> Result<DateTime<Utc>, Refused> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        .filter(|civil| in_calendar(civil.year()))
        .map(from_taipei)
        .ok_or_else(|| Refused(format!("'{text}' is not a time like 2026-08-01 09:30:00")))
}

/// The longest span that is taken: ten years.
const LONGEST_SPAN: std::time::Duration = std::time::Duration::from_secs(10 * 366 * 86_400);

pub(super) fn span(text: &str) -> Result<Duration, Refused> {
    let span = humantime::parse_duration(text).ok().filter(|span| *span <= LONGEST_SPAN).map(Duration::from_std);
    match span {
        Some(Ok(span)) => Ok(span),
        _ => Err(Refused(format!("'{text}' is not a span like 21d or 90m, of ten years at most"))),
    }
}

/// Far from the ends of the calendar, where adding days would overflow.
pub(super) fn in_calendar(year: i32) -> bool {
    (2000..2200).contains(&year)
}
