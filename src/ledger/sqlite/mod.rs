//! What only SQLite has: a file with its log and its marker, the locks on them, the schema in the file, and one
//! thread that writes.

mod alone;
mod commits;
pub(super) mod copy;
pub(super) mod guard;
pub(super) mod lock;
pub(super) mod mark;
pub(super) mod mounts;
pub(super) mod open;
pub(super) mod place;
pub(super) mod replaced;
pub(super) mod shipped;
pub(super) mod source;
pub(super) mod still;
pub(super) mod verify;
pub(super) mod writer;
