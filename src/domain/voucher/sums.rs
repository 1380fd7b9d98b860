//! Whether a voucher order's totals add up. What does not is never used for a decision.

use super::{IssueStatus, Part, Ticket, Totals, UseStatus, VoucherNumber};
use crate::domain::money::Twd;

impl Totals {
    /// How many tickets have this status, and their face value together.
    pub fn of(tickets: &[Ticket], status: UseStatus) -> Part {
        let of_status = tickets.iter().filter(|t| t.status == status);
        of_status.fold(Part::default(), |part, t| Part { count: part.count + 1, amount: part.amount.plus(t.amount) })
    }

    /// Why these totals cannot be believed beside these tickets, in one sentence.
    pub fn mismatch(&self, number: &VoucherNumber, status: IssueStatus, tickets: &[Ticket]) -> Option<String> {
        if status != IssueStatus::Issued {
            // Nothing can have been redeemed of what was never issued.
            let redeemed = self.redeemed.count > 0 || !self.redeemed.amount.is_zero();
            return redeemed.then(|| "tickets are redeemed that were never issued".to_owned());
        }
        self.counts_differ().or_else(|| self.tickets_differ(tickets)).or_else(|| self.amounts_differ(number))
    }

    fn counts_differ(&self) -> Option<String> {
        let parts = [self.redeemed, self.refunded, self.unused, self.expired];
        let sum: u64 = parts.iter().map(|p| u64::from(p.count)).sum();
        (sum != u64::from(self.count)).then(|| {
            let [redeemed, refunded, unused, expired] = parts.map(|p| p.count);
            format!(
                "{redeemed} redeemed, {refunded} refunded, {unused} unused and {expired} expired tickets are not the {} of the order",
                self.count
            )
        })
    }

    fn tickets_differ(&self, tickets: &[Ticket]) -> Option<String> {
        if tickets.len() != usize::try_from(self.count).unwrap_or(usize::MAX) {
            return Some(format!("{} tickets came of the {} of the order", tickets.len(), self.count));
        }
        let parts = [
            (UseStatus::Redeemed, self.redeemed),
            (UseStatus::Refunded, self.refunded),
            (UseStatus::Unused, self.unused),
            (UseStatus::Expired, self.expired),
        ];
        parts.into_iter().find_map(|(status, total)| {
            let listed = Self::of(tickets, status);
            (listed != total).then(|| {
                let word = status.word();
                format!(
                    "the tickets listed as {word} are {} of {}, the order's total says {} of {}",
                    listed.count, listed.amount, total.count, total.amount
                )
            })
        })
    }

    /// What was given away has face values and no price.
    fn amounts_differ(&self, number: &VoucherNumber) -> Option<String> {
        let parts = [self.redeemed, self.refunded, self.unused, self.expired];
        let sum: i64 = parts.iter().map(|p| p.amount.dollars()).sum();
        (!number.is_free() && sum != self.trade_amount.dollars()).then(|| {
            let [redeemed, refunded, unused, expired] = parts.map(|p| p.amount);
            format!(
                "{redeemed} redeemed, {refunded} refunded, {unused} unused and {expired} expired are not the {} of the order",
                self.trade_amount
            )
        })
    }

    /// The most that may go back of what was paid: nothing of what is redeemed.
    pub fn refundable(&self) -> Twd {
        self.trade_amount.less(self.redeemed.amount)
    }

