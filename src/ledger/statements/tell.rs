//! What the comparison tells people: one alert for a merchant's differences, one for each payment that nobody has
//! registered. Each closes by the comparison that no longer finds its cause.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::compare::{Differences, Range};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::calendar;
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::reason::{Reason, Told, Upkeep};
use crate::domain::reconcile::{Class, Compared, Payout};
use crate::ledger::alerts::{About, Raised, Subject, raise};
use crate::ledger::db::{Db, params, to_json};
use crate::ledger::times::ms;
use crate::ledger::{Ledger, LedgerError, Write};

/// So many payments have an alert of their own; more are counted with the other differences.
const SINGLY: usize = 1000;

/// From this day after the payment on little time is left to capture it by API.
const CRITICAL_AFTER: Duration = Duration::days(15);

/// No longer time is compared again for an alert that is open.
const LONGEST: Duration = Duration::days(366);

/// An alert that is open, by what tells it apart.
struct Open {
    id: i64,
    number: String,
    severity: String,
}

/// Brings the alerts in line with a comparison.
struct TellDifferences {
    range: Range,
    /// None: nothing differs.
    differs: Option<Reason>,
    /// Each with its order number.
    unregistered: Vec<(String, Alert)>,
    /// Numbers whose alert has lost its cause.
    settled: BTreeSet<String>,
    now: DateTime<Utc>,
}

impl Ledger {
    /// Compares the days, and those of an alert that is open, and raises and closes what follows.
    pub async fn tell_differences(&self, range: &Range, now: DateTime<Utc>) -> Result<Vec<Raised>, LedgerError> {
        let range = self.with_days_told(range).await?;
        let differences = self.differences(&range).await?;
        self.tell_found(range, &differences, now).await
    }

    /// The same for somebody who wants to see them.
    pub async fn differences_told(
        &self,
        range: &Range,
        now: DateTime<Utc>,
    ) -> Result<(Differences, Vec<Raised>), LedgerError> {
        let differences = self.differences(range).await?;
        let raised = match self.with_days_told(range).await? {
            same if same == *range => self.tell_found(same, &differences, now).await?,
            wider => {
                let all = self.differences(&wider).await?;
                self.tell_found(wider, &all, now).await?
            }
        };
        Ok((differences, raised))
    }

    async fn tell_found(
        &self,
        range: Range,
        differences: &Differences,
        now: DateTime<Utc>,
    ) -> Result<Vec<Raised>, LedgerError> {
        let wanted: Vec<(String, Alert)> = unregistered(differences, now);
        let kept: BTreeSet<&str> = wanted.iter().map(|(number, _)| number.as_str()).collect();
        let open = self.ask(|db| open(db, &range.merchant_id)).await?;
        let others: Vec<String> =
            open.into_iter().map(|alert| alert.number).filter(|number| !kept.contains(number.as_str())).collect();
        let mut settled: BTreeSet<String> = others.iter().cloned().collect();
        self.compare_numbers(&range.merchant_id, others, |order| {
            if order.class == Class::MissingInLedger {
                settled.remove(&order.merchant_trade_no);
            }
        })
        .await?;
        let differs = differs(&range, differences, wanted.len());
        self.write(TellDifferences { range, differs, unregistered: wanted, settled, now }).await
    }

    /// The days, and those that the open alert speaks of.
    async fn with_days_told(&self, range: &Range) -> Result<Range, LedgerError> {
        let select = "SELECT reason FROM alerts WHERE kind = :kind AND stage = '' AND merchant_id = :merchant AND closed_at IS NULL";
        let told = self.ask(|db| {
            let of = params! { kind: AlertKind::StatementDiffers.word(), merchant: range.merchant_id.as_str() };
            Ok(db.maybe(select, of, |row| row.at::<String>(0))?)
        });
        let told = told.await?;
        let told = told.and_then(|reason| serde_json::from_str(&reason).ok());
        let Some(Reason::Upkeep(Upkeep::StatementDiffers { from, to, .. })) = told else { return Ok(range.clone()) };
        let (Ok(from), Ok(to)) = (from.parse::<NaiveDate>(), to.parse::<NaiveDate>()) else { return Ok(range.clone()) };
        let to = range.to.max(to);
        let from = range.from.min(from.max(to - LONGEST));
        Ok(Range { from, to, ..range.clone() })
    }
}

