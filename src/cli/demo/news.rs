//! What the ledger's history has to tell, as it happens.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::Value;

use crate::cli::Failure;
use crate::cli::words::words;
use crate::domain::calendar::show;

#[derive(Default)]
pub(super) struct News {
    last_event: i64,
    last_alert: i64,
}

impl News {
    pub(super) fn tell(&mut self, start: DateTime<Utc>, now: DateTime<Utc>, shop: &Connection) -> Result<(), Failure> {
        let mut events = shop.prepare_cached(
            "SELECT id, merchant_trade_no, kind, detail FROM events WHERE id > ? AND merchant_trade_no IS NOT NULL ORDER BY id",
        )?;
        let mut events = events.query([self.last_event])?;
        while let Some(row) = events.next()? {
            self.last_event = row.get("id")?;
            let (no, kind, detail): (String, String, String) =
                (row.get("merchant_trade_no")?, row.get("kind")?, row.get("detail")?);
            let detail: Value = serde_json::from_str(&detail)?;
            // The ordinary orders are in the table at the end.
            if TOLD.contains(&kind.as_str()) && !is_ordinary(&no) {
                say!("{}  ecpayd    {no}: {}", stamp(start, now), words(&kind, &detail));
            }
        }
        let mut alerts = shop.prepare_cached(
            "SELECT id, severity, kind, merchant_trade_no, message FROM alerts WHERE id > ? ORDER BY id",
        )?;
        let mut alerts = alerts.query([self.last_alert])?;
        while let Some(row) = alerts.next()? {
            self.last_alert = row.get("id")?;
            let (severity, kind, message): (String, String, String) =
                (row.get("severity")?, row.get("kind")?, row.get("message")?);
            let no: Option<String> = row.get("merchant_trade_no")?;
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
