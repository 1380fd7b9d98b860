//! After the run: what the bank did late or took back is told, and hides nothing else.

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::{ActionRecord, By, RowTruth};

use crate::actors::has_other_hands;
use crate::books::{AlertBook, AttemptBook, Lost, OrderBook};
use crate::checks::Case;
use crate::oddity::Oddity;
use crate::world::World;

/// A look that is older decides nothing about money.
const FRESH: Duration = Duration::seconds(60);

/// `gateway.request_validity` and twice `gateway.max_skew`.
const PAST_VALIDITY: Duration = Duration::minutes(20);

/// Alerts that say that more happened than the ledger's own calls explain.
pub const MORE: [&str; 2] = ["external_change", "refund_review"];

/// Alerts that say that less stands than the ledger's own calls have done.
const LESS: [&str; 3] = ["refund_undone", "external_change", "refund_review"];

impl OrderBook {
    pub fn was_told(&self, kinds: &[&str], from: DateTime<Utc>) -> bool {
        self.alerts.iter().any(|a| kinds.contains(&a.kind.as_str()) && a.raised_at >= from)
    }
}

impl Case<'_> {
    /// What the bank took back of the refunds.
    pub fn undone(&self) -> impl Iterator<Item = &RowTruth> {
        self.truth.authorizations.iter().flat_map(|a| &a.undone).filter(|row| row.amount < 0)
    }

    pub fn undone_twd(&self) -> i64 {
        self.undone().map(|row| -row.amount).sum()
    }

    /// The bank took a capture back that only the copy of then knew of: a finished order is not looked at again.
    pub fn lost_capture_was_undone(&self, lost: &[&Lost]) -> bool {
        let undone = self.truth.authorizations.iter().flat_map(|a| &a.undone).any(|row| row.amount > 0);
        undone
            && lost.iter().any(|l| l.attempt.action == "C")
            && !self.book.attempts.iter().any(|a| a.action == "C" && a.state == "applied")
    }

    /// How often the bank took this amount back.
    pub fn times_undone(&self, amount: i64) -> usize {
        self.undone().filter(|row| row.amount == -amount).count()
    }

    /// The attempt ended before its call took effect, and what came of it was told.
    pub fn ended_too_early(&self, attempt: &AttemptBook, done: &ActionRecord) -> bool {
        let ended = ["refused", "not_applied"].contains(&attempt.state.as_str());
        let before = attempt.finished_at.is_some_and(|at| at < done.at);
        let told = matches!(done.action, Action::C | Action::E) || self.book.was_told(&MORE, done.at);
        done.asked_at.is_some() && ended && before && told
    }

    /// Its request had been too old for long when it took effect, and its attempt had ended.
    pub fn landed_past_its_validity(&self, attempt: &AttemptBook, done: &ActionRecord) -> bool {
        // By form nothing is too old, and what may still come is not asked for again.
        let stamped = done.by == By::Api;
        let late = stamped && done.asked_at.is_some_and(|asked_at| done.at - asked_at > PAST_VALIDITY);
        late && self.ended_too_early(attempt, done)
    }

    /// The attempt was settled by looks that came after the bank had taken its refund back.
    pub fn was_undone_unseen(&self, attempt: &AttemptBook, done: &ActionRecord) -> bool {
        let settled = |row: &RowTruth| attempt.finished_at.is_some_and(|at| row.at <= at);
        attempt.state == "not_applied"
            && done.action == Action::R
            && self.undone().any(|row| row.amount == -attempt.amount && row.at >= done.at && settled(row))
    }

    /// The attempt was settled by looks that came after the opposite had taken back what it did: a copy of a call, one
    /// that a restored ledger does not know of, or one whose attempt had ended before.
    pub fn was_crossed_unseen(&self, attempt: &AttemptBook, done: &ActionRecord) -> bool {
        let opposite = |a: &ActionRecord| {
            matches!((done.action, a.action), (Action::C, Action::E | Action::N) | (Action::E, Action::C))
        };
        let settled = |a: &ActionRecord| a.at >= done.at && attempt.finished_at.is_some_and(|at| a.at <= at);
        let waits_for = |other: &AttemptBook, a: &ActionRecord| other.finished_at.is_none_or(|at| at >= a.at);
        let known = |a: &ActionRecord| self.book.attempts.iter().any(|other| other.asked_for(a) && waits_for(other, a));
        let unseen = |a: &ActionRecord| a.effect && opposite(a) && settled(a) && (self.is_copy(a) || !known(a));
        attempt.state == "not_applied" && self.actions.iter().any(|a| unseen(a))
    }

    /// Another call of ours for the same, that looks took the late one for: which of two it was nobody can
    /// tell, and one of them is counted.
    pub fn counted_for(&self, done: &ActionRecord) -> Option<&AttemptBook> {
        let own = |a: &AttemptBook| self.actions.iter().any(|other| other.effect && a.asked_for(other));
        let like = |a: &&AttemptBook| {
            // A question is answered by a person, who knows whose call it was.
            !a.asked && a.state == "applied" && a.action == done.action.letter() && a.amount == done.amount.dollars()
        };
        // An order is void once, by whichever of its calls.
        let void = done.action == Action::N;
        let began = |a: &&AttemptBook| void || (done.asked_at.is_some() && a.started_at <= done.at);
        self.book.attempts.iter().filter(like).filter(began).find(|a| !own(a))
    }

    /// Refunds of ours that took effect after their attempts had ended, and copies of what had taken effect before.
    fn late(&self) -> impl Iterator<Item = (&ActionRecord, &AttemptBook)> {
        let late = self.actions.iter().filter(|a| a.effect && a.by.is_call() && a.action == Action::R);
        late.filter_map(|done| {
            if self.is_copy(done) {
                // Of a call that was lost with a restore there is the question whether it was made.
                let like = |a: &&AttemptBook| a.asked && a.action == "R" && a.amount == done.amount.dollars();
                let call = self.book.attempts.iter().find(|a| a.asked_for(done));
                let call = call.or_else(|| self.book.attempts.iter().find(like));
                return call.map(|attempt| (*done, attempt));
            }
            let attempt = self.book.attempts.iter().find(|a| a.asked_for(done) && a.state != "applied")?;
            // Of two calls for the same within a moment one took effect, and it is counted for the other.
            let fits = |a: &AttemptBook, other: &ActionRecord| a.state == "applied" && a.asked_for(other);
            let alone =
                |a: &AttemptBook| self.actions.iter().filter(|other| other.effect && fits(a, other)).count() == 1;
            if self.book.attempts.iter().any(|a| fits(a, done) && alone(a)) {
                return None;
            }
            // A person has said that it was this refund.
            let claimed = |a: &AttemptBook| a.asked && a.state == "applied" && a.refund == attempt.refund;
            if self.counted_for(done).is_some() || self.book.attempts.iter().any(claimed) {
                return None;
            }
            (done.asked_at.is_some() && attempt.finished_at.is_some_and(|at| at < done.at)).then_some((*done, attempt))
        })
    }

    pub fn late_twd(&self) -> i64 {
        self.late().map(|(done, _)| done.amount.dollars()).sum()
    }
}

