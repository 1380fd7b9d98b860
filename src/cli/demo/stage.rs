//! Where the story is played: the bank, the gateway, the ledger, the engine, and the shop's connection.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ToSql, params};
use secrecy::SecretString;
use tokio::sync::watch;

use super::script::{CLOSING, Event, PLAIN, What};
use super::vouchers;
use crate::cli::Failure;
use crate::config::{GatewayAccess, GatewaySettings, LogSettings, MerchantSettings, Settings};
use crate::daemon;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::domain::policy::Policy;
use crate::engine::{Engine, ManualClock};
use crate::simulator::bank::{Kind, NewOrder, Paid};
use crate::simulator::{Options, Running, SimHandle, SimMerchant, Simulator};

const KEYS: [(&str, &str, &str); 2] =
    [(PLAIN, "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"), (CLOSING, "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS")];

/// The stand-in's own for vouchers.
const VOUCHER_KEYS: (&str, &str) = ("c539115ea7674f20", "86f625e60cb1473a");

pub(super) struct Stage {
    directory: PathBuf,
    gateway: Running,
    clock: Arc<ManualClock>,
    engine: Engine,
    shop: Connection,
    stop: watch::Receiver<bool>,
    /// Held so that `stop` never closes.
    _stopping: watch::Sender<bool>,
    pub stories: Vec<(String, &'static str)>,
}

impl Stage {
    pub(super) async fn open(start: DateTime<Utc>, keep: Option<PathBuf>) -> Result<Self, Failure> {
        let directory =
            keep.unwrap_or_else(|| std::env::temp_dir().join(format!("ecpayd-demo-{}", std::process::id())));
        std::fs::create_dir_all(&directory).map_err(|e| Failure::Problem(format!("{}: {e}", directory.display())))?;
        let database_path = directory.join("ecpayd.db");
        if database_path.exists() {
            return Err(Failure::Usage(format!(
                "{} is there already: name an empty directory",
                database_path.display()
            )));
        }
        let merchants = KEYS.map(|(id, key, iv)| SimMerchant {
            merchant_id: id.to_owned(),
            hash_key: key.to_owned(),
            hash_iv: iv.to_owned(),
            platform_id: None,
            daily_auto_close: id == CLOSING,
            balance: None,
        });
        let options = Options { merchants: merchants.into(), clock: Arc::new(move || start) };
        let gateway = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await?;
        vouchers::confirm_late(&gateway.handle)?;
        let bank_clock = gateway.handle.clone();
        let clock = Arc::new(ManualClock::new(start, move |now| bank_clock.set_clock(now)));
        let engine = daemon::engine(&settings(database_path.clone(), &gateway.url())?, clock.clone()).await?;
        let shop = Connection::open(&database_path)?;
        let (stopping, stop) = watch::channel(false);
        Ok(Self { directory, gateway, clock, engine, shop, stop, _stopping: stopping, stories: Vec::new() })
    }

