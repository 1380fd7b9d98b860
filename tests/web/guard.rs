//! Whom the page answers, and what every answer bears.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get as at;
use ecpayd::web::{Site, serve};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::http::{get, send};
use crate::stage::Stage;

const TOKEN: &str = "a-token-of-more-than-24-bytes";

fn with_token(site: &mut Site) {
    site.http.token = Some(SecretString::from(TOKEN));
    site.extra = Router::new().route("/healthz", at(async || "ok\n")).route("/metrics", at(async || "metrics\n"));
}

#[tokio::test]
async fn every_answer_bears_the_headers_that_keep_it_to_itself() {
    let stage = Stage::open().await;
    let pages = stage.pages(with_token).await;
    let host = format!("Host: {}", pages.at);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    for (first, lines, status) in [
        ("GET / HTTP/1.1", vec![&*host, &*bearer], 200),
        ("GET /healthz HTTP/1.1", vec![&*host], 200),
        ("GET /nowhere HTTP/1.1", vec![&*host, &*bearer], 404),
        ("GET /orders/3002607/NONE HTTP/1.1", vec![&*host, &*bearer], 404),
        ("GET / HTTP/1.1", vec![&*host], 401),
        ("POST / HTTP/1.1", vec![&*host, &*bearer, "Content-Length: 0"], 405),
        ("GET / HTTP/1.1", vec!["Host: evil.example", &*bearer], 421),
    ] {
        let answer = send(pages.at, first, &lines).await;
        assert_eq!(answer.status, status, "{first}");
        let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{first}: {name}");
        }
        assert_eq!(answer.header("server"), None);
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_answered_nothing() {
    let stage = Stage::open().await;
    let pages = stage.pages(|site| site.http.hosts = vec!["pay.shop.example".to_owned()]).await;
    let (own, port) = (format!("Host: {}", pages.at), pages.at.port());
    let by_name = format!("Host: localhost:{port}");
    for (first, lines, status) in [
        ("GET / HTTP/1.1", vec![&*own], 200),
        ("GET / HTTP/1.1", vec![&*by_name], 200),
        ("GET / HTTP/1.1", vec!["Host: pay.shop.example"], 200),
        ("GET / HTTP/1.1", vec!["Host: evil.example"], 421),
        ("GET / HTTP/1.1", vec!["Host: localhost"], 421),
        ("GET / HTTP/1.1", vec![&*own, "Host: evil.example"], 421),
        ("GET /nowhere HTTP/1.1", vec!["Host: evil.example"], 421),
        ("POST / HTTP/1.1", vec!["Host: evil.example", "Content-Length: 0"], 421),
        ("GET http://evil.example/ HTTP/1.1", vec![&*own], 421),
        ("GET / HTTP/1.0", vec![], 421),
    ] {
        let answer = send(pages.at, first, &lines).await;
        assert_eq!(answer.status, status, "{first} {lines:?}");
    }
}

#[tokio::test]
async fn what_another_sites_page_fetches_is_refused_and_a_link_from_there_is_not() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let own = format!("Host: {}", pages.at);
    for (lines, status) in [
        (vec!["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], 403),
        (vec!["Sec-Fetch-Site: cross-site"], 403),
        (vec!["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], 200),
        (vec!["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors"], 200),
        (vec!["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate"], 200),
    ] {
        let lines = [vec![&*own], lines].concat();
        assert_eq!(send(pages.at, "GET / HTTP/1.1", &lines).await.status, status, "{lines:?}");
    }
}

#[tokio::test]
async fn a_page_is_only_shown_and_its_head_alone_has_no_body() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let own = format!("Host: {}", pages.at);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let answer = send(pages.at, &format!("{method} / HTTP/1.1"), &[&own, "Content-Length: 0"]).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let (head, whole) = (send(pages.at, "HEAD / HTTP/1.1", &[&own]).await, get(pages.at, "/").await);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    assert!(whole.body.len() > 1000);
}

#[tokio::test]
async fn a_token_opens_the_page_and_ten_wrong_ones_close_it_for_a_while() {
    let stage = Stage::open().await;
    let pages = stage.pages(with_token).await;
    let own = format!("Host: {}", pages.at);
    let ask = async |path: &str, authorization: &str| {
        let lines = [&*own, authorization];
        send(pages.at, &format!("GET {path} HTTP/1.1"), &lines[..if authorization.is_empty() { 1 } else { 2 }]).await
    };
    let right = format!("Authorization: Bearer {TOKEN}");
    let nobody = ask("/", "").await;
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").is_some_and(|by| by.starts_with("Basic realm=")));
    assert_eq!(ask("/healthz", "").await.body, "ok\n", "health tells no numbers and needs no token");
    assert_eq!(ask("/metrics", "").await.status, 401);
    assert_eq!(ask("/metrics", &right).await.body, "metrics\n");
    // x:a-token-of-more-than-24-bytes
    let basic = "Authorization: Basic eDphLXRva2VuLW9mLW1vcmUtdGhhbi0yNC1ieXRlcw==";
    assert_eq!(ask("/", basic).await.status, 200);
    for n in 0..10 {
        let wrong = ask("/", &format!("Authorization: Bearer wrong{n}")).await;
        assert_eq!(wrong.status, 401, "{n}");
        assert!(!wrong.body.contains(TOKEN));
    }
    let barred = ask("/", &right).await;
    assert_eq!(barred.status, 429, "even with the right one, or a guess would be told");
    assert!(barred.header("retry-after").is_some_and(|s| s.parse::<u64>().is_ok_and(|s| s <= 61)));
    assert_eq!(ask("/healthz", "").await.status, 200);
}

#[tokio::test]
async fn the_stylesheet_may_be_kept_for_ever_under_the_name_that_the_page_gives_it() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/").await.body;
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let style = hrefs.into_iter().find(|href| href.ends_with(".css")).expect("a stylesheet");
    let answer = get(pages.at, style).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(get(pages.at, "/icon-well.svg").await.header("content-type"), Some("image/svg+xml"));
    assert_eq!(get(pages.at, "/style.css").await.status, 404);
}

#[tokio::test]
async fn the_pages_end_when_they_are_told_to_though_somebody_keeps_a_connection_open() {
    let stage = Stage::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let site = Arc::new(stage.site(at));
    let pages = tokio::spawn(serve(listener, site, async move { drop(stopped.await) }));
    let _open = TcpStream::connect(at).await.expect("the page listens");
    assert_eq!(get(at, "/").await.status, 200);
    drop(stop);
    // A bound for a hung test, no measure of speed.
    let ended = tokio::time::timeout(Duration::from_secs(60), pages).await.expect("it ends");
    ended.expect("no panic").expect("in peace");
}

#[tokio::test]
async fn a_page_off_loopback_without_a_token_is_not_served() {
    let stage = Stage::open().await;
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let refused = serve(listener, Arc::new(stage.site(at)), std::future::pending()).await.expect_err("no token");
    assert!(refused.to_string().ends_with("which is not loopback, and asks for no token: set http.token"), "{refused}");
}
