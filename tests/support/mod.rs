//! What stands outside the daemon: its binary, the stand-in gateway on loopback, and a shop
//! that knows nothing but SQL.
#![allow(dead_code)] // Each test file uses its own part.

pub mod go_live;
pub mod languages;
pub mod ledger;
pub mod vouchers;

use std::fs::{File, Permissions};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::rehearsal::{Merchant, far_window, settings_file};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid, Truth};
use ecpayd::simulator::{Options, Running, SimHandle, SimMerchant, Simulator};
pub use ledger::{LedgerHandle, MERCHANT};
use tempfile::TempDir;

/// How long a condition may take to come true. A bound for a hung test, no measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Settings under which nothing is waited for but what a test is about.
pub const BRISK: &str = r#"
[capture]
policy = "immediate"
[gateway]
timeout = "5s"
min_interval = "0s"
settle_gap = "20ms"
[poll]
foreign_writes = "20ms"
[log]
level = "error"
"#;

/// A directory with settings, and a ledger once the daemon has run.
pub struct House {
    dir: TempDir,
}

impl House {
    pub fn new(gateway: &str, settings: &str) -> Self {
        let house = Self { dir: tempfile::tempdir().expect("a directory") };
        house.settle_in(&[MERCHANT], gateway, settings);
        house
    }

    pub fn of(merchants: &[Merchant], gateway: &str, settings: &str) -> Self {
        let house = Self { dir: tempfile::tempdir().expect("a directory") };
        house.write_settings(merchants, gateway, settings);
        house
    }

    /// Nobody listens at its gateway.
    pub fn without_gateway(settings: &str) -> Self {
        Self::new("http://127.0.0.1:9", settings)
    }

    /// Writes the settings anew.
    pub fn settle_in(&self, merchants: &[&str], gateway: &str, settings: &str) {
        self.settle(merchants, gateway, &[], settings);
    }

    /// The same, where some of the merchants have the voucher service.
    pub fn settle(&self, merchants: &[&str], gateway: &str, with_vouchers: &[&str], settings: &str) {
        let one = |id: &&str| {
            let at_bank = SimMerchant { merchant_id: (*id).to_owned(), ..SimMerchant::stage() };
            Merchant { at_bank, vouchers: with_vouchers.contains(id), ..Merchant::stage() }
        };
        let merchants: Vec<_> = merchants.iter().map(one).collect();
        self.write_settings(&merchants, gateway, settings);
    }

    fn write_settings(&self, merchants: &[Merchant], gateway: &str, settings: &str) {
        let text = settings_file(&self.ledger(), merchants, gateway) + &far_window(Utc::now()) + settings;
        std::fs::write(self.settings(), text).expect("settings");
        // There are keys in it.
        std::fs::set_permissions(self.settings(), Permissions::from_mode(0o600)).expect("a mode");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn settings(&self) -> PathBuf {
        self.path("config.toml")
    }

    pub fn ledger(&self) -> PathBuf {
        self.path("ledger.db")
    }

    /// The daemon's binary with these settings and nothing of the tester's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = ecpayd();
        command.arg("--config").arg(self.settings()).args(arguments).current_dir(self.dir.path());
        command
    }

    /// Runs a command to its end.
    pub fn tell(&self, arguments: &[&str]) -> Told {
        told(self.command(arguments))
    }

    /// The same for one that has to succeed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let told = self.tell(arguments);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{arguments:?}: {}", told.out);
        told.out
    }

    pub fn start(&self) -> Daemon {
        self.start_as(self.command(&["run"]))
    }

    pub fn start_as(&self, command: Command) -> Daemon {
        Daemon::start(command, self.path("daemon.log"))
    }

    /// Starts the daemon and waits until it says that it is at work.
    pub async fn started(&self) -> Daemon {
        self.started_as(self.command(&["run"])).await
    }

    pub async fn started_as(&self, mut command: Command) -> Daemon {
        let notified = Notified::by(&mut command, self.path("notify"));
        let mut daemon = self.start_as(command);
        until("the daemon is at work", async || {
            assert!(daemon.is_running(), "{}", daemon.log());
            notified.hear().contains("READY=1")
        })
        .await;
        daemon
    }

    /// A shop's own connection.
    pub async fn sql(&self) -> LedgerHandle {
        LedgerHandle::open(&self.ledger())
    }
}

pub fn ecpayd() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecpayd"));
    for (name, _) in std::env::vars_os() {
        let strange = name.to_string_lossy().starts_with("ECPAYD_");
        let of_systemd = name == "NOTIFY_SOCKET" || name == "WATCHDOG_USEC" || name == "WATCHDOG_PID";
        let of_language = name == "LC_ALL" || name == "LC_MESSAGES" || name == "LANG";
        if strange || of_systemd || of_language {
            command.env_remove(name);
        }
    }
    command
}

