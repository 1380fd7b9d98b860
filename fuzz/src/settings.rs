//! A settings file, and the environment over it: lines `ECPAYD_NAME=value` after a line `--env--`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use ecpayd::config::{KeysNeeded, Settings};
use tempfile::TempDir;

/// Nobody's keys; the corpus has them where keys belong.
pub const KEY: &str = "k3yK3yk3yK3yk3yA";
pub const IV: &str = "ivIvivIvivIvivIA";

const ENVIRONMENT: &str = "\n--env--\n";

thread_local! {
    static DIRECTORY: TempDir = tempfile::tempdir().expect("a directory");
}

/// The longest line about one problem, the file's own name not counted: a name of 80 characters, each escaped.
const LONGEST_LINE: usize = 1000;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (file, environment) = text.split_once(ENVIRONMENT).unwrap_or((&text, ""));
    // A name can be anything and is told; only a value may be a key.
    let named = without_values(&text);
    let problems = load(file.as_bytes(), environment);
    for line in &problems {
        assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
        assert!(line.chars().count() <= LONGEST_LINE, "{line}");
        for key in [KEY, IV] {
            assert!(!line.contains(key) || named.contains(key), "{line}");
        }
    }
    // Bytes that are no text are refused as well, in one line.
    if std::str::from_utf8(data).is_err() {
        assert_eq!(load(data, "").len(), 1);
    }
}

/// The problems, without the name of the file; none where the settings are good.
pub fn load(file: &[u8], environment: &str) -> Vec<String> {
    let path = DIRECTORY.with(|dir| dir.path().join("config.toml"));
    fs::write(&path, file).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
    let variables = environment.lines().filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // Without the key files: they are whatever the machine has under a name.
    match Settings::load(&path, variables, KeysNeeded::None) {
        Ok(settings) => {
            assert!(!settings.merchants.is_empty());
            assert!(!format!("{:?}", settings.merchants).contains(KEY), "settings show a key");
            Vec::new()
        }
        Err(problems) => {
            let directory = path.display().to_string();
            problems.iter().map(|line| line.replace(&directory, "")).collect()
        }
    }
}

/// The text with every quoted string and every variable's value taken out.
fn without_values(text: &str) -> String {
    let (file, environment) = text.split_once(ENVIRONMENT).unwrap_or((text, ""));
    let bare = file.lines().map(|line| line.split_once('=').map_or(line, |(name, _)| name));
    let names = environment.lines().map(|line| line.split_once('=').map_or(line, |(name, _)| name));
    bare.chain(names).collect::<Vec<_>>().join("\n")
}
