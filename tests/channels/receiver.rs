//! A receiver on loopback that records what it is asked, and answers well or badly.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::of_tests;

/// 64 MB, which no buffer of a connection holds.
const FLOOD_PARTS: usize = 1024;

#[derive(Clone)]
pub enum Behaviour {
    /// The whole of an answer.
    Answer(String),
    /// Reads and never answers.
    Hang,
    /// Begins an answer and never ends its head.
    TrickleHead,
    /// A status, and a body of which a part is said now and then, without end.
    TrickleBody(u16),
    /// A status, and a body that is far longer than anybody should read; whoever does is recorded.
    Flood(u16),
    /// Closes the connection when it has read.
    Close,
}

/// With a status, as short as it can be.
pub fn answer(status: u16, headers: &str, body: &str) -> Behaviour {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
    Behaviour::Answer(head + body)
}

#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /path`.
    pub what: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Asked {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

pub struct Receiver {
    pub at: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Receiver {
    pub async fn new(behaviour: Behaviour) -> Self {
        Self::serving(behaviour, None).await
    }

    /// By TLS, with a certificate of an authority that this machine does not know.
    pub async fn with_tls(behaviour: Behaviour) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain = vec![CertificateDer::from_pem_file(of_tests("tls/server.pem")).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(of_tests("tls/server.key")).expect("a key");
        let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        Self::serving(behaviour, Some(TlsAcceptor::from(Arc::new(config.expect("a server"))))).await
    }

    async fn serving(behaviour: Behaviour, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (behaviour, heard, tls) = (behaviour.clone(), heard.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &behaviour, &heard).await,
                        Some(tls) => serve(tls.accept(socket).await?, &behaviour, &heard).await,
                    }
                });
            }
        });
        Self { at, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic before").clone()
    }

    /// What the only request was.
    pub fn only(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.into_iter().next().expect("one")
    }
}

async fn serve<S>(mut socket: S, behaviour: &Behaviour, heard: &Mutex<Vec<Asked>>) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asked = read(&mut socket).await?;
    heard.lock().expect("no panic before").push(asked);
    match behaviour {
        Behaviour::Answer(text) => socket.write_all(text.as_bytes()).await?,
        Behaviour::Hang => std::future::pending().await,
        Behaviour::TrickleHead => trickle(&mut socket, "HTTP/1.1 200 OK\r\nx-y: ").await?,
        Behaviour::TrickleBody(status) => {
            trickle(&mut socket, &format!("HTTP/1.1 {status} X\r\ncontent-length: 1000000\r\n\r\n")).await?;
        }
        Behaviour::Flood(status) => {
            socket.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes()).await?;
            for _ in 0..FLOOD_PARTS {
                socket.write_all(&[b'x'; 65_536]).await?;
            }
            let what = "the whole flood was read".to_owned();
            heard.lock().expect("no panic before").push(Asked { what, headers: BTreeMap::new(), body: String::new() });
        }
        Behaviour::Close => {}
    }
    socket.shutdown().await
}

async fn trickle(socket: &mut (impl AsyncWrite + Unpin), start: &str) -> std::io::Result<()> {
    socket.write_all(start.as_bytes()).await?;
    loop {
        socket.write_all(b"x").await?;
        socket.flush().await?;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn read(socket: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Asked> {
    let mut text = Vec::new();
    let gone = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    loop {
        let whole = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = whole.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let what = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
            let headers = lines.filter_map(|line| line.split_once(": "));
            let headers: BTreeMap<_, _> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let length: usize = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
            if body.len() >= length {
                return Ok(Asked { what, headers, body: body.to_owned() });
            }
        }
        let mut part = [0; 8192];
        let read = socket.read(&mut part).await?;
        if read == 0 {
            return Err(gone());
        }
        text.extend_from_slice(&part[..read]);
    }
}
