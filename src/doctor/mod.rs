//! What is well and what is not, and how to mend it: `doctor`, and of it the settings for `check-config`.
//!
//! [`look`] finds out, and only reads: no file is made, nobody is held up, and of the gateway it asks one order
//! that cannot exist. [`probe`] alone sends more, and only where an order was named for it. [`judge`] says what follows from what was found, and is pure. [`bundle`] packs it for
//! somebody who helps. Of the daemon, which looks at itself, see [`look::by_daemon`].

pub mod bundle;
mod facts;
pub mod judge;
pub mod look;
pub mod owners;
pub mod probe;
mod shortened;

pub use crate::domain::check::{Check, Code, Level};
pub use facts::{
    After, Asked, Copied, Facts, FileFacts, Handshake, Host, HostSeen, LedgerFacts, Opened, ProbeAsked, ProbeEnd,
    Probed, Replied, SecretFile, Tried,
};
pub use shortened::without_directories;
