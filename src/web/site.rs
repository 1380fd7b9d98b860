//! What the pages are made from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::domain::policy::Policy;
use crate::ledger::MerchantTerms;

/// Where the page listens, and whom it answers.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    pub listen: SocketAddr,
    /// None: nobody is asked for one.
    pub token: Option<SecretString>,
    /// Further names by which it may be called, with or without a port.
    pub hosts: Vec<String>,
}

/// How the daemon is, in a line for the top of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthLine {
    pub is_well: bool,
    pub line: String,
}

/// What the pages are made from.
pub struct Site {
    pub ledger: PathBuf,
    pub policy: Policy,
    /// The merchants of the settings.
    pub merchants: BTreeMap<String, MerchantTerms>,
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub http: HttpOptions,
    /// None: nobody watches over a daemon.
    pub health: Arc<dyn Fn() -> Option<HealthLine> + Send + Sync>,
    /// Further paths, behind the same guard.
    pub extra: Router,
}
