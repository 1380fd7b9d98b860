//! The rules, without a clock, a socket or a row.

pub mod action;
pub mod alert;
pub mod attempt;
pub mod calendar;
pub mod deadlines;
pub mod event;
pub mod facts;
pub mod ids;
pub mod money;
pub mod obligation;
pub mod order;
pub mod payment;
pub mod plan;
pub mod policy;
pub mod quote;
pub mod reason;
pub mod record;
pub mod refund;
pub mod restored;
pub mod rule;
pub mod service;
pub mod situation;
pub mod status;
pub mod storage;
pub mod transitions;
pub mod voucher;
