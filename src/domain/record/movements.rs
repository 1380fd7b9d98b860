//! The movements of money that a pass adds to the journal: what lies between what it holds of an order and what
//! the order shows now.
//!
//! Their sum is what the order shows, whatever happened between two looks. By whom is told from our own attempts:
//! one that took effect explains one movement; what none explains is ECPay's own or somebody else's.

use chrono::{DateTime, Duration, Utc};

use super::shown::OrderRow;
use crate::domain::action::Action;
use crate::domain::attempt::Attempt;
use crate::domain::facts::{CardFacts, ClosedRow};
use crate::domain::movement::{Booked, Hand, Movement, MovementKind, Position};
use crate::domain::order::OrderState;
use crate::domain::situation::{Situation, card_state};
use crate::domain::status::CardStatus;

/// A row of `CloseData` that no look has shown before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClosing {
    pub row: ClosedRow,
    /// Of the rows that are alike in this look, from 1 on.
    pub nth: u32,
}

/// The rows that `before` did not show.
pub fn new_closings(before: Option<&CardFacts>, now: Option<&CardFacts>) -> Vec<NewClosing> {
    let mut known: Vec<&ClosedRow> = before.iter().flat_map(|card| &card.rows).collect();
    let rows = now.map(|card| card.rows.as_slice()).unwrap_or_default();
    let mut new = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        match known.iter().position(|k| *k == row) {
            Some(place) => drop(known.swap_remove(place)),
            None => {
                let alike = rows[..place].iter().filter(|other| *other == row).count();
                new.push(NewClosing { row: row.clone(), nth: u32::try_from(alike + 1).unwrap_or(u32::MAX) });
            }
        }
    }
    new
}

/// What moved since the journal was written, in the order of an order's life.
pub fn between(
    booked: &Booked,
    s: &Situation,
    row: &OrderRow,
    new: &[NewClosing],
    now: DateTime<Utc>,
) -> Vec<Movement> {
    let (was, is) = (booked.position, position(booked.position, s, row, now));
    if was == is {
        return Vec::new();
    }
    let dates = Dates { s, new, now };
    let mut all = Vec::new();
    let mut add = |kind, amount: i64, by: Hand, attempt: Option<&Attempt>, gateway_at| {
        if amount != 0 {
            let (attempt, refund) = (attempt.map(|a| a.id), attempt.and_then(|a| a.refund_id));
            let fee_milli = s.card().filter(|_| kind == MovementKind::Captured).and_then(|card| card.fee_milli);
            all.push(Movement { kind, amount, by, attempt, refund, at: dates.seen_at(), gateway_at, fee_milli });
        }
    };
    let others = |attempt: Option<&Attempt>, else_by| if attempt.is_some() { Hand::Ecpayd } else { else_by };
    let authorized_at = s.authorization().map(|card| card.authorized_at);
    add(MovementKind::Authorized, is.authorized - was.authorized, Hand::Other, None, authorized_at);
    let (captured, called_back) = ((is.captured - was.captured).max(0), (was.captured - is.captured).max(0));
    let attempt = ours(booked, s, Action::C).filter(|_| captured > 0);
    add(MovementKind::Captured, captured, others(attempt, captured_by(s)), attempt, dates.of_capture());
    let attempt = ours(booked, s, Action::E).filter(|_| called_back > 0);
    add(MovementKind::CalledBack, called_back, others(attempt, Hand::Other), attempt, None);
    let mut left = is.refunded - was.refunded;
    for attempt in all_ours(booked, s, Action::R) {
        let amount = attempt.amount.dollars();
        if (1..=left).contains(&amount) {
            add(MovementKind::Refunded, amount, Hand::Ecpayd, Some(attempt), dates.of_refund(amount));
            left -= amount;
        }
    }
    add(MovementKind::Refunded, left, Hand::Other, None, dates.of_refund(left));
    let attempt = ours(booked, s, Action::N).filter(|_| is.voided > was.voided);
    add(MovementKind::Voided, is.voided - was.voided, others(attempt, Hand::Other), attempt, None);
    add(MovementKind::Expired, is.expired - was.expired, Hand::Ecpay, None, None);
    all
}

/// Where the money is by what the order shows. What no look tells anew stays where it was.
fn position(before: Position, s: &Situation, row: &OrderRow, now: DateTime<Utc>) -> Position {
    let shown = Position { captured: row.captured.dollars(), refunded: row.refunded.dollars(), ..before };
    let Some(card) = s.card() else { return shown };
    let (whole, state) = (card.amount.dollars(), card_state(s, card, now));
    let if_so = |is_so| if is_so { whole } else { 0 };
    Position {
        authorized: if_so(card.status != CardStatus::Unauthorized),
        voided: if_so(state == OrderState::Voided),
        expired: if_so(state == OrderState::Expired),
        ..shown
    }
}

/// The newest attempt of a kind that took effect and explains no movement yet.
fn ours<'a>(booked: &'a Booked, s: &'a Situation, action: Action) -> Option<&'a Attempt> {
    all_ours(booked, s, action).last()
}

fn all_ours<'a>(booked: &'a Booked, s: &'a Situation, action: Action) -> impl Iterator<Item = &'a Attempt> {
    s.attempts.iter().filter(move |a| a.action == action && a.stands() && !booked.attempts.contains(&a.id))
}

/// A capture that no call of ours explains.
fn captured_by(s: &Situation) -> Hand {
    let at_once = s.card().is_some_and(|card| card.kind.union_pay);
    if at_once || s.merchant.daily_auto_close { Hand::Ecpay } else { Hand::Other }
}

/// When the gateway says that it was.
struct Dates<'a> {
    s: &'a Situation,
    new: &'a [NewClosing],
    now: DateTime<Utc>,
}

impl Dates<'_> {
    fn seen_at(&self) -> DateTime<Utc> {
        self.s.observation.as_ref().map_or(self.now, |o| o.at)
    }

    /// Of the newest row that stands for a capture.
    fn of_capture(&self) -> Option<DateTime<Utc>> {
        let rows = self.s.card().into_iter().flat_map(|card| &card.rows);
        let at = rows.filter(|row| row.amount > 0 && row.status.is_closing()).map(|row| row.at).max().flatten();
        at.filter(|at| self.is_sane(*at))
    }

    /// Of the new row of just this amount, or of the only new row of a refund.
    fn of_refund(&self, amount: i64) -> Option<DateTime<Utc>> {
        let rows = || self.new.iter().map(|new| &new.row).filter(|row| row.amount < 0 && row.status.is_closing());
        let mut of_amount = rows().filter(|row| -row.amount == amount);
        let row = of_amount.next().or_else(|| rows().next().filter(|_| rows().count() == 1))?;
        row.at.filter(|at| amount > 0 && self.is_sane(*at))
    }

    /// A date before the payment, or after the look, is no date.
    fn is_sane(&self, at: DateTime<Utc>) -> bool {
        let paid_at = self.s.authorization().map(|card| card.authorized_at);
        let looked_at = self.s.observation.as_ref().map(|o| o.gateway_time().max(o.at));
        let day = Duration::days(1);
        paid_at.is_none_or(|paid_at| at >= paid_at - day) && looked_at.is_none_or(|looked_at| at <= looked_at + day)
    }
}
