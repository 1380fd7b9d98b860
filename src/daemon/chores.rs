//! Recurring work beside the engine's, one at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::ledger_watch;
use super::timetable::{Tick, Timetable};
use crate::engine::Engine;
use crate::engine::EngineError;
use crate::ledger::ClockSeen;

/// A lane wakes up every minute, whatever is due.
const STILL: Duration = Duration::from_secs(150);

/// What is due meanwhile waits, once of each kind.
#[derive(Default)]
pub(super) struct Chores {
    timetable: Timetable,
    running: Option<(Tick, JoinHandle<Result<bool, EngineError>>)>,
    waiting: VecDeque<Tick>,
}

impl Chores {
    /// Takes on what is due. True when rows are to be looked for.
    pub(super) fn take_on(&mut self, engine: &Arc<Engine>) -> bool {
        let now = engine.shared().clock.now();
        let due: Vec<Tick> = Tick::ALL.into_iter().filter(|tick| self.timetable.is_due(*tick, now)).collect();
        for tick in &due {
            self.timetable.is_done(*tick, now);
            if !self.waiting.contains(tick) {
                self.waiting.push_back(*tick);
            }
        }
        due.contains(&Tick::Sweep)
    }

    /// The next one, once the last has ended. True when that one has made rows due.
    pub(super) async fn go_on(&mut self, engine: &Arc<Engine>) -> bool {
        if self.running.as_ref().is_some_and(|(_, chore)| !chore.is_finished()) {
            return false;
        }
        let mut woken = false;
        if let Some((tick, chore)) = self.running.take() {
            let ended = chore.await.unwrap_or_else(|e| Err(EngineError::bug("a chore", e)));
            match ended {
                Ok(has_woken) => woken = has_woken,
                Err(error) => {
                    tracing::error!(%error, ?tick, "a chore failed; it is tried again soon");
                    self.timetable.has_failed(tick);
                }
            }
        }
        self.running = self.waiting.pop_front().map(|tick| (tick, tokio::spawn(chore(engine.clone(), tick))));
        woken
    }

    /// A chore that is cut short is done again; what it has written stays.
    pub(super) async fn cut_short(self) {
        if let Some((_, chore)) = self.running {
            chore.abort();
            let _ = chore.await;
        }
    }
}

/// Returns whether it has made rows due.
async fn chore(engine: Arc<Engine>, tick: Tick) -> Result<bool, EngineError> {
    let now = engine.shared().clock.now();
    match tick {
        Tick::Sweep => {
            let passed = engine.longest_stillness() < STILL;
            let woken = engine.shared().ledger.write(ClockSeen { now, passed }).await?;
            ledger_watch::storage(&engine).await?;
            engine.shared().tally.traffic.keep(&engine.shared().ledger).await?;
            ledger_watch::books(&engine).await?;
            Ok(woken > 0)
        }
        Tick::Ages => engine.raise_ages().await.map(|_| false),
        Tick::Stages => engine.raise_stages().await.map(|_| false),
        // Rows that it makes due are seen by their commit.
        Tick::Statements => engine.fetch_statement().await.map(|_| false),
        Tick::Housekeeping => {
            engine.shared().ledger.sync_mark();
            ledger_watch::housekeeping(&engine).await?;
            Ok(false)
        }
    }
}
