//! `ecpayd run`: the loop around the engine. Clock, ticks, wake-ups, shutdown, systemd.

mod chores;
mod clock;
mod cron;
mod door;
mod heartbeat;
mod ledger_watch;
mod notify;
mod reload;
mod self_check;
mod site;
mod start;
mod timetable;
mod told;

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;

pub use clock::SystemClock;
pub use reload::Load;
pub use self_check::Examine;
pub use start::{StartError, access, card_gateway, engine, open, terms, transport};

use self::chores::Chores;
use self::notify::Systemd;
use self::reload::Running;
use self::self_check::Looks;
use crate::config::Settings;
use crate::engine::Engine;
use crate::engine::EngineError;
use crate::ledger::{DaemonStopped, LedgerError};
use crate::metrics::{Calls, Counted};

/// How long the loop waits for the ledger's writer.
const ASK: Duration = Duration::from_secs(1);

/// How long the calls in flight may take to end after SIGTERM, beyond the gateway's time-out.
const GRACE: Duration = Duration::from_secs(15);

/// Everything that is due now, then done.
pub async fn run_once(settings: &Settings) -> Result<(), StartError> {
    let engine = Arc::new(engine(settings, Arc::new(SystemClock)).await?);
    let deliveries = told::deliveries(settings, &engine).await?;
    let (stopping, stop) = watch::channel(false);
    let signal = terminate();
    let terminated = tokio::spawn(async move {
        signal.await;
        // The engine may have ended first; then nobody has to be told.
        let _ = stopping.send(true);
    });
    let result = async {
        engine.settle(&stop).await?;
        engine.fetch_statement().await?;
        engine.raise_stages().await?;
        ledger_watch::storage(&engine).await?;
        deliveries.pass(engine.as_ref()).await?;
        Ok::<(), StartError>(())
    }
    .await;
    terminated.abort();
    if let Ok(engine) = Arc::try_unwrap(engine) {
        close(engine).await;
    }
    result
}

/// The daemon, until SIGTERM or SIGINT. `load` reads the settings anew, on SIGHUP; `examine` looks at them, for the
/// page.
pub async fn run(settings: &Settings, load: Load<'_>, examine: Examine) -> Result<(), StartError> {
    // Before the first call can go out: from here on a signal lets it end.
    let terminated = terminate();
    let hangup = signal(SignalKind::hangup()).map_err(|e| StartError::Thread(e.to_string()))?;
    let systemd = Systemd::start().map_err(|e| StartError::Thread(e.to_string()))?;
    let calls = Calls::default();
    let counted = Counted { inner: start::transport(settings)?, calls: calls.clone() };
    let engine = Arc::new(open(settings, Arc::new(SystemClock), Arc::new(counted)).await?);
    let deliveries = told::deliveries(settings, &engine).await?;
    let looks = Looks { examine, again: Arc::default() };
    let telling = deliveries.start(&engine);
    let mut running = Running { settings: settings.clone(), load, telling, look_again: looks.again.clone() };
    let mut serving = JoinSet::new();
    site::open(settings, &engine, calls, looks, &mut serving).await?;
    heartbeat::start(settings, &engine, &mut serving)?;
    let (wake, woken) = watch::channel(0_u64);
    let stopping = watch::Sender::new(false);
    let (asking, asked) = mpsc::channel(1);
    let mut scheduler = cron::start(asking).await.map_err(|e| StartError::Schedule(e.to_string()))?;
    let working = tokio::spawn({
        let (engine, stopping) = (engine.clone(), stopping.clone());
        async move { engine.run(&woken, &stopping).await }
    });
    systemd.ready();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), merchants = settings.merchants.len(), "ready");

    let signals = Signals { terminated, hangup };
    let watched = watch_over(&engine, &mut running, &wake, asked, &systemd, (&working, &stopping), signals).await;

    systemd.stopping();
    tracing::info!("stopping: the calls in flight are finished, no new ones are begun");
    // Its jobs may fire a little longer; they only offer ticks to a channel that is closed.
    if let Err(error) = scheduler.shutdown().await {
        tracing::warn!(%error, "the scheduler did not stop");
    }
    stopping.send_replace(true);
    let worked = match tokio::time::timeout(settings.gateway.timeout * 2 + GRACE, working).await {
        Ok(ended) => ended.unwrap_or_else(|e| Err(EngineError::bug("the engine", e))),
        Err(_) => {
            tracing::error!(
                "calls in flight did not end in time; their attempts are settled by looks at the next start"
            );
            Ok(())
        }
    };
    // A try that is cut short is made again, under the same key, after the next start.
    running.telling.shutdown().await;
    serving.shutdown().await;
    if let Some(engine) = alone(engine).await {
        close(engine).await;
    }
    tracing::info!("stopped");
    Ok(worked.and(watched)?)
}

