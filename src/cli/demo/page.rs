//! The status page of the ledger that was played, at the time at which the story ends.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::stage::Stage;
use crate::cli::Failure;
use crate::daemon;
use crate::web::{self, HttpOptions, Site};

/// Before the story is played: a port that is taken is told at once.
pub(super) async fn listen(on: SocketAddr) -> Result<TcpListener, Failure> {
    if !on.ip().is_loopback() {
        let sentence = format!("{on} is not a loopback address: the demo asks nobody for a token; try 127.0.0.1:8420");
        return Err(Failure::Usage(sentence));
    }
    TcpListener::bind(on).await.map_err(|error| Failure::Problem(format!("cannot listen on {on}: {error}")))
}

/// Until Ctrl-C.
pub(super) async fn serve(stage: &Stage, listener: TcpListener) -> Result<(), Failure> {
    let listen = listener.local_addr()?;
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let stop = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    };
    say!("\nThe status page of this ledger is on http://{listen}/ until Ctrl-C.");
    Ok(web::serve(listener, Arc::new(site(stage, listen)), stop).await?)
}

fn site(stage: &Stage, listen: SocketAddr) -> Site {
    let (settings, clock) = (stage.settings(), stage.clock());
    Site {
        ledger: settings.database_path.clone(),
        policy: settings.policy.clone(),
        merchants: settings.merchants.iter().map(|m| (m.merchant_id.to_string(), daemon::terms(m))).collect(),
        now: Arc::new(move || clock.now()),
        http: HttpOptions { listen, token: None, hosts: Vec::new() },
        vitals: Arc::new(|| None),
        self_check: Arc::new(|| None),
        extra: Router::new(),
    }
}
