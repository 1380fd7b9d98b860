//! The lines of a history, made from the kind of each event and its detail.

mod chinese;
mod detail;
mod english;
mod observed;

use serde::Deserializer;

use crate::domain::event::EventKind;
use crate::domain::language::Language;
use detail::Detail;

/// What happened, in a line. None of a kind or a detail that is not known: then the detail speaks for itself.
pub fn line<'de, D: Deserializer<'de>>(language: Language, kind: &str, detail: D) -> Option<String> {
    let kind = EventKind::parse(kind)?;
    let detail = Detail::read(kind, detail).ok()?;
    Some(match language {
        Language::English => english::line(kind, &detail),
        Language::Chinese => chinese::line(kind, &detail),
    })
}

#[cfg(test)]
mod tests;
