//! What systemd hears (`Type=notify`, `WatchdogSec`). Without systemd nobody listens.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::domain::calendar;
use crate::engine::Engine;

pub(super) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("at work")]);
}

pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing the calls in flight")]);
}

/// Half of what systemd waits for; without a watchdog often enough for the status line.
pub(super) fn watchdog_interval() -> Duration {
    sd_notify::watchdog_enabled().map_or(Duration::from_secs(30), |limit| (limit / 2).max(Duration::from_millis(100)))
}

/// The loop is turning, and the ledger answers.
pub(super) async fn alive(engine: &Engine) {
    let status = match engine.shared().ledger.next_step_at() {
        Ok(Some(at)) if at > engine.shared().clock.now() => {
            format!("next step at {} (Asia/Taipei)", calendar::show(at))
        }
        Ok(Some(_)) => "at work".to_owned(),
        Ok(None) => "nothing to do".to_owned(),
        Err(error) => {
            tracing::error!(%error, "the ledger does not answer; systemd is not told that all is well");
            return;
        }
    };
    tell(&[NotifyState::Watchdog, NotifyState::Status(&status)]);
}

fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
