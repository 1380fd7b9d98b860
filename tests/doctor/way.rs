//! The way to the gateway.

use std::io::Read as _;
use std::net::TcpListener;

use super::of_tests;
use super::receiver::{Receiver, answer};
use super::scene::{Gateway, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_apart_a_port_that_is_closed_and_wrong_keys_are_named() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    std::fs::write(scene.key_file("hash_key"), "k3yK3yk3yK3yk3yA").expect("a key");
    let wrong = scene.checks().only_failure();
    assert!(
        wrong.starts_with("gateway-answer: ") && wrong.contains("HashKey and HashIV of [merchant.card]"),
        "{wrong}"
    );
    std::fs::write(scene.key_file("hash_key"), super::scene::KEY).expect("a key");
    assert_eq!(scene.checks().of("fails"), Vec::<String>::new());

    gateway.control("clock", "{\"forward\":\"6m\"}").await;
    let apart = scene.checks().only_failure();
    assert!(apart.starts_with("clock: ECPay's clock is 3") && apart.contains("timedatectl"), "{apart}");
    gateway.stop();
    let checks = scene.checks();
    let closed = checks.of("fails");
    assert_eq!(checks.told.code, Some(1));
    assert!(
        closed[0].starts_with("gateway-connection: no connection: ") && closed[0].contains("ecpayd simulator"),
        "{closed:?}"
    );
    assert!(closed[1].starts_with("gateway-answer: not sent: "), "{closed:?}");
}

/// After HTTP 403 a merchant's calls rest: a connection is tried, and not a byte is said.
#[test]
fn a_merchant_that_is_to_be_silent_is_not_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let heard = std::thread::spawn(move || {
        let mut said = Vec::new();
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.read_to_end(&mut said).expect("read");
        said
    });
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("settings");
    std::fs::write(scene.path("config.toml"), text.replace(&gateway.url, &url)).expect("settings");
    let sql = scene.sql();
    let until = chrono::Utc::now().timestamp_millis() + 600_000;
    sql.does(&format!("UPDATE merchants SET silent_until = {until}"));
    sql.close();
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]));
    assert!(
        checks.of("warning").iter().any(|w| w.starts_with("gateway-answer: not asked: after HTTP 403")),
        "{:?}",
        checks.told
    );
    assert_eq!(heard.join().expect("no panic"), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_by_tls_shows_its_version_its_suite_and_its_certificates_end() {
    let secure = Receiver::with_tls(answer(200, "", "{}")).await;
    let scene = Scene::new(&format!("https://{}", secure.at));
    let mut command = scene.command(&["doctor", "--json"]);
    command.env("SSL_CERT_FILE", of_tests("tls/ca.pem"));
    let checks = tokio::task::block_in_place(|| scene.checks_by(command));
    let good = checks.of("ok");
    assert!(good.iter().any(|g| g.starts_with("gateway-tls: TLSv1_3, TLS13_")), "{good:#?}");
    assert!(good.iter().any(|g| g.starts_with("gateway-certificate: its certificate ends at 2")), "{good:#?}");
    let unknown = tokio::task::block_in_place(|| scene.checks()).of("fails");
    assert!(
        unknown.iter().any(|f| f.starts_with("gateway-tls: no TLS: ") && f.contains("ca-certificates")),
        "{unknown:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_alerts_each_channel_says_what_came_back() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let bad = Receiver::new(answer(500, "", "")).await;
    let hidden = "T0SECRETPATH";
    scene.add_settings(&format!(
        "[[alerts.channel]]\nkind = \"command\"\nargv = [\"true\"]\n\
         [[alerts.channel]]\nkind = \"ntfy\"\nurl = \"http://{}/{hidden}\"\n",
        bad.at
    ));
    assert!(scene.checks().of("ok").iter().any(|g| g.contains("alerts go out by command, ntfy")));
    assert_eq!(bad.asked().len(), 0, "nothing is sent without --alerts");
    let command = scene.command(&["doctor", "--json", "--alerts"]);
    let checks = tokio::task::block_in_place(|| scene.checks_by(command));
    assert!(checks.of("ok").iter().any(|g| g.starts_with("channel: a test message was taken")));
    let failing = checks.only_failure();
    assert!(failing.starts_with("channel: not sent: ") && failing.contains("ecpayd alerts test"), "{failing}");
    assert!(!checks.told.out.contains(hidden), "{}", checks.told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_voucher_service_is_asked_with_its_own_keys() {
    let gateway = Gateway::start();
    let scene = Scene::new(&gateway.url);
    let vouchers = |key: &str| {
        format!(
            "[merchant.voucher]\nbase_url = \"{}\"\nhash_key = \"{key}\"\nhash_iv = \"86f625e60cb1473a\"\n",
            gateway.url
        )
    };
    scene.add_settings(&vouchers("c539115ea7674f20"));
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]));
    assert_eq!(checks.of("ok").iter().filter(|g| g.starts_with("gateway-answer: ")).count(), 2);
    assert_eq!(checks.of("ok").iter().filter(|g| g.starts_with("gateway-connection: ")).count(), 1, "one host");
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("settings");
    std::fs::write(scene.path("config.toml"), text.replace("c539115ea7674f20", "k3yK3yk3yK3yk3yA")).expect("settings");
    let wrong = scene.checks().only_failure();
    assert!(wrong.starts_with("gateway-answer: ") && wrong.contains("[merchant.voucher]"), "{wrong}");
}
