//! Whole lives of orders against a gateway that answers badly: the plan is followed step by
//! step, and in the end every refund has ended, with its money moved at most once.

use chrono::Timelike;

use super::*;
use crate::domain::attempt::Effect;
use crate::domain::calendar::taipei;
use crate::domain::policy::{CapturePolicy, PartialOnAuthorized};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};

/// How the gateway takes a money call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Yes,
    /// It takes effect, and the answer is lost.
    YesUnheard,
    /// It is lost on the way.
    Lost,
    /// It takes effect five minutes later, and the answer is lost.
    Late,
    Refused,
    /// For want of balance.
    Short,
    NotSent,
    /// Refused in words, and it takes effect two seconds later.
    RefusedYetDone,
}

const REPLIES: [Reply; 7] =
    [Reply::Yes, Reply::YesUnheard, Reply::Lost, Reply::Late, Reply::Refused, Reply::Short, Reply::NotSent];

struct Walk {
    case: Case,
    status: CardStatus,
    net: i64,
    /// What takes effect then, and for which refund.
    late: Vec<(DateTime<Utc>, Action, i64, Option<i64>)>,
    /// For which refund money has gone back, and how much.
    gone: Vec<(Option<i64>, i64)>,
    /// The replies to the first calls; then the last of them for ever.
    replies: Vec<Reply>,
    calls: usize,
    steps: usize,
    done: Vec<(i64, i64)>,
    rejected: Vec<i64>,
}

impl Walk {
    fn from(case: Case, replies: Vec<Reply>) -> Self {
        let (status, net) = case.s.card().map(|c| (c.status, c.net)).expect("a card");
        let (done, rejected) = (Vec::new(), Vec::new());
        let (late, gone) = (Vec::new(), Vec::new());
        Self { case, status, net, late, gone, replies, calls: 0, steps: 0, done, rejected }
    }

    fn takes_effect(&mut self, action: Action, amount: i64, refund: Option<i64>) -> bool {
        let open = matches!(self.status, Authorized | OperationCanceled);
        let closing = matches!(self.status, ToBeCaptured | Captured);
        match action {
            Action::C if open => (self.status, self.net) = (ToBeCaptured, 1000),
            Action::N if open => self.status = Canceled,
            Action::E if self.status == ToBeCaptured && self.net == 1000 => {
                (self.status, self.net) = (OperationCanceled, 0);
            }
            Action::R if closing && amount <= self.net => self.net -= amount,
            _ => return false,
        }
        if matches!(action, Action::R | Action::N) {
            self.gone.push((refund, amount));
        }
        true
    }

    /// Time passes: late requests arrive, the vendor closes and claims once a day.
    fn until(&mut self, then: DateTime<Utc>) {
        let (due, late) = self.late.drain(..).partition(|(at, ..)| *at <= then);
        self.late = late;
        let due: Vec<_> = due;
        for (_, action, amount, refund) in due {
            self.takes_effect(action, amount, refund);
        }
        let day = Duration::hours(24);
        let next = |hour: i64, minute: i64| {
            let midnight = self.case.now - secs(i64::from(taipei(self.case.now).num_seconds_from_midnight()));
            let today = midnight + Duration::hours(hour) + Duration::minutes(minute);
            if today > self.case.now { today } else { today + day }
        };
        let (closes, claims) = (next(20, 20), next(23, 0));
        if closes <= then && self.case.s.merchant.daily_auto_close {
            self.takes_effect(Action::C, 1000, None);
        }
        if claims <= then && self.status == ToBeCaptured {
            self.status = Captured;
        }
        self.case.now = then;
    }

    fn act(&mut self, action: Action, amount: i64, refund: Option<i64>) {
        properties::hold(&self.case);
        let reply = self.replies[self.calls.min(self.replies.len() - 1)];
        // A gateway out of reach is back after a while, and a balance filled.
        let passes = matches!(reply, Reply::NotSent | Reply::Short | Reply::Lost) && self.calls > 20;
        let reply = if passes { Reply::Yes } else { reply };
        self.calls += 1;
        let refused = AttemptState::Refused;
        let (state, text) = match reply {
            Reply::Yes if self.takes_effect(action, amount, refund) => (AttemptState::Accepted, ""),
            Reply::Short if action == Action::R => (refused, "餘額不足"),
            Reply::Yes | Reply::Refused | Reply::Short => (refused, "no"),
            Reply::NotSent => (AttemptState::NotSent, ""),
            Reply::Lost => (AttemptState::Unknown, ""),
            Reply::YesUnheard => {
                self.takes_effect(action, amount, refund);
                (AttemptState::Unknown, "")
            }
            Reply::Late => {
                self.late.push((self.case.now + Duration::minutes(5), action, amount, refund));
                (AttemptState::Unknown, "")
            }
            Reply::RefusedYetDone => {
                self.late.push((self.case.now + secs(2), action, amount, refund));
                (refused, "no")
            }
        };
        let (now, after_attempt) = (self.case.now, self.case.s.observation.as_ref().map_or(0, |o| o.after_attempt));
        self.case = self.case.clone().tried_as(action, amount, state, |a| {
            (a.started_at, a.finished_at, a.text) = (now, Some(now), text.to_owned());
        });
        self.case = self.case.clone().look(|o| o.after_attempt = after_attempt);
    }

