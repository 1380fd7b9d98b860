//! Listens to every log line of this test binary for what must never be in one.

use std::io;
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Keys of the merchants here.
pub const KEYS: [&str; 4] = ["pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", "madeUpKey0000001", "madeUpIv00000001"];

/// Whatever holds it holds a signed form, which anybody could send.
pub const SIGNATURE: &str = "CheckMacValue=";

/// `Card6No`, `Card4No` and `AuthCode` as the simulator sends them.
pub const DIGITS: [&str; 3] = ["431195", "2222", "777777"];

/// What the simulator tells of a customer, and how its redemption codes begin.
pub const CUSTOMERS: [&str; 4] = ["王小明", "0912345678", "ming@shop.example", "WOCX"];

/// Says which secret a text holds. Digits count only where no other digit stands beside them:
/// numbers of orders and ports may hold any four.
pub fn secret_in(text: &str) -> Option<&'static str> {
    // A count that may reach any number.
    let text = &text.replace("failures=", "failures=0");
    let key = KEYS.into_iter().chain(CUSTOMERS).chain([SIGNATURE]).find(|secret| text.contains(secret));
    key.or_else(|| DIGITS.into_iter().find(|digits| stands_alone(text, digits)))
}

fn stands_alone(text: &str, digits: &str) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(digits).any(|(at, found)| {
        !is_digit(text[..at].chars().next_back()) && !is_digit(text[at + found.len()..].chars().next())
    })
}

#[derive(Clone, Default)]
pub struct Ear(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    lines: usize,
    leaks: Vec<String>,
}

impl Ear {
    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn lines(&self) -> usize {
        self.heard().lines
    }

    pub fn leaks(&self) -> Vec<String> {
        self.heard().leaks.clone()
    }
}

impl io::Write for Ear {
    /// One line: the layer writes each event whole.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let mut heard = self.heard();
        heard.lines += 1;
        if let Some(secret) = secret_in(&line) {
            heard.leaks.push(format!("{secret} in: {line}"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The ear of this process; begins to listen at the first call, to everything, libraries too.
pub fn ear() -> Ear {
    static EAR: Mutex<Option<Ear>> = Mutex::new(None);
    static LISTEN: Once = Once::new();
    let ear = EAR.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().clone();
    LISTEN.call_once(|| {
        let writer = ear.clone();
        // Sizes that hyper logs are numbers of their own; it never sees an open text.
        let filter = tracing_subscriber::EnvFilter::new("trace,hyper=info,hyper_util=info");
        let lines =
            tracing_subscriber::fmt::layer().without_time().with_ansi(false).with_writer(move || writer.clone());
        tracing_subscriber::registry().with(filter).with(lines).init();
    });
    ear
}