    /// Nothing is left to be used.
    pub fn is_used_up(&self) -> bool {
        self.unused.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{FreeTradeNo, VoucherTradeNo};

    fn twd(dollars: i64) -> Twd {
        Twd::new(dollars).expect("an amount")
    }

    fn tickets(statuses: &[(UseStatus, i64)]) -> Vec<Ticket> {
        let ticket = |(place, (status, amount)): (usize, &(UseStatus, i64))| Ticket {
            no: format!("T{place}"),
            status: *status,
            kind: None,
            item_no: None,
            item_name: None,
            amount: twd(*amount),
            starts_on: None,
            expires_on: None,
            redeemed_at: None,
            refunded_at: None,
        };
        statuses.iter().enumerate().map(ticket).collect()
    }

    fn totals(tickets: &[Ticket]) -> Totals {
        Totals {
            count: u32::try_from(tickets.len()).expect("a few"),
            trade_amount: tickets.iter().fold(Twd::ZERO, |sum, t| sum.plus(t.amount)),
            redeemed: Totals::of(tickets, UseStatus::Redeemed),
            refunded: Totals::of(tickets, UseStatus::Refunded),
            refund_fee: Twd::ZERO,
            unused: Totals::of(tickets, UseStatus::Unused),
            expired: Totals::of(tickets, UseStatus::Expired),
        }
    }

    fn sold() -> VoucherNumber {
        VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse("V1").expect("a number"))
    }

    #[test]
    fn totals_are_believed_only_when_counts_tickets_and_amounts_add_up() {
        use UseStatus::{Expired, Redeemed, Refunded, Unused};
        let tickets = tickets(&[(Redeemed, 1200), (Refunded, 300), (Unused, 500), (Expired, 1000)]);
        let good = totals(&tickets);
        type Break = fn(&mut Totals);
        let table: [(Break, Option<&str>); 9] = [
            (|_| {}, None),
            (|t| t.refund_fee = twd(80), None),
            (|t| t.redeemed.count = 2, Some("are not the 4 of the order")),
            (|t| t.count = 5, Some("are not the 5 of the order")),
            (
                |t| t.redeemed.amount = twd(1100),
                Some("listed as redeemed are 1 of NT$1200, the order's total says 1 of NT$1100"),
            ),
            (|t| t.refunded.amount = twd(600), Some("listed as refunded")),
            (|t| t.unused.amount = Twd::ZERO, Some("listed as unused")),
            (|t| t.trade_amount = twd(3001), Some("are not the NT$3001 of the order")),
            (|t| (t.unused.count, t.expired.count) = (2, 0), Some("listed as unused")),
        ];
        for (row, (harm, told)) in table.into_iter().enumerate() {
            let mut totals = good;
            harm(&mut totals);
            let said = totals.mismatch(&sold(), IssueStatus::Issued, &tickets);
            match told {
                None => assert_eq!(said, None, "row {row}"),
                Some(part) => assert!(said.as_ref().is_some_and(|s| s.contains(part)), "row {row}: {said:?}"),
            }
        }
    }

    #[test]
    fn a_ticket_that_did_not_come_is_a_mismatch() {
        let all = tickets(&[(UseStatus::Unused, 500), (UseStatus::Unused, 500)]);
        let said = totals(&all).mismatch(&sold(), IssueStatus::Issued, &all[..1]);
        assert_eq!(said.as_deref(), Some("1 tickets came of the 2 of the order"));
    }

    #[test]
    fn what_was_given_away_has_face_values_and_no_price() {
        let all = tickets(&[(UseStatus::Redeemed, 100)]);
        let given = Totals { trade_amount: Twd::ZERO, ..totals(&all) };
        let free = VoucherNumber::FreeTradeNo(FreeTradeNo::parse("F1").expect("a number"));
        assert_eq!(given.mismatch(&free, IssueStatus::Issued, &all), None);
        assert!(given.mismatch(&sold(), IssueStatus::Issued, &all).is_some());
    }

    #[test]
    fn nothing_is_redeemed_of_what_was_never_issued() {
        let all = tickets(&[(UseStatus::Redeemed, 100)]);
        for status in [IssueStatus::Issuing, IssueStatus::IssueFailed] {
            assert!(totals(&all).mismatch(&sold(), status, &[]).is_some());
            let none = Totals { trade_amount: twd(100), ..Totals::default() };
            assert_eq!(none.mismatch(&sold(), status, &[]), None);
        }
    }

    #[test]
    fn nothing_that_is_redeemed_may_go_back() {
        let all = tickets(&[(UseStatus::Redeemed, 1200), (UseStatus::Unused, 300), (UseStatus::Expired, 500)]);
        assert_eq!(totals(&all).refundable(), twd(800));
    }
}
