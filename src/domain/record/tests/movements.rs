//! The journal of an order, from look to look.

use super::*;
use crate::domain::api::CardApi;
use crate::domain::facts::{CardFacts, CardKind, ClosedRow, Seen};
use crate::domain::movement::{Booked, Claim, Hand, Movement, Position, Unexplained};
use crate::domain::plan::plan;

/// An order that is looked at again and again, and what its journal holds.
pub(super) struct Story {
    pub case: Case,
    pub booked: Booked,
    row: OrderRow,
    pub journal: Vec<Movement>,
}

impl Story {
    pub fn new() -> Self {
        let case = order(CardStatus::Authorized, 0).with(|c| c.s.observation = None);
        Self { case, booked: Booked::default(), row: OrderRow::REGISTERED, journal: Vec::new() }
    }

    fn with(mut self, bend: impl FnOnce(&mut Case)) -> Self {
        bend(&mut self.case);
        self
    }

    /// A look, and all that the plan settles by it. What it adds to the journal, a line each.
    pub fn look(&mut self, seen: Seen) -> Vec<String> {
        let after_attempt = self.case.s.attempts.last().map_or(0, |a| a.id);
        let first = order(CardStatus::Authorized, 0).s.observation.expect("a look");
        let observation = Observation { at: self.case.now, seen, after_attempt, ..first };
        self.pass(Some(observation))
    }

    pub fn pass(&mut self, looked: Option<Observation>) -> Vec<String> {
        let authorization = self.case.s.authorization().map(|card| (card.trade_no.clone(), card.amount));
        let mut kept = Kept { booked: self.booked.clone(), row: self.row.clone(), authorization, ..self.case.kept() };
        let mut found = Findings::default();
        if let Some(observation) = looked {
            found.looked(&mut kept, observation);
        }
        for _ in 0..9 {
            let planned = plan(&kept.situation, &self.case.policy, self.case.now);
            if !matches!(planned.step, Step::Settle { .. } | Step::Reject | Step::Review | Step::CatchUp) {
                let change = found.change(&kept, &planned, &self.case.end());
                return self.keep(kept, change);
            }
            found.decided(&mut kept.situation, &planned, self.case.now);
        }
        panic!("the plan never comes to rest: {kept:#?}");
    }

    fn keep(&mut self, kept: Kept, change: Change) -> Vec<String> {
        self.case.s = kept.situation;
        self.row = change.row;
        let claimed = |claim: &Claim| {
            let place = usize::try_from(claim.movement).expect("a place");
            (self.journal[place].attempt, self.journal[place].refund) = (Some(claim.attempt), claim.refund);
            self.journal[place].by = Hand::Ecpayd;
            self.booked.unexplained.retain(|m| m.id != claim.movement);
            self.booked.attempts.push(claim.attempt);
            format!("it was attempt {}: {}", claim.attempt, line(&self.journal[place]))
        };
        let mut lines: Vec<String> = change.claims.iter().map(claimed).collect();
        for (id, m) in (self.journal.len()..).zip(&change.movements) {
            let id = i64::try_from(id).expect("few");
            self.booked.add(Unexplained { id, kind: m.kind, amount: m.amount, gateway_at: m.gateway_at }, m.attempt);
        }
        lines.extend(change.movements.iter().map(line));
        self.journal.extend(change.movements);
        self.adds_up();
        lines
    }

    /// Invariant 9.
    fn adds_up(&self) {
        let Position { authorized, captured, refunded, voided, expired } = self.booked.position;
        assert_eq!(
            (captured, refunded),
            (self.row.captured.dollars(), self.row.refunded.dollars()),
            "{:#?}",
            self.journal
        );
        let whole = self.row.amount.map_or(0, Twd::dollars);
        assert!([authorized, voided, expired].iter().all(|sum| *sum == 0 || *sum == whole), "{:#?}", self.journal);
        let again = between(&self.booked, &self.case.s, &self.row, Vec::new(), self.case.now);
        assert_eq!(again, [], "what is booked is not booked again");
        let mut used: Vec<i64> = self.journal.iter().filter_map(|m| m.attempt).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(
            used.len(),
            self.journal.iter().filter(|m| m.attempt.is_some()).count(),
            "a call explains one movement"
        );
    }
}

