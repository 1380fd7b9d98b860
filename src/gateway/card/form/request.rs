//! The body of a request: fields beside each other, urlencoded, with their checksum.

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::gateway::wire::checksum::form::{self, FIELD};
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::urlencode;

/// Signed. That of an action carries no stamp, so that whoever reads it could send it at any later time: it is as
/// secret as the keys.
pub fn signed(keys: &Keys, fields: &[(&str, &str)]) -> SecretString {
    let sum = Zeroizing::new(form::of(keys, fields));
    let all = fields.iter().copied().chain([(FIELD, sum.as_str())]);
    let pairs: Vec<String> = all.map(|(name, value)| format!("{name}={}", urlencode::encode(value))).collect();
    SecretString::from(pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn fields_are_urlencoded_and_signed_and_not_shown() {
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys");
        let fields = [
            ("MerchantID", "3002607"),
            ("MerchantTradeNo", "SHOP20261101A"),
            ("TradeNo", "2611011200000001"),
            ("Action", "R"),
            ("TotalAmount", "300"),
        ];
        let body = signed(&keys, &fields);
        assert_eq!(
            body.expose_secret(),
            concat!(
                "MerchantID=3002607&MerchantTradeNo=SHOP20261101A&TradeNo=2611011200000001&Action=R&TotalAmount=300",
                "&CheckMacValue=2DC422CD825D743DF340A319B3852A70312B805B163DD1D1D366B4F222136818"
            )
        );
        assert!(!format!("{body:?}").contains("2DC422CD"));
        assert!(signed(&keys, &[("a", "1 2&3=茶")]).expose_secret().starts_with("a=1+2%263%3D%E8%8C%B6&"));
    }
}