    fn settle(&mut self, id: i64, verdict: &Verdict) {
        let observed = self.case.s.observation.clone().expect("a look");
        let attempt = self.case.s.attempts.iter_mut().find(|a| a.id == id).expect("an attempt");
        attempt.state = match verdict {
            Verdict::AbsentOnce => return attempt.first_absence_at = Some(observed.gateway_time()),
            Verdict::Applied => AttemptState::Applied,
            Verdict::NotApplied => AttemptState::NotApplied,
            Verdict::Review { .. } => AttemptState::Review,
        };
        assert!(*verdict != Verdict::Applied || attempt.effect_in(&observed.seen) == Effect::There);
        attempt.finished_at = Some(self.case.now);
        let moved = matches!(attempt.action, Action::R | Action::N) && *verdict == Verdict::Applied;
        let (action, amount) = (attempt.action, attempt.amount.dollars());
        if let Some(refund) = attempt.refund_id.filter(|_| moved) {
            self.ends(refund, action, amount);
        }
    }

    /// It is done, and with N those that ask for the rest of the order.
    fn ends(&mut self, refund: i64, action: Action, amount: i64) {
        let of = |r: &Refund| r.amount.map(Twd::dollars);
        let all = self.case.s.refunds.iter().filter_map(of).sum::<i64>();
        let together =
            action == Action::N && self.case.s.refunds.first().is_some_and(|r| of(r).is_some_and(|a| a != 1000));
        let ended: Vec<Refund> = self.case.s.refunds.iter().filter(|r| r.id == refund || together).cloned().collect();
        for r in &ended {
            let own = if together { of(r).unwrap_or(1000 - all) } else { amount };
            self.done.push((r.id, own));
        }
        self.case.s.refunds.retain(|r| ended.iter().all(|e| e.id != r.id));
    }

    /// A person looks at the dashboard and tells the truth.
    fn answered(&mut self, action: Action, amount: Twd, refund: Option<i64>) {
        let (status, net) = (self.status, self.net);
        let was = self.gone.iter().any(|(of, _)| *of == refund);
        let state = if was { AttemptState::Applied } else { AttemptState::NotApplied };
        let now = self.case.now;
        self.case = self.case.clone().tried_as(action, amount.dollars(), state, |a| {
            let reviewed = Some(Before { status, net });
            (a.started_at, a.finished_at, a.sent, a.reviewed) = (now, Some(now), false, reviewed);
        });
        if let Some(refund) = refund.filter(|_| was) {
            self.ends(refund, action, amount.dollars());
        }
    }

    /// One step of the plan; false once there is none left.
    fn step(&mut self) -> bool {
        let plan = self.case.plan();
        self.steps += 1;
        match plan.step {
            Step::Wait { until: None } => return false,
            Step::Wait { until: Some(until) } => self.until(until),
            Step::Look => {
                self.until(self.case.now + secs(1));
                let (now, status, net) = (self.case.now, self.status, self.net);
                let newest = self.case.s.attempts.last().map_or(0, |a| a.id);
                let look = self.case.s.observation.as_mut().expect("a look");
                (look.at, look.after_attempt) = (now, newest);
                if let Seen::Card(card) = &mut look.seen {
                    (card.status, card.net) = (status, net);
                }
            }
            Step::Act { action, amount } => self.act(action, amount.dollars(), plan.refund),
            Step::Ask { action, amount, .. } => self.answered(action, amount, plan.refund),
            Step::Settle { attempt, verdict } => self.settle(attempt, &verdict),
            Step::Reject => self.rejected.push(self.case.s.refunds.remove(0).id),
            Step::Review => {
                self.case.s.refunds[0].state = RefundState::Review;
                self.case.s.refunds[0].detail = plan.why();
            }
            Step::CatchUp | Step::LookAtVouchers { .. } => {
                unreachable!("these ledgers were never restored and hold no vouchers")
            }
        }
        true
    }

    fn run(mut self) -> Self {
        let end = day(100);
        while self.case.now < end && self.step() {
            assert!(self.steps < 8000, "turns in circles: {:?}\n{:#?}", self.case.plan(), self.case);
        }
        self
    }
}