    pub(super) fn gateway_url(&self) -> String {
        self.gateway.url()
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn bank(&self) -> &SimHandle {
        &self.gateway.handle
    }

    pub(super) fn shop(&self) -> &Connection {
        &self.shop
    }

    pub(super) fn advance_to(&self, now: DateTime<Utc>) {
        self.clock.advance_to(now);
    }

    pub(super) fn next_step_at(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        Ok(self.engine.shared().ledger.next_step_at()?)
    }

    pub(super) async fn settle(&self) -> Result<(), Failure> {
        Ok(self.engine.settle(&self.stop).await?)
    }

    pub(super) async fn raise_stages(&self) -> Result<(), Failure> {
        self.engine.raise_stages().await?;
        Ok(())
    }

    /// Something happens at the shop, in its customers' hands, or on the way to ECPay.
    pub(super) fn play(&mut self, event: &Event) -> Result<(), Failure> {
        match &event.what {
            What::Sell { merchant, no, amount, kind, paid, story } => {
                self.stories.push((no.clone(), story));
                self.sell(merchant, no, *amount, *kind, *paid, event.at)
            }
            What::SellVouchers { no, count, each, story } => {
                self.sell_vouchers(no, *count, *each, event.at)?;
                self.stories.push((no.clone(), story));
                Ok(())
            }
            What::Redeem { no, count } => vouchers::redeem(&self.gateway.handle, no, *count),
            What::TakeBack { no, count } => vouchers::take_back(&self.gateway.handle, no, *count),
            What::Capture(no) => {
                self.sql("UPDATE orders SET capture = 'now' WHERE merchant_trade_no = ?1", &[no], None)
            }
            What::Hold(no) => self.sql("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = ?1", &[no], None),
            What::Refund { merchant, no, amount } => self.refund(merchant, no, *amount, event.at),
            What::Overdraw { merchant, no, amount } => match self.refund(merchant, no, Some(*amount), event.at) {
                Ok(()) => Err(Failure::Problem(format!("the ledger took a refund of NT${amount} for {no}"))),
                Err(Failure::Problem(said) | Failure::Usage(said)) => {
                    say!("{:<24}  the ledger refuses: {said}", "");
                    Ok(())
                }
            },
            What::Cancel { no } => {
                self.sql("UPDATE refund_intents SET cancel = 1 WHERE merchant_trade_no = ?1", &[no], None)
            }
            What::Fault(fault) => {
                self.gateway.handle.strike(fault.clone());
                Ok(())
            }
            What::Balance(balance) => {
                let merchant = MerchantId::parse(PLAIN)?;
                self.gateway
                    .handle
                    .with_bank(|bank, now| bank.change_terms(&merchant, now, |terms| terms.balance = *balance))?;
                Ok(())
            }
        }
    }

    fn sell(
        &mut self,
        merchant: &str,
        no: &str,
        amount: i64,
        kind: Kind,
        paid: Paid,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let new = NewOrder {
            merchant_id: MerchantId::parse(merchant)?,
            merchant_trade_no: MerchantTradeNo::parse(no)?,
            kind,
            amount: Twd::new(amount)?,
            created_at: at,
            paid,
        };
        self.gateway.handle.with_bank(|bank, now| bank.create(new, now))?;
        self.sql(
            "INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (?1, ?2, ?3)",
            &[merchant, no],
            Some(at),
        )
    }

    fn sell_vouchers(&mut self, no: &str, count: usize, each: i64, at: DateTime<Utc>) -> Result<(), Failure> {
        let amount = each * i64::try_from(count).unwrap_or(i64::MAX);
        self.sell(PLAIN, no, amount, Kind::Card, Paid::Yes, at)?;
        vouchers::sell(&self.gateway.handle, no, count, each)?;
        self.sql(
            "INSERT INTO voucher_orders (merchant_id, merchant_trade_no, created_at) VALUES (?1, ?2, ?3)",
            &[PLAIN, no],
            Some(at),
        )
    }

    fn refund(&mut self, merchant: &str, no: &str, amount: Option<i64>, at: DateTime<Utc>) -> Result<(), Failure> {
        self.shop.execute(
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            params![merchant, no, amount, format!("rma-{no}-{}", at.timestamp()), "returned", at.timestamp_millis()],
        )?;
        Ok(())
    }

    fn sql(&mut self, statement: &'static str, texts: &[&str], at: Option<DateTime<Utc>>) -> Result<(), Failure> {
        let at = at.map(|at| at.timestamp_millis());
        let values = texts.iter().map(|text| text as &dyn ToSql).chain(at.iter().map(|at| at as &dyn ToSql));
        self.shop.execute(statement, rusqlite::params_from_iter(values))?;
        Ok(())
    }

    pub(super) async fn close(self, keep: bool) -> Result<(), Failure> {
        drop(self.shop);
        self.gateway.shutdown().await;
        if let Some(shared) = self.engine.into_shared() {
            shared.ledger.close().await;
        }
        if !keep {
            std::fs::remove_dir_all(&self.directory)
                .map_err(|e| Failure::Problem(format!("{}: {e}", self.directory.display())))?;
        }
        Ok(())
    }
}

fn settings(database_path: PathBuf, base_url: &str) -> Result<Settings, Failure> {
    let gateway = GatewaySettings::default();
    let merchants = KEYS.map(|(id, key, iv)| {
        Ok(MerchantSettings {
            merchant_id: MerchantId::parse(id)?,
            platform_id: None,
            daily_auto_close: id == CLOSING,
            card: GatewayAccess {
                base_url: base_url.to_owned(),
                hash_key: SecretString::from(key),
                hash_iv: SecretString::from(iv),
            },
            voucher: (id == PLAIN).then(|| GatewayAccess {
                base_url: base_url.to_owned(),
                hash_key: SecretString::from(VOUCHER_KEYS.0),
                hash_iv: SecretString::from(VOUCHER_KEYS.1),
            }),
        })
    });
    Ok(Settings {
        database_path,
        merchants: merchants.into_iter().collect::<Result<_, Failure>>()?,
        policy: Policy::default(),
        gateway,
        foreign_writes: std::time::Duration::from_secs(1),
        log: LogSettings::default(),
        warnings: Vec::new(),
    })
}
