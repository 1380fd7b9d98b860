//! The real transport over real sockets, against servers that misbehave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ecpayd::domain::action::Leave;
use ecpayd::gateway::transport::{HttpAnswer, HttpTransport, Purpose, Transport, TransportError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: &[u8] = br#"{"Data":"secret"}"#;

/// Serves every connection with `serve`; counts the connections.
async fn server<F, R>(serve: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    let connections = Arc::new(AtomicUsize::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(socket));
        }
    });
    (at, connections)
}

/// Reads one request, head and body, and gives its head back.
async fn request(socket: &mut TcpStream) -> std::io::Result<String> {
    let mut read = Vec::new();
    loop {
        let mut part = [0; 4096];
        let n = socket.read(&mut part).await?;
        read.extend_from_slice(&part[..n]);
        let whole = read.ends_with(BODY);
        if whole || n == 0 {
            return Ok(String::from_utf8_lossy(&read).into_owned());
        }
    }
}

async fn post_within(at: SocketAddr, purpose: Purpose, timeout: Duration) -> Result<HttpAnswer, TransportError> {
    let transport = HttpTransport::new(timeout).expect("a client");
    transport.post(&format!("http://{at}/1.0.0/Credit/DoAction"), BODY.to_vec(), purpose).await
}

async fn post(at: SocketAddr) -> Result<HttpAnswer, TransportError> {
    post_within(at, Purpose::Money, Duration::from_secs(5)).await
}

fn lost(answer: Result<HttpAnswer, TransportError>) -> String {
    match answer {
        Err(TransportError::Lost(why)) => {
            assert!(!why.contains("secret") && !why.contains("DoAction"), "{why}");
            why
        }
        other => panic!("not lost: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_status_and_body() {
    let (at, _) = server(async |mut socket| {
        let head = request(&mut socket).await?.to_ascii_lowercase();
        assert!(head.contains("content-type: application/json") && head.starts_with("post /1.0.0/credit/doaction"));
        socket.write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno").await
    })
    .await;
    let answer = post(at).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice(), answer.date_s), (500, b"no".as_slice(), None));
}

#[tokio::test]
async fn the_date_of_an_answer_is_read_where_it_is_one() {
    for (date, expected) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
        ("yesterday", None),
        ("Sun, 06 Nov 1994 08:49:37 \u{fc}", None),
    ] {
        let (at, _) = server(move |mut socket| async move {
            request(&mut socket).await?;
            let answer = format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
            socket.write_all(answer.as_bytes()).await
        })
        .await;
        assert_eq!(post(at).await.expect("an answer").date_s, expected, "{date}");
    }
}

#[tokio::test]
async fn a_body_of_50_mb_is_cut_off() {
    for head in ["HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"]
    {
        let (at, _) = server(move |mut socket| async move {
            request(&mut socket).await?;
            socket.write_all(head.as_bytes()).await?;
            for _ in 0..50 {
                socket.write_all(&vec![b'x'; 1024 * 1024]).await?;
            }
            Ok(())
        })
        .await;
        assert!(lost(post(at).await).contains("above 1048576 bytes"));
    }
}

