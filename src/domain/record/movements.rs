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
use crate::domain::movement::{Booked, Claim, Hand, Movement, MovementKind, Position};
use crate::domain::order::OrderState;
use crate::domain::situation::{Situation, card_state};
use crate::domain::status::CardStatus;

/// The rows of `CloseData` that `before` did not show.
pub fn new_closings<'a>(before: Option<&CardFacts>, now: Option<&'a CardFacts>) -> Vec<&'a ClosedRow> {
    let mut known: Vec<&ClosedRow> = before.iter().flat_map(|card| &card.rows).collect();
    let is_new = |row: &&ClosedRow| match known.iter().position(|k| k == row) {
        Some(place) => {
            known.swap_remove(place);
            false
        }
        None => true,
    };
    now.into_iter().flat_map(|card| &card.rows).filter(is_new).collect()
}

/// What moved since the journal was written, in the order of an order's life.
pub fn between(
    booked: &Booked,
    s: &Situation,
    row: &OrderRow,
    new: Vec<&ClosedRow>,
    now: DateTime<Utc>,
) -> Vec<Movement> {
    let (was, is) = (booked.position, position(booked.position, s, row, now));
    if was == is {
        return Vec::new();
    }
    let mut lines = Lines { s, dates: Dates { s, new, now }, unbooked: unbooked(booked, s), all: Vec::new() };
    let authorized_at = s.authorization().map(|card| card.authorized_at);
    lines.add(MovementKind::Authorized, is.authorized - was.authorized, Hand::Other, authorized_at);
    lines.whole(MovementKind::Captured, is.captured - was.captured, captured_by(s));
    lines.whole(MovementKind::CalledBack, was.captured - is.captured, Hand::Other);
    lines.refunded(is.refunded - was.refunded);
    match is.voided - was.voided {
        undone if undone < 0 => lines.add(MovementKind::Voided, undone, Hand::Other, None),
        voided => lines.whole(MovementKind::Voided, voided, Hand::Other),
    }
    lines.add(MovementKind::Expired, is.expired - was.expired, Hand::Ecpay, None);
    lines.all
}

/// What had been booked as somebody else's, and was a call of ours after all: a person has said so, or a look that
/// came later.
pub fn claims(booked: &Booked, s: &Situation) -> Vec<Claim> {
    let mut unexplained = booked.unexplained.clone();
    let claim = |a: &Attempt| {
        let of = (kind_of(a.action), a.amount.dollars());
        let place = unexplained.iter().rposition(|m| (m.kind, m.amount) == of && a.may_have_moved(m.gateway_at))?;
        Some(Claim { movement: unexplained.remove(place).id, attempt: a.id, refund: a.refund_id })
    };
    standing(booked, s).filter_map(claim).collect()
}

fn kind_of(action: Action) -> MovementKind {
    match action {
        Action::C => MovementKind::Captured,
        Action::E => MovementKind::CalledBack,
        Action::R => MovementKind::Refunded,
        Action::N => MovementKind::Voided,
    }
}

/// The attempts that took effect and explain no movement yet, oldest first.
fn standing<'a>(booked: &'a Booked, s: &'a Situation) -> impl Iterator<Item = &'a Attempt> {
    s.attempts.iter().filter(|a| a.stands() && !booked.attempts.contains(&a.id))
}

/// Those of them that no earlier movement is of either.
fn unbooked<'a>(booked: &'a Booked, s: &'a Situation) -> Vec<&'a Attempt> {
    let claims = claims(booked, s);
    standing(booked, s).filter(|a| claims.iter().all(|claim| claim.attempt != a.id)).collect()
}

/// The lines that are added to the journal.
struct Lines<'a> {
    s: &'a Situation,
    dates: Dates<'a>,
    unbooked: Vec<&'a Attempt>,
    all: Vec<Movement>,
}

