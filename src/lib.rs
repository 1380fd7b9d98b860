pub mod domain;
pub mod gateway;
pub mod simulator;
