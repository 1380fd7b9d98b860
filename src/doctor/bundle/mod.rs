//! What somebody who helps needs to see, in one file: no key, no token, no order number, no memo.

mod settings;

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use tar::{Builder, Header};

use super::Facts;

/// A tape archive that only its owner reads. What is there already is left alone.
pub fn write(path: &Path, facts: &Facts, checks_json: &str) -> io::Result<()> {
    let packed = packed(facts, checks_json)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = written(&mut file, &packed);
    if written.is_err() {
        // Half of it is of no use, and nobody else has seen it.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn written(file: &mut File, packed: &[u8]) -> io::Result<()> {
    file.write_all(packed)?;
    file.sync_all()
}

fn packed(facts: &Facts, checks_json: &str) -> io::Result<Vec<u8>> {
    let schema = facts.ledger.as_ref().and_then(|ledger| ledger.opened.as_ref().ok());
    let schema = schema.and_then(|opened| opened.schema.as_deref().ok()).unwrap_or("-- no ledger was read\n");
    let mut archive = Builder::new(Vec::new());
    for (name, text) in [
        ("doctor.json", checks_json),
        ("versions.txt", &versions()),
        ("system.txt", &system()),
        ("settings.toml", &settings::without_secrets(&facts.settings_path)),
        ("schema.sql", schema),
    ] {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(facts.now.timestamp()).unwrap_or_default());
        archive.append_data(&mut header, format!("ecpayd-doctor/{name}"), text.as_bytes())?;
    }
    archive.into_inner()
}

fn versions() -> String {
    let (sqlite, _) = crate::ledger::inspect::sqlite();
    format!("ecpayd {}\nsqlite {sqlite}\n", env!("CARGO_PKG_VERSION"))
}

/// The kernel and the distribution. No name of the machine.
fn system() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (kernel, release) = (read("/proc/sys/kernel/osrelease"), read("/etc/os-release"));
    format!("kernel {}\narchitecture {}\n{release}", kernel.trim(), std::env::consts::ARCH)
}
