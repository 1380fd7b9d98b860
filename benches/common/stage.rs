//! A shop with its bank and its ledger in virtual time, without a socket between them.
#![allow(dead_code)] // Each bench uses its own part.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Utc};
use ecpayd::config::{GatewayAccess, GatewaySettings, LogSettings, MerchantSettings, Settings};
use ecpayd::daemon;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::policy::Policy;
use ecpayd::engine::{Clock as _, Engine, ManualClock};
use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid, Truth};
use ecpayd::simulator::{Call, Options, SimHandle, Simulator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::watch;

/// The public stage merchant.
pub const MERCHANT: &str = "3002607";
const KEYS: (&str, &str) = ("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs");

pub struct Stage {
    pub bank: SimHandle,
    pub clock: Arc<ManualClock>,
    pub settings: Settings,
    _stop: watch::Sender<bool>,
    pub running: watch::Receiver<bool>,
}

/// From the engine to the bank in the same process.
pub struct Wire(pub SimHandle);

impl Transport for Wire {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, _: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let call = Call::ALL.into_iter().find(|c| url.ends_with(c.path())).expect("a call of the gateway");
            let reply = self.0.exchange(call, &body);
            Ok(HttpAnswer { status: reply.status, date_s: None, body: reply.body })
        })
    }
}

impl Stage {
    pub fn new(start: DateTime<Utc>, folder: &Path) -> Self {
        let bank = Simulator::without_server(Options::new(Arc::new(Utc::now))).expect("the stage keys");
        let follow = bank.clone();
        let clock = Arc::new(ManualClock::new(start, move |now| follow.set_clock(now)));
        let (stop, running) = watch::channel(false);
        Self { bank, clock, settings: settings(folder.join("ledger.db")), _stop: stop, running }
    }

    pub async fn daemon(&self) -> Engine {
        self.daemon_over(Arc::new(Wire(self.bank.clone()))).await
    }

    pub async fn daemon_over(&self, transport: Arc<dyn Transport>) -> Engine {
        daemon::open(&self.settings, self.clock.clone(), transport).await.expect("the daemon starts")
    }

    /// Works and sleeps in turn until `end`.
    pub async fn live_until(&self, engine: &Engine, end: DateTime<Utc>) {
        loop {
            engine.settle(&self.running).await.expect("the ledger holds");
            let now = self.clock.now();
            if now >= end {
                return;
            }
            let next = engine.shared().ledger.next_step_at().expect("the ledger");
            self.clock.advance_to(next.filter(|at| *at > now).unwrap_or(end).min(end));
        }
    }

    /// An order at the bank, unknown to the ledger.
    pub fn sell(&self, no: &str, kind: Kind, amount: i64, at: DateTime<Utc>, paid: Paid) -> Truth {
        let new = NewOrder {
            merchant_id: merchant(),
            merchant_trade_no: MerchantTradeNo::parse(no).expect("a number"),
            kind,
            amount: Twd::new(amount).expect("an amount"),
            created_at: at,
            paid,
        };
        self.bank.with_bank(|bank, now| bank.create(new, now)).expect("a new order")
    }

    /// The shop's own connection.
    pub async fn shop(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(&self.settings.database_path).foreign_keys(true);
        let options = options.busy_timeout(StdDuration::from_secs(10)).disable_statement_logging();
        options.connect().await.expect("the ledger")
    }
}

pub async fn register(shop: &mut SqliteConnection, no: &str, at: DateTime<Utc>) {
    sqlx::query("INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (?, ?, ?)")
        .bind(MERCHANT)
        .bind(no)
        .bind(at.timestamp_millis())
        .execute(shop)
        .await
        .expect("an order");
}

/// None: all that is left.
pub async fn refund(shop: &mut SqliteConnection, no: &str, amount: Option<i64>, at: DateTime<Utc>) {
    sqlx::query(
        "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, created_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(MERCHANT)
    .bind(no)
    .bind(amount)
    .bind(format!("return of {no}"))
    .bind(at.timestamp_millis())
    .execute(shop)
    .await
    .expect("a refund");
}

/// The settings of the real daemon on the same ledger.
pub fn config_text(base_url: &str, ledger: &Path) -> String {
    format!(
        "[database]\npath = {ledger:?}\n\n[[merchant]]\nmerchant_id = \"{MERCHANT}\"\n\n[merchant.card]\nbase_url = \"{base_url}\"\nhash_key = \"{}\"\nhash_iv = \"{}\"\n",
        KEYS.0, KEYS.1
    )
}

pub async fn close(engine: Engine) {
    engine.into_shared().expect("nobody else has it").ledger.close().await;
}

pub fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("an id")
}

fn settings(database_path: PathBuf) -> Settings {
    let access = GatewayAccess { base_url: "http://bank".to_owned(), hash_key: KEYS.0.into(), hash_iv: KEYS.1.into() };
    Settings {
        database_path,
        merchants: vec![MerchantSettings {
            merchant_id: merchant(),
            platform_id: None,
            daily_auto_close: false,
            card: access,
            voucher: None,
        }],
        policy: Policy::default(),
        gateway: GatewaySettings::default(),
        foreign_writes: StdDuration::from_secs(1),
        log: LogSettings::default(),
        warnings: Vec::new(),
    }
}
