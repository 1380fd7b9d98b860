//! Who takes part: what is started, the file in which its orders are, and what has to be in it afterwards.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::{Connection, params};

use crate::common::books::MERCHANT;
use crate::common::on_disk;
use crate::house::{House, shop};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Over its own streams, with a connection for each call: the client as it stands in docs/clients.md.
    Php,
    /// The same script over curl, with one connection.
    PhpCurl,
    /// The same script with HTTP by hand, on one connection.
    PhpSocket,
    /// Over its own fetch.
    Node,
    /// The same script over `node:http`.
    NodeHttp,
    Ecpayd,
}

const SCHEMA: &str = include_str!("schema.sql");

/// The numbers are those that the bank was told.
const SOLD: &str = "INSERT INTO orders (number)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT printf('B%09d', i) FROM n";

const SOLD_TO_ECPAYD: &str = "INSERT INTO orders (merchant_id, merchant_trade_no)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) SELECT ?1, printf('B%09d', i) FROM n";

/// Settled, by one attempt that is known to have been accepted. The bank claims at three in the morning.
const RECORDED: &str = "SELECT count(*) FROM orders o WHERE o.state IN ('To be captured', 'Captured')
    AND (SELECT group_concat(a.action || ' ' || a.outcome) FROM attempts a WHERE a.number = o.number) = 'C accepted'";

const RECORDED_BY_ECPAYD: &str = "SELECT count(*) FROM order_state s WHERE s.state IN ('to_be_captured', 'captured')
    AND (SELECT group_concat(a.action || ' ' || a.state) FROM attempts a WHERE a.order_id = s.order_id) = 'C applied'";

const PHP_HAS_ALL: &str = "if (PHP_VERSION_ID < 80100 || !extension_loaded('openssl')) exit(1);
    echo PHP_VERSION, ', SQLite ', (new PDO('sqlite::memory:'))->query('SELECT sqlite_version()')->fetchColumn();";

const NODE_HAS_ALL: &str = "const [Database, whose] = await import('node:sqlite').then(
      (own) => [own.DatabaseSync, 'its own'], async () => [(await import('better-sqlite3')).default, 'better-sqlite3 with']);
    const { version } = new Database(':memory:').prepare('SELECT sqlite_version() AS version').get();
    process.stdout.write(`${process.version.slice(1)}, ${whose} SQLite ${version}`);";

/// Those that can run here; of the others it is said what they lack.
pub fn installed() -> Vec<Peer> {
    let php = version(
        "PHP",
        probe("php", &["-r", PHP_HAS_ALL]),
        "PHP 8.1 with pdo_sqlite and openssl is not installed (apt-get install php-cli php-sqlite3)",
    );
    let curl = php && probe("php", &["-r", "exit(extension_loaded('curl') ? 0 : 1);"]).is_some();
    if php && !curl {
        println!("PHP over curl is left out: its extension is not installed (apt-get install php-curl)");
    }
    let node = version(
        "Node",
        probe("node", &["--input-type=module", "-e", NODE_HAS_ALL]),
        "it is not installed, or has no SQLite. Node 22.13 has its own; an older one gets it, compiled here, by\n  \
         npm_config_build_from_source=true npm_config_nodedir=/usr npm ci --prefix benches/peers",
    );
    println!("ecpayd {}, SQLite {}", env!("CARGO_PKG_VERSION"), rusqlite::version());
    let is_here = |peer: &Peer| match peer {
        Peer::Php | Peer::PhpSocket => php,
        Peer::PhpCurl => curl,
        Peer::Node | Peer::NodeHttp => node,
        Peer::Ecpayd => true,
    };
    Peer::ALL.into_iter().filter(is_here).collect()
}

fn version(name: &str, version: Option<String>, lacks: &str) -> bool {
    match &version {
        Some(version) => println!("{name} {version}"),
        None => println!("{name} is left out: {lacks}"),
    }
    version.is_some()
}

/// What a program says when it has all that is needed.
fn probe(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder()).env("NODE_NO_WARNINGS", "1").stdin(Stdio::null());
    let told = command.output().ok().filter(|told| told.status.success())?;
    String::from_utf8(told.stdout).ok()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}

/// A peer with its orders before it.
pub struct Ready {
    pub command: Command,
    file: PathBuf,
    recorded: &'static str,
    /// Goes with its files.
    _place: Box<dyn Any>,
}

impl Peer {
    /// As they take turns, and as they stand in a table.
    pub const ALL: [Self; 6] = [Self::Php, Self::PhpCurl, Self::PhpSocket, Self::Node, Self::NodeHttp, Self::Ecpayd];

    pub fn name(self) -> &'static str {
        match self {
            Self::Php => "PHP, streams",
            Self::PhpCurl => "PHP, curl",
            Self::PhpSocket => "PHP, socket",
            Self::Node => "Node, fetch",
            Self::NodeHttp => "Node, http",
            Self::Ecpayd => "ecpayd",
        }
    }

    /// A PHP script waits for each answer.
    pub fn can_have(self, in_flight: u32) -> bool {
        !matches!(self, Self::Php | Self::PhpCurl | Self::PhpSocket) || in_flight == 1
    }

    pub fn ready(self, gateway: &str, orders: u32, in_flight: u32) -> rusqlite::Result<Ready> {
        let at_once = in_flight.to_string();
        match self {
            Self::Php => script("php", "capture.php", gateway, orders, &["streams"]),
            Self::PhpCurl => script("php", "capture.php", gateway, orders, &["curl"]),
            Self::PhpSocket => script("php", "capture.php", gateway, orders, &["socket"]),
            Self::Node => script("node", "capture.mjs", gateway, orders, &[&at_once, "fetch"]),
            Self::NodeHttp => script("node", "capture.mjs", gateway, orders, &[&at_once, "http"]),
            Self::Ecpayd => ecpayd(gateway, orders, in_flight),
        }
    }
}

fn script(program: &str, name: &str, gateway: &str, orders: u32, more: &[&str]) -> rusqlite::Result<Ready> {
    let place = on_disk();
    let file = place.path().join("shop.db");
    let sql = Connection::open(&file)?;
    sql.execute_batch(SCHEMA)?;
    sql.execute(SOLD, [orders])?;
    let mut command = Command::new(program);
    command.arg(folder().join(name)).arg(gateway).arg(&file).args(more);
    command.env("NODE_NO_WARNINGS", "1").stdin(Stdio::null()).stdout(Stdio::null());
    Ok(Ready { command, file, recorded: RECORDED, _place: Box::new(place) })
}

fn ecpayd(gateway: &str, orders: u32, in_flight: u32) -> rusqlite::Result<Ready> {
    let settings = format!(
        "[capture]\npolicy = \"immediate\"\n[gateway]\nmin_interval = \"0s\"\nconcurrency = {in_flight}\n[log]\nlevel = \"error\"\n"
    );
    let house = House::new(gateway, &settings);
    // A ledger before the shop writes to it.
    let made = house.command(None, &["run", "--once"]).status();
    assert!(made.is_ok_and(|status| status.success()), "ecpayd makes its ledger");
    let file = house.ledger();
    shop(&file).execute(SOLD_TO_ECPAYD, params![MERCHANT, orders])?;
    let command = house.command(None, &["run", "--once"]);
    Ok(Ready { command, file, recorded: RECORDED_BY_ECPAYD, _place: Box::new(house) })
}

impl Ready {
    /// Orders of which the peer has written down all that happened.
    pub fn recorded(&self) -> rusqlite::Result<u32> {
        Connection::open(&self.file)?.query_row(self.recorded, [], |row| row.get(0))
    }
}
