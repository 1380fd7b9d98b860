//! A daemon and its bank in one process: simulator, ledger and engine on one clock.
//!
//! ```text
//!  Setup ──▶ Rehearsal: the bank, a clock that stands until it is moved, the settings
//!              │ serve()    puts HTTP before the bank; without it calls go by `Direct`
//!              └ daemon()   opens the ledger that the settings name, as `ecpayd run` does
//! ```
//!
//! The demo, the tests and the benches play on it, and say only what differs from [`Setup::new`].
//! Shops are no part of it: they write to the ledger by SQL, with connections of their own.

mod direct;
mod file;
mod merchant;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};
use tokio::sync::watch;

pub use direct::Direct;
pub use file::{far_window, settings_file};
pub use merchant::{MADE_UP_KEYS, Merchant};

use crate::config::{AlertSettings, GatewaySettings, HttpSettings, LogSettings, Settings};
use crate::daemon;
use crate::domain::policy::Policy;
use crate::engine::{Clock as _, Engine, EngineError, ManualClock};
use crate::gateway::transport::Transport;
use crate::simulator::{self, Options, Running, SimHandle, Simulator};

/// The address of a bank that nobody serves.
const NOWHERE: &str = "http://bank";

/// What is played with.
pub struct Setup {
    pub start: DateTime<Utc>,
    /// What the bank's time runs by once it is let run; until then it stands where the rehearsal's does.
    pub bank_clock: simulator::Clock,
    pub database_path: PathBuf,
    pub merchants: Vec<Merchant>,
    pub policy: Policy,
    pub gateway: GatewaySettings,
}

impl Setup {
    /// The public stage merchant, and settings that say nothing else.
    pub fn new(start: DateTime<Utc>, database_path: impl Into<PathBuf>) -> Self {
        Self {
            start,
            bank_clock: Arc::new(move || start),
            database_path: database_path.into(),
            merchants: vec![Merchant::stage()],
            policy: Policy::default(),
            gateway: GatewaySettings::default(),
        }
    }
}

pub struct Rehearsal {
    pub bank: SimHandle,
    pub clock: Arc<ManualClock>,
    /// What the next daemon starts with.
    pub settings: Settings,
    /// Where the bank is asked.
    pub url: String,
    bank_ahead_s: Arc<AtomicI64>,
    server: Option<Running>,
    stop: watch::Receiver<bool>,
    /// Held so that `stop` never closes.
    _stopping: watch::Sender<bool>,
}

impl Rehearsal {
    /// Without a server, and with no daemon yet.
    pub fn open(setup: Setup) -> Result<Self, simulator::StartError> {
        let Setup { start, bank_clock, database_path, merchants, policy, gateway } = setup;
        let at_bank = merchants.iter().map(|m| m.at_bank.clone()).collect();
        let bank = Simulator::without_server(Options { merchants: at_bank, clock: bank_clock })?;
        let bank_ahead_s = Arc::new(AtomicI64::new(0));
        let follow = {
            let (bank, ahead_s) = (bank.clone(), bank_ahead_s.clone());
            move |now| bank.set_clock(now + Duration::seconds(ahead_s.load(Ordering::Relaxed)))
        };
        let settings = Settings {
            database_path,
            merchants: merchant::settings(&merchants, NOWHERE)?,
            policy,
            gateway,
            foreign_writes: std::time::Duration::from_secs(1),
            alerts: AlertSettings::default(),
            event_channels: Vec::new(),
            http: HttpSettings::default(),
            fetch_statements: None,
            log: LogSettings::default(),
            warnings: Vec::new(),
        };
        let (stopping, stop) = watch::channel(false);
        Ok(Self {
            bank,
            clock: Arc::new(ManualClock::new(start, follow)),
            settings,
            url: NOWHERE.to_owned(),
            bank_ahead_s,
            server: None,
            stop,
            _stopping: stopping,
        })
    }

    /// Puts a server before the bank, on a free port of loopback. It ends with the rehearsal.
    pub async fn serve(&mut self) -> Result<(), simulator::StartError> {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Simulator::serve(loopback, self.bank.clone()).await?;
        self.url = server.url();
        for merchant in &mut self.settings.merchants {
            for access in [Some(&mut merchant.card), merchant.voucher.as_mut()].into_iter().flatten() {
                access.base_url.clone_from(&self.url);
            }
            if let Some(form) = &mut merchant.form {
                form.url.clone_from(&self.url);
            }
        }
        self.server = Some(server);
        Ok(())
    }

    /// The way to the bank past any server.
    pub fn direct(&self) -> Direct {
        let timeout = Duration::from_std(self.settings.gateway.timeout).unwrap_or(Duration::MAX);
        Direct { bank: self.bank.clone(), clock: self.clock.clone(), timeout }
    }

    pub async fn daemon(&self) -> Result<Engine, daemon::StartError> {
        match self.server {
            Some(_) => daemon::engine(&self.settings, self.clock.clone()).await,
            None => self.daemon_over(Arc::new(self.direct())).await,
        }
    }

    pub async fn daemon_over(&self, transport: Arc<dyn Transport>) -> Result<Engine, daemon::StartError> {
        daemon::open(&self.settings, self.clock.clone(), transport).await
    }

    /// Does everything that is due now, and is never told to stop.
    pub async fn settle(&self, engine: &Engine) -> Result<(), EngineError> {
        engine.settle(&self.stop).await
    }

    /// Works and sleeps in turn until `end`.
    pub async fn live_until(&self, engine: &Engine, end: DateTime<Utc>) -> Result<(), EngineError> {
        loop {
            self.settle(engine).await?;
            if self.clock.now() >= end {
                return Ok(());
            }
            self.sleep(engine, end).await?;
        }
    }

    /// Until the engine's next step, or until `end` if that is earlier.
    pub async fn sleep(&self, engine: &Engine, end: DateTime<Utc>) -> Result<(), EngineError> {
        let now = self.clock.now();
        let next = match engine.shared().ledger.next_step_at().await? {
            Some(at) if at > now => at,
            // Due, but its lane rests: the gateway is down, or asked for silence.
            Some(_) => now + Duration::seconds(30),
            None => end,
        };
        self.clock.advance_to(next.min(end));
        Ok(())
    }

    /// Sets the bank's clock apart from ours.
    pub fn set_bank_ahead(&self, seconds: i64) {
        self.bank_ahead_s.store(seconds, Ordering::Relaxed);
        self.clock.advance_to(self.clock.now());
    }

    /// Our clock is set, back or forth; the bank's goes on as it was.
    pub fn step_clock(&self, by: Duration) {
        self.bank_ahead_s.fetch_sub(by.num_seconds(), Ordering::Relaxed);
        self.clock.step(by);
    }

    /// How far the bank's clock is ahead of ours.
    pub fn bank_ahead(&self) -> Duration {
        Duration::seconds(self.bank_ahead_s.load(Ordering::Relaxed))
    }

    /// Ends the server, with the answers that are under way.
    pub async fn close(self) {
        if let Some(server) = self.server {
            server.shutdown().await;
        }
    }
}
