//! What follows as facts. Each test builds one situation and reads the change in words.

mod answers;
mod lives;
mod movements;
mod passes;
pub mod properties;
mod verdicts;
mod words_of_people;

use super::*;
use crate::domain::action::{Action, Outcome};
use crate::domain::attempt::{Attempt, AttemptState, Verdict};
use crate::domain::order::OrderState;
use crate::domain::plan::tests::{Case, NOON, at, card, day, order, secs, seen, twd};
use crate::domain::reason::{Looking, Reason};
use crate::domain::refund::RefundState;
use crate::domain::status::CardStatus;

/// Each step in a line: attempts, refunds with their events, then what is reported of the attempts.
fn told(steps: &Steps) -> Vec<String> {
    let attempts = steps.attempts.iter().map(|step| {
        let to = match &step.what {
            AttemptChange::AbsentOnce { .. } => "absent once".to_owned(),
            AttemptChange::Answered { to, code, text } => {
                let code = code.map(|code| format!(" {code}")).unwrap_or_default();
                format!("{}{code} '{text}'", to.word())
            }
            AttemptChange::Settled { to, by } => {
                format!("{}{}", to.word(), by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default())
            }
            AttemptChange::InReview { why, asked, .. } => {
                format!("review '{}'{}", why.english(), asked.map(|at| format!(" asked at {at}")).unwrap_or_default())
            }
        };
        format!("attempt {}: {} -> {to}", step.id, step.from.word())
    });
    let refunds = steps.refunds.iter().map(|step| {
        let done = step.done.map(|d| format!(" {} {}", d.method.word(), d.amount.dollars())).unwrap_or_default();
        let event = step.event.as_ref().map(|e| format!(" [{}]", e.kind().word())).unwrap_or_default();
        let alert = step.alert.as_ref().map(|a| format!(" !{}", a.kind.word())).unwrap_or_default();
        format!("refund {}: {}{done} '{}'{event}{alert}", step.id, step.to.word(), step.detail())
    });
    let events = steps.events.iter().map(|event| format!("[{}]", event.kind().word()));
    let claimed = (!steps.claimed.is_nothing())
        .then(|| format!("claimed {} void {}", steps.claimed.amount.dollars(), steps.claimed.void));
    attempts.chain(refunds).chain(events).chain(claimed).collect()
}

fn said(text: &str) -> Reason {
    Looking::Said { text: text.to_owned() }.into()
}

#[track_caller]
fn tells(steps: &Steps, expected: &[&str]) {
    assert_eq!(told(steps), expected, "{steps:#?}");
}

impl Case {
    fn last_attempt(&self) -> &Attempt {
        self.s.attempts.last().expect("an attempt")
    }

    fn verdict(&self, verdict: &Verdict) -> Steps {
        let by = SettledBy::Look { at: self.now, shown: self.s.card().map(Before::of) };
        settled(&self.s, self.last_attempt(), verdict, by, self.now)
    }

    /// As the ledger keeps it.
    fn kept(&self) -> Kept {
        let row = OrderRow::of(&self.s, &OrderRow::REGISTERED, &self.policy, self.now);
        let mut booked = Booked::default();
        for (id, m) in (1..).zip(between(&Booked::default(), &self.s, &row, Vec::new(), self.now)) {
            booked.add(
                crate::domain::movement::Unexplained { id, kind: m.kind, amount: m.amount, gateway_at: m.gateway_at },
                m.attempt,
            );
        }
        Kept {
            situation: self.s.clone(),
            look_failures: 0,
            provoked: Provoked::default(),
            alerts: Vec::new(),
            row,
            authorization: None,
            booked,
        }
    }

    fn end(&self) -> End<'_> {
        End { policy: &self.policy, min_interval: Duration::milliseconds(200), next_at: None, now: self.now }
    }
}
