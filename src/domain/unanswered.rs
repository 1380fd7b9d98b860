//! What settles a money call that has no answer, or whose effect is not seen: one table, by the interface that
//! it was made by, the action, and what a look shows.
//!
//! ```text
//!                       while it may take effect    once its time is over
//!  effect shows         applied                     applied
//!  no effect            wait                        not applied; a part of a refund by form: a person
//!  nothing is told      wait                        patience
//!  something else       wait; accepted: a person    a person
//! ```
//!
//! The time of a JSON request is over when it is too old to be accepted. That of a form request is never over:
//! after `gateway.quiet` it is only unlikely that it still comes. C, E and N are guarded by the order's state,
//! and a second one is refused where the first has acted. R is not, unless two of them are more than is left.

use super::action::Action;
use super::api::CardApi;

/// What a look shows of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    Effect,
    NoEffect,
    /// The look says nothing about it.
    Nothing,
    /// What the call does not explain.
    SomethingElse,
}

/// A call as the table knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    pub api: CardApi,
    pub action: Action,
    /// The gateway said yes.
    pub accepted: bool,
    /// Made twice, it would be more than what is left: the second is refused whichever comes first.
    pub fits_once: bool,
    /// Too old to be accepted, or quiet for long enough.
    pub over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Applied,
    /// Once a second look agrees.
    NotApplied,
    Wait,
    /// Looks go on, ever more rarely, and after a day a person has to tell.
    Patience,
    Person,
}

impl Open {
    pub fn next(self, shows: Shows) -> Next {
        match shows {
            Shows::Effect => Next::Applied,
            // As long as its own effect may still come, nobody can tell either.
            Shows::SomethingElse if self.over || self.accepted => Next::Person,
            Shows::Nothing if self.over => Next::Patience,
            // A second call would repeat it, and it was said to be done.
            Shows::NoEffect if self.accepted && self.action == Action::R => Next::Patience,
            Shows::NoEffect if self.over && self.may_be_repeated() => Next::NotApplied,
            Shows::NoEffect if self.over => Next::Person,
            Shows::NoEffect | Shows::Nothing | Shows::SomethingElse => Next::Wait,
        }
    }

    /// Whether a second call can do no harm, even if the first one takes effect after it.
    fn may_be_repeated(self) -> bool {
        match (self.api, self.action) {
            (CardApi::Json, _) | (CardApi::Form, Action::C | Action::E | Action::N) => true,
            (CardApi::Form, Action::R) => self.fits_once || deliberate!(ResendsPartsByForm),
        }
    }
}

/// Whether a late `first` would undo what `next` does, or do to it what nobody asked for: then `next` is held back
/// while `first` may still come.
pub fn crosses(first: Action, next: Action) -> bool {
    match (first, next) {
        // Closes again what was called back; comes before what is to be abandoned.
        (Action::C, Action::E | Action::N) => true,
        // Calls back what was captured; what it does to a refund is on no page.
        (Action::E, Action::C | Action::R) => true,
        // Abandons what is to be captured.
        (Action::N, Action::C) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Next::{Applied, NotApplied, Patience, Person, Wait};

    const SHOWS: [Shows; 4] = [Shows::Effect, Shows::NoEffect, Shows::Nothing, Shows::SomethingElse];

    #[test]
    fn the_whole_table() {
        use Action::{C, E, N, R};
        use CardApi::{Form, Json};
        // Effect, no effect, nothing, something else.
        let young = [Applied, Wait, Wait, Wait];
        let settled = [Applied, NotApplied, Patience, Person];
        let said_yes = [Applied, Wait, Wait, Person];
        for api in CardApi::ALL.iter().copied() {
            for action in Action::ALL {
                for fits_once in [false, true] {
                    let told = |accepted: bool, over: bool| {
                        SHOWS.map(|shows| Open { api, action, accepted, fits_once, over }.next(shows))
                    };
                    let repeats = action == R && api == Form && !fits_once;
                    assert_eq!(told(false, false), young, "{api:?} {action}");
                    assert_eq!(told(false, true), if repeats { [Applied, Person, Patience, Person] } else { settled });
                    if action == R {
                        assert_eq!(told(true, false), [Applied, Patience, Wait, Person]);
                        assert_eq!(told(true, true), [Applied, Patience, Patience, Person]);
                    } else {
                        assert_eq!(told(true, false), said_yes, "{api:?} {action}");
                        assert_eq!(told(true, true), settled, "{api:?} {action}");
                    }
                }
            }
        }
        for (api, action) in [(Json, R), (Form, C), (Form, E), (Form, N)] {
            let open = Open { api, action, accepted: false, fits_once: false, over: true };
            assert_eq!(open.next(Shows::NoEffect), NotApplied, "may be repeated: {api:?} {action}");
        }
    }

    #[test]
    fn a_call_is_held_back_by_what_would_undo_it() {
        let crossing = |first: Action| {
            Action::ALL.into_iter().filter(move |next| crosses(first, *next)).map(Action::letter).collect::<String>()
        };
        assert_eq!(Action::ALL.map(crossing), ["EN", "", "CR", "C"], "after an unanswered C, R, E, N");
    }
}
