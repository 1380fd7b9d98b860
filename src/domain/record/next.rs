//! When and why an order is visited next.

use chrono::{DateTime, Utc};

use crate::domain::action::Action;
use crate::domain::pause::PauseOf;
use crate::domain::plan::{Plan, Rank, Step};
use crate::domain::reason::{Gate, Reason};
use crate::domain::rule::Rule;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextVisit {
    /// None: until somebody writes to the order.
    pub at: Option<DateTime<Utc>>,
    pub rank: Rank,
    pub rule: Rule,
    pub reason: Reason,
    /// `order_status.next_step` and `next_step_at`.
    pub step: Option<(&'static str, DateTime<Utc>)>,
}

impl NextVisit {
    /// As the plan says, or at `at` where the pass ends before its plan is carried out.
    pub fn of(planned: &Plan, at: Option<DateTime<Utc>>) -> Self {
        let until = match planned.step {
            Step::Wait { until } => until,
            _ => at,
        };
        let at = at.or(until);
        // What it is woken for decides who goes first then, not what it is now.
        let capture = planned.ahead.is_some_and(|a| a.action == Action::C && at.is_some_and(|next| a.at <= next));
        let rank = if capture { planned.rank.min(Rank::Deadline) } else { planned.rank };
        Self { at, rank, rule: planned.rule, reason: planned.reason.clone(), step: planned.next_step(until) }
    }

    /// The pause whose end it waits for.
    pub fn pause(&self) -> Option<PauseOf> {
        match self.reason {
            Reason::Gate(Gate::Paused { of, .. }) if self.rule == Rule::Paused => Some(of),
            _ => None,
        }
    }
}
