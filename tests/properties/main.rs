//! What holds of any input: generated ones, and the corpus of the fuzz targets.
//!
//! `PROPTEST_CASES=100000 cargo test --release --test properties` looks longer.

mod answers;
#[path = "../../fuzz/src/lib.rs"]
#[allow(dead_code)] // The fuzz targets use the rest.
mod checks;
mod corpus;
mod daemon;
#[path = "../support/ledger/mod.rs"]
mod ledger;
mod settings;
mod sql;
mod status;
mod wire;

use proptest::test_runner::Config;

/// So many cases, unless the environment asks for more.
fn cases(few: u32) -> Config {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default(),
        None => Config::with_cases(few),
    }
}
