//! One attempt to move money, and how an unanswered one is settled.

use chrono::{DateTime, Duration, TimeZone, Utc};

use super::action::{Action, HTTP_RATE_LIMITED};
use super::api::CardApi;
use super::facts::{CardFacts, Observation, Seen};
use super::money::Twd;
use super::order::words;
use super::policy::Policy;
use super::reason::{Reason, Settling};
use super::status::CardStatus;

words! {
    /// `attempts.state`. The first four are open: at most one attempt of an order is.
    AttemptState {
        /// Written down; the call may or may not have gone out.
        Started = "started",
        /// The gateway said yes; not yet seen in a look.
        Accepted = "accepted",
        /// No answer that counts.
        Unknown = "unknown",
        /// Only a person can tell.
        Review = "review",
        /// Took effect, as a look showed or a person said.
        Applied = "applied",
        /// Had no effect and can have none any more.
        NotApplied = "not_applied",
        Refused = "refused",
        NotSent = "not_sent",
    }
}

/// 可退刷額度不足, as recorded.
const BALANCE_SHORT: i64 = 10_100_027;

fn names_a_short_balance(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let insufficient = ["fund", "amount", "quota", "credit"].iter().any(|what| words.contains(what));
    ["餘額", "金額不足", "額度不足", "balance"].iter().any(|part| words.contains(part))
        || (words.contains("insufficient") && insufficient)
}

impl AttemptState {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Started | Self::Accepted | Self::Unknown | Self::Review)
    }
}

/// What the gateway showed just before the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    pub status: CardStatus,
    pub net: i64,
}

impl Before {
    pub fn of(card: &CardFacts) -> Self {
        Self { status: card.status, net: card.net }
    }
}

/// So far the gateway's dates and our clock are apart at most.
const CLOCKS_DIFFER: Duration = Duration::days(1);

/// A request whose stamp has ended acts no more; a row of what it did may have the date of a closing after it.
const LATEST_DATE: Duration = Duration::days(3);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: i64,
    pub refund_id: Option<i64>,
    /// By which it was made: it decides how long it may still take effect.
    pub api: CardApi,
    pub action: Action,
    pub amount: Twd,
    pub state: AttemptState,
    pub before: Before,
    pub started_at: DateTime<Utc>,
    /// When the outcome was recorded; for a settled one, when it was settled.
    pub finished_at: Option<DateTime<Utc>>,
    /// The RtnCode of an answer that was no yes, also of one that was no proof; or `HTTP_RATE_LIMITED`.
    pub code: Option<i64>,
    /// The gateway's words, or why there are none.
    pub text: String,
    /// The gateway's time of the first look after the request's validity that showed no effect.
    pub first_absence_at: Option<DateTime<Utc>>,
    /// False: a question to a person whether it was made; nothing was sent for it.
    pub sent: bool,
    /// What the gateway showed when it was put before a person: what the person's word is about.
    pub reviewed: Option<Before>,
    /// A person has said that what it gave back was undone at ECPay: it is left again.
    pub undone: bool,
    /// At this restore a person was asked whether it was made: a question for which nothing was sent, or
    /// a call whose outcome is lost.
    pub asked: Option<i64>,
}

impl Attempt {
    /// It took effect, and what it did still stands as far as anybody has said.
    pub fn stands(&self) -> bool {
        self.state == AttemptState::Applied && !self.undone
    }

    /// Whether a movement that the gateway dates so can be what it did: not one from before it, nor, where a stamp ends
    /// the request, one from long after it. Whatever has no date may be.
    pub fn may_have_moved(&self, at: Option<DateTime<Utc>>) -> bool {
        let Some(at) = at else { return true };
        // A question is written down after what it asks about.
        let begun = !self.sent || at >= self.started_at - CLOCKS_DIFFER;
        let ended = self.sent && self.api == CardApi::Json && at > self.started_at + LATEST_DATE;
        begun && !ended
    }

    /// With a person only because nothing had moved and it might come at any time: what settles it can still be seen.
    pub fn waits_for_an_effect(&self) -> bool {
        let nothing_moved = self.reviewed == Some(self.before);
        self.state == AttemptState::Review
            && (self.api, self.action) == (CardApi::Form, Action::R)
            && (self.sent && self.asked.is_none() && nothing_moved)
    }

    /// From then on looks that show no effect say something.
    pub fn over_at(&self, policy: &Policy) -> DateTime<Utc> {
        if deliberate!(SettlesEarly) {
            return self.started_at;
        }
        match self.api {
            CardApi::Json => self.spent_at(policy),
            CardApi::Form if deliberate!(TrustsAgeByForm) => self.spent_at(policy),
            CardApi::Form => self.given_up_at(policy) + policy.quiet,
        }
    }

    /// Whether that time had come at the look. A request that carries no stamp is as old as both clocks say.
    pub fn is_over(&self, look: &Observation, policy: &Policy) -> bool {
        let time = match self.api {
            CardApi::Json => look.gateway_time(),
            CardApi::Form => look.gateway_time().min(look.at),
        };
        time >= self.over_at(policy)
    }

    /// From then on, by the gateway's clock, it refuses the request, wherever it may still be under way:
    /// its Timestamp plus the validity plus what the clocks may differ.
    fn spent_at(&self, policy: &Policy) -> DateTime<Utc> {
        let stamped = Utc.timestamp_opt(self.started_at.timestamp(), 0).single().unwrap_or(self.started_at);
        stamped + policy.request_validity + policy.max_skew + Duration::seconds(1)
    }

