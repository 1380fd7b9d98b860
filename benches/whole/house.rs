//! What the daemon runs in: a directory on the disk, settings, and a shop's own connection.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::Utc;
use ecpayd::rehearsal::{Merchant, far_window, settings_file};
use rusqlite::{Connection, OpenFlags, params};
use tempfile::TempDir;

use crate::common::books::{MERCHANT, number};
use crate::common::on_disk;

pub struct House {
    dir: TempDir,
}

impl House {
    pub fn new(gateway: &str, settings: &str) -> Self {
        let house = Self { dir: on_disk() };
        let text = settings_file(&house.ledger(), &[Merchant::stage()], gateway) + &far_window(Utc::now()) + settings;
        std::fs::write(house.settings(), text).expect("settings");
        house
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn ledger(&self) -> PathBuf {
        self.path("ledger.db")
    }

    pub fn settings(&self) -> PathBuf {
        self.path("config.toml")
    }

    /// The daemon's binary, under another program where one is given.
    pub fn command(&self, under: Option<Command>, arguments: &[&str]) -> Command {
        let binary = env!("CARGO_BIN_EXE_ecpayd");
        let mut command = match under {
            Some(mut under) => {
                under.arg(binary);
                under
            }
            None => Command::new(binary),
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ECPAYD_") || name == "NOTIFY_SOCKET" {
                command.env_remove(name);
            }
        }
        command.arg("--config").arg(self.settings()).args(arguments).current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

/// A daemon that does not outlive the bench.
pub struct Daemon(Child);

impl Daemon {
    pub fn start(mut command: Command) -> Self {
        Self(command.spawn().expect("the daemon starts"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A shop's connection, with nothing set but patience. Waits for a daemon that is starting.
pub fn shop(ledger: &Path) -> Connection {
    let start = Instant::now();
    loop {
        let opened = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|sql| {
            sql.busy_timeout(Duration::from_secs(10))?;
            let known: i64 = sql.query_row("SELECT count(*) FROM merchants", [], |row| row.get(0))?;
            Ok((sql, known))
        });
        if let Ok((sql, 1..)) = opened {
            return sql;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no ledger at {}", ledger.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn add_order(sql: &Connection, order: i64, capture: &str) {
    let number = number(order);
    sql.prepare_cached("INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES (?, ?, ?)")
        .and_then(|mut insert| insert.execute(params![MERCHANT, number.as_str(), capture]))
        .expect("an order");
}

pub fn add_refund(sql: &Connection, order: i64) {
    let (number, key) = (number(order), format!("bench-{order}"));
    sql.prepare_cached("INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES (?, ?, ?)")
        .and_then(|mut insert| insert.execute(params![MERCHANT, number.as_str(), key]))
        .expect("a refund");
}
