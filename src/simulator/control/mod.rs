//! Control calls: a person or a test sets the scene and reads the truth.
//!
//! `docs/simulator.md` has them all, each with a call that can be copied. Times are Taipei's.
//! Where more than one merchant is known, `merchant_id` goes into the body that creates an
//! order, and into the query (`/sim/orders/A1?merchant_id=3002607`) elsewhere.
//! What cannot be done is answered with 400 and `{"error": "..."}`.

mod call;
mod orders;
mod settings;
mod vouchers;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{any, get, post};

use self::call::told;
use super::handle::SimHandle;

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
