//! Log lines: text or JSON on standard error, or fields in the journal.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, ParseError},
    fmt::MakeWriter,
    layer::SubscriberExt,
    reload,
    util::{SubscriberInitExt, TryInitError},
};

use crate::config::{LogFormat, LogSettings};

/// What these libraries tell at `info` and `debug` is for their authors.
const NOISY: [&str; 6] = ["sqlx", "hyper", "hyper_util", "reqwest", "rustls", "tokio_cron_scheduler"];

#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("log.level is not a filter: {0}")]
    Filter(#[from] ParseError),
    #[error("logging was already set up: {0}")]
    Taken(#[from] TryInitError),
    #[error("the level cannot be changed: {0}")]
    Reload(#[from] reload::Error),
}

/// By which the level changes while the process runs.
static LEVEL: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Whether the level is one.
pub fn check(level: &str) -> Result<(), InitError> {
    filter(level)?;
    Ok(())
}

/// Another level, from here on.
pub fn set_level(level: &str) -> Result<(), InitError> {
    let filter = filter(level)?;
    match LEVEL.get() {
        Some(handle) => Ok(handle.reload(filter)?),
        None => Ok(()),
    }
}

/// Sets up logging for the whole process; once.
pub fn init(log: &LogSettings) -> Result<(), InitError> {
    let (filter, handle) = reload::Layer::new(filter(&log.level)?);
    let _ = LEVEL.set(handle);
    if log.format == LogFormat::Journald {
        match tracing_journald::layer() {
            Ok(journal) => return Ok(Registry::default().with(filter).with(journal).try_init()?),
            Err(error) => {
                let text = LogSettings { format: LogFormat::Text, level: log.level.clone() };
                init(&text)?;
                tracing::warn!(%error, "no journal to log to; logging to standard error");
                return Ok(());
            }
        }
    }
    let lines = lines(log.format, io::stderr().is_terminal(), io::stderr);
    Ok(Registry::default().with(filter).with(lines).try_init()?)
}

fn lines<S, W>(format: LogFormat, ansi: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(ansi);
    match format {
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
        LogFormat::Text | LogFormat::Journald => layer.boxed(),
    }
}

/// `level` with the noisy libraries held at `warn`, unless it is quieter or names them itself.
fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    let alone = level.split(',').rev().find_map(|part| part.trim().parse::<LevelFilter>().ok());
    let quiet = alone.unwrap_or(LevelFilter::ERROR) <= LevelFilter::WARN;
    let held = NOISY.iter().filter(|_| !quiet).map(|library| format!("{library}=warn,"));
    // A later directive replaces an earlier one for the same target.
    EnvFilter::builder().parse(held.collect::<String>() + level)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one thread").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, level: &str, tell: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = lines(format, false, move || writer.clone());
        let subscriber = Registry::default().with(filter(level).expect(level)).with(lines);
        tracing::subscriber::with_default(subscriber, tell);
        String::from_utf8(buffer.0.lock().expect("one thread").clone()).expect("text")
    }

    fn tell_all() {
        tracing::info!(target: "ecpayd::engine", order = "A1", "captured");
        tracing::info!(target: "sqlx::query", "select");
        tracing::warn!(target: "sqlx::query", "slow");
    }

    #[test]
    fn libraries_are_held_at_warn_unless_the_level_is_quieter_or_names_them() {
        for (level, seen) in [
            ("info", [true, false, true]),
            ("trace", [true, false, true]),
            ("warn", [false, false, true]),
            ("error", [false, false, false]),
            ("off", [false, false, false]),
            ("info,sqlx=info", [true, true, true]),
            ("error,ecpayd=debug", [true, false, false]),
        ] {
            let text = logged(LogFormat::Text, level, tell_all);
            let told = ["captured", "select", "slow"].map(|word| text.contains(word));
            assert_eq!(told, seen, "{level}: {text}");
        }
    }

    #[test]
    fn text_has_no_colour_codes_away_from_a_terminal() {
        assert!(!logged(LogFormat::Text, "info", tell_all).contains('\u{1b}'));
    }

    #[test]
    fn json_lines_carry_the_fields_at_the_top() {
        let text = logged(LogFormat::Json, "info", tell_all);
        let line = text.lines().next().expect("a line");
        let line: serde_json::Value = serde_json::from_str(line).expect("json");
        assert_eq!((&line["order"], &line["message"]), (&"A1".into(), &"captured".into()), "{line}");
    }
}
