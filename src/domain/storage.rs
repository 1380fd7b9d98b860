//! The room that the ledger takes, and has left: when a person hears about it.

use super::alert::Severity;
use super::reason::{Reason, Upkeep};

/// SQLite's log above which something is wrong. Left alone it is emptied every 4 MB; a reader that
/// never ends has made 11 MB a minute of it.
pub const LARGE_LOG: u64 = 64 << 20;

/// A step of room, both as a part of the file system and in gigabytes: who has one of the two has room. A twentieth of a
/// large disk holds millions of orders, and a ledger on a small disk needs no more than a part of it.
#[derive(Clone, Copy)]
struct Room {
    percent: u64,
    gigabytes: u64,
}

const LITTLE_ROOM: Room = Room { percent: 5, gigabytes: 5 };

/// From there on the alert closes: more than a log rotation moves to and fro.
const ENOUGH_ROOM: Room = Room { percent: 7, gigabytes: 7 };

/// Below it `doctor` says so, before anything is wrong.
const AMPLE_ROOM: Room = Room { percent: 10, gigabytes: 10 };

/// What a minute's look at the ledger's files says about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    Raise(Severity, Reason),
    /// Neither here nor there: it stays as it is.
    Keep,
    Close,
}

/// SQLite's log, after everything was put into the ledger that may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    pub bytes: u64,
    /// A part of it is not in the ledger yet: somebody still reads what was before.
    pub is_held: bool,
}

impl Log {
    pub fn alert(self) -> Storage {
        if self.bytes <= LARGE_LOG || !self.is_held {
            return Storage::Close;
        }
        Storage::Raise(Severity::Warning, Upkeep::LogLarge { megabytes: self.bytes >> 20 }.into())
    }
}

/// The file system that holds the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// For who is not root.
    pub free_bytes: u64,
    pub bytes: u64,
}

impl Disk {
    pub fn free_percent(self) -> u64 {
        // A file system that tells no size has no limit to come near to.
        if self.bytes == 0 { 100 } else { u64::try_from(self.hundredfold() / u128::from(self.bytes)).unwrap_or(100) }
    }

    fn hundredfold(self) -> u128 {
        u128::from(self.free_bytes) * 100
    }

    fn is_below(self, room: Room) -> bool {
        self.free_percent() < room.percent && self.free_bytes < room.gigabytes << 30
    }

    /// So little is left that a write may fail.
    pub fn is_full(self) -> bool {
        self.is_below(LITTLE_ROOM)
    }

    /// It fills up.
    pub fn is_filling(self) -> bool {
        self.is_below(AMPLE_ROOM)
    }

    pub fn alert(self) -> Storage {
        if !self.is_below(ENOUGH_ROOM) {
            return Storage::Close;
        }
        if !self.is_full() {
            return Storage::Keep;
        }
        let reason = Upkeep::DiskLow { percent: self.free_percent(), free_megabytes: self.free_bytes >> 20 };
        Storage::Raise(Severity::Critical, reason.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_told_of_while_it_is_large_and_held_by_a_reader() {
        for (bytes, is_held, raised) in
            [(LARGE_LOG, true, false), (LARGE_LOG + 1, true, true), (LARGE_LOG + 1, false, false), (0, false, false)]
        {
            let alert = Log { bytes, is_held }.alert();
            assert_eq!(matches!(alert, Storage::Raise(Severity::Warning, _)), raised, "{bytes} {is_held}");
            assert!(raised || alert == Storage::Close, "{bytes} {is_held}");
        }
    }

    #[test]
    fn a_disk_is_low_below_five_percent_and_five_gigabytes_and_well_again_only_with_a_margin() {
        let gib = 1 << 30;
        let mib = 1 << 20;
        for (free_bytes, bytes, expected) in [
            (0, 100 * gib, "raise"),
            (5 * gib - 1, 252 * gib, "raise"),
            (5 * gib, 252 * gib, "keep"),
            (7 * gib - 1, 252 * gib, "keep"),
            (7 * gib, 252 * gib, "close"),
            (5 * mib - 1, 100 * mib, "raise"),
            (5 * mib, 100 * mib, "keep"),
            (7 * mib, 100 * mib, "close"),
            (5 * gib - 1, 100 * gib, "raise"),
            (5 * gib, 100 * gib, "keep"),
            (7 * gib - 1, 100 * gib, "keep"),
            (7 * gib, 100 * gib, "close"),
            (u64::MAX, u64::MAX, "close"),
            (0, 0, "close"),
        ] {
            let told = match (Disk { free_bytes, bytes }).alert() {
                Storage::Raise(Severity::Critical, reason) if reason.english().contains("make room") => "raise",
                Storage::Keep => "keep",
                Storage::Close => "close",
                Storage::Raise(..) => "raised otherwise",
            };
            assert_eq!(told, expected, "{free_bytes} of {bytes}");
        }
    }

    #[test]
    fn who_has_a_tenth_or_ten_gigabytes_is_not_told_that_the_disk_fills() {
        let gib = 1 << 30;
        for (free_bytes, bytes, fills) in [
            (10 * gib - 1, 4_000 * gib, true),
            (10 * gib, 4_000 * gib, false),
            (10 * gib - 1, 99 * gib, false),
            (9, 100, true),
            (10, 100, false),
        ] {
            assert_eq!(Disk { free_bytes, bytes }.is_filling(), fills, "{free_bytes} of {bytes}");
        }
    }
}
