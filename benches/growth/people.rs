//! What people ask: the real binary, from its start to its end, and the pages.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecpayd::engine::Clock as _;
use ecpayd::ledger::MerchantTerms;
use ecpayd::rehearsal::{Merchant, Rehearsal, settings_file};
use ecpayd::web::{self, HttpOptions, Site};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::timing::ms;
use crate::{Figures, fill, stage};

const BINARY: &str = env!("CARGO_BIN_EXE_ecpayd");

struct Binary {
    config: PathBuf,
}

impl Binary {
    fn prepare(folder: &Path, stage: &Rehearsal) -> Self {
        let config = folder.join("config.toml");
        let text = settings_file(&stage.settings.database_path, &[Merchant::stage()], "http://127.0.0.1:1");
        std::fs::write(&config, text).expect("the settings");
        Self { config }
    }

    fn takes(&self, words: &[&str]) -> f64 {
        let mut least = f64::INFINITY;
        for _ in 0..7 {
            let mut command = Command::new(BINARY);
            command.arg("--config").arg(&self.config).args(words).stdin(Stdio::null()).stdout(Stdio::null());
            let started = Instant::now();
            let status = command.status().expect("the binary");
            least = least.min(ms(started.elapsed()));
            assert!(status.success(), "ecpayd {words:?}: {status}");
        }
        least
    }
}

pub fn commands(folder: &Path, stage: &Rehearsal, orders: usize) -> Figures {
    let binary = Binary::prepare(folder, stage);
    let middle = fill::number_in(orders / fill::DECK / 2, 20);
    vec![
        ("reference: ecpayd --version", binary.takes(&["--version"])),
        ("ecpayd status", binary.takes(&["status"])),
        ("ecpayd show", binary.takes(&["show", &middle])),
        ("ecpayd orders list", binary.takes(&["orders", "list"])),
        ("ecpayd orders list --state authorized", binary.takes(&["orders", "list", "--state", "authorized"])),
        ("ecpayd orders list --state review (none)", binary.takes(&["orders", "list", "--state", "review"])),
        ("ecpayd orders list --merchant", binary.takes(&["orders", "list", "--merchant", stage::MERCHANT])),
    ]
}

const PAGES: [(&str, &str); 7] = [
    ("page: overview", "/"),
    ("page: deadlines", "/deadlines"),
    ("page: orders", "/orders"),
    ("page: orders in a state", "/orders?state=captured"),
    ("page: alerts", "/alerts"),
    ("page: gateway", "/gateway"),
    ("page: self-check", "/doctor"),
];

/// Longer than between two answers.
const APART: Duration = Duration::from_millis(15);

/// Over HTTP, each of them made anew.
pub async fn pages(stage: &Rehearsal) -> Figures {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let (settings, clock) = (&stage.settings, stage.clock.clone());
    let site = Site {
        ledger: settings.database_path.clone(),
        policy: settings.policy.clone(),
        merchants: settings.merchants.iter().map(|m| (m.merchant_id.to_string(), MerchantTerms::default())).collect(),
        now: Arc::new(move || clock.now()),
        http: HttpOptions { listen: at, token: None, hosts: Vec::new() },
        vitals: Arc::new(|| None),
        self_check: Arc::new(|| None),
        extra: axum::Router::new(),
    };
    let server = tokio::spawn(async move { web::serve(listener, Arc::new(site), pending()).await.expect("pages") });
    let mut figures = Vec::new();
    for (name, path) in PAGES {
        let mut least = f64::INFINITY;
        for n in 0..7 {
            let sign = if path.contains('?') { '&' } else { '?' };
            // Answers are a hundredth of a second apart, and that wait is not the page's.
            tokio::time::sleep(APART).await;
            let mut socket = TcpStream::connect(at).await.expect("the page listens");
            let started = Instant::now();
            // What is asked for in other words is not kept from before.
            let request = format!("GET {path}{sign}still={n} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
            socket.write_all(request.as_bytes()).await.expect("a request");
            let mut answer = Vec::new();
            socket.read_to_end(&mut answer).await.expect("an answer");
            least = least.min(ms(started.elapsed()));
            assert!(answer.starts_with(b"HTTP/1.1 200 "), "{path}");
        }
        figures.push((name, least));
    }
    server.abort();
    figures
}
