//! Control calls: a person or a test sets the scene and reads the truth.
//!
//! `docs/simulator.md` has them all, each with a call that can be copied. Times are Taipei's.
//! Where more than one merchant is known, `merchant_id` goes into the body that creates an
//! order, and into the query (`/sim/orders/A1?merchant_id=3002607`) elsewhere.
//! What cannot be done is answered with 400 and `{"error": "..."}`.

mod orders;
mod settings;
mod vouchers;

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::bank::BankError;
use super::handle::SimHandle;
use crate::domain::calendar::from_taipei;

pub(super) fn routes() -> Router<SimHandle> {
    Router::new()
        .route("/sim/orders", get(orders::list).post(orders::create))
        .route("/sim/orders/{no}", get(orders::show))
        .route("/sim/orders/{no}/pay", post(orders::pay))
        .route("/sim/orders/{no}/dashboard", post(orders::dashboard))
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
        .route("/sim/merchants/{id}", post(settings::change_merchant))
}

type Answer = Result<Json<Value>, Refused>;

/// A sentence for the person who asked.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

impl From<BankError> for Refused {
    fn from(error: BankError) -> Self {
        Self(error.to_string())
    }
}

/// Whatever content type it came with, so that plain `curl -d` works.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refused(format!("the body cannot be read: {error}")))
}

fn time(text: &str) -> Result<DateTime<Utc>, Refused> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        // Far from the ends of the calendar, where adding days would overflow.
        .filter(|civil| (2000..2200).contains(&civil.year()))
        .map(from_taipei)
        .ok_or_else(|| Refused(format!("'{text}' is not a time like 2026-08-01 09:30:00")))
}
