//! What a look at a voucher order found out, in one transaction: its state, its tickets, its
//! history, its alerts and the time of its next look.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::tickets;
use crate::domain::event::EventKind;
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::record::{LookFailed, Wanted};
use crate::domain::rule::Rule;
use crate::domain::voucher::{Ticket, VoucherFacts, VoucherNumber, VoucherSeen, VoucherSituation};
use crate::ledger::alerts::{self, About, Raised, Subject};
use crate::ledger::db::{Db, params};
use crate::ledger::times::{ms, ms_up};
use crate::ledger::{LedgerError, Write, events};

pub struct RecordVoucher {
    /// As it is after what was found out.
    pub situation: VoucherSituation,
    /// [`super::LoadedVoucher::looks`] of the load that it began with.
    pub looks: i64,
    pub now: DateTime<Utc>,
    pub look: Option<VoucherLook>,
    /// The bank's word on its refunds is not as it was.
    pub refunds_changed: bool,
    pub failed: Option<LookFailed>,
    pub next_at: Option<DateTime<Utc>>,
    pub rule: Rule,
    pub alerts: Wanted,
    /// Whether these are other alerts than were open before.
    pub alerts_change: bool,
}

/// What a look showed beside the situation.
pub struct VoucherLook {
    pub tickets: Vec<Ticket>,
    /// The order is not as the last look showed it.
    pub changed: bool,
}

impl Write for RecordVoucher {
    /// The alerts that were raised by it, for the log.
    type Out = Vec<Raised>;

    /// [`LedgerError::Stale`] when another look was written meanwhile.
    fn apply(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        self.state(tx)?;
        if let Some(look) = &self.look {
            self.looked(tx, look)?;
        }
        if self.refunds_changed {
            self.refunds_told(tx)?;
        }
        if !self.alerts_change {
            return Ok(Vec::new());
        }
        alerts::reconcile(tx, &self.subject(), &self.alerts, self.now)
    }
}

impl RecordVoucher {
    fn merchant_id(&self) -> &MerchantId {
        &self.situation.order.merchant_id
    }

    fn number(&self) -> &VoucherNumber {
        &self.situation.order.number
    }

    fn subject(&self) -> Subject<'_> {
        let about = About::Voucher(self.situation.order.id, self.number().as_str());
        Subject { merchant_id: self.merchant_id().as_str(), about }
    }

    /// The order's row, in one statement.
    fn state(&self, tx: &Db) -> Result<(), LedgerError> {
        let s = &self.situation;
        let observation = s.observation.as_ref().filter(|_| self.look.is_some());
        let json = observation.map(serde_json::to_string).transpose();
        let facts = s.facts();
        let amount = |part: fn(&VoucherFacts) -> Twd| facts.map(|f| part(f).dollars());
        let mismatch = facts.and_then(|f| f.mismatch.as_deref());
        let failed = self.failed.as_ref();
        let row = params! {
            voucher: s.order.id,
            looks: self.looks,
            state: s.state().word(),
            voucher_trade_no: facts.and_then(|f| f.ticket_trade_no.as_deref()),
            trade: amount(|f| f.totals.trade_amount),
            redeemed: amount(|f| f.totals.redeemed.amount),
            refunded: amount(|f| f.totals.refunded.amount),
            unused: amount(|f| f.totals.unused.amount),
            observation: json.map_err(|e| LedgerError::Refused(e.to_string()))?,
            seen_at: observation.map(|o| ms(o.at)),
            error: failed.map(|f| f.why.as_str()),
            mismatch,
            retry_at: s.retry_at.map(ms_up),
            changed_at: s.changed_at.map(ms),
            confirmed: s.refunds.confirmed.map(Twd::dollars),
            asked_at: s.refunds.asked_at.map(ms),
            refunds_error: s.refunds.error,
            contradicted: s.refunds.contradicted,
            unconfirmed_since: s.refunds.unconfirmed_since.map(ms),
            next_at: self.next_at.map(ms_up),
            rule: self.rule.word(),
            known: s.known_amount.map(Twd::dollars),
        };
        let done = tx.run(include_str!("../sql/record_voucher.sql"), row)?;
        if done == 0 { Err(LedgerError::Stale) } else { Ok(()) }
    }

    fn looked(&self, tx: &Db, look: &VoucherLook) -> Result<(), LedgerError> {
        let s = &self.situation;
        let Some(observation) = &s.observation else { return Ok(()) };
        if look.changed {
            events::of_voucher(tx, s.order.id, observation.at, EventKind::VoucherObserved, &observation.seen)?;
        }
        if let VoucherSeen::Order(_) = observation.seen {
            tickets::write(tx, s.order.id, &look.tickets, observation.at)?;
        }
        Ok(())
    }

    fn refunds_told(&self, tx: &Db) -> Result<(), LedgerError> {
        let s = &self.situation;
        let detail = json!({
            "refunded": s.facts().map(|f| f.totals.refunded.amount),
            "confirmed": s.refunds.confirmed,
            "error": s.refunds.error,
        });
        let at = s.refunds.asked_at.unwrap_or(self.now);
        events::of_voucher(tx, s.order.id, at, EventKind::VoucherRefundsObserved, detail)
    }
}
