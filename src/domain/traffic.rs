//! Calls to the gateway, counted by the hour: what a person looks at when something seems slow or silent.

use chrono::{DateTime, Utc};

use super::order::words;

words! {
    /// The calls that ecpayd makes.
    Call {
        OrderQuery = "order_query",
        CardDetail = "card_detail",
        /// The charges of a recurring order by form.
        PeriodQuery = "period_query",
        Action = "action",
        Statement = "statement",
        VoucherQuery = "voucher_query",
        VoucherRefunds = "voucher_refunds",
    }
}

words! {
    /// What became of a call.
    CallEnd {
        /// An answer that could be used, whatever it says of the order.
        Answered = "answered",
        /// ECPay does not take the call, or refuses what it asks for.
        Refused = "refused",
        /// An answer that is not of what was asked, or cannot be read.
        Unusable = "unusable",
        /// Not sent, no answer in time, or one that is no answer of ECPay.
        Unanswered = "unanswered",
        /// HTTP 403: silence is asked for.
        Limited = "limited",
    }
}

/// Calls of a merchant's service within an hour that ended alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallSum {
    pub calls: i64,
    /// How long they took together, from the first byte to the last or to the end of the wait.
    pub ms: i64,
}

/// Hours since 1970: those of Asia/Taipei begin with those of UTC.
pub fn hour_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3600)
}

pub fn begin_of(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour.saturating_mul(3600), 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_holds_its_first_instant_and_not_the_next_ones() {
        for (at_s, hour) in [(0, 0), (3599, 0), (3600, 1), (-1, -1)] {
            let at = DateTime::from_timestamp(at_s, 0).expect("an instant");
            assert_eq!(hour_of(at), hour);
            assert!(begin_of(hour) <= at && at < begin_of(hour + 1));
        }
    }
}
