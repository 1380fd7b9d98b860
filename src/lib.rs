pub mod config;
pub mod daemon;
pub mod domain;
pub mod engine;
pub mod gateway;
pub mod ledger;
pub mod simulator;
pub mod telemetry;
