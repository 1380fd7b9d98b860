//! The daemon looks at itself, for the page: what `doctor` finds without root and without a call.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, oneshot};

use crate::doctor::{Facts, judge, look, without_directories};
use crate::domain::check::{Made, NotMade, SelfCheck};
use crate::domain::language::Language;

/// Looks at the settings anew, as they stand on the disk.
pub type Examine = Arc<dyn Fn() -> Facts + Send + Sync>;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// A look takes milliseconds, unless a disk does not answer.
const LONGEST: Duration = Duration::from_secs(60);

/// How the daemon looks at itself, and when it does so besides.
#[derive(Clone)]
pub(super) struct Looks {
    pub examine: Examine,
    /// The settings were read again.
    pub again: Arc<Notify>,
}

/// What is looked at.
pub(super) struct Itself {
    pub looks: Looks,
    /// The ledger that it has open.
    pub ledger: PathBuf,
    /// Whether the page's readers are told where files lie.
    pub names_directories: bool,
    pub now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

/// What came of it last.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Arc<SelfCheck>>>);

impl Told {
    pub(super) fn last(&self) -> Arc<SelfCheck> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut SelfCheck)) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut last));
    }
}

impl Itself {
    fn look(&self) -> Made {
        let facts = look::by_daemon((self.looks.examine)(), &self.ledger);
        let [english, chinese] = Language::ALL.map(|language| {
            let findings = judge::of_daemon(&facts, language);
            if self.names_directories { findings } else { without_directories(findings, &facts) }
        });
        Made { at: facts.now, english, chinese, names_directories: self.names_directories }
    }
}

/// Nothing waits for it.
pub(super) async fn keep(itself: Itself, told: Told) {
    let (again, now) = (itself.looks.again.clone(), itself.now.clone());
    let itself = Arc::new(itself);
    loop {
        let look = {
            let itself = itself.clone();
            move || itself.look()
        };
        once(look, LONGEST, &told, now.as_ref()).await;
        // What came while it looked is looked at as well.
        let _ = tokio::time::timeout(EVERY, again.notified()).await;
    }
}

/// While one hangs no other is begun: each would keep a thread. It is no thread of the runtime's, whose end would wait
/// for a disk that does not answer.
async fn once(
    look: impl FnOnce() -> Made + Send + 'static,
    longest: Duration,
    told: &Told,
    now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
) {
    let (end, mut looking) = oneshot::channel();
    let look = move || {
        // Whoever waits for it may be gone.
        let _ = end.send(look());
    };
    if let Err(error) = std::thread::Builder::new().name("self-check".to_owned()).spawn(look) {
        tracing::error!(%error, "no thread for the daemon's look at itself");
    }
    let ended = match tokio::time::timeout(longest, &mut looking).await {
        Ok(ended) => ended,
        Err(_) => {
            tracing::warn!("the daemon's look at itself has not ended within a minute");
            told.change(|last| last.not_made(now(), NotMade::Hangs));
            looking.await
        }
    };
    match ended {
        Ok(made) => told.change(|last| last.ended(made)),
        Err(_) => {
            tracing::error!("the daemon's look at itself broke off");
            told.change(|last| last.not_made(now(), NotMade::BrokeOff));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::domain::check::Findings;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn made() -> Made {
        Made { at: now(), english: Findings::default(), chinese: Findings::default(), names_directories: true }
    }

    #[tokio::test]
    async fn a_look_that_breaks_off_is_told_and_the_next_one_takes_its_place() {
        let told = Told::default();
        once(|| panic!("as by a fault of ours"), LONGEST, &told, &now).await;
        assert_eq!(*told.last(), SelfCheck { made: None, failing: Some((now(), NotMade::BrokeOff)) });
        once(made, LONGEST, &told, &now).await;
        assert_eq!(*told.last(), SelfCheck { made: Some(made()), failing: None });
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_told_while_it_hangs() {
        let (told, (go_on, goes_on)) = (Told::default(), mpsc::channel());
        let hangs = move || {
            goes_on.recv().expect("it is let go on");
            made()
        };
        let looking = {
            let told = told.clone();
            async move { once(hangs, Duration::ZERO, &told, &now).await }
        };
        let watching = async {
            while told.last().failing.is_none() {
                tokio::task::yield_now().await;
            }
            let hung = told.last();
            go_on.send(()).expect("it waits");
            hung
        };
        let ((), hung) = tokio::join!(looking, watching);
        assert_eq!(*hung, SelfCheck { made: None, failing: Some((now(), NotMade::Hangs)) });
        assert_eq!(*told.last(), SelfCheck { made: Some(made()), failing: None });
    }
}
