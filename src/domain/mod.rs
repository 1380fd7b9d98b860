//! The rules, without a clock, a socket or a row.

pub mod action;
pub mod calendar;
pub mod facts;
pub mod ids;
pub mod money;
pub mod policy;
pub mod status;
