pub mod config;
pub mod domain;
pub mod gateway;
pub mod ledger;
pub mod simulator;
pub mod telemetry;
