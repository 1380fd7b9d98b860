//! Recurring work. The scheduler only offers ticks; the daemon's own loop decides what to do.
//!
//! tokio-cron-scheduler has no guard against overlaps, forgets what it missed over a restart
//! and may fire for half a second after its shutdown: none of that matters to a tick.

use chrono_tz::Asia::Taipei;
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    /// Look for due rows, and for orders that were put to sleep by a clock that ran ahead.
    Sweep,
    /// The morning's alert stages.
    Stages,
    Housekeeping,
}

/// Seconds first, in Asia/Taipei.
const SCHEDULE: [(&str, Tick); 3] = [
    ("0 * * * * *", Tick::Sweep),
    // Before people in Taiwan begin their day at work.
    ("0 0 9 * * *", Tick::Stages),
    ("0 40 4 * * *", Tick::Housekeeping),
];

pub(super) async fn start(ticks: mpsc::Sender<Tick>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    for (when, tick) in SCHEDULE {
        let ticks = ticks.clone();
        let job = Job::new_tz(when, Taipei, move |_, _| {
            // Full: the loop is busy, and the next tick says the same.
            let _ = ticks.try_send(tick);
        })?;
        scheduler.add(job).await?;
    }
    scheduler.start().await?;
    Ok(scheduler)
}
