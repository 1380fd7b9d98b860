//! Whole New Taiwan dollars.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in whole New Taiwan dollars (TWD), never negative.
///
/// ECPay's `TotalAmount`, `TradeAmt` and `Amount` are `Int` (the vendor's pages of the card calls),
/// so an amount fits a signed 32-bit number; anything larger is refused at the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Twd(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("amount {0} is not between 0 and 2147483647 New Taiwan dollars")]
pub struct NotAnAmount(pub i64);

impl Twd {
    pub const ZERO: Self = Self(0);
    /// The largest amount the gateway's `Int` can carry.
    pub const MAX: Self = Self(i32::MAX as u32);

    pub fn new(dollars: i64) -> Result<Self, NotAnAmount> {
        u32::try_from(dollars).ok().filter(|d| *d <= Self::MAX.0).map(Self).ok_or(NotAnAmount(dollars))
    }

    pub fn dollars(self) -> i64 {
        i64::from(self.0)
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What is left after taking `other` away; nothing when `other` is more.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum, capped at [`Twd::MAX`], so that an overflow can only ever refuse.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(Self::MAX.0))
    }
}

impl TryFrom<i64> for Twd {
    type Error = NotAnAmount;
    fn try_from(dollars: i64) -> Result<Self, NotAnAmount> {
        Self::new(dollars)
    }
}

impl From<Twd> for i64 {
    fn from(amount: Twd) -> i64 {
        amount.dollars()
    }
}

impl fmt::Display for Twd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NT${}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_whole_number_that_fits_the_gateways_int() {
        assert_eq!(Twd::new(-1), Err(NotAnAmount(-1)));
        assert_eq!(Twd::new(0), Ok(Twd::ZERO));
        assert_eq!(Twd::new(2_147_483_647), Ok(Twd::MAX));
        assert!(Twd::new(2_147_483_648).is_err());
    }

    #[test]
    fn a_difference_never_wraps() {
        let (three, five) = (Twd(3), Twd(5));
        assert_eq!(five.less(three), Twd(2));
        assert_eq!(three.less(five), Twd::ZERO);
        assert_eq!(Twd::MAX.plus(Twd::MAX), Twd::MAX);
    }
}
