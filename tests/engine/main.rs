//! The engine against the simulator: real ledger, real HTTP, virtual time.
//!
//! One file for each invariant of the design; `rules` holds what the contract says beyond them. `engine_form` runs the
//! same for orders of 全方位金流 (AIO), but for what is marked here as of the JSON products only.

use ecpayd::domain::api::CardApi;

/// By which the merchants of the tests are acted for.
const API: CardApi = CardApi::Json;

/// What a request's time stamp, the order query's fields or the statement of the JSON products decide. Its
/// counterparts by form are in `form`.
macro_rules! json_only {
    ($($test:item)*) => { $($test)* };
}

mod ages;
mod books;
mod clock_steps;
mod figures;
mod form;
mod harness;
mod invariant_1_crashes;
mod invariant_1_once;
mod invariant_1_restored;
mod invariant_2_sums;
mod invariant_3_window;
mod invariant_4_evidence;
mod invariant_5_deadlines;
mod invariant_6_alerts;
mod invariant_7_nothing_lost;
mod invariant_8_secrets;
mod lanes;
#[path = "../support/ledger/mod.rs"]
mod ledger;
mod nightly;
mod outbox;
mod pauses;
mod recurring;
mod restored_marker;
mod rows;
mod rules;
mod telltale;
mod traffic;
mod voucher_guard;
mod voucher_shop;
mod vouchers;
mod wire;
