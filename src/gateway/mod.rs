//! ECPay's protocol: how a question is put into bytes and what the bytes of an answer say.
//!
//! Bytes out and in go through [`transport::Transport`]; [`card::CardGateway`] and
//! [`voucher::VoucherGateway`] are what the rest of the house calls. No clock is read here: stamps and instants are arguments.
//! What ECPay accounts for in files is read by [`statement`].

mod caller;
pub mod card;
mod errors;
pub mod statement;
pub mod transport;
pub mod voucher;
pub mod wire;

pub use caller::{Access, Dated};
pub use errors::LookError;
