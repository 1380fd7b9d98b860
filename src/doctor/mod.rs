//! What is well and what is not, and how to mend it: `doctor`, and of it the settings for `check-config`.
//!
//! [`look`] finds out, and only reads: no file is made, nobody is held up, and of the gateway it asks one order
//! that cannot exist. [`judge`] says what follows from what was found, and is pure. [`bundle`] packs it for
//! somebody who helps.

pub mod bundle;
mod check;
mod code;
mod facts;
pub mod judge;
pub mod look;
pub mod owners;

pub use check::{Check, Level};
pub use code::Code;
pub use facts::{
    Asked, Copied, Facts, FileFacts, Handshake, Host, HostSeen, LedgerFacts, Opened, Replied, SecretFile, Tried,
};
