//! The history of an order.

use super::table::one_line;
use crate::domain::language::Language;
use crate::ledger::views::OrderEvent;

pub(super) fn tell(language: Language, events: &[OrderEvent]) {
    say!("\n{}", language.pick("History (Asia/Taipei)", "歷程（臺北時間）"));
    for e in events {
        say!("{}  {}", e.at, one_line(&e.line(language)));
    }
}
