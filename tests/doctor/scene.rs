//! A directory that `init` has filled, beside a stand-in gateway that runs.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;

use super::support::{self, LedgerHandle, MERCHANT, Told, ecpayd, told};

pub const KEY: &str = "pwFHCqoQZGmho4w6";
pub const IV: &str = "EkRm7iFT261dpevs";

/// `ecpayd simulator` on a port of its own.
pub struct Gateway {
    child: Child,
    _out: BufReader<ChildStdout>,
    pub url: String,
}

impl Gateway {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Its orders are of 全方位金流.
    pub fn start_by_form() -> Self {
        Self::with(&["--aio"])
    }

    fn with(options: &[&str]) -> Self {
        let mut command = ecpayd();
        command
            .args(["simulator", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stdin(Stdio::null());
        let mut child = command.spawn().expect("the simulator starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("its first line");
        let url = line.trim().rsplit(' ').next().expect("an address").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, _out: out, url }
    }

    /// A control call.
    pub async fn control(&self, call: &str, body: &str) {
        let url = format!("{}/sim/{call}", self.url);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sent = reqwest::Client::new().post(url).body(body.to_owned()).send().await.expect("an answer");
        assert!(sent.status().is_success(), "{call}: {}", sent.status());
    }

    pub async fn read(&self, call: &str) -> Value {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let answer = reqwest::Client::new().get(format!("{}/sim/{call}", self.url)).send().await.expect("an answer");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("json")
    }

    /// The actions that reached the bank about an order, by whatever API, and what became of each.
    pub async fn sent(&self, no: &str) -> Vec<String> {
        let actions = self.read("actions").await;
        let actions = actions.as_array().expect("a list").iter().filter(|a| a["merchant_trade_no"] == no);
        let sent = actions.filter(|a| a["by"] == "api" || a["by"] == "form");
        let ended = |a: &Value| if a["effect"] == true { "took effect" } else { "refused" };
        sent.map(|a| format!("{} {}", a["action"].as_str().expect("a letter"), ended(a))).collect()
    }

    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It has ended already where it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.end();
    }
}

pub struct Scene {
    pub dir: TempDir,
}

/// A file as somebody sees it who looks for what has changed.
type Seen = (SystemTime, u64, u64, u32);

impl Scene {
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    /// After `init` by its flags.
    pub fn new(url: &str) -> Self {
        let scene = Self::empty();
        let told = scene.init_with_flags(url);
        assert_eq!(told.code, Some(0), "{told:?}");
        scene
    }

    /// The same, with a ledger that the daemon has made.
    pub fn at_work(url: &str) -> Self {
        let scene = Self::new(url);
        let told = scene.tell(&["run", "--once"]);
        assert_eq!(told.code, Some(0), "{told:?}");
        scene
    }

    pub fn init_with_flags(&self, url: &str) -> Told {
        for (name, key) in [("key", KEY), ("iv", IV)] {
            std::fs::write(self.dir.path().join(name), format!("{key}\n")).expect("a file");
        }
        let (key, iv) = (self.dir.path().join("key"), self.dir.path().join("iv"));
        let mut command = ecpayd();
        command.args(["init", "--merchant", MERCHANT, "--daily-auto-close", "no", "--base-url", url]);
        command.arg("--dir").arg(self.home()).arg("--hash-key-file").arg(key).arg("--hash-iv-file").arg(iv);
        told(command)
    }

    /// The directory that `init` makes.
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("etc")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    pub fn key_file(&self, name: &str) -> PathBuf {
        self.path(&format!("keys/{MERCHANT}.card.{name}"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = ecpayd();
        command.arg("--config").arg(self.path("config.toml")).args(arguments).env_remove("CREDENTIALS_DIRECTORY");
        command
    }

    pub fn tell(&self, arguments: &[&str]) -> Told {
        told(self.command(arguments))
    }

    pub fn done(&self, arguments: &[&str]) {
        let told = self.tell(arguments);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{arguments:?}: {}", told.out);
    }

    /// The daemon, once it has made a pass.
    pub async fn daemon(&self) -> support::Daemon {
        let mut command = self.command(&["run"]);
        let notified = support::Notified::by(&mut command, self.dir.path().join("notify"));
        let daemon = support::Daemon::start(command, self.dir.path().join("daemon.log"));
        support::until("the daemon is at work", async || notified.hear().contains("READY=1")).await;
        daemon
    }

    /// What `doctor --json` found, whatever its end.
    pub fn checks(&self) -> Checks {
        self.checks_by(self.command(&["doctor", "--json"]))
    }

    pub fn checks_by(&self, command: Command) -> Checks {
        Self::read(told(command))
    }

    /// Of a command that has ended.
    pub fn checks_of(&self, output: std::process::Output) -> Checks {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self::read(Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) })
    }

    fn read(told: Told) -> Checks {
        let json = serde_json::from_str(&told.out).unwrap_or_else(|e| panic!("{e}: {told:?}"));
        Checks { told, json }
    }

    pub fn add_settings(&self, text: &str) {
        let mut file = std::fs::File::options().append(true).open(self.path("config.toml")).expect("the settings");
        file.write_all(text.as_bytes()).expect("written");
    }

    pub fn sql(&self) -> LedgerHandle {
        LedgerHandle::open(&self.path("ecpayd.db"))
    }

    pub fn mode(&self, name: &str) -> u32 {
        std::fs::metadata(self.path(name)).expect("a file").permissions().mode() & 0o7777
    }

    pub fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    }

    /// Everything below the directory.
    pub fn seen(&self) -> BTreeMap<PathBuf, Seen> {
        let (mut folders, mut seen) = (vec![self.dir.path().to_owned()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let found = path.symlink_metadata().expect("a file");
                if found.is_dir() {
                    folders.push(path.clone());
                }
                let changed = found.modified().expect("a time");
                seen.insert(path, (changed, found.size(), found.ino(), found.mode()));
            }
        }
        seen
    }
}

pub struct Checks {
    pub told: Told,
    json: Value,
}

impl Checks {
    /// Those of a level, `code: found; mend`.
    pub fn of(&self, level: &str) -> Vec<String> {
        let checks = self.json["checks"].as_array().expect("checks").iter();
        // How full the tester's disk is is nobody's fault here.
        let checks = checks.filter(|check| check["level"] == level && check["code"] != "disk-space");
        let text = |check: &Value, field: &str| check[field].as_str().unwrap_or_default().to_owned();
        checks.map(|c| format!("{}: {}; {}", text(c, "code"), text(c, "found"), text(c, "mend"))).collect()
    }

    /// The one check that fails, and the exit status of that.
    #[track_caller]
    pub fn only_failure(&self) -> String {
        let failing = self.of("fails");
        assert!(failing.len() == 1 && self.told.code == Some(1), "{failing:#?} {:?}", self.told);
        failing.into_iter().next().expect("one")
    }
}