fn line(m: &Movement) -> String {
    let of = |what: &str, id: Option<i64>| id.map(|id| format!(" {what} {id}")).unwrap_or_default();
    let fee = m.fee_milli.map(|fee| format!(" fee {fee}")).unwrap_or_default();
    let (attempt, refund) = (of("attempt", m.attempt), of("refund", m.refund));
    format!("{} {} {} by {}{attempt}{refund}{fee}", m.day(), m.kind.word(), m.amount, m.by.word())
}

pub(super) fn shown(status: CardStatus, net: i64) -> Seen {
    Seen::Card(card(status, net))
}

fn row(status: CardStatus, amount: i64, when: &str) -> ClosedRow {
    ClosedRow { status, amount, at: Some(at(when)) }
}

pub(super) fn listed(status: CardStatus, rows: &[ClosedRow]) -> Seen {
    let net = rows.iter().filter(|row| row.status.is_closing()).map(|row| row.amount).sum();
    Seen::Card(CardFacts { rows: rows.to_vec(), fee_milli: Some(27_500), ..card(status, net) })
}

use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};

#[test]
fn an_order_that_we_capture_and_refund_in_parts_is_booked_by_our_calls() {
    let mut story = Story::new();
    assert_eq!(story.look(shown(Authorized, 0)), ["2026-08-01 authorized 1000 by other"]);
    story.case = story.case.clone().on(day(19)).tried(Action::C, 1000, AttemptState::Accepted);
    let captured = row(ToBeCaptured, 1000, "2026-08-19 21:00:00");
    assert_eq!(
        story.look(listed(ToBeCaptured, &[captured])),
        ["2026-08-19 captured 1000 by ecpayd attempt 1 fee 27500"]
    );
    let captured = row(Captured, 1000, "2026-08-19 21:00:00");
    assert_eq!(story.look(listed(Captured, std::slice::from_ref(&captured))), [""; 0], "the claim moves nothing anew");
    story.case = story.case.clone().on(day(30)).refund(Some(300)).tried(Action::R, 300, AttemptState::Unknown);
    let mut rows = vec![captured, row(Captured, -300, "2026-08-31 23:59:59")];
    assert_eq!(story.look(listed(Captured, &rows)), ["2026-08-31 refunded 300 by ecpayd attempt 2 refund 1"]);
    rows.push(row(Captured, -200, "2026-09-02 10:00:00"));
    story.case = story.case.clone().on(day(40));
    assert_eq!(story.look(listed(Captured, &rows)), ["2026-09-02 refunded 200 by other"], "nobody of ours");
    rows[2].status = Canceled;
    story.case = story.case.clone().on(day(41));
    assert_eq!(
        story.look(listed(Captured, &rows)),
        ["2026-09-11 refunded -200 by other"],
        "undone on the day it was seen"
    );
}

#[test]
fn an_order_that_is_found_captured_and_refunded_gets_all_of_its_life_at_once() {
    let rows = [row(Captured, 1000, "2026-08-01 20:15:00"), row(Captured, -400, "2026-08-01 21:00:00")];
    for (auto_close, by) in [(true, "ecpay"), (false, "other")] {
        let mut story = Story::new().with(|c| c.s.merchant.daily_auto_close = auto_close);
        story.case = story.case.with(|c| c.now = day(3));
        let captured = format!("2026-08-01 captured 1000 by {by} fee 27500");
        let refunded = "2026-08-01 refunded 400 by other".to_owned();
        assert_eq!(
            story.look(listed(Captured, &rows)),
            ["2026-08-01 authorized 1000 by other".to_owned(), captured, refunded]
        );
    }
    let union = |seen| match seen {
        Seen::Card(card) => Seen::Card(CardFacts { kind: CardKind { union_pay: true, ..card.kind }, ..card }),
        other => other,
    };
    let lines = Story::new().look(union(listed(Captured, &rows[..1])));
    assert_eq!(lines[1], "2026-08-01 captured 1000 by ecpay fee 27500", "it is captured as it is authorized");
}

