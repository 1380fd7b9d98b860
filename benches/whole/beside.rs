//! Money steps while every channel hangs and eight clients ask for pages as fast as they are answered: what is
//! told and shown is never in the engine's way.

use std::future::pending;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use ecpayd::deliver::outbox::Sending;
use ecpayd::deliver::{Deliveries, House, Message, Outbox, Times, Way};
use ecpayd::domain::alert::Severity;
use ecpayd::domain::language::Language;
use ecpayd::engine::{Engine, Shared};
use ecpayd::ledger::{Ledger, MerchantTerms, Raised, Told};
use ecpayd::web::{self, HttpOptions, Site};
use tokio::runtime::{Builder, Runtime};

use super::engine::Scene;
use crate::common::{Goal, Line, argument, measures, median, table};

const CHANNELS: usize = 7;
const CLIENTS: usize = 8;
const IN_FLIGHT: u32 = 16;
const PAGES: [&str; 7] = ["/", "/orders", "/refunds", "/alerts", "/gateway", "/doctor", "/deadlines"];

/// It takes what it is given, and never says a word.
struct Hangs;

impl Way for Hangs {
    fn send<'a>(&'a self, _: &'a Message) -> Sending<'a> {
        Box::pin(pending())
    }
}

struct Here(Arc<Shared>);

impl House for Here {
    fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn raised(&self, _: &Raised) {}
}

pub fn measure() {
    let rounds: usize = argument("rounds", if measures() { 7 } else { 1 });
    let steps: i64 = if measures() { 600 } else { 20 };
    let runtime = Builder::new_multi_thread().thread_name("engine").enable_all().build().expect("a runtime");
    let beside = Builder::new_multi_thread().worker_threads(1).thread_name("beside").enable_all().build();
    let beside = beside.expect("a runtime");
    let mut scene = Scene::open(&runtime, IN_FLIGHT);
    let (mut alone, mut hanging, mut shown, mut pages) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        alone.push(scene.captures(steps));
        let channels = hang(&beside, &scene.engine);
        alerts(&mut scene, steps);
        hanging.push(scene.captures(steps));
        let clients = Clients::ask(&beside, &scene);
        shown.push(scene.captures(steps));
        pages += clients.stop();
        drop(channels);
    }
    let spread = alone.iter().copied().fold(0.0, f64::max) / alone.iter().copied().fold(f64::INFINITY, f64::min);
    let (alone, hanging, shown) = (median(alone), median(hanging), median(shown));
    let line = |what: &str, ours: f64| Line {
        what: what.to_owned(),
        ours: format!("{ours:.0}/s"),
        reference: format!("{alone:.0}/s"),
        ratio: ours / alone,
        goal: Goal::None,
    };
    let title = format!(
        "Money steps, {IN_FLIGHT} in flight. Reference: the same alone, whose fastest round is {spread:.2} times its slowest. Pages answered meanwhile: {pages}."
    );
    let both = format!("and {CLIENTS} clients on the page");
    table(&title, &[line(&format!("{CHANNELS} channels that hang"), hanging), line(&both, shown)]);
}

/// Each with a message under way.
fn hang(beside: &Runtime, engine: &Engine) -> tokio::task::JoinSet<()> {
    let outbox = |n: usize| Outbox {
        name: format!("channel{n}"),
        told: Told::Alerts(Severity::Notice),
        merchants: Vec::new(),
        language: Language::English,
        way: Arc::new(Hangs),
    };
    let times =
        Times { digest: NaiveTime::from_hms_opt(9, 5, 0), repeat_critical: Duration::days(1), deadline_days: 21 };
    let deliveries = Deliveries::new((0..CHANNELS).map(outbox).collect(), times);
    beside.block_on(async {
        deliveries.take(&engine.shared().ledger).await.expect("the ledger");
        deliveries.start(&Arc::new(Here(engine.shared().clone())))
    })
}

/// An alert for each order of a round: the outbox has something to do.
fn alerts(scene: &mut Scene<'_>, count: i64) {
    let raise = "INSERT INTO alerts (kind, severity, stage, merchant_id, message, raised_at)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        SELECT 'gateway_down', 'warning', hex(randomblob(8)), '3002607', 'no answer', 1 FROM n";
    scene.sql.execute(raise, [count]).expect("alerts");
}

struct Clients {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
    server: tokio::task::JoinHandle<()>,
}

impl Clients {
    fn ask(beside: &Runtime, scene: &Scene<'_>) -> Self {
        let listener = beside.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let at = listener.local_addr().expect("an address");
        let site = Arc::new(site(scene, at));
        let server = beside.spawn(async move { web::serve(listener, site, pending()).await.expect("pages") });
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let client = |n: usize| {
            let (stop, answered) = (stop.clone(), answered.clone());
            std::thread::spawn(move || {
                for path in PAGES.iter().cycle().skip(n) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    get(at, path);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let threads = (0..CLIENTS).map(client).collect();
        Self { stop, answered, threads, server }
    }

    fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().expect("a client"));
        self.server.abort();
        self.answered.load(Ordering::Relaxed)
    }
}

fn get(at: SocketAddr, path: &str) {
    let mut socket = TcpStream::connect(at).expect("the page listens");
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{}", &answer[..answer.len().min(80)]);
}

fn site(scene: &Scene<'_>, listen: SocketAddr) -> Site {
    let (settings, clock) = (&scene.stage.settings, scene.stage.clock.clone());
    Site {
        ledger: settings.database_path.clone(),
        policy: settings.policy.clone(),
        merchants: settings.merchants.iter().map(|m| (m.merchant_id.to_string(), MerchantTerms::default())).collect(),
        now: Arc::new(move || ecpayd::engine::Clock::now(clock.as_ref())),
        http: HttpOptions { listen, token: None, hosts: Vec::new() },
        vitals: Arc::new(|| None),
        self_check: Arc::new(|| None),
        extra: axum::Router::new(),
    }
}
