//! The stage: bank, ledger, engine and the shops' own connection, under one virtual clock.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, TimeZone, Utc};
use ecpayd::config::{CardSettings, GatewaySettings, LogSettings, MerchantSettings, Settings};
use ecpayd::daemon::{self, StartError};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::policy::Policy;
use ecpayd::engine::{Clock as _, Engine, ManualClock};
use ecpayd::ledger::LedgerError;
use ecpayd::simulator::bank::{Ask, By, NewOrder, Terms};
use ecpayd::simulator::{Options, SimHandle, SimMerchant, Simulator};
use fastrand::Rng;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::actors::{self, MERCHANTS, What, merchant_of, number};
use crate::transport::Wire;

const KEY: &str = "madeUpKey0000001";
const IV: &str = "madeUpIv00000001";

#[derive(Clone, Debug, Default)]
pub struct Story {
    orders: usize,
    events: usize,
    deaths: u32,
    refused_by_the_ledger: u32,
}

impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { orders, events, deaths, refused_by_the_ledger } = self;
        write!(
            f,
            "{orders} orders, {events} events, {deaths} deaths, {refused_by_the_ledger} rows refused at the INSERT"
        )
    }
}

pub struct World {
    pub bank: SimHandle,
    pub shop: SqliteConnection,
    pub now: DateTime<Utc>,
    pub story: Story,
    pub orders: usize,
    settings: Settings,
    clock: Arc<ManualClock>,
    wire: Arc<Wire>,
    engine: Option<Engine>,
    _dir: TempDir,
}

impl World {
    pub async fn play(seed: u64, orders: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        // 2026-12-01 00:00 in Taipei: the triggers' own clock is behind it.
        let start = Utc.with_ymd_and_hms(2026, 11, 30, 16, 0, 0).single().expect("a time");
        let mut world = Self::open(&mut rng, start, orders).await;
        let mut events = actors::events(&mut rng, start, orders);
        world.story = Story { orders, events: events.len(), ..Story::default() };
        events.reverse();
        let end = start + Duration::days(actors::RUN_DAYS);
        let mut morning = start + Duration::hours(9);
        while world.now < end {
            let due = world.engine().shared().ledger.next_step_at().await.expect("the ledger");
            let next = [events.last().map(|e| e.at), due, Some(morning)].into_iter().flatten().min().unwrap_or(end);
            world.now = next.max(world.now + Duration::seconds(1)).min(end);
            world.clock.advance_to(world.now);
            while let Some(event) = events.pop_if(|e| e.at <= world.now) {
                world.apply(event.what, event.at).await;
            }
            if world.now >= morning {
                world.engine().raise_stages().await.expect("the ledger");
                morning += Duration::days(1);
            }
            world.settle().await;
        }
        world
    }

    async fn open(rng: &mut Rng, start: DateTime<Utc>, orders: usize) -> Self {
        let merchants = MERCHANTS.map(|id| SimMerchant {
            merchant_id: id.to_owned(),
            hash_key: KEY.to_owned(),
            hash_iv: IV.to_owned(),
            platform_id: None,
            daily_auto_close: id == MERCHANTS[1],
            balance: None,
        });
        let options = Options { merchants: merchants.into(), clock: Arc::new(move || start) };
        let bank = Simulator::without_server(options).expect("good keys");
        for id in MERCHANTS {
            let id = MerchantId::parse(id).expect("an id");
            let (shrink, chinese, lags) = (rng.bool(), rng.bool(), rng.bool());
            let odd = |terms: &mut Terms| {
                terms.shrink = shrink;
                terms.header_lags = lags;
                terms.card_info = true;
                if chinese {
                    terms.dialect = ecpayd::simulator::bank::Dialect::Chinese;
                }
            };
            bank.with_bank(|bank, now| bank.change_terms(&id, now, odd)).expect("a merchant");
        }
        let dir = directory();
        let settings = settings(&dir);
        let follow = bank.clone();
        let clock = Arc::new(ManualClock::new(start, move |now| follow.set_clock(now)));
        let wire = Arc::new(Wire::new(bank.clone()));
        let engine = daemon::open(&settings, clock.clone(), wire.clone()).await.expect("a new ledger");
        let shop = SqliteConnectOptions::new().filename(&settings.database_path).connect().await.expect("the ledger");
        let story = Story::default();
        Self { bank, shop, now: start, story, orders, settings, clock, wire, engine: Some(engine), _dir: dir }
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the daemon runs")
    }

    /// Works until nothing is to do. A process that dies on the way is started again.
    async fn settle(&mut self) {
        loop {
            let engine = self.engine.take().expect("the daemon runs");
            let (_stopping, stop) = watch::channel(false);
            let weak = Arc::downgrade(engine.shared());
            let died = {
                let settled = engine.settle(&stop);
                tokio::select! {
                    result = settled => { result.expect("the ledger holds"); false }
                    () = self.wire.died.notified() => true,
                }
            };
            if !died {
                self.engine = Some(engine);
                self.now = self.now.max(self.clock.now());
                return;
            }
            self.story.deaths += 1;
            drop(engine);
            // Its tasks end where they stand; the ledger's lock goes with the last of them.
            while weak.strong_count() > 0 {
                tokio::time::sleep(StdDuration::from_millis(1)).await;
            }
            self.wire.die(None);
            self.engine = Some(self.reopen().await);
        }
    }

