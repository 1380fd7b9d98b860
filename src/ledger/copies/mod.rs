//! Copies of the whole ledger: made while everybody works on it, and put in its place while nobody does.

mod aside;
mod backup;
mod error;
mod lost;
mod made;
mod owner;
mod partial;
mod restore;

pub use backup::{Target, back_up_unnoted, check_name, may_be_noted, prune};
pub use error::CopyError;
pub use lost::{History, Lost, LostAttempt};
pub use owner::Owner;
pub use restore::{Restored, Restoring};