struct Signals<T> {
    terminated: T,
    /// The settings have changed.
    hangup: Signal,
}

/// Until a signal. An error when a part of the engine or the ledger's thread ends by itself, or when
/// the ledger is no longer where commands and shops look for it.
async fn watch_over<T: Future<Output = ()>>(
    engine: &Arc<Engine>,
    running: &mut Running<'_>,
    wake: &watch::Sender<u64>,
    mut asked: mpsc::Receiver<()>,
    systemd: &Systemd,
    (working, stopping): (&JoinHandle<Result<(), EngineError>>, &watch::Sender<bool>),
    Signals { terminated, mut hangup }: Signals<T>,
) -> Result<(), EngineError> {
    let mut foreign = tokio::time::interval(running.settings.foreign_writes);
    foreign.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut alive = tokio::time::interval(notify::watchdog_interval());
    // By a clock that nobody can set: the civil one may stand still, or wait for a time that was passed.
    let mut questions = tokio::time::interval(timetable::ASKED_EVERY);
    questions.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut chores, mut door) = (Chores::default(), door::Door::default());
    let mut seen = None;
    tokio::pin!(terminated);
    let ended = loop {
        tokio::select! {
            () = &mut terminated => break Ok(()),
            _ = foreign.tick() => {
                if *stopping.borrow() || working.is_finished() {
                    break Err(EngineError::EndedByItself);
                }
                if let Err(error) = engine.shared().ledger.is_in_place() {
                    break Err(error.into());
                }
                door.look(engine).await;
                if chores.go_on(engine).await {
                    wake.send_modify(|n| *n += 1);
                }
                // The writer may be waiting for a shop's transaction; only its answer is given up.
                let asked = tokio::time::timeout(ASK, engine.shared().ledger.foreign_commits()).await;
                match asked.unwrap_or(Ok(seen.unwrap_or_default())) {
                    Err(LedgerError::Closed) => {
                        break Err(EngineError::NoWriter);
                    }
                    Ok(version) if seen.replace(version) != Some(version) => wake.send_modify(|n| *n += 1),
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, "the ledger cannot be asked for new rows"),
                }
            }
            // Both at once are one question: nothing is due any more when the second is put.
            _ = questions.tick() => take_on(&mut chores, engine, wake).await,
            Some(()) = asked.recv() => take_on(&mut chores, engine, wake).await,
            _ = alive.tick() => systemd.alive(engine).await,
            Some(()) = hangup.recv() => running.reload(engine).await,
        }
    };
    chores.cut_short().await;
    door.cut_short().await;
    ended
}

async fn take_on(chores: &mut Chores, engine: &Arc<Engine>, wake: &watch::Sender<u64>) {
    let sweeps = chores.take_on(engine);
    if chores.go_on(engine).await || sweeps {
        wake.send_modify(|n| *n += 1);
    }
}

/// Whoever answers on the port holds the engine for the time of one answer.
async fn alone(mut engine: Arc<Engine>) -> Option<Engine> {
    for _ in 0..100 {
        match Arc::try_unwrap(engine) {
            Ok(alone) => return Some(alone),
            Err(shared) => engine = shared,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tracing::error!("something still holds the ledger: the end of the run is not recorded");
    None
}

async fn close(engine: Engine) {
    let now = engine.shared().clock.now();
    let shared = engine.shared();
    // A ledger that is no longer ours says by its own error why its end is not in it.
    if shared.ledger.is_in_place().is_ok() {
        let counted = shared.tally.traffic.keep(&shared.ledger).await;
        if let Err(error) = counted.and(shared.ledger.write(DaemonStopped { now }).await) {
            tracing::error!(%error, "the end of the run was not recorded");
        }
    }
    if let Some(shared) = engine.into_shared() {
        shared.ledger.close().await;
    }
}

/// Heard from the moment of this call, not only once somebody waits for it.
fn terminate() -> impl Future<Output = ()> {
    let heard = || Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?));
    let signals: std::io::Result<_> = heard();
    async move {
        match signals {
            Ok((mut term, mut int)) => tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            },
            Err(error) => {
                tracing::error!(%error, "signals cannot be received; only SIGKILL ends this process");
                std::future::pending::<()>().await;
            }
        }
    }
}
