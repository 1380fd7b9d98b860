//! What systemd hears (`Type=notify`, `WatchdogSec`). Without systemd nobody listens.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use sd_notify::NotifyState;

use crate::domain::calendar;
use crate::engine::Engine;

/// Told by a thread of its own: a socket that nobody reads from blocks who writes to it, and while
/// systemd is held up the daemon goes on.
pub(super) struct Systemd {
    news: SyncSender<News>,
}

enum News {
    Ready,
    Alive { status: String },
    Stopping,
}

/// So much may wait; what comes then is not told. The next news says the same.
const WAITING: usize = 8;

impl Systemd {
    pub(super) fn start() -> std::io::Result<Self> {
        let (news, waiting) = std::sync::mpsc::sync_channel(WAITING);
        // Nobody waits for its end: it may be held up for ever.
        std::thread::Builder::new().name("systemd".to_owned()).spawn(move || waiting.iter().for_each(tell))?;
        Ok(Self { news })
    }

    pub(super) fn ready(&self) {
        self.offer(News::Ready);
    }

    pub(super) fn stopping(&self) {
        self.offer(News::Stopping);
    }

    /// The loop is turning, and the ledger answers.
    pub(super) async fn alive(&self, engine: &Engine) {
        let status = match engine.shared().ledger.next_step_at().await {
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
        self.offer(News::Alive { status });
    }

    fn offer(&self, news: News) {
        if self.news.try_send(news).is_err() {
            tracing::debug!("systemd is not reading; it is told later");
        }
    }
}

fn tell(news: News) {
    let states: &[NotifyState] = match &news {
        News::Ready => &[NotifyState::Ready, NotifyState::Status("at work")],
        News::Alive { status } => &[NotifyState::Watchdog, NotifyState::Status(status)],
        News::Stopping => &[NotifyState::Stopping, NotifyState::Status("finishing the calls in flight")],
    };
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let text: String = states.iter().map(|state| format!("{state}\n")).collect();
    if let Err(error) = address(&socket).and_then(|to| UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &to)) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

/// A path, or with `@` in front a name in Linux's abstract namespace, which `sd_notify` takes for a path.
fn address(socket: &OsStr) -> std::io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = socket.as_bytes().strip_prefix(b"@") {
        return <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name);
    }
    SocketAddr::from_pathname(socket)
}

/// Half of what systemd waits for; without a watchdog often enough for the status line.
pub(super) fn watchdog_interval() -> Duration {
    sd_notify::watchdog_enabled().map_or(Duration::from_secs(30), |limit| (limit / 2).max(Duration::from_millis(100)))
}
