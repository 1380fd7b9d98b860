//! The server of the pages.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::app::{self, App};
use super::guard::{self, Guard};
use super::site::Site;
use super::socket::{Limited, Peer};
use crate::ledger::LedgerError;
use crate::ledger::pages::PageReader;

/// A page under way may outlive the daemon's wish to stop by no more than this.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the status page cannot read the ledger")]
    Ledger(#[from] LedgerError),
    #[error("the status page would listen on {0}, which is not loopback, and asks for no token: set http.token")]
    NoToken(SocketAddr),
    #[error("the status page cannot be served")]
    Io(#[from] io::Error),
}

/// Serves until `stop`, and a moment more for what is under way.
pub async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let reader = PageReader::open(&site.ledger)?;
    let listening = listener.local_addr()?;
    if site.http.token.is_none() && !listening.ip().is_loopback() {
        return Err(ServeError::NoToken(listening));
    }
    let guard = Guard::new(&site.http, listening);
    let app = Arc::new(App::new(site, reader));
    let service = guard::around(app::routes(app), guard).into_make_service_with_connect_info::<Peer>();
    let (stopping, stopped) = oneshot::channel();
    let stop = async move {
        stop.await;
        // Whoever waits for it may be gone.
        let _ = stopping.send(());
    };
    let late = async {
        // The other end is dropped only together with the server.
        let _ = stopped.await;
        tokio::time::sleep(SHUTDOWN_WAIT).await;
    };
    tokio::select! {
        served = async { axum::serve(Limited::new(listener), service).with_graceful_shutdown(stop).await } => Ok(served?),
        () = late => Ok(()),
    }
}