fn unregistered(differences: &Differences, now: DateTime<Utc>) -> Vec<(String, Alert)> {
    let paid = differences.of_class(Class::MissingInLedger).filter(|order| order.ecpay.is_some_and(|sum| sum > 0));
    paid.take(SINGLY)
        .map(|order| {
            let number = order.merchant_trade_no.clone();
            let reason = Told::PaidUnregistered {
                merchant_trade_no: number.clone(),
                amount: order.ecpay.and_then(|sum| Twd::new(sum).ok()).unwrap_or_default(),
                paid_on: order.day.to_string(),
                file: differences.file(order).unwrap_or("a statement").to_owned(),
            };
            let alert = Alert::new(AlertKind::Unregistered, severity(order, now), number.clone(), reason);
            (number, alert)
        })
        .collect()
}

/// What ECPay has settled is captured, by whomever: its end is not near.
fn severity(order: &Compared, now: DateTime<Utc>) -> Severity {
    let is_late = calendar::taipei_date(now) - order.day >= CRITICAL_AFTER;
    if is_late && !order.is_settled { Severity::Critical } else { Severity::Warning }
}

/// None: nothing but what has alerts of its own.
fn differs(range: &Range, differences: &Differences, told_singly: usize) -> Option<Reason> {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let orders = usize::try_from(differences.counts.differences()).unwrap_or(usize::MAX).saturating_sub(told_singly);
    let payouts = differences.payouts.iter().filter(|payout| !Payout::agrees(payout)).count();
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let reason = Upkeep::StatementDiffers { orders: count(orders), payouts: count(payouts), from, to };
    (orders + payouts > 0).then(|| reason.into())
}

/// Payments of the merchant that were told as registered by nobody.
fn open(db: &Db, merchant: &MerchantId) -> Result<Vec<Open>, LedgerError> {
    let of = params! { kind: AlertKind::Unregistered.word(), merchant: merchant.as_str() };
    let open = db.all(include_str!("../sql/open_unregistered.sql"), of, |row| {
        Ok(Open { id: row.at(0)?, number: row.at(1)?, severity: row.at(2)? })
    })?;
    Ok(open)
}

impl Write for TellDifferences {
    type Out = Vec<Raised>;

    fn apply(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let merchant_id = self.range.merchant_id.as_str();
        let mut raised = self.tell_merchant(tx)?;
        for alert in open(tx, &self.range.merchant_id)? {
            let wanted = self.unregistered.iter().find(|(number, _)| *number == alert.number);
            // One that has grown louder is told anew.
            let is_louder = wanted.is_some_and(|(_, wanted)| wanted.severity.word() != alert.severity);
            if is_louder || self.settled.contains(&alert.number) {
                tx.run(
                    "UPDATE alerts SET closed_at = :now WHERE id = :id",
                    params! { now: ms(self.now), id: alert.id },
                )?;
            }
        }
        for (number, alert) in &self.unregistered {
            let subject = Subject { merchant_id, about: About::Number(number) };
            raised.extend(raise(tx, &subject, alert, self.now)?);
        }
        Ok(raised)
    }
}

impl TellDifferences {
    fn tell_merchant(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let (kind, merchant_id) = (AlertKind::StatementDiffers, self.range.merchant_id.as_str());
        let Some(reason) = &self.differs else {
            let what = params! { now: ms(self.now), kind: kind.word(), merchant: merchant_id, stage: "" };
            tx.run(include_str!("../sql/close_merchant_alert.sql"), what)?;
            return Ok(Vec::new());
        };
        let alert = Alert::new(kind, Severity::Warning, "", reason.clone());
        let raised = raise(tx, &Subject { merchant_id, about: About::Merchant }, &alert, self.now)?;
        if raised.is_none() {
            let (message, reason) = (alert.message(), to_json(reason)?);
            let what = params! { message, reason, kind: kind.word(), merchant: merchant_id, stage: "" };
            tx.run(include_str!("../sql/renew_merchant_alert.sql"), what)?;
        }
        Ok(raised.into_iter().collect())
    }
}
