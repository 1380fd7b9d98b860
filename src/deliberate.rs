//! Faults of our own, to check the checker: `tests/checker.rs` switches each on and expects
//! the simulation to catch it.
//!
//! They exist only in a build with the feature `deliberate-faults`, which nothing but that
//! test asks for. Without it [`deliberate!`] is `false` before the optimizer has begun.

/// Whether a fault of ours is switched on.
macro_rules! deliberate {
    // Every fortieth time.
    (sometimes $fault:ident) => {
        deliberate!($fault) && $crate::deliberate::now_and_then()
    };
    ($fault:ident) => {
        cfg!(feature = "deliberate-faults") && $crate::deliberate::is_on($crate::deliberate::Deliberate::$fault)
    };
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Deliberate {
            $($(#[doc = $doc])+ $fault,)+
        }

        #[cfg(feature = "deliberate-faults")]
        impl Deliberate {
            pub const ALL: &[(Self, &str)] = &[$((Self::$fault, concat!($($doc),+)),)+];
        }
    };
}

faults! {
    /// a money call that was lost on the way is sent again
    RepeatsLostCalls,
    /// no answer to a money call is taken for a refusal to connect
    TakesSilenceForNotSent,
    /// an attempt found open at start-up is taken for one that was never sent
    TakesOpenForNotSent,
    /// absence is believed before the request is too old to be accepted
    SettlesEarly,
    /// every fortieth commit is answered and not made
    LosesACommit,
    /// the closing window is open
    IgnoresTheWindow,
    /// an order is acted on by whatever was seen of it last
    TrustsStaleLooks,
    /// an answer about another order is believed
    BelievesForeignAnswers,
    /// what the shop wrote since the look does not stop the call
    IgnoresTheShopsLastWord,
    /// captures are planned three days after their deadline
    CapturesTooLate,
    /// no stage of the alert before day 80 is raised
    StaysQuiet,
    /// a capture that was called back counts as the refund
    CountsACallBackAsRefund,
    /// after 403 the calls go on
    CallsThroughSilence,
    /// only negative rows count as refunds, not a capture row that shrank
    MissesShrunkRows,
    /// what needs a person raises no alert
    LeavesReviewsUntold,
    /// what was redeemed in vouchers is refunded
    RefundsRedeemedVouchers,
    /// a refusal in words is believed at the first look
    BelievesARefusalAtOnce,
    /// a person's word is believed whatever a younger look shows
    BelievesThePersonsStaleWord,
    /// an alert is found by its cause only, never by the age of what is not finished
    FindsAlertsByCauseOnly,
    /// the voucher guard opens where two numbers differ
    OpensOnDifferingNumbers,
    /// the checksum of a voucher answer is not asked for
    BelievesForgedVouchers,
    /// a probe does not rotate: one row has them all
    ProbesTheSameRow,
    /// which state may follow which is guarded by nobody
    LeavesTransitionsUnguarded,
    /// a part of a refund that nobody answered by form is sent again
    ResendsPartsByForm,
    /// a request by form is taken for ended when one with a stamp would be
    TrustsAgeByForm,
    /// what an unanswered call by form would undo does not wait for it
    CrossesByForm,
    /// the checksum of an order query by form is not asked for
    ChecksumNotChecked,
    /// what may be installments is refunded in part
    PartsOfUnknownInstallments,
    /// no row is registered for a later charge of a recurring order
    FollowsNoLaterCharge,
    /// the detail of an order's first charge is taken for that of a later one
    AsksAboutTheFirstCharge,
}

#[cfg(feature = "deliberate-faults")]
mod switch {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Deliberate;

    /// The fault's place plus one; 0: none.
    static ON: AtomicUsize = AtomicUsize::new(0);

    pub fn switch(fault: Option<Deliberate>) {
        ON.store(fault.map_or(0, |f| f as usize + 1), Ordering::SeqCst);
    }

    /// Every fortieth time.
    pub(crate) fn now_and_then() -> bool {
        static TIMES: AtomicUsize = AtomicUsize::new(0);
        TIMES.fetch_add(1, Ordering::Relaxed) % 40 == 39
    }

    pub(crate) fn is_on(fault: Deliberate) -> bool {
        ON.load(Ordering::Relaxed) == fault as usize + 1
    }
}

#[cfg(feature = "deliberate-faults")]
pub use switch::switch;
#[cfg(feature = "deliberate-faults")]
pub(crate) use switch::{is_on, now_and_then};

#[cfg(not(feature = "deliberate-faults"))]
pub(crate) const fn is_on(_fault: Deliberate) -> bool {
    false
}

#[cfg(not(feature = "deliberate-faults"))]
pub(crate) const fn now_and_then() -> bool {
    false
}
