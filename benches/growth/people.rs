//! What people ask: the real binary, from its start to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use ecpayd::rehearsal::{Merchant, Rehearsal, settings_file};

use crate::timing::ms;
use crate::{Figures, fill, stage};

const BINARY: &str = env!("CARGO_BIN_EXE_ecpayd");

struct Binary {
    config: PathBuf,
}

impl Binary {
    fn prepare(folder: &Path, stage: &Rehearsal) -> Self {
        let config = folder.join("config.toml");
        let text = settings_file(&stage.settings.database_path, &[Merchant::stage()], "http://127.0.0.1:1");
        std::fs::write(&config, text).expect("the settings");
        Self { config }
    }

    fn takes(&self, words: &[&str]) -> f64 {
        let mut least = f64::INFINITY;
        for _ in 0..7 {
            let mut command = Command::new(BINARY);
            command.arg("--config").arg(&self.config).args(words).stdin(Stdio::null()).stdout(Stdio::null());
            let started = Instant::now();
            let status = command.status().expect("the binary");
            least = least.min(ms(started.elapsed()));
            assert!(status.success(), "ecpayd {words:?}: {status}");
        }
        least
    }
}

pub fn commands(folder: &Path, stage: &Rehearsal, orders: usize) -> Figures {
    let binary = Binary::prepare(folder, stage);
    let middle = fill::number_in(orders / fill::DECK / 2, 20);
    vec![
        ("reference: ecpayd --version", binary.takes(&["--version"])),
        ("ecpayd status", binary.takes(&["status"])),
        ("ecpayd show", binary.takes(&["show", &middle])),
        ("ecpayd orders list", binary.takes(&["orders", "list"])),
        ("ecpayd orders list --state authorized", binary.takes(&["orders", "list", "--state", "authorized"])),
        ("ecpayd orders list --state review (none)", binary.takes(&["orders", "list", "--state", "review"])),
        ("ecpayd orders list --merchant", binary.takes(&["orders", "list", "--merchant", stage::MERCHANT])),
    ]
}
