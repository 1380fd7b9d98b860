//! What `engine` holds the daemon to, for merchants whose orders are of 全方位金流 (AIO) and acted on by form.

// What only the tests of the JSON products use.
#![allow(dead_code, unused_imports)]

use ecpayd::domain::api::CardApi;

const API: CardApi = CardApi::Form;

macro_rules! json_only {
    ($($test:item)*) => {};
}

#[path = "../engine/ages.rs"]
mod ages;
#[path = "../engine/books.rs"]
mod books;
#[path = "../engine/clock_steps.rs"]
mod clock_steps;
#[path = "../engine/harness.rs"]
mod harness;
#[path = "../engine/invariant_1_crashes.rs"]
mod invariant_1_crashes;
#[path = "../engine/invariant_1_once.rs"]
mod invariant_1_once;
#[path = "../engine/invariant_1_restored.rs"]
mod invariant_1_restored;
#[path = "../engine/invariant_2_sums.rs"]
mod invariant_2_sums;
#[path = "../engine/invariant_3_window.rs"]
mod invariant_3_window;
#[path = "../engine/invariant_4_evidence.rs"]
mod invariant_4_evidence;
#[path = "../engine/invariant_5_deadlines.rs"]
mod invariant_5_deadlines;
#[path = "../engine/invariant_6_alerts.rs"]
mod invariant_6_alerts;
#[path = "../engine/invariant_7_nothing_lost.rs"]
mod invariant_7_nothing_lost;
#[path = "../engine/invariant_8_secrets.rs"]
mod invariant_8_secrets;
#[path = "../engine/lanes.rs"]
mod lanes;
#[path = "../support/ledger/mod.rs"]
mod ledger;
#[path = "../engine/nightly.rs"]
mod nightly;
#[path = "../engine/outbox.rs"]
mod outbox;
#[path = "../engine/pauses.rs"]
mod pauses;
#[path = "../engine/restored_marker.rs"]
mod restored_marker;
#[path = "../engine/rows.rs"]
mod rows;
#[path = "../engine/rules.rs"]
mod rules;
#[path = "../engine/telltale.rs"]
mod telltale;
#[path = "../engine/traffic.rs"]
mod traffic;
#[path = "../engine/voucher_guard.rs"]
mod voucher_guard;
#[path = "../engine/voucher_shop.rs"]
mod voucher_shop;
#[path = "../engine/vouchers.rs"]
mod vouchers;
#[path = "../engine/wire.rs"]
mod wire;