    async fn reopen(&self) -> Engine {
        loop {
            match daemon::open(&self.settings, self.clock.clone(), self.wire.clone()).await {
                // The last of the old tasks is still letting go.
                Err(StartError::Ledger(LedgerError::Held { .. })) => {
                    tokio::time::sleep(StdDuration::from_millis(1)).await
                }
                opened => return opened.expect("the ledger of a process that died"),
            }
        }
    }

    async fn apply(&mut self, what: What, at: DateTime<Utc>) {
        match what {
            What::Sell { order, kind, amount, paid } => {
                let new = NewOrder {
                    merchant_id: MerchantId::parse(merchant_of(order)).expect("an id"),
                    merchant_trade_no: MerchantTradeNo::parse(&number(order)).expect("a number"),
                    kind,
                    amount: Twd::new(amount).expect("an amount"),
                    created_at: at,
                    paid,
                };
                self.bank.with_bank(|bank, now| bank.create(new, now)).expect("a new order");
                let add =
                    sqlx::query("INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (?, ?, ?)");
                let add = add.bind(merchant_of(order)).bind(number(order)).bind(at.timestamp_millis());
                add.execute(&mut self.shop).await.expect("a good row");
            }
            What::Pay { order } => {
                let (id, no) = names(order);
                self.bank.with_bank(|bank, now| bank.pay(&id, &no, now)).expect("an unpaid order");
            }
            What::SetCapture { order, word } => {
                let set = sqlx::query("UPDATE orders SET capture = ? WHERE merchant_trade_no = ?");
                set.bind(word).bind(number(order)).execute(&mut self.shop).await.expect("a good row");
            }
            What::Refund { order, amount, key } => self.refund(order, amount, key, at).await,
            What::Cancel { key } => {
                // Refused once it has begun, which is as good.
                let cancel =
                    sqlx::query("UPDATE refund_intents SET cancel = 1 WHERE request_key = ?").bind(key.to_string());
                let _ = cancel.execute(&mut self.shop).await;
            }
            What::Dashboard { order, action, amount } => {
                let (merchant_id, merchant_trade_no) = names(order);
                let amount = Twd::new(amount).expect("an amount");
                // Refused where it is not legal, as at the dashboard.
                let _ = self.bank.with_bank(|bank, now| {
                    let trade_no: TradeNo =
                        bank.order(&merchant_id, &merchant_trade_no).expect("an order").trade_no.clone();
                    bank.act(&Ask {
                        at: now,
                        by: By::Dashboard,
                        merchant_id,
                        merchant_trade_no,
                        trade_no,
                        action,
                        amount,
                    })
                });
            }
            What::Fault(fault) => self.bank.strike(fault),
            What::Balance { merchant, balance } => {
                let id = MerchantId::parse(MERCHANTS[merchant]).expect("an id");
                self.bank
                    .with_bank(|bank, now| bank.change_terms(&id, now, |t| t.balance = balance))
                    .expect("a merchant");
            }
            What::Die(death) => self.wire.die(Some(death)),
        }
    }

    async fn refund(&mut self, order: usize, amount: Option<i64>, key: u32, at: DateTime<Utc>) {
        let insert = sqlx::query(
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, created_at) VALUES (?, ?, ?, ?, ?)",
        );
        let insert = insert
            .bind(merchant_of(order))
            .bind(number(order))
            .bind(amount)
            .bind(key.to_string())
            .bind(at.timestamp_millis());
        if insert.execute(&mut self.shop).await.is_err() {
            self.story.refused_by_the_ledger += 1;
        }
    }
}

pub fn names(order: usize) -> (MerchantId, MerchantTradeNo) {
    (MerchantId::parse(merchant_of(order)).expect("an id"), MerchantTradeNo::parse(&number(order)).expect("a number"))
}

/// In memory where the machine has a file system there: nothing here is about power failures.
fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
}

fn settings(dir: &TempDir) -> Settings {
    let merchants = MERCHANTS.map(|id| MerchantSettings {
        merchant_id: MerchantId::parse(id).expect("an id"),
        platform_id: None,
        daily_auto_close: id == MERCHANTS[1],
        card: CardSettings { base_url: "http://bank".to_owned(), hash_key: KEY.into(), hash_iv: IV.into() },
    });
    Settings {
        database_path: dir.path().join("ecpayd.db"),
        merchants: merchants.into(),
        policy: Policy::default(),
        gateway: GatewaySettings::default(),
        foreign_writes: StdDuration::from_secs(1),
        log: LogSettings::default(),
        warnings: Vec::new(),
    }
}
