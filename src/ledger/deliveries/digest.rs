//! What a day brought, for the digest.

use chrono::{DateTime, Utc};

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
    /// The day before, in Asia/Taipei.
    pub yesterday: (DateTime<Utc>, DateTime<Utc>),
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
    pub captured: Sum,
    pub refunded: Sum,
    pub voided: Sum,
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
    let (from, to) = (ms(span.yesterday.0), ms(span.yesterday.1));
    let (first, last) = (first_event_since(db, from)?, first_event_since(db, to)?);
    let day = params! { channel, first, last, from, to };
    let captured =
        db.one(include_str!("../sql/digest_captured.sql"), day, |row| -> Result<Sum, db::Error> { row.try_into() })?;
    let back = |is_void: bool| {
        let of = params! { channel, first, last, is_void };
        db.one(include_str!("../sql/digest_given_back.sql"), of, |row| -> Result<Sum, db::Error> { row.try_into() })
    };
    let paused = db.all(include_str!("../sql/digest_paused.sql"), params! { channel, now }, |row| row.try_into())?;
    Ok(Digest {
        raised,
        raised_count,
        closed_count,
        open_count,
        to_capture: uncaptured(span.week_ends)?,
        reaching_day_80: uncaptured(span.reaches_day_80)?,
        captured,
        refunded: back(false)?,
        voided: back(true)?,
        paused,
    })
}

/// Events lie in the order in which they were written, so their times are found by halving. A clock that was
/// set makes that wrong by as much.
fn first_event_since(db: &Db, at: i64) -> Result<i64, db::Error> {
    let select = "SELECT coalesce(max(id), 0) + 1 FROM events";
    let (mut low, mut high): (i64, i64) = (1, db.one(select, &[], |row| row.at(0))?);
    while low < high {
        let middle = low + (high - low) / 2;
        let select = "SELECT at FROM events WHERE id >= :id ORDER BY id LIMIT 1";
        let found: Option<i64> = db.maybe(select, params! { id: middle }, |row| row.at(0))?;
        if found.is_some_and(|found| found < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
