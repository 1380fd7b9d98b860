//! The history of an order as a person reads it.

use super::table::one_line;
use crate::domain::language::Language;
use crate::domain::words;
use crate::ledger::views::OrderEvent;

pub(super) fn tell(language: Language, events: &[OrderEvent]) {
    say!("\n{}", language.pick("History (Asia/Taipei)", "歷程（臺北時間）"));
    for e in events {
        say!("{}  {}", e.at, one_line(&line(language, &e.kind, &e.detail)));
    }
}

/// What is not known is shown as it stands.
pub(super) fn line(language: Language, kind: &str, detail: &str) -> String {
    let known = words::line(language, kind, &mut serde_json::Deserializer::from_str(detail));
    known.unwrap_or_else(|| detail.to_owned())
}
