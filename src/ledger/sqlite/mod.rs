//! What only SQLite has: a file with its log and its marker, the locks on them, the schema in the file, and one
//! thread that writes.

mod alone;
mod commits;
pub(super) mod guard;
pub(super) mod mark;
pub(super) mod mounts;
pub(super) mod open;
pub(super) mod place;
pub(super) mod shipped;
pub(super) mod still;
pub(super) mod writer;
