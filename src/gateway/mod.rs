//! ECPay's protocol: how a question is put into bytes and what the bytes of an answer say.
//!
//! Bytes out and in go through [`transport::Transport`]; [`client::CardGateway`] and
//! [`vouchers::VoucherGateway`] are what the rest of the house calls. No clock is read here: stamps and instants are arguments.

mod caller;
pub mod card_action;
pub mod card_detail;
mod card_seen;
pub mod checksum;
pub mod cipher;
pub mod client;
pub mod envelope;
mod errors;
mod liberal;
pub mod order_query;
mod order_seen;
pub mod pacing;
mod shape;
mod times;
pub mod transport;
pub mod urlencode;
pub mod voucher_order;
pub mod voucher_refunds;
mod voucher_seen;
pub mod voucher_tickets;
pub mod vouchers;
