//! The bytes of every call: keys, encoding, checksum, envelope, and how loosely the gateway writes.
//!
//! Of the gateway the simulator may take this alone, so what reads an answer is not shown to it.

pub mod checksum;
pub mod cipher;
pub mod envelope;
pub(super) mod liberal;
mod shape;
pub(super) mod times;
pub mod urlencode;
