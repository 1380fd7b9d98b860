//! strace's lines, read for one thing: what was on the disk when a money call left.

use std::collections::HashMap;

/// Whatever writes to a file or a socket, and what makes a file's writes durable.
pub const CALLS: &str = "trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";

/// Money calls, and the syncs of the log between their attempts and them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    pub sent: u64,
    pub synced: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    NotSeen,
    Written,
    Synced,
}

/// Fails at the first money call that left before its attempt was durable.
pub fn read(trace: &str) -> Result<Order, String> {
    let (mut order, mut attempt) = (Order::default(), Attempt::NotSeen);
    // Threads whose sync of the log has begun and not ended, and whether the attempt was written by then.
    let mut syncing = HashMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let written = attempt == Attempt::Written;
        let of_the_log = call.contains("-wal>") && (call.starts_with("fdatasync(") || call.starts_with("fsync("));
        if of_the_log && call.contains("<unfinished") {
            syncing.insert(thread, written);
        } else if of_the_log && written || call.contains("sync resumed") && syncing.remove(thread) == Some(true) {
            attempt = Attempt::Synced;
            order.synced += 1;
        } else if call.contains("POST /1.0.0/Credit/DoAction") {
            order.sent += 1;
            if attempt != Attempt::Synced {
                return Err(format!("DoAction {} left while its attempt was {attempt:?}", order.sent));
            }
            attempt = Attempt::NotSeen;
        } else if call.contains("-wal>") && call.contains(&started(order.sent + 1)) {
            attempt = Attempt::Written;
        }
    }
    Ok(order)
}

/// The event that tells of a capture's attempt, as strace shows it inside a page: one order at a time
/// makes them count up from 1.
fn started(attempt: u64) -> String {
    format!(r#"\"attempt\":{attempt},\"refund\":null,\"action\""#)
}