/// The other end of `NOTIFY_SOCKET`.
pub struct Notified(UnixDatagram);

impl Notified {
    pub fn by(command: &mut Command, path: PathBuf) -> Self {
        // There from a daemon before.
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket.set_nonblocking(true).expect("a socket that does not wait");
        command.env("NOTIFY_SOCKET", path);
        Self(socket)
    }

    /// By a name in Linux's abstract namespace, as systemd gives it in some containers.
    pub fn by_name(command: &mut Command, name: &str) -> Self {
        let address = SocketAddr::from_abstract_name(name).expect("a name");
        let socket = UnixDatagram::bind_addr(&address).expect("a socket");
        socket.set_nonblocking(true).expect("a socket that does not wait");
        command.env("NOTIFY_SOCKET", format!("@{name}"));
        Self(socket)
    }

    /// So that the next message has to wait for one to be heard.
    pub fn fill(&self) {
        let sender = UnixDatagram::unbound().expect("a socket");
        sender.set_nonblocking(true).expect("a socket that does not wait");
        let path = self.0.local_addr().expect("its name");
        while sender.send_to_addr(b"STATUS=", &path).is_ok() {}
    }

    /// The next message, or nothing.
    pub fn hear(&self) -> String {
        let mut text = [0; 4096];
        let bytes = self.0.recv(&mut text).unwrap_or(0);
        String::from_utf8_lossy(&text[..bytes]).into_owned()
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Told {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Told {
    /// The one line of an error: `ecpayd: ` and a fragment in lower case; of the daemon, a line of its log.
    pub fn error(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "one line: {self:?}");
        let line = self.err.trim_end();
        let logged = line.split_once(" ERROR ecpayd::cli::run: ").map(|(_, said)| said);
        let said = line.strip_prefix("ecpayd: ").or(logged).unwrap_or_else(|| panic!("names itself: {self:?}"));
        assert!(!said.starts_with(char::is_uppercase) && !said.contains("panicked"), "{self:?}");
        said
    }
}

pub fn told(command: Command) -> Told {
    let output = assert_cmd::Command::from_std(command).timeout(PATIENCE).output().expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A daemon that does not outlive its test.
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub fn start(mut command: Command, log: PathBuf) -> Self {
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().expect("the daemon starts");
        Self { child, log }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_none()
    }

    /// Everything that all daemons of the house have written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    pub fn terminate(&self) {
        self.signal("TERM");
    }

    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(told.is_ok_and(|s| s.success()), "SIG{name}");
    }

    /// SIGTERM, and how it ends.
    pub async fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.ended().await
    }

    pub async fn ended(&mut self) -> ExitStatus {
        until("the daemon ends", async || !self.is_running()).await;
        let status = self.child.wait().expect("our own child");
        if !status.success() {
            // Shown where the test fails by it.
            eprintln!("{status}: {}", self.log());
        }
        status
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has ended already in the good case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a condition is true.
pub async fn until(what: &str, condition: impl AsyncFnMut() -> bool) {
    until_within(PATIENCE, what, condition).await;
}

pub async fn until_within(patience: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The stand-in gateway on a port of its own, with the clock of this machine.
pub async fn gateway() -> Running {
    let options = Options::new(Arc::new(Utc::now));
    Simulator::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port")
}

/// An order by card, paid now.
pub fn paid(bank: &SimHandle, no: &str, dollars: i64) {
    let new = |now| NewOrder {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: number(no),
        kind: Kind::Card,
        amount: Twd::new(dollars).expect("an amount"),
        created_at: now,
        paid: Paid::Yes,
    };
    bank.with_bank(|bank, now| bank.create(new(now), now)).expect("a new order");
}

pub fn truth(bank: &SimHandle, no: &str) -> Truth {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    bank.with_bank(|bank, _| bank.order(&merchant, &number(no)).expect("the order").truth())
}

pub fn number(no: &str) -> MerchantTradeNo {
    MerchantTradeNo::parse(no).expect("a number")
}

// The handle's own words as functions, for the tests of the commands and of the contract.

pub async fn add_order(sql: &mut LedgerHandle, no: &str) {
    sql.add_order(no);
}

pub async fn add_refund(sql: &mut LedgerHandle, no: &str, amount: Option<i64>, key: &str) {
    sql.add_refund(no, amount, key);
}

pub async fn ask(sql: &mut LedgerHandle, query: &str) -> String {
    sql.ask(query)
}

pub async fn does(sql: &mut LedgerHandle, statements: &str) {
    sql.does(statements);
}

pub async fn refused(sql: &mut LedgerHandle, statement: &str) -> String {
    sql.refused(statement)
}

pub async fn close(sql: LedgerHandle) {
    sql.close();
}