#[tokio::test]
async fn a_trickling_gateway_hits_the_total_timeout() {
    let (at, _) = server(async |mut socket| {
        request(&mut socket).await?;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await?;
        loop {
            socket.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let began = Instant::now();
    lost(post_within(at, Purpose::Query, Duration::from_millis(300)).await);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_silent_gateway_is_lost_not_unsent() {
    let (at, _) = server(async |mut socket| {
        request(&mut socket).await?;
        std::future::pending().await
    })
    .await;
    lost(post_within(at, Purpose::Money, Duration::from_millis(300)).await);
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    drop(listener);
    assert!(matches!(post(at).await, Err(TransportError::NotSent(why)) if !why.contains("DoAction")));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_not_sent() {
    // Longer than the limit on connecting, so that a slow resolver is cut off by that one.
    let transport = HttpTransport::new(Duration::from_secs(15)).expect("a client");
    let answer = transport.post("http://gateway.invalid/x", BODY.to_vec(), Purpose::Money).await;
    assert!(matches!(answer, Err(TransportError::NotSent(_))), "{answer:?}");
}

#[tokio::test]
async fn a_gateway_that_speaks_no_tls_is_not_sent_to() {
    let (at, _) = server(async |mut socket| socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await).await;
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let answer = transport.post(&format!("https://{at}/x"), BODY.to_vec(), Purpose::Money).await;
    assert!(matches!(answer, Err(TransportError::NotSent(_))), "{answer:?}");
}

#[tokio::test]
async fn a_gateway_that_hangs_in_the_handshake_is_not_sent_to() {
    let (at, _) = server(|socket| async move {
        let _kept_open = socket;
        std::future::pending().await
    })
    .await;
    let transport = HttpTransport::new(Duration::from_millis(400)).expect("a client");
    let answer = transport.post(&format!("https://{at}/x"), b"{}".to_vec(), Purpose::Money).await;
    assert_eq!(answer.err(), Some(TransportError::NotSent("no connection within 0.36 s".to_owned())));
}

#[tokio::test]
async fn a_connection_closed_at_any_later_point_is_lost() {
    for said in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"TransCode\":1"] {
        let (at, connections) = server(move |mut socket| async move {
            request(&mut socket).await?;
            socket.write_all(said.as_bytes()).await
        })
        .await;
        lost(post(at).await);
        assert_eq!(connections.load(Ordering::SeqCst), 1, "{said}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, visits) = server(async |_| Ok(())).await;
    let (at, _) = server(move |mut socket| async move {
        request(&mut socket).await?;
        let answer = format!("HTTP/1.1 307 Moved\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
        socket.write_all(answer.as_bytes()).await
    })
    .await;
    assert_eq!(post(at).await.expect("an answer").status, 307);
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_money_call_has_a_connection_of_its_own() {
    let (at, connections) = server(async |mut socket| {
        loop {
            if request(&mut socket).await?.is_empty() {
                return Ok(());
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await?;
        }
    })
    .await;
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let url = format!("http://{at}/");
    for (purpose, total) in [(Purpose::Query, 1), (Purpose::Query, 1), (Purpose::Money, 2), (Purpose::Money, 3)] {
        transport.post(&url, BODY.to_vec(), purpose).await.expect("an answer");
        // The connection goes back to the pool on another task.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(connections.load(Ordering::SeqCst), total);
    }
}

// ------------------------------------------------------------ the last question before a money call

/// What reached the server of a money call that goes out only while it may.
async fn guarded(leave: Leave) -> (Result<HttpAnswer, TransportError>, Vec<u8>) {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let (at, _) = server(move |mut socket| {
        let heard = heard.clone();
        async move {
            let read = request(&mut socket).await?;
            let answered = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            heard.send(read.into_bytes()).expect("the test listens");
            answered
        }
    })
    .await;
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let answer = transport.post_money(&format!("http://{at}/"), BODY.to_vec(), leave).await;
    (answer, hears.recv().await.expect("a connection"))
}

/// The connection stands, and not a byte of the request has gone out.
#[tokio::test]
async fn a_money_call_that_may_no_longer_go_out_is_kept_back_at_the_socket_whole() {
    let (answer, heard) = guarded(Arc::new(|| Err("that took 40 s, and the plan is old".to_owned()))).await;
    assert_eq!(String::from_utf8_lossy(&heard), "");
    assert_eq!(answer.err(), Some(TransportError::NotSent("that took 40 s, and the plan is old".to_owned())));
}

#[tokio::test]
async fn a_money_call_is_asked_about_once_when_its_connection_stands_and_goes_out_whole() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let (answer, heard) = guarded(Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }))
    .await;
    assert_eq!(answer.expect("an answer").status, 200);
    assert!(heard.ends_with(BODY), "{}", String::from_utf8_lossy(&heard));
    let head = String::from_utf8_lossy(&heard).to_ascii_lowercase();
    assert!(head.contains(&format!("content-length: {}", BODY.len())) && !head.contains("chunked"), "{head}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Nobody is asked before the name is known, the connection stands and the keys are agreed on.
#[tokio::test]
async fn a_money_call_is_not_asked_about_before_its_connection_stands() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    drop(listener);
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let leave: Leave = Arc::new(|| panic!("asked too early"));
    let answer = transport.post_money(&format!("http://{at}/"), BODY.to_vec(), leave).await;
    assert!(matches!(answer, Err(TransportError::NotSent(_))), "{answer:?}");
}
