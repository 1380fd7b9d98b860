//! What was found, before anybody judges it.

use std::net::IpAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::config::Examined;
use crate::domain::facts::Seen;
use crate::domain::health::Vitals;
use crate::domain::probe::{Answer, Unfit};
use crate::domain::service::Service;
use crate::domain::storage::Disk;
use crate::gateway::LookError;
use crate::ledger::LedgerError;
use crate::ledger::inspect::{AlertsOpen, Altered, Resting, ServiceSeen};

/// The clock by which calls are stamped.
pub type Now<'a> = &'a (dyn Fn() -> DateTime<Utc> + Sync);

/// Everything. A part that could not be looked at is not there.
pub struct Facts {
    pub now: DateTime<Utc>,
    /// The user who looks.
    pub me: u32,
    /// Of the service, where these settings are the unit's.
    pub service_group: Option<u32>,
    pub settings_path: PathBuf,
    pub settings_file: Option<FileFacts>,
    pub settings_directory: Option<FileFacts>,
    pub keys_directory: Option<FileFacts>,
    /// Names in it of which systemd makes no credential.
    pub keys_refused: Vec<String>,
    pub examined: Examined,
    pub secret_files: Vec<SecretFile>,
    /// None without readable settings.
    pub ledger: Option<LedgerFacts>,
    /// Copies of the ledger that lie where they usually do.
    pub copies: Vec<Copied>,
    pub hosts: Vec<HostSeen>,
    pub asked: Vec<Asked>,
    /// By the daemon, whose own calls tell instead of a question.
    pub served: Option<Result<Vec<ServiceSeen>, LedgerError>>,
    /// Only where channels were to be tried.
    pub tried: Vec<Tried>,
    /// Only where an order was named for it.
    pub probed: Option<Probed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    pub path: PathBuf,
    /// The permission bits.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub user: String,
    pub group: String,
    pub links: u64,
    /// The name itself is a symbolic link.
    pub is_link: bool,
}

impl FileFacts {
    /// As `ls` would say it.
    pub fn shown(&self) -> String {
        format!("{} ({}:{} {:o})", self.path.display(), self.user, self.group, self.mode)
    }

    pub fn has(&self, bits: u32) -> bool {
        self.mode & bits != 0
    }
}

/// The file that holds one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile {
    /// The key of the settings that leads to it.
    pub name: String,
    pub file: FileFacts,
    /// In the directory that the unit reads as a whole.
    pub is_loaded: bool,
}

pub struct LedgerFacts {
    pub path: PathBuf,
    /// None: the path names no directory that is there.
    pub directory: Option<FileFacts>,
    pub file: Option<FileFacts>,
    /// Its log, its index, its marker and its lock, as far as they are there.
    pub beside: Vec<FileFacts>,
    pub place: Result<(), LedgerError>,
    pub disk: Option<Disk>,
    pub opened: Result<Opened, LedgerError>,
}

/// What a ledger that could be opened says.
pub struct Opened {
    pub is_whole: bool,
    pub contract: Result<i64, LedgerError>,
    pub altered: Result<Altered, LedgerError>,
    /// None: it was not looked for, since that reads the whole ledger.
    pub damage: Option<Result<Vec<String>, LedgerError>>,
    pub vitals: Result<Vitals, LedgerError>,
    pub alerts: Result<AlertsOpen, LedgerError>,
    pub resting: Result<Vec<Resting>, LedgerError>,
    /// The outer None: the ledger does not keep it.
    pub backed_up_at: Result<Option<Option<DateTime<Utc>>>, LedgerError>,
    /// For the bundle.
    pub schema: Result<String, LedgerError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub file: FileFacts,
    /// Others may enter the directory that it lies in.
    pub is_reachable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    pub port: u16,
    pub is_tls: bool,
}

impl Host {
    pub fn shown(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }
}

/// How far a connection came. What was not tried is None.
pub struct HostSeen {
    pub host: Host,
    pub addresses: Result<Vec<IpAddr>, String>,
    pub connected: Option<Result<IpAddr, String>>,
    pub handshake: Option<Result<Handshake, String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    pub version: String,
    pub suite: String,
    /// None: the certificate cannot be read.
    pub ends_at: Option<DateTime<Utc>>,
}

/// A merchant's service, asked about an order that cannot exist.
pub struct Asked {
    pub merchant_id: String,
    pub service: Service,
    pub replied: Replied,
}

pub enum Replied {
    /// The ledger says that no call may be made before this time.
    Resting(DateTime<Utc>),
    /// Whether calls rest is not known, since the ledger cannot be read.
    NotAsked,
    /// A key is not at hand here.
    NoKeys,
    /// The gateway's clock less ours, in seconds. None: the answer had no time.
    Answered {
        skew_s: Option<i64>,
    },
    Failed {
        error: LookError,
        skew_s: Option<i64>,
    },
}

/// Whether the JSON actions know an order by form.
pub struct Probed {
    pub merchant_id: String,
    pub end: ProbeEnd,
}

pub enum ProbeEnd {
    Unfit(Unfit),
    /// The ledger does not tell what it holds of the order.
    LedgerSilent(String),
    Resting(DateTime<Utc>),
    NoKeys,
    LookFailed(LookError),
    Asked(Box<ProbeAsked>),
}

pub struct ProbeAsked {
    /// Whether the JSON order query knows it.
    pub query: Result<bool, LookError>,
    pub answer: Answer,
    /// None: nobody has looked again.
    pub after: Option<Result<After, LookError>>,
    /// Without an answer it may take effect until then.
    pub acts_until: DateTime<Utc>,
}

/// The order, once it was asked about.
pub enum After {
    AsBefore,
    Changed(Box<Seen>),
}

pub struct Tried {
    pub channel: String,
    pub sent: Result<(), String>,
}
