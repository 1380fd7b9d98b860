//! A ledger with something of everything in it, and its pages on a port of their own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use ecpayd::config::MerchantSettings;
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::health::Vitals;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::engine::{Clock as _, Engine};
use ecpayd::ledger::Pause;
use ecpayd::rehearsal::{Merchant, Rehearsal, Setup, settings_file};
use ecpayd::simulator::bank::{Ask, By, Kind, NewOrder, Paid};
use ecpayd::simulator::{Fault, FaultKind};
use ecpayd::web::{HttpOptions, Site, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ledger::{AddVouchers, LedgerHandle, MERCHANT};

/// The words of a shop, as one might write them.
pub const MARKUP: &str = "<img src=x onerror=1>";

pub struct Stage {
    rehearsal: Rehearsal,
    engine: Engine,
    pub sql: LedgerHandle,
    dir: TempDir,
}

/// Pages that end with their test.
pub struct Pages {
    pub at: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a civil time"))
}

fn merchant(text: &str) -> MerchantId {
    MerchantId::parse(text).expect("an id")
}

fn number(text: &str) -> MerchantTradeNo {
    MerchantTradeNo::parse(text).expect("a number")
}

fn merchants() -> Vec<Merchant> {
    vec![Merchant::stage().with_vouchers(), Merchant::made_up("2000132")]
}

impl Stage {
    /// An empty ledger.
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let setup =
            Setup { merchants: merchants(), ..Setup::new(at("2026-08-03 12:00"), dir.path().join("ledger.db")) };
        let rehearsal = Rehearsal::open(setup).expect("good merchants");
        let engine = rehearsal.daemon().await.expect("the daemon starts");
        let sql = LedgerHandle::open(&rehearsal.settings.database_path);
        Self { rehearsal, engine, sql, dir }
    }

    /// Four weeks: orders of all ages, refunds that wait, one that needs a person, and a pause.
    pub async fn played() -> Self {
        let stage = Self::open().await;
        stage.sell(MERCHANT, "HELD1", 2380);
        stage.sql.set_capture(MERCHANT, "HELD1", "hold");
        stage.sell(MERCHANT, "DONE1", 880);
        stage.sql.set_capture(MERCHANT, "DONE1", "now");
        stage.sell(MERCHANT, "VOID1", 1500);
        stage.sql.add_refund("VOID1", None, "rma-void");
        let vouchers = AddVouchers { merchant: MERCHANT, sold: Some("DONE1"), ..AddVouchers::default() };
        stage.sql.vouchers(&vouchers).expect("a voucher order");
        stage.needs_a_person().await;
        for day in 0..24 {
            stage.sell(MERCHANT, &format!("A{day:02}"), 300 + day * 55);
            stage.sell("2000132", &format!("B{day:02}"), 1000 + day);
            stage.live_for(Duration::days(1)).await;
        }
        let memo = format!("UPDATE orders SET memo = '{MARKUP}' WHERE merchant_trade_no = 'A20'");
        stage.sql.does(&memo);
        stage.sql.does(&format!(
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason)
             VALUES ('{MERCHANT}', 'A20', 150, '{MARKUP}', '{MARKUP}')"
        ));
        stage.live_for(Duration::hours(2)).await;
        stage.pause().await;
        stage.live_for(Duration::days(4)).await;
        stage.keep_traffic().await;
        stage
    }

    /// By admin1, at the merchant of most tests.
    pub async fn pause(&self) {
        let pause =
            Pause { why: "stock count".to_owned(), ..Pause::all(Some(merchant(MERCHANT)), "admin1", self.now()) };
        self.engine.shared().ledger.write(pause).await.expect("a pause");
    }

    /// As each minute does.
    pub async fn keep_traffic(&self) {
        let shared = self.engine.shared();
        shared.tally.traffic.keep(&shared.ledger).await.expect("the ledger takes it");
    }

    /// A refund without an answer, and another amount that somebody gave back by hand.
    async fn needs_a_person(&self) {
        self.sell(MERCHANT, "ODD1", 3000);
        self.sql.set_capture(MERCHANT, "ODD1", "now");
        self.live_for(Duration::days(2)).await;
        self.rehearsal.bank.strike(Fault::on(Action::R, FaultKind::LostBefore));
        self.sql.add_refund("ODD1", Some(400), "rma-odd");
        self.rehearsal.settle(&self.engine).await.expect("the ledger holds");
        self.rehearsal
            .bank
            .with_bank(|bank, at| {
                let order = bank.order(&merchant(MERCHANT), &number("ODD1")).expect("the order");
                let trade_no = TradeNo::parse(&order.truth().trade_no).expect("a number");
                let (merchant_id, merchant_trade_no) = (merchant(MERCHANT), number("ODD1"));
                let (action, amount) = (Action::R, Twd::new(150).expect("an amount"));
                bank.act(&Ask { at, by: By::Dashboard, merchant_id, merchant_trade_no, trade_no, action, amount })
            })
            .expect("a refund by hand");
    }

    pub fn sell(&self, of: &str, no: &str, dollars: i64) {
        let new = |now| NewOrder {
            merchant_id: merchant(of),
            merchant_trade_no: number(no),
            kind: Kind::Card,
            amount: Twd::new(dollars).expect("an amount"),
            created_at: now,
            paid: Paid::Yes,
        };
        self.rehearsal.bank.with_bank(|bank, now| bank.create(new(now), now)).expect("a new order");
        self.sql
            .order(&crate::ledger::AddOrder { merchant: of, no, at: Some(self.now()), ..Default::default() })
            .expect("an order");
    }

    pub async fn live_for(&self, time: Duration) {
        let end = self.now() + time;
        self.rehearsal.live_until(&self.engine, end).await.expect("the ledger holds");
        self.engine.raise_stages().await.expect("the ledger holds");
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.rehearsal.clock.now()
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub fn ledger(&self) -> PathBuf {
        self.rehearsal.settings.database_path.clone()
    }

    /// As they would stand in a file, keys and all.
    pub fn settings_text(&self) -> String {
        settings_file(&self.ledger(), &merchants(), "http://127.0.0.1:9")
    }

    /// What pages at this address are made from.
    pub fn site(&self, at: SocketAddr) -> Site {
        let (clock, settings) = (self.rehearsal.clock.clone(), &self.rehearsal.settings);
        let terms = |m: &MerchantSettings| (m.merchant_id.to_string(), ecpayd::daemon::terms(m));
        Site {
            ledger: settings.database_path.clone(),
            policy: settings.policy.clone(),
            merchants: settings.merchants.iter().map(terms).collect(),
            now: Arc::new(move || clock.now()),
            http: HttpOptions { listen: at, token: None, hosts: Vec::new() },
            vitals: self.vitals(|_| {}),
            self_check: Arc::new(|| Some(Arc::default())),
            extra: Router::new(),
        }
    }

    /// Of a daemon whose last pass was three seconds ago.
    pub fn vitals(&self, change: impl FnOnce(&mut Vitals)) -> Arc<dyn Fn() -> Option<Vitals> + Send + Sync> {
        let passed_at = self.now() - Duration::seconds(3);
        let started_at = passed_at - Duration::days(1);
        let mut vitals = Vitals { started_at: Some(started_at), passed_at: Some(passed_at), ..Vitals::default() };
        change(&mut vitals);
        Arc::new(move || Some(vitals))
    }

    /// On a free port of loopback.
    pub async fn pages(&self, change: impl FnOnce(&mut Site)) -> Pages {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let mut site = self.site(at);
        change(&mut site);
        let server = tokio::spawn(async move {
            serve(listener, Arc::new(site), std::future::pending()).await.expect("pages");
        });
        Pages { at, server }
    }
}