pub fn all(case: &Case, world: &World, check: &mut impl FnMut(bool, &str)) {
    // What no look shows as it is cannot be told.
    if !has_other_hands(case.order) && !world.in_trouble.contains(&case.order) {
        undone_is_told(case, check);
        a_person_is_asked_first(case, world, check);
    }
    has_its_turn(case, world, check);
}

fn undone_is_told(case: &Case, check: &mut impl FnMut(bool, &str)) {
    let rows = case.truth.authorizations.iter().flat_map(|a| &a.undone);
    for row in rows {
        let amount = row.amount.abs();
        let told = if row.amount < 0 {
            // Taken back before a look had shown it: then it never was.
            let ended = |a: &&AttemptBook| a.state == "applied" && a.action == "R" && a.amount == amount;
            let seen = case.book.attempts.iter().filter(ended).any(|a| a.finished_at.is_some_and(|at| at < row.at));
            // A copy of the same call stands in its place: it came later, or nobody had looked since it came.
            let noticed = |a: &ActionRecord| {
                let between = |alert: &AlertBook| (a.at..row.at).contains(&alert.raised_at);
                case.book.alerts.iter().any(|alert| MORE.contains(&alert.kind.as_str()) && between(alert))
            };
            let copied = |a: &&ActionRecord| a.effect && a.amount.dollars() == amount && case.is_copy(a) && !noticed(a);
            !seen || case.actions.iter().any(copied) || case.book.was_told(&LESS, row.at)
        } else {
            // By a call, or by the bank's own closing.
            let again = case.actions.iter().any(|a| a.effect && a.at >= row.at)
                || case.truth.authorizations.iter().flat_map(|a| &a.rows).any(|r| r.amount > 0 && r.at >= row.at);
            again || case.truth.void || !case.book.alerts.is_empty()
        };
        check(told, &format!("{} was taken back at {}, and no alert says so", row.amount, row.at));
    }
}

/// What went down without a reason that the ledger knows is asked about before more goes back.
fn a_person_is_asked_first(case: &Case, world: &World, check: &mut impl FnMut(bool, &str)) {
    if !world.lost.is_empty() || case.undone().next().is_some() {
        return;
    }
    for (done, _) in case.late() {
        let next = case.actions.iter().filter(|a| a.effect && a.by.is_call() && a.action == Action::R);
        let next = next.filter_map(|a| case.book.attempts.iter().find(|attempt| attempt.asked_for(a)));
        for attempt in next.filter(|attempt| attempt.started_at > done.at + FRESH) {
            let asked =
                |a: &AlertBook| a.kind == "refund_review" && (done.at..=attempt.started_at).contains(&a.raised_at);
            let what = format!(
                "{} went back at {} unexplained, and attempt {} gave back {} at {} without a question",
                done.amount, done.at, attempt.id, attempt.amount, attempt.started_at
            );
            check(case.book.alerts.iter().any(asked), &what);
        }
    }
}

/// Invariant 5, whatever the looks of other orders do: tried before the limit. No outage lasts a day here.
fn has_its_turn(case: &Case, world: &World, check: &mut impl FnMut(bool, &str)) {
    let Some(first) = case.truth.authorizations.first() else { return };
    let limit = first.authorized_at + Duration::days(21);
    let disturbed = [Oddity::SetClocks, Oddity::Pauses, Oddity::MissingMerchants];
    let own_doing = has_other_hands(case.order) || world.steered.contains(&case.order);
    let in_time = case.book.registered_at < limit - Duration::days(2);
    let plain = !own_doing
        && in_time
        && !world.odd_ones.contains(&case.order)
        && !disturbed.into_iter().any(|oddity| world.odd.has(oddity))
        && world.lost.is_empty()
        && case.book.refunds.is_empty()
        && world.policy.capture != ecpayd::domain::policy::CapturePolicy::Manual;
    if !plain || case.truth.status == Some(ecpayd::domain::status::CardStatus::Unauthorized) {
        return;
    }
    let asked = case.actions.iter().any(|a| a.action == Action::C && a.at < limit);
    let tried = case.book.attempts.iter().any(|a| a.action == "C" && a.started_at < limit);
    let taken = case.truth.captured > 0;
    check(asked || tried || taken, "never tried before its limit, though nothing but other orders was in its way");
}
