//! The status page: what the ledger holds, for a person with a browser. It only shows.
//!
//! ```text
//!  request ──▶ headers ──▶ guard: Host, method, site, token ──▶ route ──▶ cache, or the ledger's own reader ──▶ page
//! ```
//!
//! A page is made in a thread for such work and by a connection of its own: neither the engine's thread nor its
//! reader waits for it. One page is made at a time, and each at most every two seconds.

mod alerts;
mod app;
mod ask;
mod assets;
mod cache;
mod deadlines;
mod doctor;
mod failing;
mod form;
mod frame;
mod gateway;
mod guard;
mod host;
mod lifeline;
mod order;
mod orders;
mod overview;
mod pace;
mod parts;
mod refunds;
mod sentences;
mod server;
mod site;
mod socket;
mod tasks;
mod token;
mod tries;
mod wall;
mod words;

pub use server::{ServeError, serve};
pub use site::{HttpOptions, Site};