fn lives(each: impl FnMut(Case, Vec<Reply>)) {
    lives_of(&REPLIES, each);
}

fn lives_of(replies: &[Reply], mut each: impl FnMut(Case, Vec<Reply>)) {
    let starts = [(Authorized, 0), (ToBeCaptured, 1000), (Captured, 1000)];
    let refunds: [&[Option<i64>]; 5] = [&[None], &[Some(1000)], &[Some(300)], &[Some(300), None], &[]];
    let mut n = 0_usize;
    let pairs = replies.iter().flat_map(|a| replies.iter().map(move |b| (*a, *b)));
    for (first, second) in pairs {
        for (third, asked) in replies.iter().flat_map(|a| refunds.map(|b| (*a, b))) {
            n += 7919;
            let (status, net) = starts[n % 3];
            let mut case = asked.iter().fold(order(status, net), |c, amount| c.refund(*amount));
            case.s.order.capture = CaptureMode::ALL[n / 3 % 3];
            let policies = [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual];
            case.policy.capture = policies[n / 9 % 3];
            let parts = [PartialOnAuthorized::Wait, PartialOnAuthorized::Capture];
            case.policy.partial_on_authorized = parts[n / 27 % 2];
            case.s.merchant.daily_auto_close = n / 54 % 2 == 1;
            let starts_at = [NOON, "2026-08-01 20:10:00", "2026-08-01 20:14:00", "2026-08-01 22:59:50"];
            each(case.at(starts_at[n / 108 % 4]), vec![first, second, third]);
        }
    }
}

#[test]
fn money_moves_at_most_once_and_every_refund_comes_to_an_end() {
    let mut count = 0;
    lives(|case, replies| {
        let asked = case.s.refunds.len();
        let told = format!("{replies:?} {:?} {:?}", case.s.order.capture, case.s.refunds);
        let walk = Walk::from(case, replies).run();
        let gone: i64 = walk.done.iter().map(|(_, amount)| amount).sum();
        let back = match walk.status {
            Canceled => 1000,
            ToBeCaptured | Captured => 1000 - walk.net,
            _ => 0,
        };
        assert_eq!(gone, back, "what is recorded as refunded is what went back: {told}");
        let mut ids: Vec<i64> = walk.done.iter().map(|d| d.0).chain(walk.rejected.iter().copied()).collect();
        ids.dedup();
        assert_eq!(ids.len() + walk.case.s.refunds.len(), asked, "each refund ends once: {told}");
        let person = |s: &Situation| {
            s.attempts.iter().any(|a| a.state == AttemptState::Review)
                || s.refunds.iter().any(|r| r.state == RefundState::Review)
        };
        let ended = walk.case.s.refunds.is_empty() || person(&walk.case.s);
        assert!(ended, "a refund waits for ever: {told} {:?}", walk.case.plan());
        count += 1;
    });
    assert_eq!(count, 7 * 7 * 7 * 5);
}

/// What was refused in words takes effect all the same.
#[test]
fn no_refund_moves_twice_whatever_takes_effect_late() {
    let replies = [Reply::Yes, Reply::YesUnheard, Reply::Refused, Reply::Lost, Reply::RefusedYetDone];
    let mut late = 0;
    lives_of(&replies, |case, replies| {
        let asked = case.s.refunds.clone();
        let told = format!("{replies:?} {:?} {:?}", case.s.order.capture, case.s.refunds);
        let walk = Walk::from(case, replies).run();
        for refund in asked {
            let moves: Vec<&(Option<i64>, i64)> = walk.gone.iter().filter(|(of, _)| *of == Some(refund.id)).collect();
            assert!(moves.len() <= 1, "refund {} moved {moves:?}: {told} {:#?}", refund.id, walk.case.s.attempts);
            let done = walk.done.iter().any(|(id, _)| *id == refund.id);
            late += usize::from(!done && moves.len() == 1);
        }
    });
    // Rejected at the first look, and done all the same: that is told, and asked about before any other R.
    assert!(late > 0);
}

#[test]
fn a_gateway_that_only_fails_is_not_called_without_end() {
    for reply in [Reply::Lost, Reply::Refused, Reply::Late, Reply::YesUnheard] {
        lives(|case, replies| {
            // One of each seven is enough: the replies are replaced.
            if replies[1] == Reply::Yes && replies[2] == Reply::Yes {
                let walk = Walk::from(case, vec![reply]).run();
                assert!(walk.calls <= 60, "{reply:?}: {} calls {:#?}", walk.calls, walk.case.s.attempts);
            }
        });
    }
}
