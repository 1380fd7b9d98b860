//! What a day brought, for the digest.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::movement::MovementKind;
use crate::ledger::PauseRow;
use crate::ledger::db::{self, Db, Json, from_columns, params};
use crate::ledger::times::ms;
use crate::ledger::{Ledger, LedgerError};

/// From when to when, and of whose orders.
#[derive(Clone, Debug)]
pub struct DigestSpan {
    /// Alerts that came or went since then.
    pub since: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// In Asia/Taipei.
    pub yesterday: NaiveDate,
    /// What is to be captured by then.
    pub week_ends: DateTime<Utc>,
    /// Authorized so early that it reaches day 80 by then.
    pub reaches_day_80: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    pub amount: i64,
}

from_columns!(Sum: count, amount);

#[derive(Clone, Debug)]
pub struct DigestAlert {
    pub id: i64,
    pub kind: String,
    pub severity: String,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub message: String,
    pub reason: Option<Json>,
    pub is_open: bool,
}

from_columns!(DigestAlert: id, kind, severity, merchant_id, merchant_trade_no, message, reason, is_open);

#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// The loudest first, and no more than the digest has lines for.
    pub raised: Vec<DigestAlert>,
    pub raised_count: i64,
    pub closed_count: i64,
    pub open_count: i64,
    /// Not captured yet, and to be by the end of the week.
    pub to_capture: Sum,
    /// Will have waited for 80 days by then.
    pub reaching_day_80: Sum,
    /// These five of yesterday, as the journal has them.
    pub captured: Sum,
    pub called_back: Sum,
    pub refunded: Sum,
    pub voided: Sum,
    pub expired: Sum,
    /// Orders on which ECPay's statements and the ledger differ.
    pub differences: i64,
    pub paused: Vec<PauseRow>,
}

impl Ledger {
    /// When the digest of a channel was made last, as its day.
    pub async fn digest_on(&self, channel: &str) -> Result<Option<String>, LedgerError> {
        self.ask(|db| {
            let select = "SELECT digest_on FROM channels WHERE name = :channel";
            Ok(db.maybe(select, params! { channel }, |row| row.at(0))?)
        })
        .await
    }

    /// What the channel's merchants have gone through.
    pub async fn digest(&self, channel: &str, span: &DigestSpan) -> Result<Digest, LedgerError> {
        self.ask(|db| Ok(read(db, channel, span)?)).await
    }
}

fn read(db: &Db, channel: &str, span: &DigestSpan) -> Result<Digest, db::Error> {
    let (since, now) = (ms(span.since), ms(span.now));
    let of = params! { channel, since };
    let raised = db.all(include_str!("../sql/digest_raised.sql"), of, |row| row.try_into())?;
    let counts = params! { channel, since, now };
    let (raised_count, closed_count, open_count): (i64, i64, i64) =
        db.one(include_str!("../sql/digest_counts.sql"), counts, |row| row.try_into())?;
    let uncaptured = |before: DateTime<Utc>| {
        let of = params! { channel, before: ms(before) };
        db.one(include_str!("../sql/digest_uncaptured.sql"), of, |row| -> Result<Sum, db::Error> { row.try_into() })
    };
    let day = params! { channel, day: span.yesterday.to_string() };
    let moved = db.all(include_str!("../sql/digest_money.sql"), day, |row| Ok((row.get("kind")?, row.try_into()?)))?;
    let moved: HashMap<String, Sum> = moved.into_iter().collect();
    let of = |kind: MovementKind| moved.get(kind.word()).cloned().unwrap_or_default();
    let paused = db.all(include_str!("../sql/digest_paused.sql"), params! { channel, now }, |row| row.try_into())?;
    Ok(Digest {
        raised,
        raised_count,
        closed_count,
        open_count,
        to_capture: uncaptured(span.week_ends)?,
        reaching_day_80: uncaptured(span.reaches_day_80)?,
        captured: of(MovementKind::Captured),
        called_back: of(MovementKind::CalledBack),
        refunded: of(MovementKind::Refunded),
        voided: of(MovementKind::Voided),
        expired: of(MovementKind::Expired),
        differences: db.one(include_str!("../sql/digest_differences.sql"), params! { channel }, |row| row.at(0))?,
        paused,
    })
}
