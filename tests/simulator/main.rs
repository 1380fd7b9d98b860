//! The stand-in gateway, asked the way the daemon asks it.

mod agreement;
mod client;
mod control;
mod faults;
mod protocol;
mod scene;
