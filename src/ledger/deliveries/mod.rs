//! The outbox: what is to be told through which channel, and what became of it.

mod channels;
mod digest;
mod messages;
mod waiting;

pub use channels::{ChannelTerms, ChannelsTaken, Told};
pub use digest::{Digest, DigestAlert, DigestSpan, Sum};
pub use messages::{MessageTried, NewMessage, NoNews, QueuedMessage, RepeatCritical, TryFailed};
pub use waiting::{WaitingAlert, WaitingEvent};
