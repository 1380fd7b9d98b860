//! Alerts as rows: raised once for each order, kind and stage; closed when the cause is gone.

use chrono::{DateTime, Utc};

use super::db::{Db, params, to_json};
use super::times::ms;
use super::{LedgerError, Write};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::reason::Reason;
use crate::domain::record::{OpenStage, Wanted};
use crate::domain::rule::Rule;
use crate::domain::service::Service;

/// Whom an alert is about.
pub(super) struct Subject<'a> {
    pub merchant_id: &'a str,
    pub about: About<'a>,
}

/// A row and its number, or the merchant as a whole.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    Order(i64, &'a str),
    Voucher(i64, &'a str),
    /// An order that the ledger does not have.
    Number(&'a str),
    Merchant,
}

impl<'a> About<'a> {
    pub(super) fn order_id(self) -> Option<i64> {
        match self {
            Self::Order(id, _) => Some(id),
            Self::Voucher(..) | Self::Number(_) | Self::Merchant => None,
        }
    }

    fn voucher_id(self) -> Option<i64> {
        match self {
            Self::Voucher(id, _) => Some(id),
            Self::Order(..) | Self::Number(_) | Self::Merchant => None,
        }
    }

    pub(super) fn number(self) -> Option<&'a str> {
        match self {
            Self::Order(_, number) | Self::Voucher(_, number) | Self::Number(number) => Some(number),
            Self::Merchant => None,
        }
    }
}

/// An alert that is new, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    pub id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub alert: Alert,
}

/// Raises an alert unless it is open already.
pub(super) fn raise(
    tx: &Db,
    subject: &Subject<'_>,
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<Option<Raised>, LedgerError> {
    let reason = to_json(&alert.reason)?;
    let values = params! {
        kind: alert.kind.word(),
        severity: alert.severity.word(),
        stage: alert.stage,
        merchant: subject.merchant_id,
        order: subject.about.order_id(),
        voucher: subject.about.voucher_id(),
        number: subject.about.number(),
        message: alert.message(),
        rule: alert.rule.map_or("", Rule::word),
        reason,
        days_left: alert.days_left,
        now: ms(now),
    };
    let id: Option<i64> = tx.maybe(include_str!("sql/raise_alert.sql"), values, |row| row.at(0))?;
    Ok(id.map(|id| Raised {
        id,
        merchant_id: subject.merchant_id.to_owned(),
        merchant_trade_no: subject.about.number().map(str::to_owned),
        alert: alert.clone(),
    }))
}

/// Brings an order's open alerts in line with those that ought to be open.
pub(super) fn reconcile(
    tx: &Db,
    subject: &Subject<'_>,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Vec<Raised>, LedgerError> {
    let mut kept = Vec::new();
    for (id, open) in open(tx, subject)? {
        if wanted.keeps(&open) {
            kept.push(open);
        } else {
            close(tx, id, now)?;
        }
    }
    let mut raised = Vec::new();
    for alert in wanted.alerts.iter().filter(|w| w.raise && !kept.iter().any(|open| open.is(w))) {
        raised.extend(raise(tx, subject, alert, now)?);
    }
    Ok(raised)
}

fn open(tx: &Db, subject: &Subject<'_>) -> Result<Vec<(i64, OpenStage)>, LedgerError> {
    let about = params! { order: subject.about.order_id(), voucher: subject.about.voucher_id() };
    let rows: Vec<(i64, String, String)> =
        tx.all(include_str!("sql/open_alerts_of_row.sql"), about, |row| row.try_into())?;
    let known =
        |(id, kind, stage): (i64, String, String)| Some((id, OpenStage { kind: AlertKind::parse(&kind)?, stage }));
    Ok(rows.into_iter().filter_map(known).collect())
}

fn close(tx: &Db, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
    tx.run("UPDATE alerts SET closed_at = :now WHERE id = :id", params! { now: ms(now), id })?;
    Ok(())
}

/// An order's alerts, made anew without a look: the daily stages.
pub struct Reconcile {
    pub order_id: i64,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// What they were made from: the order's revision, its last look, the alerts that were open.
    pub revision: i64,
    pub looked_at: Option<DateTime<Utc>>,
    pub open: Vec<OpenStage>,
    pub alerts: Wanted,
    pub now: DateTime<Utc>,
}

impl Write for Reconcile {
    /// [`LedgerError::Stale`] when any of what they were made from is not so any more.
    type Out = Vec<Raised>;

    fn apply(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let select = "SELECT revision, last_checked_at FROM order_state WHERE order_id = :order";
        let seen: (i64, Option<i64>) = tx.one(select, params! { order: self.order_id }, |row| row.try_into())?;
        let about = About::Order(self.order_id, self.merchant_trade_no.as_str());
        let subject = Subject { merchant_id: self.merchant_id.as_str(), about };
        let open: Vec<OpenStage> = open(tx, &subject)?.into_iter().map(|(_, stage)| stage).collect();
        let same = open.len() == self.open.len() && open.iter().all(|o| self.open.contains(o));
        if seen != (self.revision, self.looked_at.map(ms)) || !same {
            return Err(LedgerError::Stale);
        }
        reconcile(tx, &subject, &self.alerts, self.now)
    }
}

/// Raises or closes an alert about one of a merchant's services as a whole. One that is open already
/// tells of the newest occasion.
pub struct MerchantAlert {
    pub merchant_id: MerchantId,
    pub service: Service,
    pub kind: AlertKind,
    /// None: the cause is gone.
    pub raised: Option<(Severity, Reason)>,
    pub now: DateTime<Utc>,
}

impl Write for MerchantAlert {
    type Out = Option<Raised>;

    fn apply(&self, tx: &Db) -> Result<Option<Raised>, LedgerError> {
        let Some((severity, reason)) = &self.raised else {
            let what = params! {
                now: ms(self.now),
                kind: self.kind.word(),
                merchant: self.merchant_id.as_str(),
                stage: self.service.stage(),
            };
            tx.run(include_str!("sql/close_merchant_alert.sql"), what)?;
            return Ok(None);
        };
        let subject = Subject { merchant_id: self.merchant_id.as_str(), about: About::Merchant };
        let alert = Alert::new(self.kind, *severity, self.service.stage(), reason.clone());
        let raised = raise(tx, &subject, &alert, self.now)?;
        if raised.is_none() {
            let what = params! {
                message: alert.message(),
                reason: to_json(reason)?,
                kind: self.kind.word(),
                merchant: self.merchant_id.as_str(),
                stage: self.service.stage(),
            };
            tx.run(include_str!("sql/renew_merchant_alert.sql"), what)?;
        }
        Ok(raised)
    }
}

/// A person has taken notice, the first one to say so. The alert stays open until its cause is gone; one
/// that tells of an event ends with it (see [`AlertKind::is_event`]).
pub struct Ack {
    pub alert_id: i64,
    pub by: String,
    pub now: DateTime<Utc>,
}

impl Write for Ack {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let select = "SELECT acked_by FROM alerts WHERE id = :id AND closed_at IS NULL";
        match tx.maybe(select, params! { id: self.alert_id }, |row| row.at::<Option<String>>(0))? {
            None => return Err(LedgerError::Refused(format!("there is no open alert {}", self.alert_id))),
            Some(Some(before)) => {
                let why = format!("alert {} was acknowledged by {before} before", self.alert_id);
                return Err(LedgerError::Refused(why));
            }
            Some(None) => {}
        }
        let update = "UPDATE alerts SET acked_by = :by, acked_at = :now WHERE id = :id";
        tx.run(update, params! { by: self.by, now: ms(self.now), id: self.alert_id })?;
        Ok(())
    }
}
