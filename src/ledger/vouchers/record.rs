//! What a look at a voucher order found out, in one transaction: its state, its tickets, its
//! history, its alerts and the time of its next look.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::tickets;
use crate::domain::event::EventKind;
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::record::{LookFailed, Wanted};
use crate::domain::rule::Rule;
use crate::domain::voucher::{Ticket, VoucherFacts, VoucherNumber, VoucherSeen, VoucherSituation};
use crate::ledger::alerts::{self, About, Raised, Subject};
use crate::ledger::sql::Sql as _;
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
    fn apply(&self, tx: &Connection) -> Result<Vec<Raised>, LedgerError> {
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
    fn state(&self, tx: &Connection) -> Result<(), LedgerError> {
        let s = &self.situation;
        let observation = s.observation.as_ref().filter(|_| self.look.is_some());
        let json = observation.map(serde_json::to_string).transpose();
        let facts = s.facts();
        let amount = |part: fn(&VoucherFacts) -> Twd| facts.map(|f| part(f).dollars());
        let mismatch = facts.and_then(|f| f.mismatch.as_deref());
        let failed = self.failed.as_ref();
        let update = "UPDATE voucher_state SET state = ?3, voucher_trade_no = ifnull(?4, voucher_trade_no), trade_amount = ifnull(?5, trade_amount),
                    redeemed_amount = ifnull(?6, redeemed_amount), refunded_amount = ifnull(?7, refunded_amount),
                    unused_amount = ifnull(?8, unused_amount), observation = ifnull(?9, observation), last_checked_at = ifnull(?10, last_checked_at),
                    last_error = CASE WHEN ?11 IS NOT NULL THEN ?11 WHEN ?9 IS NOT NULL THEN ?12 ELSE last_error END,
                    look_failures = CASE WHEN ?9 IS NULL THEN look_failures ELSE 0 END + (?11 IS NOT NULL), looks_403 = CASE WHEN ?9 IS NULL THEN looks_403 ELSE 0 END,
                    retry_at = ?13, changed_at = ?14, confirmed_amount = ?15, refunds_asked_at = ?16, refunds_error = ?17,
                    refunds_contradict = ?18, unconfirmed_since = ?19, next_at = ?20, rule = ?21, known_amount = ?22, looks = looks + 1
              WHERE voucher_id = ?1 AND looks = ?2";
        let done = tx.run(
            update,
            params![
                s.order.id,
                self.looks,
                s.state().word(),
                facts.and_then(|f| f.ticket_trade_no.as_deref()),
                amount(|f| f.totals.trade_amount),
                amount(|f| f.totals.redeemed.amount),
                amount(|f| f.totals.refunded.amount),
                amount(|f| f.totals.unused.amount),
                json.map_err(|e| LedgerError::Refused(e.to_string()))?,
                observation.map(|o| ms(o.at)),
                failed.map(|f| f.why.as_str()),
                mismatch,
                s.retry_at.map(ms_up),
                s.changed_at.map(ms),
                s.refunds.confirmed.map(Twd::dollars),
                s.refunds.asked_at.map(ms),
                &s.refunds.error,
                s.refunds.contradicted,
                s.refunds.unconfirmed_since.map(ms),
                self.next_at.map(ms_up),
                self.rule.word(),
                s.known_amount.map(Twd::dollars)
            ],
        )?;
        if done == 0 { Err(LedgerError::Stale) } else { Ok(()) }
    }

    fn looked(&self, tx: &Connection, look: &VoucherLook) -> Result<(), LedgerError> {
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

    fn refunds_told(&self, tx: &Connection) -> Result<(), LedgerError> {
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
