//! The way out: alerts reach people, and what ends for an order reaches its shop.
//!
//! ```text
//!  alert raised or closed ─┐ (one transaction)     message, on the disk     try, 30 s, 2 min, 10 min, hourly
//!  order or refund ended  ─┴──▶ deliveries ──────▶ with a key of its own ──▶ channel ──▶ delivered or given up
//! ```
//!
//! The ledger's triggers write the deliveries, whoever raises the alert. Here they become messages: those that
//! came together go together. A message is committed before its first try, so every try, after any kill, brings
//! the same words under the same key. Nothing here holds up the engine: each channel has a task of its own.

pub mod channel;
pub mod compose;
pub mod digest;
pub mod message;
pub mod outbox;
pub mod run;
mod settings;

pub use message::Message;
pub use outbox::{Outbox, Way};
pub use run::{Deliveries, House, Times};
