//! After the run: the journal of each order, dollar by dollar, against what the ledger shows, our own calls and the
//! bank's rows.

use chrono::{DateTime, Utc};
use ecpayd::simulator::bank::RowTruth;

use crate::actors::has_other_hands;
use crate::checks::Case;
use crate::ledger::Row;

pub struct MovementBook {
    pub kind: String,
    pub amount: i64,
    pub by: String,
    pub attempt: Option<i64>,
    pub refund: Option<i64>,
    pub gateway_at: Option<DateTime<Utc>>,
}

pub const SELECT: &str = "SELECT j.order_id, m.kind, m.amount, m.by, m.attempt_id, m.refund_id, j.gateway_at
                            FROM movements m JOIN journal j ON j.id = m.id ORDER BY m.id";

impl MovementBook {
    pub fn read(row: &Row<'_>) -> Self {
        Self {
            kind: row.get("kind"),
            amount: row.get("amount"),
            by: row.get("by"),
            attempt: row.get("attempt_id"),
            refund: row.get("refund_id"),
            gateway_at: row.get("gateway_at"),
        }
    }
}

impl Case<'_> {
    fn moved(&self, kind: &str) -> i64 {
        self.book.journal.iter().filter(|m| m.kind == kind).map(|m| m.amount).sum()
    }

    fn rows(&self) -> impl Iterator<Item = &RowTruth> {
        self.truth.authorizations.iter().flat_map(|a| a.rows.iter().chain(&a.undone))
    }
}

/// Invariant 9: in every state, whatever was lost, put back or done by others.
pub fn adds_up(case: &Case, check: &mut impl FnMut(bool, &str)) {
    let book = case.book;
    let moved = |kind: &str| case.moved(kind);
    let captured = moved("captured") - moved("called_back");
    check(
        captured == book.captured,
        &format!("the journal has {captured} captured, the order shows {}", book.captured),
    );
    let refunded = moved("refunded");
    check(
        refunded == book.refunded,
        &format!("the journal has {refunded} refunded, the order shows {}", book.refunded),
    );
    let whole = book.amount.unwrap_or_default();
    for kind in ["authorized", "voided", "expired"] {
        check([0, whole].contains(&moved(kind)), &format!("the journal has {} {kind} of {whole}", moved(kind)));
    }
    let open = moved("authorized") - captured - moved("voided") - moved("expired");
    let expected = match book.state.as_str() {
        "authorized" => Some(whole),
        "to_be_captured" | "captured" | "refunded" | "voided" | "expired" | "registered" | "not_card" => Some(0),
        // What it showed last counts on.
        _ => None,
    };
    check(expected.is_none_or(|e| e == open), &format!("the journal has {open} still authorized"));
}

/// Each movement is explained by a call of its own, or by nobody's of ours.
pub fn by_whom(case: &Case, check: &mut impl FnMut(bool, &str)) {
    for m in &case.book.journal {
        let what = format!("{} {} by {}", m.kind, m.amount, m.by);
        check((m.by == "ecpayd") == m.attempt.is_some(), &format!("{what} without a call"));
        let Some(id) = m.attempt else { continue };
        let Some(attempt) = case.book.attempts.iter().find(|a| a.id == id) else {
            check(false, &format!("{what} is of a call of another order"));
            continue;
        };
        let action = match m.kind.as_str() {
            "captured" => "C",
            "called_back" => "E",
            "refunded" => "R",
            _ => "N",
        };
        let same = attempt.action == action && attempt.amount == m.amount && attempt.state == "applied";
        check(same && attempt.refund == m.refund, &format!("{what} is not what attempt {id} did"));
    }
}

/// The dates are the bank's own, to the second; and each of our refunds has a movement where nothing hid it.
pub fn dates(case: &Case, plain: bool, check: &mut impl FnMut(bool, &str)) {
    let s = |at: DateTime<Utc>| at.timestamp();
    for m in &case.book.journal {
        let Some(at) = m.gateway_at else { continue };
        // What is taken back has the time of that in place of its own.
        let taken_back =
            |sign: i64| case.truth.authorizations.iter().flat_map(|a| &a.undone).any(|r| r.amount * sign > 0);
        let known = match m.kind.as_str() {
            "authorized" => case.truth.authorizations.iter().any(|a| s(a.authorized_at) == s(at)),
            "captured" => case.rows().any(|r| r.amount >= 0 && s(r.at) == s(at)) || taken_back(1),
            _ => case.rows().any(|r| r.amount < 0 && s(r.at) == s(at)) || taken_back(-1),
        };
        check(known, &format!("{} {} is dated {at}, and the bank has no such row", m.kind, m.amount));
    }
    let undone = case.rows().any(|r| r.amount > 0) && case.truth.authorizations.iter().any(|a| !a.undone.is_empty());
    if !plain || undone || has_other_hands(case.order) || case.book.unclaimed > 0 {
        return;
    }
    // What a call and its copy moved between two looks is one movement, of neither's amount.
    let merged = case.actions.iter().any(|a| a.effect && case.is_copy(a));
    for attempt in case.book.attempts.iter().filter(|a| a.state == "applied" && !a.asked) {
        let booked = case.book.journal.iter().any(|m| m.attempt == Some(attempt.id));
        // What a capture called back may have been captured again before anybody looked.
        let must = attempt.action == "R" || attempt.action == "N";
        check(
            booked || !must || merged,
            &format!(
                "attempt {} ({} {}) moved money that no movement tells of",
                attempt.id, attempt.action, attempt.amount
            ),
        );
    }
    let dated = |m: &&crate::journal::MovementBook| m.kind == "captured" && m.gateway_at.is_none();
    check(!case.book.journal.iter().any(|m| dated(&m)), "a capture has no date, and the bank told one");
}
