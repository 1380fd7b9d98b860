//! The status page over HTTP: whom it answers, what every answer bears, and what the pages of a ledger show.

#[path = "../support/ledger/mod.rs"]
mod ledger;

mod browser;
mod demo;
mod doctor;
mod guard;
mod http;
mod money;
mod pages;
mod stage;
mod tasks;
