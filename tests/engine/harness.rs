//! A shop with its bank, its ledger and its daemon, in virtual time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Utc};
use ecpayd::config::{GatewaySettings, Settings};
use ecpayd::daemon::StartError;
use ecpayd::domain::action::Action;
use ecpayd::domain::api::CardApi;
use ecpayd::domain::calendar::{from_taipei, taipei_date};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::engine::{Clock, Engine, ManualClock};
use ecpayd::gateway::transport::Transport;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::ledger::{Ledger, LedgerError, as_a_shop, audit};
use ecpayd::rehearsal::{Merchant, Rehearsal, Setup};
use ecpayd::simulator::bank::{Ask, By, Kind, NewOrder, Paid, Refusal, Terms, Truth};
use ecpayd::simulator::{Fault, FaultKind, OnCall, SimHandle};
use tempfile::TempDir;

use crate::ledger::LedgerHandle;
pub use crate::ledger::MERCHANT;
use crate::telltale;
use crate::wire::{Sent, Wire};

/// A civil time in Taipei.
pub fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
}

pub fn minutes(n: i64) -> Duration {
    Duration::minutes(n)
}

pub fn days(n: i64) -> Duration {
    Duration::days(n)
}

pub fn other_merchant(id: &str) -> Merchant {
    Merchant::made_up(id).with_vouchers()
}

pub struct Shop {
    pub sim: SimHandle,
    pub wire: Arc<Wire>,
    pub sql: LedgerHandle,
    pub stage: Rehearsal,
    /// Somebody has written into the record: it may contradict itself then.
    pub meddled: bool,
    engine: Option<Engine>,
    _dir: TempDir,
}

/// Whatever a test has done to it, the ledger does not contradict itself.
impl Drop for Shop {
    fn drop(&mut self) {
        // A test that has failed says why itself.
        if std::thread::panicking() || self.meddled {
            return;
        }
        let ledger = as_a_shop(&self.stage.settings.database_path).expect("a ledger");
        let mut found = Vec::new();
        audit::orders(&ledger, |_, differing| found.extend(differing)).expect("it can be read");
        assert!(found.is_empty(), "the ledger contradicts itself: {found:#?}");
    }
}

/// Noon of an ordinary day, far from the closing window.
pub async fn shop() -> Shop {
    Shop::open(at("2026-08-03 12:00:00"), |_| {}).await
}

impl Shop {
    /// `change` is what a test sets before the shop opens.
    pub async fn open(start: DateTime<Utc>, change: impl FnOnce(&mut Setup)) -> Self {
        telltale::ear();
        let dir = tempfile::tempdir().expect("a directory");
        let gateway = GatewaySettings { min_interval: StdDuration::from_millis(10), ..GatewaySettings::default() };
        let merchants = vec![Merchant::stage().with_vouchers()];
        let mut setup = Setup { gateway, merchants, ..Setup::new(start, dir.path().join("ledger.db")) };
        change(&mut setup);
        if crate::API == CardApi::Form {
            setup.merchants = setup.merchants.into_iter().map(Merchant::of_aio).collect();
        }
        let mut stage = Rehearsal::open(setup).expect("good merchants");
        stage.serve().await.expect("a free port");
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys");
        let wire = Arc::new(Wire::new(keys));
        let engine = daemon(&stage.settings, stage.clock.clone(), &wire).await;
        let sql = LedgerHandle::open(&stage.settings.database_path);
        Self { sim: stage.bank.clone(), wire, sql, stage, meddled: false, engine: Some(engine), _dir: dir }
    }

    // ------------------------------------------------------------ time

    pub fn now(&self) -> DateTime<Utc> {
        self.stage.clock.now()
    }

    pub fn clock(&self) -> Arc<ManualClock> {
        self.stage.clock.clone()
    }

    /// Moves the clock; the daemon sleeps meanwhile.
    pub fn sleep_until(&self, at: DateTime<Utc>) {
        self.stage.clock.advance_to(at);
    }

    /// Sets the gateway's clock apart from ours.
    pub fn skew(&self, seconds: i64) {
        self.stage.set_bank_ahead(seconds);
    }

    /// Our clock is set, back or forth; the gateway's goes on as it was.
    pub fn step_clock(&self, by: Duration) {
        self.stage.step_clock(by);
    }

    /// How far our clock is ahead of the gateway's.
    pub fn ahead(&self) -> Duration {
        -self.stage.bank_ahead()
    }

