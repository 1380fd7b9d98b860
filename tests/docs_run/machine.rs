//! The machine of a reader: the page's paths lie in a directory of the test, and what is not there to have has a
//! stand-in on the PATH.
//!
//! `sudo` does what it is told as whoever runs the test; `systemctl` notes what it is asked, and the machine does it
//! when the command is over: `start ecpayd` starts the daemon as the unit would.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use chrono::Utc;
use ecpayd::rehearsal::far_window;
use ecpayd::simulator::{Options, Running, SimMerchant, Simulator};
use tempfile::TempDir;

use crate::foreground::Foreground;
use crate::support::go_live::answered;
use crate::support::ledger::LedgerHandle;
use crate::support::{Daemon, Notified, Told, ecpayd, until};

pub const KEYS: &str = "pwFHCqoQZGmho4w6\nEkRm7iFT261dpevs\n";

/// What the commands ask the operating system for: each name, and what stands in for it.
const STAND_INS: [(&str, &str); 8] = [
    ("ecpayd", include_str!("stand_ins/ecpayd")),
    ("sudo", include_str!("stand_ins/sudo")),
    ("cargo", include_str!("stand_ins/cargo")),
    ("systemctl", include_str!("stand_ins/systemctl")),
    ("systemd-run", include_str!("stand_ins/systemd-run")),
    ("systemd-ask-password", include_str!("stand_ins/systemd-ask-password")),
    ("usermod", include_str!("stand_ins/usermod")),
    ("timedatectl", "#!/bin/sh\necho NTPSynchronized=yes\n"),
];

const DIRECTORIES: [&str; 5] =
    ["/etc/ecpayd", "/var/lib/ecpayd", "/var/backups", "/srv/secrets", "/usr/local/lib/ecpayd"];

pub struct Machine {
    root: TempDir,
    locale: &'static str,
    /// Further settings, by the environment.
    settings: Vec<(String, String)>,
    /// What the page says, and what it is here: ports.
    places: Vec<(String, String)>,
    /// Assignments and changes of the directory, which hold for the commands after them.
    kept: Vec<String>,
    pub daemon: Option<(Daemon, Notified)>,
    /// How much of what `systemctl` was asked is done.
    pub done: usize,
}

impl Machine {
    /// Nothing is set up on it. `gateway` is the address of the simulator.
    pub fn new(locale: &'static str, gateway: &str) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name.trim_start_matches('/'));
        for directory in DIRECTORIES.into_iter().chain(["bin", "run", "run/typed", "home", "var/backups/ecpayd"]) {
            std::fs::create_dir_all(at(directory)).expect("a directory");
        }
        // As the package leaves it.
        std::fs::remove_dir(at("/etc/ecpayd")).expect("it is empty");
        std::fs::set_permissions(at("/var/lib/ecpayd"), Permissions::from_mode(0o2770)).expect("a mode");
        for (name, script) in STAND_INS {
            std::fs::write(at("bin").join(name), script).expect("a script");
            std::fs::set_permissions(at("bin").join(name), Permissions::from_mode(0o755)).expect("a mode");
        }
        let window = far_window(Utc::now());
        let settings = window.lines().filter_map(|line| line.split_once(" = "));
        let settings = settings.map(|(key, at)| (format!("WINDOW__{}", key.to_uppercase()), at.replace('"', "")));
        let (settings, places) =
            (settings.collect(), vec![("127.0.0.1:8484".to_owned(), gateway.replace("http://", ""))]);
        Self { root, locale, settings, places, kept: Vec::new(), daemon: None, done: 0 }
    }

    /// A setting that the page leaves as it is, so that nothing is waited for.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// What the page calls `shown` is `here` from now on.
    pub fn place(&mut self, shown: &str, here: &str) {
        self.places.retain(|(known, _)| known != shown);
        self.places.push((shown.to_owned(), here.to_owned()));
    }

    /// What somebody types who is asked this by `systemd-ask-password`.
    pub fn secret(&self, prompt: &str, answer: &str) {
        std::fs::write(self.run("typed").join(prompt), format!("{answer}\n")).expect("an answer");
    }

    /// Where a file of the page lies here; a relative one is in the reader's directory.
    pub fn path(&self, shown: &str) -> PathBuf {
        match shown.strip_prefix('/') {
            Some(absolute) => self.root.path().join(absolute),
            None => self.root.path().join("home").join(shown),
        }
    }

    pub fn ledger(&self) -> PathBuf {
        self.path("/var/lib/ecpayd/ecpayd.db")
    }

    pub fn mode(&self, shown: &str) -> u32 {
        std::fs::metadata(self.path(shown)).expect("a file").permissions().mode() & 0o7777
    }

