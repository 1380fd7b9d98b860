//! What people read beside the sentences of reasons, in each language: names of states and alerts, what to do
//! about an alert, and the lines of a history. Each is a table that a missing word keeps from compiling; the
//! words that programs go by stand with their types.

mod alerts;
mod copies;
mod history;
mod names;
mod pauses;

pub use alerts::Todo;
pub use copies::copy;
pub use history::line;
pub use pauses::{PauseTold, pause};
