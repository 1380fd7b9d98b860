//! Figures for Prometheus, in its text format 0.0.4.
//!
//! Counters live as long as the process; what the ledger holds is counted when somebody asks.

mod calls;
mod gauges;

use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;

pub use calls::{Calls, Counted};
pub use gauges::Snapshot;

const PREFIX: &str = "ecpayd";

/// All figures, as they are now.
pub fn text(calls: &Calls, snapshot: &Snapshot<'_>) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    snapshot.register(&mut registry);
    calls.register(&mut registry);
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}
