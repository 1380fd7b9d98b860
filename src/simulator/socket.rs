//! TCP connections that a reply can break: closed without a byte, cut in half, slowed down.
//!
//! Below HTTP on purpose: a broken body still sends a status line, and a lost answer is the
//! case in which the caller sees nothing at all.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

use super::desk::Delivery;

/// What still passes to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Open,
    /// The head, and this many bytes of the body.
    Head {
        and_bytes: usize,
    },
    /// This many bytes, then the connection breaks.
    Bytes(usize),
    /// A byte at a time.
    Trickle(Duration),
}

/// The handler's hold on the connection that its reply goes out on.
#[derive(Clone, Debug)]
pub struct Line(Arc<Mutex<Flow>>);

impl Line {
    /// Breaks the connection the way a reply wants; takes effect with the next byte written.
    pub fn deliver(&self, delivery: Delivery, body_bytes: usize) {
        *self.flow() = match delivery {
            Delivery::Whole | Delivery::After { .. } => Flow::Open,
            Delivery::Never => Flow::Bytes(0),
            Delivery::Half => Flow::Head { and_bytes: body_bytes / 2 },
            Delivery::Trickle { ms } => Flow::Trickle(Duration::from_millis(ms)),
        };
    }

    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Breakable>> for Line {
    fn connect_info(stream: IncomingStream<'_, Breakable>) -> Self {
        stream.io().line.clone()
    }
}

/// Listens for connections that can be broken.
pub struct Breakable(pub TcpListener);

impl Listener for Breakable {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for Nagle; where it cannot be set, they merely come late.
        let _ = stream.set_nodelay(true);
        (Socket { stream, line: Line(Arc::new(Mutex::new(Flow::Open))), nap: None }, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

pub struct Socket {
    stream: TcpStream,
    line: Line,
    nap: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    fn poll_some(&mut self, cx: &mut Context<'_>, bytes: &[u8], left: usize) -> Poll<io::Result<usize>> {
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..left.min(bytes.len())]))?;
        *self.line.flow() = Flow::Bytes(left - written);
        Poll::Ready(Ok(written))
    }

    fn poll_trickle(&mut self, cx: &mut Context<'_>, bytes: &[u8], every: Duration) -> Poll<io::Result<usize>> {
        if let Some(nap) = &mut self.nap {
            ready!(nap.as_mut().poll(cx));
            self.nap = None;
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..bytes.len().min(1)]))?;
        self.nap = Some(Box::pin(tokio::time::sleep(every)));
        Poll::Ready(Ok(written))
    }
}

fn head_bytes(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|w| w == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4)
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            // The next request: what was slow was the last one's answer.
            let mut flow = self.line.flow();
            if let Flow::Trickle(_) = *flow {
                *flow = Flow::Open;
            }
        }
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let flow = *self.line.flow();
        match flow {
            Flow::Open => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Flow::Head { and_bytes } => self.poll_some(cx, bytes, head_bytes(bytes) + and_bytes),
            Flow::Bytes(left) => self.poll_some(cx, bytes, left),
            Flow::Trickle(every) => self.poll_trickle(cx, bytes, every),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