    /// When nobody on our side was sending it any more.
    fn given_up_at(&self, policy: &Policy) -> DateTime<Utc> {
        let answered =
            self.finished_at.filter(|_| matches!(self.state, AttemptState::Accepted | AttemptState::Unknown));
        answered.unwrap_or(self.started_at + policy.timeout)
    }

    /// It was sent, and no answer has said what became of it, whatever looks or people have since.
    pub fn went_unanswered(&self) -> bool {
        let unanswered = match self.state {
            AttemptState::Started | AttemptState::Unknown | AttemptState::Review => true,
            AttemptState::Applied | AttemptState::NotApplied => !self.text.is_empty(),
            AttemptState::Accepted | AttemptState::Refused | AttemptState::NotSent => false,
        };
        unanswered && self.sent && self.asked.is_none()
    }

    /// Whether the gateway said that the ECPay balance is too small (vendor page 信用卡請退款功能, note 4 of R).
    ///
    /// It may have said so without the order's own numbers, which is no proof: then it counts once looks
    /// have shown that nothing moved. The vendor publishes neither code nor words for it; a wrong guess
    /// only turns a retry into a rejection, or a rejection into a retry of a refused call.
    pub fn refused_for_balance(&self) -> bool {
        let said = match self.state {
            AttemptState::Refused => true,
            // Without a code the words are our own.
            AttemptState::NotApplied => self.code.is_some() && !self.was_rate_limited(),
            _ => false,
        };
        said && (self.code == Some(BALANCE_SHORT) || names_a_short_balance(&self.text))
    }

    /// Whether HTTP 403 was the answer: the gateway did not look at the call, so it is none of its tries.
    pub fn was_rate_limited(&self) -> bool {
        self.code == Some(HTTP_RATE_LIMITED) && matches!(self.state, AttemptState::Unknown | AttemptState::NotApplied)
    }

    /// `error_overDate`, which the English page spells `error_overDAY`: too late to capture by API.
    pub fn refused_as_overdue(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        text.contains("error_overdate") || text.contains("error_overday")
    }

    /// Compares a look with what stood before the attempt.
    pub fn effect_in(&self, seen: &Seen) -> Effect {
        let Seen::Card(card) = seen else {
            return Effect::Unreadable;
        };
        use CardStatus::{Canceled, Captured, ToBeCaptured, Unauthorized};
        let whole = card.net == card.amount.dollars();
        match (self.action, card.status) {
            (_, Unauthorized) => Effect::Odd(Settling::NoLongerAuthorized),
            (Action::N, Canceled) => Effect::There,
            (_, Canceled) => Effect::Odd(Settling::VoidedByOthers),

            (Action::C, ToBeCaptured | Captured) if whole => Effect::There,
            (Action::C, ToBeCaptured | Captured) => Effect::Odd(Settling::PartRefundedMeanwhile),
            (Action::C, _) => Effect::Absent,

            // The day's closing or the bank's claim came first: N can no longer take effect.
            (Action::N, ToBeCaptured | Captured) if whole => Effect::Absent,
            (Action::N, ToBeCaptured | Captured) => Effect::Odd(Settling::RefundedByOthers),
            (Action::N, _) => Effect::Absent,

            (Action::E, ToBeCaptured | Captured) if card.net == self.before.net => Effect::Absent,
            (Action::E, ToBeCaptured | Captured) => Effect::Odd(Settling::AnotherAmountMoved),
            (Action::E, _) => Effect::There,

            // An empty list proves no absence: the effect would be one of its rows.
            (Action::R, ToBeCaptured | Captured) if !card.listed => Effect::Unreadable,
            (Action::R, ToBeCaptured | Captured) => self.refund_effect(card.net),
            (Action::R, _) => Effect::Odd(Settling::CalledBackByOthers),
        }
    }

    /// The same for an attempt whose further history is lost with the newer part of the ledger.
    ///
    /// Steps of other attempts may have followed it. Where that could hide a second refund it is odd,
    /// and a person decides; a capture or a call-back moves no money and is taken as it stands.
    pub fn effect_in_restored(&self, seen: &Seen) -> Effect {
        use CardStatus::{Canceled, Captured, ToBeCaptured};
        let Seen::Card(card) = seen else { return Effect::Unreadable };
        match (self.action, card.status) {
            (Action::C, ToBeCaptured | Captured) | (Action::E, Canceled) => Effect::There,
            (Action::C, Canceled) | (Action::E | Action::N, ToBeCaptured | Captured) => Effect::Absent,
            _ => match self.effect_in(seen) {
                Effect::There if self.action == Action::R => Effect::Odd(Settling::LostInRestore),
                effect => effect,
            },
        }
    }

    fn refund_effect(&self, net: i64) -> Effect {
        match self.before.net - net {
            0 => Effect::Absent,
            moved if moved == self.amount.dollars() => Effect::There,
            // Refunds that were there are missing from the answer, and so may this one be.
            moved if moved < 0 => Effect::Unreadable,
            _ => Effect::Odd(Settling::AnotherAmountMoved),
        }
    }
}

/// What a look says about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    There,
    Absent,
    /// The look itself says nothing (unpaid, not found, an unknown word).
    Unreadable,
    /// Something that this attempt does not explain.
    Odd(Settling),
}

/// How an attempt is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Applied,
    /// Seen absent once after its validity; one more look decides.
    AbsentOnce,
    NotApplied,
    Review {
        why: Reason,
    },
}

#[cfg(test)]
mod tests;
