//! The stand-in gateway, asked the way the daemon asks it.

mod agreement;
mod client;
mod control;
mod docs;
mod faults;
mod fetch;
mod forms;
mod oddities;
mod protocol;
mod scene;
mod state;
mod statements;
mod taken_back;
mod vouchers;