    // ------------------------------------------------------------ the daemon

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the daemon runs")
    }

    pub fn ledger(&self) -> &Ledger {
        &self.engine().shared().ledger
    }

    pub async fn settle(&self) {
        // A bound, so that a daemon that never comes to rest fails a test and does not hang it.
        let settled = tokio::time::timeout(StdDuration::from_secs(120), self.stage.settle(self.engine())).await;
        settled.unwrap_or_else(|_| panic!("the daemon spins at {}", self.now())).expect("the ledger holds");
    }

    /// Works until nothing is to do or until the daemon dies on the wire. True when it died.
    pub async fn settle_or_die(&self) -> bool {
        tokio::select! {
            done = self.stage.settle(self.engine()) => { done.expect("the ledger holds"); false }
            () = self.wire.died() => true,
        }
    }

    /// As after a crash: nothing is said goodbye to.
    pub async fn reopen(&mut self) {
        drop(self.engine.take());
        self.start().await;
    }

    /// The same, and the next daemon reads its time from a clock of its own.
    pub async fn reopen_with(&mut self, clock: Arc<dyn Clock>) {
        drop(self.engine.take());
        self.engine = Some(daemon(&self.stage.settings, clock, &self.wire).await);
    }

    /// A copy of the ledger as it stands, made as an operator makes one.
    pub async fn copy(&mut self) -> PathBuf {
        let copy = self.stage.settings.database_path.with_extension("copy");
        self.sql.copy(&copy);
        copy
    }

    /// The daemon ends in peace and starts with other settings.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Settings)) {
        let shared = self.engine.take().expect("the daemon runs").into_shared().expect("nobody else has it");
        shared.ledger.close().await;
        change(&mut self.stage.settings);
        self.start().await;
    }

    /// The daemon ends, and a copy takes the place of its ledger. What lies beside it stays.
    pub async fn put_in_place(&mut self, copy: &Path) {
        let shared = self.engine.take().expect("the daemon runs").into_shared().expect("nobody else has it");
        shared.ledger.close().await;
        self.sql.put_in_place(copy);
    }

    pub fn marker(&self) -> PathBuf {
        let mut name = self.stage.settings.database_path.clone().into_os_string();
        name.push(".mark");
        PathBuf::from(name)
    }

    /// A daemon on the ledger as it lies there.
    pub async fn start(&mut self) {
        self.engine = Some(daemon(&self.stage.settings, self.clock(), &self.wire).await);
    }

    /// Lives until `end`, step after step, with the morning's chore at 09:00.
    pub async fn run_until(&mut self, end: DateTime<Utc>) {
        self.live(end, false).await;
    }

    pub async fn run_for(&mut self, time: Duration) {
        self.run_until(self.now() + time).await;
    }

    /// The same, starting the daemon again wherever it dies.
    pub async fn run_until_in_spite_of_death(&mut self, end: DateTime<Utc>) {
        self.live(end, true).await;
    }

    async fn live(&mut self, end: DateTime<Utc>, mortal: bool) {
        for _ in 0..50_000 {
            if mortal && self.settle_or_die().await {
                self.reopen().await;
                continue;
            }
            if !mortal {
                self.settle().await;
            }
            let now = self.now();
            if now >= end {
                return;
            }
            let morning = next_morning(now);
            self.stage.sleep(self.engine(), morning.min(end)).await.expect("the ledger");
            if self.now() >= morning {
                self.engine().raise_stages().await.expect("the ledger holds");
            }
        }
        panic!("the daemon is still busy at {} and does not come to rest before {end}", self.now());
    }

    // ------------------------------------------------------------ the bank

    /// An order that is paid at the bank, unknown to the ledger.
    pub fn sold(&self, merchant: &str, no: &str, kind: Kind, amount: i64, at: DateTime<Utc>, paid: Paid) -> Truth {
        let new = NewOrder {
            merchant_id: id(merchant),
            merchant_trade_no: number(no),
            kind,
            amount: Twd::new(amount).expect("an amount"),
            created_at: at,
            paid,
        };
        self.sim.with_bank(|bank, now| bank.create(new, now)).expect("a new order")
    }

    pub fn truth(&self, no: &str) -> Truth {
        self.truth_of(MERCHANT, no)
    }

    pub fn truth_of(&self, merchant: &str, no: &str) -> Truth {
        self.sim.with_bank(|bank, _| bank.order(&id(merchant), &number(no)).expect("the order").truth())
    }

    pub fn terms(&self, change: impl FnOnce(&mut Terms)) {
        self.sim.with_bank(|bank, now| bank.change_terms(&id(MERCHANT), now, change)).expect("the merchant");
    }

    /// Somebody acts at the vendor's dashboard.
    pub fn by_hand(&self, no: &str, action: Action, amount: i64) -> Result<(), Refusal> {
        let trade_no = TradeNo::parse(&self.truth(no).trade_no).expect("a number");
        let (merchant_id, merchant_trade_no) = (id(MERCHANT), number(no));
        let amount = Twd::new(amount).expect("an amount");
        self.sim.with_bank(|bank, at| {
            bank.act(&Ask { at, by: By::Dashboard, merchant_id, merchant_trade_no, trade_no, action, amount })
        })
    }

    pub fn strike(&self, action: Action, kind: FaultKind, times: u32) {
        self.sim.strike(Fault { times, ..Fault::on(action, kind) });
    }

    pub fn strike_looks(&self, call: OnCall, kind: FaultKind, times: u32) {
        self.sim.strike(Fault { call, times, ..Fault::any(kind) });
    }

    /// Money calls that left for this order.
    pub fn sent(&self, no: &str) -> Vec<Sent> {
        self.wire.sent().into_iter().filter(|s| s.no == no).collect()
    }

    /// Their letters: `"ERN"`.
    pub fn letters(&self, no: &str) -> String {
        self.sent(no).iter().map(|s| s.action.letter()).collect()
    }
}

fn id(text: &str) -> MerchantId {
    MerchantId::parse(text).expect("an id")
}

pub fn number(text: &str) -> MerchantTradeNo {
    MerchantTradeNo::parse(text).expect("a number")
}

/// When the daemon raises its stages (09:00 in Taipei) next.
fn next_morning(now: DateTime<Utc>) -> DateTime<Utc> {
    let nine = |day: i64| from_taipei((taipei_date(now) + days(day)).and_time(NaiveTime::MIN + Duration::hours(9)));
    if nine(0) > now { nine(0) } else { nine(1) }
}

/// The lock of a daemon that was dropped is free as soon as its tasks are gone.
async fn daemon(settings: &Settings, clock: Arc<dyn Clock>, wire: &Arc<Wire>) -> Engine {
    for _ in 0..1000 {
        let transport: Arc<dyn Transport> = wire.clone();
        match ecpayd::daemon::open(settings, clock.clone(), transport).await {
            Err(StartError::Ledger(LedgerError::Held { .. })) => tokio::time::sleep(StdDuration::from_millis(2)).await,
            opened => return opened.expect("the daemon starts"),
        }
    }
    panic!("the ledger of a daemon that is gone stays locked");
}
