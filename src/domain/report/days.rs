//! A line for each day of a merchant: what was authorized, what became of it, and what is left.

use chrono::NaiveDate;

use crate::domain::movement::MovementKind;

/// The movements of a day that are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySum {
    pub day: NaiveDate,
    pub kind: MovementKind,
    /// New Taiwan dollars.
    pub amount: i64,
    pub count: i64,
}

/// Refunds that were asked for on one day and ended on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundsAsked {
    pub on: NaiveDate,
    /// None: open still.
    pub ended_on: Option<NaiveDate>,
    pub count: i64,
}

/// Sums of movements, each as the journal has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub authorized: i64,
    pub captured: i64,
    pub called_back: i64,
    pub refunded: i64,
    pub voided: i64,
    pub expired: i64,
}

impl Sums {
    pub fn add(&mut self, kind: MovementKind, amount: i64) {
        *match kind {
            MovementKind::Authorized => &mut self.authorized,
            MovementKind::Captured => &mut self.captured,
            MovementKind::CalledBack => &mut self.called_back,
            MovementKind::Refunded => &mut self.refunded,
            MovementKind::Voided => &mut self.voided,
            MovementKind::Expired => &mut self.expired,
        } += amount;
    }

    /// By how much more is authorized and not captured.
    pub fn left_authorized(&self) -> i64 {
        self.authorized - self.captured + self.called_back - self.voided - self.expired
    }

    /// What ECPay owes the merchant, before its fees.
    pub fn net(&self) -> i64 {
        self.captured - self.called_back - self.refunded
    }
}

/// `opening + authorized − captured + called back − voided − expired = closing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayLine {
    pub day: NaiveDate,
    pub opening: i64,
    pub sums: Sums,
    pub closing: i64,
    /// At the end of the day.
    pub refunds_open: i64,
}

/// A line for each day from the first to the last. `opening` is what was authorized and not captured before.
pub fn lines(
    opening: i64,
    (first, last): (NaiveDate, NaiveDate),
    moved: &[DaySum],
    refunds: &[RefundsAsked],
) -> Vec<DayLine> {
    let mut left = opening;
    let of_day = |day: NaiveDate| {
        let mut sums = Sums::default();
        moved.iter().filter(|moved| moved.day == day).for_each(|moved| sums.add(moved.kind, moved.amount));
        sums
    };
    let line = |day: NaiveDate| {
        let (opening, sums) = (left, of_day(day));
        left += sums.left_authorized();
        let open =
            |refunds: &&RefundsAsked| refunds.on <= day && refunds.ended_on.is_none_or(|ended_on| ended_on > day);
        let refunds_open = refunds.iter().filter(open).map(|refunds| refunds.count).sum();
        DayLine { day, opening, sums, closing: left, refunds_open }
    };
    first.iter_days().take_while(|day| *day <= last).map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
    }

    fn moved(on: u32, kind: MovementKind, amount: i64) -> DaySum {
        DaySum { day: day(on), kind, amount, count: 1 }
    }

    #[test]
    fn each_line_adds_up_and_hands_its_end_to_the_next() {
        let moved = [
            moved(1, MovementKind::Authorized, 1000),
            moved(1, MovementKind::Captured, 300),
            moved(3, MovementKind::CalledBack, 300),
            moved(3, MovementKind::Voided, 300),
            moved(3, MovementKind::Refunded, 50),
            moved(3, MovementKind::Expired, 200),
        ];
        let told = lines(500, (day(1), day(4)), &moved, &[]);
        let seen: Vec<_> = told.iter().map(|l| (l.opening, l.closing, l.sums.net())).collect();
        assert_eq!(seen, [(500, 1200, 300), (1200, 1200, 0), (1200, 1000, -350), (1000, 1000, 0)]);
        assert!(told.iter().all(|l| l.opening + l.sums.left_authorized() == l.closing));
    }

    fn any_movement() -> impl Strategy<Value = DaySum> {
        let kind = proptest::sample::select(MovementKind::ALL);
        (1_u32..31, kind, -1000_i64..5000).prop_map(|(on, kind, amount)| moved(on, kind, amount))
    }

    proptest! {
        #[test]
        fn two_halves_of_a_month_tell_the_same_as_the_whole(
            opening in 0_i64..10_000, cut in 1_u32..30, moved in proptest::collection::vec(any_movement(), 0..60)
        ) {
            let whole = lines(opening, (day(1), day(30)), &moved, &[]);
            let mut halves = lines(opening, (day(1), day(cut)), &moved, &[]);
            let middle = halves.last().map_or(opening, |line| line.closing);
            halves.extend(lines(middle, (day(cut + 1), day(30)), &moved, &[]));
            prop_assert_eq!(&whole, &halves);
            let mut sums = Sums::default();
            moved.iter().for_each(|moved| sums.add(moved.kind, moved.amount));
            prop_assert_eq!(whole.last().map(|line| line.closing), Some(opening + sums.left_authorized()));
        }
    }

    #[test]
    fn a_refund_is_open_from_the_day_it_was_asked_for_until_the_day_before_it_ended() {
        let refunds = [
            RefundsAsked { on: day(2), ended_on: Some(day(4)), count: 2 },
            RefundsAsked { on: day(3), ended_on: None, count: 1 },
            RefundsAsked { on: day(3), ended_on: Some(day(3)), count: 5 },
        ];
        let open: Vec<_> = lines(0, (day(1), day(5)), &[], &refunds).iter().map(|l| l.refunds_open).collect();
        assert_eq!(open, [0, 2, 3, 1, 1]);
    }
}
