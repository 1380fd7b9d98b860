//! What the pages are made from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::domain::check::SelfCheck;
use crate::domain::health::Vitals;
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

/// What the pages are made from.
pub struct Site {
    pub ledger: PathBuf,
    pub policy: Policy,
    /// The merchants of the settings.
    pub merchants: BTreeMap<String, MerchantTerms>,
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub http: HttpOptions,
    /// What the daemon's health is told by, as it was seen last. None: nobody watches over a daemon.
    pub vitals: Arc<dyn Fn() -> Option<Vitals> + Send + Sync>,
    /// The daemon's last look at itself. None: nobody watches over a daemon.
    pub self_check: Arc<dyn Fn() -> Option<Arc<SelfCheck>> + Send + Sync>,
    /// Further paths, behind the same guard.
    pub extra: Router,
}
