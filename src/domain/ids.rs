//! The numbers that name a merchant and an order.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} '{text}' is not 1 to {longest} letters and digits")]
pub struct BadNumber {
    pub what: &'static str,
    pub text: String,
    pub longest: usize,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $what:literal, $longest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, BadNumber> {
                let fits = (1..=$longest).contains(&text.len());
                if fits && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Ok(Self(text.to_owned()));
                }
                Err(BadNumber { what: $what, text: text.chars().take(40).collect(), longest: $longest })
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadNumber;
            fn try_from(text: String) -> Result<Self, BadNumber> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

number!(
    /// `MerchantID`: String(10), given by ECPay (vendor page "Searching Order").
    MerchantId, "merchant_id", 10
);
number!(
    /// `MerchantTradeNo`: String(20), the shop's own order number (vendor page "Searching Order").
    MerchantTradeNo, "merchant_trade_no", 20
);
number!(
    /// `TradeNo`: String(20), ECPay's order number (vendor page "Searching Order").
    TradeNo, "trade_no", 20
);

number!(
    /// `MerchantTradeNo` of a voucher order: String(25), longer than a card order's (vendor page QueryOrderInfo).
    VoucherTradeNo, "voucher merchant_trade_no", 25
);
number!(
    /// `FreeTradeNo`: String(20), the number of a gift voucher order (vendor page QueryOrderInfo).
    FreeTradeNo, "free_trade_no", 20
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_letters_and_digits_of_the_vendors_length() {
        assert!(MerchantTradeNo::parse("20180914001").is_ok());
        assert!(MerchantId::parse("3002607").is_ok());
        for bad in ["", "a b", "訂單", "x';--", "123456789012345678901"] {
            assert!(MerchantTradeNo::parse(bad).is_err(), "{bad}");
        }
        assert!(MerchantId::parse("12345678901").is_err());
    }
}
