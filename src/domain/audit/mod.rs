//! The ledger against itself: what is kept of an order twice has to agree, and every step of its history has to be one
//! that the tables allow.
//!
//! Pure: the order's record comes as it was read, and what differs is said as findings. Nothing is mended: a ledger
//! that disagrees with itself was written to by somebody else, or shows a fault of ours.

mod words;

use super::action::Action;
use super::attempt::AttemptState;
use super::event::EventKind;
use super::facts::{CardFacts, Seen};
use super::movement::{MovementKind, Position};
use super::order::OrderState;
use super::refund::RefundState;
use super::status::CardStatus;
use super::transitions::Transitions;

/// All that the ledger keeps of one order's money.
#[derive(Clone, Debug, Default)]
pub struct OrderRecord {
    pub state: Option<OrderState>,
    pub amount: i64,
    pub captured: i64,
    pub refunded: i64,
    /// The looks that showed something new, oldest first.
    pub looks: Vec<LookKept>,
    /// Oldest first.
    pub movements: Vec<MovementKept>,
    pub attempts: Vec<AttemptKept>,
    /// What the history says of attempts and refunds, oldest first.
    pub steps: Vec<StepKept>,
    pub refunds: Vec<RefundKept>,
}

#[derive(Clone, Debug)]
pub struct LookKept {
    pub event: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// None: what the event says cannot be read.
    pub seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
pub struct MovementKept {
    pub id: i64,
    pub kind: MovementKind,
    pub amount: i64,
    pub at: i64,
    pub attempt: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub struct AttemptKept {
    pub id: i64,
    pub action: Action,
    pub amount: i64,
    pub state: AttemptState,
}

/// An event of an attempt or a refund.
#[derive(Clone, Copy, Debug)]
pub struct StepKept {
    pub event: i64,
    pub kind: EventKind,
    /// Of the attempt or the refund.
    pub of: i64,
    /// What a refund that is done gave back.
    pub amount: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct RefundKept {
    pub id: i64,
    pub state: RefundState,
    pub refunded: i64,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The sum of the movements is not what the order shows.
    Sum {
        kind: MovementKind,
        journal: i64,
        shown: i64,
    },
    /// What the movements had come to at a look is not what the look showed.
    Look {
        event: i64,
        kind: MovementKind,
        journal: i64,
        shown: i64,
    },
    EventUnreadable {
        event: i64,
    },
    /// More went back than the order was worth.
    MoreThanAmount {
        refunded: i64,
        amount: i64,
    },
    /// A movement names a call that took no effect, did something else or another amount.
    Explanation {
        movement: i64,
        attempt: i64,
    },
    /// A step that no attempt may take.
    Step {
        attempt: i64,
        from: &'static str,
        to: &'static str,
        event: i64,
    },
    /// The row of an attempt says otherwise than its history.
    Attempt {
        attempt: i64,
        row: &'static str,
        history: &'static str,
    },
    /// The row of a refund says otherwise than its history.
    Refund {
        refund: i64,
        row: &'static str,
        history: &'static str,
    },
    RefundAmount {
        refund: i64,
        row: i64,
        history: i64,
    },
}

/// What differs in the record of one order.
pub fn findings(order: &OrderRecord) -> Vec<Finding> {
    let mut found = Vec::new();
    sums(order, &mut found);
    looks(order, &mut found);
    explanations(order, &mut found);
    attempts(order, &mut found);
    refunds(order, &mut found);
    found
}

fn sums(order: &OrderRecord, found: &mut Vec<Finding>) {
    let sum = order.movements.iter().fold(Position::default(), |sum, m| sum.plus(m.kind, m.amount));
    let mut differs = |kind, journal: i64, shown: i64| {
        if journal != shown {
            found.push(Finding::Sum { kind, journal, shown });
        }
    };
    differs(MovementKind::Captured, sum.captured, order.captured);
    differs(MovementKind::Refunded, sum.refunded, order.refunded);
    let whole = |is_so: bool| if is_so { order.amount } else { 0 };
    // What is in review, or no longer readable, was one of the others before.
    match order.state {
        Some(state @ (OrderState::Voided | OrderState::Expired)) => {
            differs(MovementKind::Voided, sum.voided, whole(state == OrderState::Voided));
            differs(MovementKind::Expired, sum.expired, whole(state == OrderState::Expired));
        }
        Some(OrderState::Authorized) => differs(MovementKind::Authorized, sum.open(), order.amount),
        Some(OrderState::ToBeCaptured | OrderState::Captured | OrderState::Refunded) => {
            differs(MovementKind::Authorized, sum.open(), 0);
        }
        _ => {}
    }
    if order.refunded > order.amount {
        found.push(Finding::MoreThanAmount { refunded: order.refunded, amount: order.amount });
    }
}

/// Each look that showed something new against what the movements had come to by then.
fn looks(order: &OrderRecord, found: &mut Vec<Finding>) {
    let (mut sum, mut booked) = (Position::default(), 0);
    for (place, look) in order.looks.iter().enumerate() {
        let Some(seen) = &look.seen else {
            found.push(Finding::EventUnreadable { event: look.event });
            continue;
        };
        let left = &order.movements[booked..];
        let of_the_look = left.iter().rposition(|m| m.at == look.at).map(|place| place + 1);
        // A person's word is booked between two looks, by the time of one that showed nothing new.
        let of_no_look = |m: &&MovementKept| order.looks.iter().all(|look| look.at != m.at);
        let until = booked + of_the_look.unwrap_or_else(|| left.iter().take_while(of_no_look).count());
        sum = order.movements[booked..until].iter().fold(sum, |sum, m| sum.plus(m.kind, m.amount));
        booked = until;
        let is_last_of_its_time = order.looks.get(place + 1).is_none_or(|next| next.at != look.at);
        if let Seen::Card(card) = seen
            && is_last_of_its_time
        {
            look_differs(order, look.event, card, sum, found);
        }
    }
}

fn look_differs(order: &OrderRecord, event: i64, card: &CardFacts, sum: Position, found: &mut Vec<Finding>) {
    let captured = if card.status.is_closing() { card.amount.dollars() } else { 0 };
    let refunded = card.refunded().dollars();
    if sum.captured != captured {
        found.push(Finding::Look { event, kind: MovementKind::Captured, journal: sum.captured, shown: captured });
    }
    // Where a look shows less than our own calls have given back, those count.
    let by_us = || order.attempts.iter().filter(|a| a.action == Action::R && a.state == AttemptState::Applied);
    let is_ours =
        card.status.is_closing() && sum.refunded > refunded && sum.refunded <= by_us().map(|a| a.amount).sum();
    if sum.refunded != refunded && !is_ours {
        found.push(Finding::Look { event, kind: MovementKind::Refunded, journal: sum.refunded, shown: refunded });
    }
    let authorized = if card.status == CardStatus::Unauthorized { 0 } else { card.amount.dollars() };
    if sum.authorized != authorized {
        found.push(Finding::Look { event, kind: MovementKind::Authorized, journal: sum.authorized, shown: authorized });
    }
}

fn explanations(order: &OrderRecord, found: &mut Vec<Finding>) {
    for (m, id) in order.movements.iter().filter_map(|m| Some((m, m.attempt?))) {
        let action = match m.kind {
            MovementKind::Captured => Some(Action::C),
            MovementKind::CalledBack => Some(Action::E),
            MovementKind::Refunded => Some(Action::R),
            MovementKind::Voided => Some(Action::N),
            MovementKind::Authorized | MovementKind::Expired => None,
        };
        let explains = |a: &AttemptKept| {
            a.id == id && Some(a.action) == action && a.amount == m.amount && a.state == AttemptState::Applied
        };
        if !order.attempts.iter().any(explains) {
            found.push(Finding::Explanation { movement: m.id, attempt: id });
        }
    }
}

fn attempts(order: &OrderRecord, found: &mut Vec<Finding>) {
    for attempt in &order.attempts {
        let mut last: Option<AttemptState> = None;
        for (step, to) in order.steps.iter().filter_map(|s| Some((s, attempt_state(s.kind)?))) {
            if step.of != attempt.id {
                continue;
            }
            let may = last.map_or_else(|| to.may_begin(), |from| from.may_become(to));
            if !may {
                let from = last.map_or("nothing", AttemptState::word);
                found.push(Finding::Step { attempt: attempt.id, from, to: to.word(), event: step.event });
            }
            last = Some(to);
        }
        if last != Some(attempt.state) {
            let history = last.map_or("nothing", AttemptState::word);
            found.push(Finding::Attempt { attempt: attempt.id, row: attempt.state.word(), history });
        }
    }
}

fn attempt_state(kind: EventKind) -> Option<AttemptState> {
    Some(match kind {
        EventKind::AttemptStarted => AttemptState::Started,
        EventKind::AttemptAccepted => AttemptState::Accepted,
        EventKind::AttemptRefused => AttemptState::Refused,
        EventKind::AttemptUnknown => AttemptState::Unknown,
        EventKind::AttemptNotSent => AttemptState::NotSent,
        EventKind::AttemptApplied => AttemptState::Applied,
        EventKind::AttemptNotApplied => AttemptState::NotApplied,
        EventKind::AttemptInReview => AttemptState::Review,
        _ => return None,
    })
}

/// The end of a refund stands in its row and in its history; what is open goes to and fro.
fn refunds(order: &OrderRecord, found: &mut Vec<Finding>) {
    for refund in &order.refunds {
        let mut ends = order.steps.iter().filter(|s| s.of == refund.id).filter_map(|s| Some((s, refund_end(s.kind)?)));
        let last = ends.next_back();
        let history = last.map(|(_, to)| to);
        let row = Some(refund.state).filter(|state| !state.is_open());
        if history != row {
            let word = |state: Option<RefundState>| state.map_or("open", RefundState::word);
            found.push(Finding::Refund { refund: refund.id, row: word(row), history: word(history) });
        } else if let Some((step, RefundState::Done)) = last
            && step.amount != refund.refunded
        {
            found.push(Finding::RefundAmount { refund: refund.id, row: refund.refunded, history: step.amount });
        }
    }
}

fn refund_end(kind: EventKind) -> Option<RefundState> {
    Some(match kind {
        EventKind::RefundDone => RefundState::Done,
        EventKind::RefundRejected => RefundState::Rejected,
        EventKind::RefundCanceled => RefundState::Canceled,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
