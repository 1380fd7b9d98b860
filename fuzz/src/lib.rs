//! What ecpayd promises of any input, one module for each kind: `check` takes bytes and panics
//! where a promise is broken.
//!
//! The fuzz targets call these, and so does `cargo test` (`tests/properties`) with the corpus
//! and with generated inputs: a target and its regression test are the same code.

pub mod decoder;
pub mod dice;
pub mod envelope;
pub mod facts;
pub mod ledger;
pub mod oracle;
pub mod scripted;
pub mod settings;
pub mod simulator_request;
pub mod sql_inputs;
pub mod status_words;
pub mod urlencode;
pub mod vouchers;

pub type Check = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Check); 7] = [
    ("decoder", decoder::check),
    ("envelope", envelope::check),
    ("settings", settings::check),
    ("simulator_request", simulator_request::check),
    ("sql_inputs", sql_inputs::check),
    ("status_words", status_words::check),
    ("urlencode", urlencode::check),
];
