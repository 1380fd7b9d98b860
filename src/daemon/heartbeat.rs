//! Once an hour somebody outside is told that all is well, and by the silence that it is not.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::site::health;
use super::start::StartError;
use crate::config::Settings;
use crate::deliver::channel::Heartbeat;
use crate::domain::health::State;
use crate::domain::language::Language;
use crate::engine::Engine;

const HOUR: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn start(settings: &Settings, engine: &Arc<Engine>, tasks: &mut JoinSet<()>) -> Result<(), StartError> {
    let Some(url) = &settings.http.heartbeat_url else { return Ok(()) };
    let heartbeat = Heartbeat::new(url).map_err(|why| StartError::Channel(format!("http.heartbeat_url: {why}")))?;
    let engine = engine.clone();
    tasks.spawn(async move { keep(&heartbeat, &engine).await });
    Ok(())
}

async fn keep(heartbeat: &Heartbeat, engine: &Engine) {
    let mut hour = Hour::default();
    loop {
        tokio::time::sleep(MINUTE).await;
        let health = health(engine).await;
        let is_over = hour.minute(health.as_ref().is_some_and(|health| health.state != State::Unhealthy));
        let Some(health) = health.filter(|_| is_over) else { continue };
        if let Err(error) = heartbeat.beat(&health.sentence(Language::English)).await {
            tracing::warn!(%error, "the heartbeat was not taken; the next one is in an hour");
        }
    }
}

/// An hour is healthy when each of its minutes was.
#[derive(Default)]
struct Hour {
    minutes: u32,
}

impl Hour {
    /// True when a healthy hour is over.
    fn minute(&mut self, is_healthy: bool) -> bool {
        self.minutes = if is_healthy { self.minutes + 1 } else { 0 };
        let is_over = self.minutes == HOUR;
        self.minutes %= HOUR;
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heartbeat_comes_after_each_healthy_hour_and_not_after_another() {
        let mut hour = Hour::default();
        let beats =
            |hour: &mut Hour, minutes: u32, is_healthy: bool| (0..minutes).filter(|_| hour.minute(is_healthy)).count();
        assert_eq!(beats(&mut hour, 59, true), 0);
        assert_eq!(beats(&mut hour, 1, true), 1);
        assert_eq!(beats(&mut hour, 180, true), 3);
        assert_eq!(beats(&mut hour, 59, true) + beats(&mut hour, 1, false) + beats(&mut hour, 59, true), 0);
        assert_eq!(beats(&mut hour, 1, true), 1);
        assert_eq!(beats(&mut hour, 600, false), 0);
    }
}
