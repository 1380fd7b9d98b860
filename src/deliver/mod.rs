//! Alerts and events on their way to people and to the shop.

pub mod channel;
pub mod message;
