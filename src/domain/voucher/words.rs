//! The words of the voucher service, with the vendor's codes (vendor page QueryOrderInfo).

use serde::{Deserialize, Serialize};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident: $code:ty { $($(#[$vdoc:meta])* $variant:ident = $number:literal $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The vendor's code.
            pub fn code(self) -> $code {
                match self { $(Self::$variant => $number),+ }
            }

            pub fn of_code(code: $code) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.code() == code)
            }

            /// The word that the ledger uses.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

coded! {
    /// `Status`: what became of the issuing.
    IssueStatus: i64 {
        Issued = 1 "issued",
        IssueFailed = 2 "issue_failed",
        Issuing = 3 "issuing",
    }
}

coded! {
    /// `IssueType`.
    IssueType: i64 {
        ConvenienceStore = 1 "convenience_store",
        Paper = 2 "paper",
        Electronic = 3 "electronic",
        /// Serial numbers alone: tickets come without `ItemNo` and `WriteOffNo`.
        Serial = 4 "serial",
    }
}

coded! {
    /// `PrintType`: who prints paper tickets.
    PrintedBy: i64 {
        Ecpay = 1 "ecpay",
        Merchant = 2 "merchant",
    }
}

coded! {
    /// `TicketType`.
    TicketKind: i64 {
        /// Its money is held in trust, and its refunds are what QueryRefundInfo tells.
        Pickup = 1 "pickup",
        Gift = 2 "gift",
    }
}

coded! {
    /// `UseStatus` of a ticket.
    UseStatus: i64 {
        Unused = 1 "unused",
        Redeemed = 2 "redeemed",
        Refunded = 3 "refunded",
        /// The vendor's "Invalid": a gift voucher that expired unused.
        Expired = 4 "expired",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_by_its_code_and_no_other_is() {
        for status in UseStatus::ALL {
            assert_eq!(UseStatus::of_code(status.code()), Some(*status));
        }
        for unknown in [0, 5, -1] {
            assert_eq!(UseStatus::of_code(unknown), None);
        }
        assert_eq!((IssueStatus::of_code(4), IssueType::of_code(5), TicketKind::of_code(3)), (None, None, None));
    }
}