impl Lines<'_> {
    fn add(&mut self, kind: MovementKind, amount: i64, by: Hand, gateway_at: Option<DateTime<Utc>>) {
        self.line(kind, amount, (by, None), gateway_at);
    }

    fn line(
        &mut self,
        kind: MovementKind,
        amount: i64,
        (by, attempt): (Hand, Option<&Attempt>),
        gateway_at: Option<DateTime<Utc>>,
    ) {
        if amount == 0 {
            return;
        }
        let (attempt, refund) = (attempt.map(|a| a.id), attempt.and_then(|a| a.refund_id));
        let fee_milli = self.s.card().filter(|_| kind == MovementKind::Captured).and_then(|card| card.fee_milli);
        let at = self.dates.seen_at();
        self.all.push(Movement { kind, amount, by, attempt, refund, at, gateway_at, fee_milli });
    }

    /// What C, E and N do: always the whole order, so the newest call explains it.
    fn whole(&mut self, kind: MovementKind, amount: i64, else_by: Hand) {
        if amount <= 0 {
            return;
        }
        let at = self.dates.of_capture().filter(|_| kind == MovementKind::Captured);
        let attempt = self.unbooked.iter().rfind(|a| kind_of(a.action) == kind && a.may_have_moved(at)).copied();
        self.line(kind, amount, (attempt.map_or(else_by, |_| Hand::Ecpayd), attempt), at);
    }

    /// Each of our calls that has a row, and all rows where they come to the sum; then calls without one.
    fn refunded(&mut self, mut left: i64) {
        let ours: Vec<&Attempt> = self.unbooked.iter().filter(|a| a.action == Action::R).copied().collect();
        let (listed, unlisted): (Vec<_>, Vec<_>) = ours.into_iter().partition(|a| self.dates.lists(a));
        for attempt in listed {
            let amount = attempt.amount.dollars();
            // None: the rows of its amount are of another time.
            if (1..=left).contains(&amount)
                && let Some(at) = self.dates.take_refund(attempt)
            {
                self.line(MovementKind::Refunded, amount, (Hand::Ecpayd, Some(attempt)), at);
                left -= amount;
            }
        }
        let rows = self.dates.refunds();
        if left > 0 && rows.iter().map(|row| -row.amount).sum::<i64>() == left {
            for row in rows {
                let at = row.at.filter(|at| self.dates.is_sane(*at));
                self.add(MovementKind::Refunded, -row.amount, Hand::Other, at);
            }
            return;
        }
        for attempt in unlisted {
            let amount = attempt.amount.dollars();
            if (1..=left).contains(&amount) {
                self.line(MovementKind::Refunded, amount, (Hand::Ecpayd, Some(attempt)), None);
                left -= amount;
            }
        }
        self.add(MovementKind::Refunded, left, Hand::Other, None);
    }
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

/// A capture that no call of ours explains.
fn captured_by(s: &Situation) -> Hand {
    let at_once = s.card().is_some_and(|card| card.kind.union_pay);
    if at_once || s.merchant.daily_auto_close { Hand::Ecpay } else { Hand::Other }
}

/// When the gateway says that it was.
struct Dates<'a> {
    s: &'a Situation,
    new: Vec<&'a ClosedRow>,
    now: DateTime<Utc>,
}

impl<'a> Dates<'a> {
    fn seen_at(&self) -> DateTime<Utc> {
        self.s.observation.as_ref().map_or(self.now, |o| o.at)
    }

    /// Of the newest row that stands for a capture.
    fn of_capture(&self) -> Option<DateTime<Utc>> {
        let rows = self.s.card().into_iter().flat_map(|card| &card.rows);
        let at = rows.filter(|row| row.amount >= 0 && row.status.is_closing()).map(|row| row.at).max().flatten();
        at.filter(|at| self.is_sane(*at))
    }

    /// The new rows of refunds that no movement is of yet.
    fn refunds(&self) -> Vec<&'a ClosedRow> {
        self.new.iter().copied().filter(|row| row.amount < 0 && row.status.is_closing()).collect()
    }

    /// Whether a new row has just its amount.
    fn lists(&self, call: &Attempt) -> bool {
        self.new.iter().any(|row| is_of(row, call))
    }

    /// Of a new row that this call can have made, which is then used.
    fn take_refund(&mut self, call: &Attempt) -> Option<Option<DateTime<Utc>>> {
        let sane = |row: &ClosedRow| row.at.filter(|at| self.is_sane(*at));
        let place = self.new.iter().position(|row| is_of(row, call) && call.may_have_moved(sane(row)))?;
        Some(self.new.remove(place).at.filter(|at| self.is_sane(*at)))
    }

    /// A date before the payment, or after the look, is no date.
    fn is_sane(&self, at: DateTime<Utc>) -> bool {
        let paid_at = self.s.authorization().map(|card| card.authorized_at);
        let looked_at = self.s.observation.as_ref().map(|o| o.gateway_time().max(o.at));
        let day = Duration::days(1);
        paid_at.is_none_or(|paid_at| at >= paid_at - day) && looked_at.is_none_or(|looked_at| at <= looked_at + day)
    }
}

fn is_of(row: &ClosedRow, call: &Attempt) -> bool {
    -row.amount == call.amount.dollars() && row.status.is_closing()
}