#[test]
fn a_whole_refund_by_e_and_n_gives_back_what_was_captured_and_then_the_authorization() {
    let mut story = Story::new();
    story.look(shown(ToBeCaptured, 1000));
    story.case = story.case.clone().refund(None).tried(Action::E, 1000, AttemptState::Accepted);
    assert_eq!(story.look(shown(OperationCanceled, 0)), ["2026-08-01 called_back 1000 by ecpayd attempt 1 refund 1"]);
    story.case = story.case.clone().tried(Action::N, 1000, AttemptState::Accepted);
    assert_eq!(story.look(shown(Canceled, 0)), ["2026-08-01 voided 1000 by ecpayd attempt 2 refund 1"]);
    assert_eq!(story.booked.position.open(), 0);
    assert_eq!((story.booked.position.captured, story.booked.position.refunded), (0, 0));
}

#[test]
fn what_the_dashboard_does_is_somebody_elses() {
    let mut story = Story::new();
    story.look(shown(Captured, 700));
    let back = ["2026-08-01 called_back 1000 by other", "2026-08-01 refunded -300 by other"];
    assert_eq!(story.look(shown(Authorized, 0)), back, "the whole capture is undone, and the refund in it");
    assert_eq!(story.look(shown(Canceled, 0)), ["2026-08-01 voided 1000 by other"]);
}

#[test]
fn an_authorization_that_ecpay_abandons_is_expired_by_ecpay() {
    let mut story = Story::new();
    story.look(shown(Authorized, 0));
    story.case = story.case.clone().with(|c| c.now = day(90));
    assert_eq!(story.look(shown(Authorized, 0)), ["2026-10-30 expired 1000 by ecpay"]);
    assert_eq!(story.look(shown(Canceled, 0)), [""; 0], "nor again when it is shown void");
}

#[test]
fn a_look_that_cannot_be_read_moves_nothing() {
    let mut story = Story::new();
    for seen in [
        Seen::NotFound,
        Seen::Unpaid { amount: Some(twd(1000)) },
        Seen::NotCard { amount: None, payment_type: "ATM".to_owned() },
    ] {
        assert_eq!(story.look(seen), [""; 0]);
    }
    story.look(shown(Captured, 700));
    for seen in [Seen::Unclear { raw: "a word".to_owned() }, Seen::NotFound, Seen::BankPending { amount: None }] {
        assert_eq!(story.look(seen), [""; 0]);
    }
    assert_eq!(story.look(shown(Captured, 700)), [""; 0]);
}

#[test]
fn a_refund_that_a_person_declares_done_is_booked_when_it_counts() {
    let mut story = Story::new();
    story.look(shown(Captured, 1000));
    story.case = story.case.clone().refund(Some(300)).tried(Action::R, 300, AttemptState::Applied);
    // An empty list hides it, and a person has said that it was made.
    let hidden = Seen::Card(CardFacts { listed: false, ..card(Captured, 1000) });
    assert_eq!(story.look(hidden), ["2026-08-01 refunded 300 by ecpayd attempt 1 refund 1"]);
}

#[test]
fn a_refund_that_nobody_had_claimed_becomes_ours_when_a_person_says_so() {
    let mut story = Story::new();
    story.look(shown(Captured, 1000));
    story.case = story.case.clone().refund(Some(300)).tried(Action::R, 300, AttemptState::Refused);
    assert_eq!(story.look(shown(Captured, 700)), ["2026-08-01 refunded 300 by other"]);
    story.case.s.attempts[0].state = AttemptState::Applied;
    let ours = "it was attempt 1: 2026-08-01 refunded 300 by ecpayd attempt 1 refund 1";
    assert_eq!(story.pass(None), [ours]);
    assert_eq!(
        story.look(shown(Captured, 400)),
        ["2026-08-01 refunded 300 by other"],
        "the same amount once more is not"
    );
}

#[test]
fn what_others_gave_back_is_booked_row_by_row() {
    let mut story = Story::new();
    let mut rows = vec![row(Captured, 1000, "2026-08-01 09:00:00")];
    story.look(listed(Captured, &rows));
    rows.extend([
        row(Captured, -100, "2026-08-01 10:00:00"),
        row(Captured, -250, "2026-07-31 12:00:00"),
        row(Captured, -200, "2026-08-01 11:00:00"),
    ]);
    story.case = story.case.clone().refund(Some(100)).tried(Action::R, 100, AttemptState::Accepted);
    // The call is not settled by a look that shows more than it asked for: nobody has claimed any of them yet.
    let lines = story.look(listed(Captured, &rows));
    let of = |day: &str, amount: i64| format!("{day} refunded {amount} by other");
    assert_eq!(lines, [of("2026-08-01", 100), of("2026-07-31", 250), of("2026-08-01", 200)]);
}

