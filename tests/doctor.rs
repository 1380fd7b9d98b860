//! `init` and `doctor`, as somebody runs them who sets up a machine: the binary, and the stand-in gateway in a
//! process of its own.

#[path = "doctor/broken.rs"]
mod broken;
#[path = "doctor/bundle.rs"]
mod bundle;
#[path = "doctor/forms.rs"]
mod forms;
#[path = "doctor/init.rs"]
mod init;
#[path = "doctor/nothing.rs"]
mod nothing;
#[path = "doctor/probe.rs"]
mod probe;
#[path = "channels/receiver.rs"]
#[allow(dead_code)] // The channels' own tests use the rest.
mod receiver;
#[path = "doctor/scene.rs"]
mod scene;
mod support;
#[path = "doctor/way.rs"]
mod way;

use std::path::{Path, PathBuf};

use ecpayd::doctor::Code;

fn of_tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels").join(name)
}

#[test]
fn every_code_stands_in_the_operations_page_of_both_languages() {
    for page in ["operations.md", "operations.zh-TW.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
        let text = std::fs::read_to_string(path).expect("the page");
        for code in Code::ALL {
            assert!(text.contains(&format!("| `{}` |", code.word())), "{page}: {}", code.word());
        }
    }
}

#[test]
fn the_unit_loads_the_directory_that_init_fills() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/ecpayd.service");
    let unit = std::fs::read_to_string(path).expect("the unit");
    let line = format!("LoadCredential={}:/etc/ecpayd/{}", "k", ecpayd::config::KEYS);
    assert!(unit.lines().any(|l| l == line), "{line}");
    assert_eq!(ecpayd::config::credential_of("NAME"), "k_NAME");
}
