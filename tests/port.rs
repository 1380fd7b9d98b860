//! The port of a real daemon: health, figures and the page.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use support::{BRISK, House, gateway, paid, until};

/// One that is free just now.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port")
}

/// Status and body of a GET. None: nobody answers.
fn get(at: SocketAddr, path: &str, more: &str) -> Option<(u16, String)> {
    let mut socket = TcpStream::connect(at).ok()?;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{more}\r\n").ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemons_port_tells_health_figures_and_orders_and_ends_with_it() {
    let bank = gateway().await;
    let at = free();
    let token = "0123456789abcdef0123456789abcdef";
    let settings = format!("{BRISK}[http]\nlisten = \"{at}\"\ntoken = \"{token}\"\n");
    let house = House::new(&bank.url(), &settings);
    // It holds a token.
    std::fs::set_permissions(house.settings(), std::fs::Permissions::from_mode(0o600)).expect("our own file");
    let daemon = house.started().await;
    until("it listens", async || get(at, "/healthz", "").is_some()).await;
    assert_eq!(get(at, "/healthz", ""), Some((200, "ok\n".to_owned())));

    paid(&bank.handle, "A1", 1000);
    let sql = house.sql().await;
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES ('3002607', 'A1', 'now')");
    until("it is captured", async || sql.ask("SELECT state FROM order_state") == "to_be_captured").await;
    let by = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(get(at, "/metrics", "").map(|(status, _)| status), Some(401));
    let (status, figures) = get(at, "/metrics", &by).expect("figures");
    assert_eq!(status, 200);
    for line in [
        "ecpayd_orders{state=\"to_be_captured\"} 1",
        "ecpayd_attempts_total{action=\"C\",outcome=\"accepted\"} 1",
        "ecpayd_health{state=\"ok\"} 1",
    ] {
        assert!(figures.lines().any(|found| found == line), "{line} in\n{figures}");
    }
    let (status, page) = get(at, "/orders/3002607/A1?lang=zh", &by).expect("a page");
    assert!(status == 200 && page.contains("A1") && page.contains("要關帳"), "{page}");

    sql.does("INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, action, 1, 'Lin' FROM merchants, (SELECT 'capture' AS action UNION ALL SELECT 'refund')");
    assert_eq!(get(at, "/healthz", ""), Some((200, "degraded: money_paused\n".to_owned())));
    // As after minutes in which nothing could be written.
    sql.does("UPDATE daemon SET started_at = 1, passed_at = 2");
    assert_eq!(get(at, "/healthz", ""), Some((503, "unhealthy: no_pass, money_paused\n".to_owned())));

    // A browser keeps its connection, and the ledger is closed all the same.
    let kept = TcpStream::connect(at).expect("it listens");
    assert!(daemon.stop().await.success());
    assert_ne!(sql.ask("SELECT stopped_at FROM daemon"), "");
    drop(kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_looks_at_itself_at_its_start_and_when_its_settings_are_read_again() {
    let bank = gateway().await;
    for token in [Some("0123456789abcdef0123456789abcdef"), None] {
        let at = free();
        let line = token.map(|token| format!("token = \"{token}\"\n")).unwrap_or_default();
        let house = House::new(&bank.url(), &format!("{BRISK}[http]\nlisten = \"{at}\"\n{line}"));
        let by = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let daemon = house.started().await;
        // Each time under another name: a page is kept for two seconds.
        let mut asked = 0;
        let mut page = async |lang: &str| {
            asked += 1;
            get(at, &format!("/doctor?lang={lang}&n={asked}"), &by).map(|(_, page)| page).unwrap_or_default()
        };
        until("it has looked", async || page("en").await.contains("Last self-check 0 min ago")).await;
        let shown = page("en").await;
        for code in ["settings-file", "schema", "disk-space", "daemon", "channels", "backup"] {
            assert!(shown.contains(&format!("<code>{code}</code>")), "{code} in {shown}");
        }
        assert!(!shown.contains("mark crit"), "{shown}");
        // As `doctor` says it of the same settings: nothing is said in two ways.
        let doctor = house.tell(&["doctor", "--lang", "zh-TW"]).out;
        let channels = doctor.lines().find(|line| line.contains("channels")).expect("a line");
        let sentence =
            channels.split("警告送不到").nth(1).and_then(|rest| rest.split('；').next()).expect("what was found");
        assert!(page("zh").await.contains(&format!("警告送不到{sentence}")), "{channels}");

        std::fs::set_permissions(house.settings(), std::fs::Permissions::from_mode(0o644)).expect("our own file");
        daemon.signal("HUP");
        until("it has looked again", async || page("en").await.contains("mark crit\">fails")).await;
        let shown = page("en").await;
        let place = house.path("").display().to_string();
        let mend = if token.is_some() {
            format!("<code>chmod 640 {place}config.toml</code>")
        } else {
            "<code>chmod 640 …/config.toml</code>".to_owned()
        };
        assert!(shown.contains("others can open it") && shown.contains(&mend), "{mend} in {shown}");
        assert_eq!(shown.contains(&place), token.is_some(), "{shown}");
        assert!(!shown.contains("pwFHCqoQZGmho4w6"), "a key");
        assert!(daemon.stop().await.success());
        assert!(!house.path("ledger.db-wal").exists(), "nobody holds the ledger");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_told_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = taken.local_addr().expect("bound");
    let house = House::without_gateway(&format!("{BRISK}[http]\nlisten = \"{at}\"\n"));
    let told = house.tell(&["run"]);
    assert!(told.code == Some(1) && told.err.lines().count() == 1, "{told:?}");
    assert!(told.err.contains(&format!(" ERROR ecpayd::cli::run: http.listen: cannot listen on {at}")), "{told:?}");
}