#[test]
fn a_date_that_cannot_be_is_none() {
    for when in ["2026-07-30 10:00:00", "2026-08-09 10:00:00"] {
        let mut story = Story::new();
        let lines = story.look(listed(Captured, &[row(Captured, 1000, when)]));
        assert_eq!(lines[1], "2026-08-01 captured 1000 by other fee 27500", "{when}");
    }
}

/// A person took it for made, and no look ever showed it.
#[test]
fn a_call_that_is_over_does_not_explain_what_somebody_else_does_later() {
    for (api, by) in [
        (CardApi::Json, "2026-08-19 captured 1000 by other fee 27500"),
        // No stamp ends it: it may have come as late as that.
        (CardApi::Form, "2026-08-19 captured 1000 by ecpayd attempt 1 fee 27500"),
    ] {
        let mut story = Story::new().with(|case| case.s.merchant.api = api);
        story.look(shown(Authorized, 0));
        story.case = story.case.clone().on(day(3)).tried(Action::C, 1000, AttemptState::Applied);
        assert_eq!(story.look(shown(Authorized, 0)), [""; 0]);
        story.case = story.case.clone().on(day(19));
        let rows = [row(Captured, 1000, "2026-08-19 10:00:00")];
        assert_eq!(story.look(listed(Captured, &rows)), [by], "{api:?}");
        assert_eq!(story.look(listed(Captured, &rows)), [""; 0], "nor is it claimed later");
    }
}

#[test]
fn what_was_done_before_a_call_is_not_explained_by_it() {
    let mut story = Story::new();
    story.look(shown(Captured, 1000));
    story.case = story.case.clone().on(day(30));
    let elsewhere = row(Captured, -300, "2026-08-20 10:00:00");
    story.case = story.case.clone().refund(Some(300)).tried(Action::R, 300, AttemptState::Applied);
    let rows = [row(Captured, 1000, "2026-08-02 09:00:00"), elsewhere, row(Captured, -300, "2026-08-31 08:50:00")];
    assert_eq!(
        story.look(listed(Captured, &rows)),
        ["2026-08-31 refunded 300 by ecpayd attempt 1 refund 1", "2026-08-20 refunded 300 by other"]
    );
}

/// A person took an earlier one for made, which is among what was booked as somebody else's.
#[test]
fn a_call_with_a_row_of_its_amount_comes_before_one_without() {
    let mut story = Story::new();
    story.look(shown(Captured, 1000));
    story.case = story.case.clone().on(day(20));
    assert_eq!(story.look(shown(Captured, 200)), ["2026-08-21 refunded 800 by other"]);
    story.case = story.case.clone().refund(Some(100)).tried(Action::R, 100, AttemptState::Applied);
    assert_eq!(story.pass(None), [""; 0]);
    story.case = story.case.clone().on(day(30)).tried(Action::R, 200, AttemptState::Accepted);
    let rows = [
        row(Captured, 1000, "2026-08-02 09:00:00"),
        row(Captured, -800, "2026-08-20 09:00:00"),
        row(Captured, -200, "2026-08-31 11:51:00"),
    ];
    assert_eq!(story.look(listed(Captured, &rows)), ["2026-08-31 refunded 200 by ecpayd attempt 2 refund 1"]);
}

#[test]
fn each_row_is_new_once_however_many_are_alike() {
    let same = row(Captured, -100, "2026-08-01 21:00:00");
    let first = card(Captured, 900);
    let before = CardFacts { rows: vec![same.clone()], ..first.clone() };
    let now =
        CardFacts { rows: vec![same.clone(), same.clone(), row(ToBeCaptured, 1000, "2026-08-01 20:00:00")], ..first };
    let new = super::super::movements::new_closings(Some(&before), Some(&now));
    assert_eq!(new.iter().map(|row| row.amount).collect::<Vec<_>>(), [-100, 1000]);
    assert!(super::super::movements::new_closings(Some(&now), Some(&now)).is_empty());
    assert_eq!(super::super::movements::new_closings(None, Some(&before)).len(), 1);
}
