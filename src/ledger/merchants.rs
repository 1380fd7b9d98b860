//! What has to survive a restart about each merchant.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::alerts::{self, About, Raised, Subject};
use super::attempts::of_order;
use super::db::{Db, params};
use super::load::{self, MerchantTerms};
use super::times::{ms, ms_up};
use super::{LedgerError, Write, events, steps, traffic};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::event::EventKind;
use crate::domain::ids::MerchantId;
use crate::domain::reason::Upkeep;
use crate::domain::record::found_open;
use crate::domain::service::Service;

/// What a voucher order says that nobody asks about.
const NOT_SERVED: &str = "the settings name no voucher service for its merchant: add [merchant.voucher]";

pub struct MerchantSetting {
    pub merchant_id: MerchantId,
    /// The settings name the voucher service for it.
    pub vouchers: bool,
}

/// Takes the merchants that the settings name: nobody else acts for them from here on. Settles what a crash left
/// open, and reports those that nobody looks after.
pub struct MerchantsTaken {
    pub merchants: Vec<MerchantSetting>,
    pub now: DateTime<Utc>,
}

/// What the last run left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOpen {
    /// Attempts whose call may have gone out before the last process ended.
    pub open_attempts: usize,
    /// Alerts of merchants that are not in the settings, for the log.
    pub raised: Vec<Raised>,
}

impl Write for MerchantsTaken {
    type Out = LeftOpen;

    fn apply(&self, tx: &Db) -> Result<LeftOpen, LedgerError> {
        if deliberate!(TakesOpenForNotSent) {
            let forget = "UPDATE attempts SET state = 'not_sent', finished_at = started_at, ended_at = started_at WHERE state = 'started'";
            tx.run(forget, &[])?;
        }
        tx.run("UPDATE merchants SET configured = 0, vouchers = 0", &[])?;
        for merchant in &self.merchants {
            let parameters = params! { merchant: merchant.merchant_id.as_str(), vouchers: merchant.vouchers };
            // In two statements: the ledger refuses an INSERT of one that is there, whatever its conflict clause.
            if tx.run(
                "UPDATE merchants SET configured = 1, vouchers = :vouchers WHERE merchant_id = :merchant",
                parameters,
            )? == 0
            {
                tx.run("INSERT INTO merchants (merchant_id, vouchers) VALUES (:merchant, :vouchers)", parameters)?;
            }
        }
        tx.run(include_str!("sql/vouchers_not_served.sql"), params! { why: NOT_SERVED })?;
        tx.run(include_str!("sql/vouchers_served_again.sql"), params! { why: NOT_SERVED })?;
        let open_attempts = self.settle_open_attempts(tx)?;
        let raised = self.missing(tx)?;
        Ok(LeftOpen { open_attempts, raised })
    }
}

impl MerchantsTaken {
    /// Unfinished rows of a merchant that is not in the settings grow older with nobody to look after them.
    fn missing(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let missing: Vec<(String, i64)> =
            tx.all(include_str!("sql/missing_merchants.sql"), &[], |row| row.try_into())?;
        let close = |merchant_id: &str| {
            let what = params! { now: ms(self.now), kind: AlertKind::MerchantMissing.word(), merchant: merchant_id };
            tx.run(include_str!("sql/close_missing_merchant.sql"), what)
        };
        close("")?;
        for (merchant_id, _) in missing.iter().filter(|(_, rows)| *rows == 0) {
            close(merchant_id)?;
        }
        let mut raised = Vec::new();
        for (merchant_id, rows) in missing.iter().filter(|(_, rows)| *rows > 0) {
            let reason = Upkeep::OrdersNotServed { merchant_id: merchant_id.clone(), orders: *rows };
            let alert = Alert::new(AlertKind::MerchantMissing, Severity::Critical, "", reason);
            let subject = Subject { merchant_id, about: About::Merchant };
            raised.extend(alerts::raise(tx, &subject, &alert, self.now)?);
        }
        Ok(raised)
    }