    pub fn read(&self, shown: &str) -> String {
        std::fs::read_to_string(self.path(shown)).unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    /// What the page says, with the paths and ports that things have here.
    pub fn here(&self, text: &str) -> String {
        let root = self.root.path().display().to_string();
        let text = DIRECTORIES.iter().fold(text.to_owned(), |text, dir| text.replace(dir, &format!("{root}{dir}")));
        self.places.iter().fold(text, |text, (shown, here)| text.replace(shown, here))
    }

    /// A shell on this machine, about to do it.
    pub fn shell(&self, line: &str) -> Command {
        let root = self.root.path();
        let mut shell = Command::new("sh");
        // Without what the tester's own environment says of settings, languages and systemd.
        for (name, _) in ecpayd().get_envs() {
            shell.env_remove(name);
        }
        let path = format!("{}:{}", root.join("bin").display(), std::env::var("PATH").unwrap_or_default());
        shell.arg("-c").arg(format!("{}{}", self.kept.concat(), self.here(line)));
        shell.current_dir(root.join("home")).env("PATH", path).env("READERS_LOCALE", self.locale);
        shell.env("ROOT", root).env("ECPAYD", env!("CARGO_BIN_EXE_ecpayd")).env_remove("CREDENTIALS_DIRECTORY");
        shell.env("GATEWAY", self.here("http://127.0.0.1:8484"));
        shell.envs(self.settings.iter().map(|(key, value)| (format!("ECPAYD_{key}"), value)));
        shell
    }

    /// Runs a command to its end, and does what it has asked systemd for.
    pub async fn tells(&mut self, command: &str, answers: &str) -> Told {
        let is_kept = command.starts_with("cd ") || command.split('=').next().is_some_and(is_name);
        if is_kept && !command.contains(" ecpayd") {
            self.kept.push(format!("{}\n", self.here(command)));
        }
        let told = answered(self.shell(command), answers);
        self.does_what_systemd_was_asked().await;
        let shown = |text: String| text.replace(&self.root.path().display().to_string(), "");
        Told { code: told.code, out: shown(told.out), err: shown(told.err) }
    }

    /// The same for one that has to succeed, and says nothing of errors.
    pub async fn types(&mut self, command: &str) -> String {
        self.answers(command, "").await
    }

    pub async fn answers(&mut self, command: &str, answers: &str) -> String {
        let told = self.tells(command, answers).await;
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{command}: {}", told.out);
        told.out
    }

    /// Starts a command that goes on for long, or until Ctrl-C.
    pub fn starts(&self, command: &str) -> Foreground {
        let out = self.run(&command.split(' ').take(2).collect::<Vec<_>>().join("-"));
        Foreground::start(self.shell(&format!("exec {command}")), out)
    }

    /// Each line that `systemctl` and `usermod` were given.
    pub fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.run("asked")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What the machine keeps for itself.
    pub fn run(&self, name: &str) -> PathBuf {
        self.root.path().join("run").join(name)
    }

    /// A call of the simulator's, to set the scene.
    pub async fn sim(&mut self, call: &str, body: &str) -> String {
        self.types(&format!("curl -sf http://127.0.0.1:8484/sim/{call} -d '{body}'")).await
    }

    /// Settings and keys by `init`, as the README has them.
    pub async fn set_up(&mut self, merchant_id: &str) {
        self.answers("sudo ecpayd init", &format!("{merchant_id}\n{KEYS}no\njson\n")).await;
    }

    pub fn add_settings(&self, text: &str) {
        let path = self.path("/etc/ecpayd/config.toml");
        let before = std::fs::read_to_string(&path).expect("settings");
        std::fs::write(path, before + "\n" + text).expect("settings");
    }

    /// A shop's own connection.
    pub fn sql(&self) -> LedgerHandle {
        LedgerHandle::open(&self.ledger())
    }

    /// Waits until the ledger says so.
    pub async fn until(&self, query: &str, expected: &str) {
        let sql = self.sql();
        let mut last = String::new();
        let what = format!("{query} gives {expected}");
        until(&what, async || {
            last = sql.ask(query);
            last == expected
        })
        .await;
    }

    /// `doctor` finds nothing that fails, but for how full the tester's disk is.
    pub async fn finds_no_fault(&mut self, command: &str) -> String {
        let told = self.tells(command, "").await;
        let failing: Vec<_> = told.out.lines().filter(|line| line.starts_with('✗')).collect();
        assert!(failing.iter().all(|line| line.contains("disk-space")), "{told:?}");
        assert_eq!(told.code, Some(i32::from(!failing.is_empty())), "{told:?}");
        assert!(told.out.lines().filter(|line| line.starts_with('✓')).count() > 10, "{told:?}");
        told.out
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// The stand-in gateway of these merchants, with the keys that everybody has.
pub async fn gateway_of(merchants: &[&str]) -> Running {
    let one = |id: &&str| SimMerchant { merchant_id: (*id).to_owned(), ..SimMerchant::stage() };
    let options = Options { merchants: merchants.iter().map(one).collect(), clock: Arc::new(Utc::now) };
    Simulator::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port")
}

/// Whether a program that a page needs is there. Where `ALL_CLIENTS` is set, as `.ci/run` does, it has to be.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory: PathBuf| Path::new(&directory).join(program).is_file());
    assert!(found || std::env::var_os("ALL_CLIENTS").is_none(), "{program} is not there, and ALL_CLIENTS is set");
    found
}
