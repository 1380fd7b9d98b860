//! What the ledger's history has to tell, as it happens.

use chrono::{DateTime, Utc};

use crate::cli::Failure;
use crate::domain::calendar::show;
use crate::domain::language::Language;
use crate::ledger::{Db, event_line, params};

#[derive(Default)]
pub(super) struct News {
    last_event: i64,
    last_alert: i64,
}

impl News {
    pub(super) fn tell(&mut self, start: DateTime<Utc>, now: DateTime<Utc>, shop: &Db) -> Result<(), Failure> {
        let events: Vec<(i64, String, String, String)> = shop.all(
            "SELECT id, merchant_trade_no, kind, detail FROM events WHERE id > :last AND merchant_trade_no IS NOT NULL ORDER BY id",
            params! { last: self.last_event },
            |row| row.try_into(),
        )?;
        for (id, no, kind, detail) in events {
            self.last_event = id;
            // The ordinary orders are in the table at the end.
            if TOLD.contains(&kind.as_str()) && !is_ordinary(&no) {
                say!("{}  ecpayd    {no}: {}", stamp(start, now), event_line(Language::English, &kind, &detail));
            }
        }
        let alerts: Vec<(i64, String, String, Option<String>, String)> = shop.all(
            "SELECT id, severity, kind, merchant_trade_no, message FROM alerts WHERE id > :last ORDER BY id",
            params! { last: self.last_alert },
            |row| row.try_into(),
        )?;
        for (id, severity, kind, no, message) in alerts {
            self.last_alert = id;
            say!(
                "{}  {severity:<8}  {}{kind}: {message}",
                stamp(start, now),
                no.map_or(String::new(), |no| format!("{no}: "))
            );
        }
        Ok(())
    }
}

/// `day  3  2026-11-25 14:00`
pub(super) fn stamp(start: DateTime<Utc>, at: DateTime<Utc>) -> String {
    format!("day {:>2}  {}", (at - start).num_days(), &show(at)[..16])
}

pub(super) fn is_ordinary(no: &str) -> bool {
    no.len() == 4 && no.starts_with('S')
}

/// What is worth a line while the story runs.
const TOLD: [&str; 11] = [
    "attempt_started",
    "attempt_unknown",
    "attempt_refused",
    "attempt_applied",
    "attempt_not_applied",
    "attempt_in_review",
    "refund_done",
    "refund_rejected",
    "refund_canceled",
    "voucher_ticket",
    "voucher_refunds_observed",
];