    /// An attempt found open at start-up is unknown: its call may have gone out.
    fn settle_open_attempts(&self, tx: &Db) -> Result<usize, LedgerError> {
        let select = "SELECT id, order_id FROM attempts WHERE state = 'started' AND ended_at IS NULL";
        let open: Vec<(i64, i64)> = tx.all(select, &[], |row| row.try_into())?;
        for (id, order) in &open {
            let kept = match load::kept(tx, *order, MerchantTerms::default()) {
                Ok(kept) => kept,
                // Nothing moves on an order that cannot be read; the others are not kept waiting for it.
                Err(error @ LedgerError::BadRow { .. }) => {
                    tracing::error!(attempt = id, %error, "an attempt that was left open cannot be settled");
                    continue;
                }
                Err(error) => return Err(error),
            };
            let s = &kept.situation;
            let Some(attempt) = s.attempts.iter().find(|a| a.id == *id) else { continue };
            steps::write(tx, &found_open(attempt, self.now), &of_order(s, self.now))?;
            tx.run("UPDATE order_state SET next_at = 0, rank = 0 WHERE order_id = :order", params! { order })?;
        }
        Ok(open.len())
    }
}

/// After HTTP 403.
pub struct Silence {
    pub merchant_id: MerchantId,
    pub service: Service,
    pub until: DateTime<Utc>,
    /// The call was for a row that alone brings it.
    pub provoked_by: Option<ProvokedBy>,
    pub now: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvokedBy {
    /// At the row of the service.
    Look(i64),
    /// The order is not looked at before.
    MoneyCall { order_id: i64, retry_at: DateTime<Utc> },
}

impl Write for Silence {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let silence = match self.service {
            Service::Card => "UPDATE merchants SET silent_until = :until WHERE merchant_id = :merchant",
            Service::Voucher => "UPDATE merchants SET voucher_silent_until = :until WHERE merchant_id = :merchant",
        };
        tx.run(silence, params! { until: ms(self.until), merchant: self.merchant_id.as_str() })?;
        match (self.provoked_by, self.service) {
            (Some(ProvokedBy::Look(order)), Service::Card) => {
                tx.run("UPDATE order_state SET looks_403 = looks_403 + 1 WHERE order_id = :order", params! { order })?
            }
            (Some(ProvokedBy::Look(voucher)), Service::Voucher) => {
                tx.run("UPDATE voucher_state SET looks_403 = looks_403 + 1 WHERE voucher_id = :voucher", params! { voucher })?
            }
            (Some(ProvokedBy::MoneyCall { order_id, retry_at }), _) => tx.run(
                "UPDATE order_state SET money_calls_403 = money_calls_403 + 1, retry_at = :retry_at WHERE order_id = :order",
                params! { retry_at: ms_up(retry_at), order: order_id },
            )?,
            (None, _) => 0,
        };
        let mut detail = json!({ "until": self.until.to_rfc3339() });
        if self.service == Service::Voucher {
            detail["service"] = json!("voucher");
        }
        events::of_merchant(tx, Some(self.merchant_id.as_str()), self.now, EventKind::RateLimited, detail)
    }
}

pub(super) fn known<'a>(tx: &Db, merchant: Option<&'a MerchantId>) -> Result<Option<&'a str>, LedgerError> {
    let Some(merchant) = merchant else { return Ok(None) };
    let select = "SELECT count(*) FROM merchants WHERE merchant_id = :merchant";
    let found: i64 = tx.one(select, params! { merchant: merchant.as_str() }, |row| row.at(0))?;
    if found == 0 {
        Err(LedgerError::Refused(format!("merchant {merchant} is not known here: it is not in the settings")))
    } else {
        Ok(Some(merchant.as_str()))
    }
}

/// What is no longer needed by anybody.
pub struct Housekeeping {
    pub now: DateTime<Utc>,
}

/// How long an alert that only tells of something stays after a person has taken notice.
const ACKNOWLEDGED_FOR_MS: i64 = 30 * 24 * 3_600_000;

impl Write for Housekeeping {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let now = ms(self.now);
        tx.run("DELETE FROM capture_slots WHERE minute < :minute", params! { minute: now / 60_000 - 24 * 60 })?;
        for kind in AlertKind::ALL.iter().filter(|k| k.is_event()) {
            let what = params! { now, kind: kind.word(), before: now - ACKNOWLEDGED_FOR_MS };
            tx.run(
                "UPDATE alerts SET closed_at = :now WHERE closed_at IS NULL AND kind = :kind AND acked_at < :before",
                what,
            )?;
        }
        traffic::forget_old(tx, self.now)?;
        Ok(tx.forget_statistics()?)
    }
}
