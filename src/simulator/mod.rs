//! A stand-in for ECPay's card and voucher gateways and its statements, since the vendor's stage has no `DoAction` (vendor page 信用卡請退款功能, in English, "API URLs").
//!
//! ```text
//!  bytes ─▶ protocol ─▶ faults ─▶ bank ─▶ answers ─▶ faults ─▶ protocol ─▶ bytes      (desk: pure)
//!              server, socket: HTTP on loopback        control: /sim/ sets the scene, reads the truth
//! ```
//!
//! [`bank`] is the truth: what an order is, whatever an answer said. Nothing here reads a wall
//! clock; the time comes from [`Options::clock`], or stands where a test has set it.
//! Left out: the dashboard's pages, orders paid through the vendor's checkout.

mod answers;
pub mod bank;
mod control;
mod desk;
mod faults;
mod handle;
mod protocol;
mod server;
mod socket;
mod state;
mod statements;
mod style;
mod time;

pub use desk::{Delivery, Reply};
pub use faults::{Fault, FaultKind, Meanwhile, OnCall, Rate};
pub use handle::{Clock, SimHandle};
pub use protocol::Call;
pub use server::{Options, Running, STAGE_VOUCHER_KEYS, SimMerchant, Simulator, StartError};
pub use state::{StateError, StateFile};
pub use time::{Stamps, Time};
