//! The civil times of recurring work. The scheduler only says that one has come; the timetable decides
//! whether there is anything to do.
//!
//! tokio-cron-scheduler has no guard against overlaps, forgets what it missed over a restart, waits for
//! a time that a clock set back has passed already, and may fire for half a second after its shutdown:
//! none of that matters to a question that is asked by other means as well.

use chrono_tz::Asia::Taipei;
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::timetable::Tick;

pub(super) async fn start(asking: mpsc::Sender<()>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    for when in Tick::ALL.into_iter().filter_map(Tick::cron) {
        let asking = asking.clone();
        let job = Job::new_tz(when.as_str(), Taipei, move |_, _| {
            // Full: the loop is busy, and asks for all that is due when it gets to it.
            let _ = asking.try_send(());
        })?;
        scheduler.add(job).await?;
    }
    scheduler.start().await?;
    Ok(scheduler)
}
