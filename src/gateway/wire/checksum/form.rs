//! `CheckMacValue` of the form API (vendor page 檢查碼機制, ?p=2902), by which the files of 全方位金流 are asked for.

use secrecy::zeroize::Zeroizing;
use subtle::ConstantTimeEq;

use super::upper_sha256;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::urlencode;

/// The field itself, which takes no part.
pub const FIELD: &str = "CheckMacValue";

/// Upper-case hex of SHA-256 over the fields in the order of their names, whatever the case of these, between HashKey
/// and HashIV. Empty values take part.
pub fn of(keys: &Keys, fields: &[(&str, &str)]) -> String {
    let mut sorted: Vec<_> = fields.iter().filter(|(name, _)| *name != FIELD).collect();
    sorted.sort_by_key(|(name, _)| name.to_lowercase());
    let joined: Vec<String> = sorted.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut encoded = Zeroizing::new(urlencode::encode(&keys.around_fields(&joined.join("&"))));
    encoded.make_ascii_lowercase();
    // What .NET leaves bare and PHP does not. `~` stays escaped.
    for (escaped, bare) in [("%21", "!"), ("%2a", "*"), ("%28", "("), ("%29", ")")] {
        encoded = Zeroizing::new(encoded.replace(escaped, bare));
    }
    upper_sha256(&encoded)
}

/// In constant time.
pub fn holds(keys: &Keys, fields: &[(&str, &str)], claimed: &str) -> bool {
    of(keys, fields).as_bytes().ct_eq(claimed.trim().to_ascii_uppercase().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_holds_for_its_own_fields_and_keys_only() {
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys");
        let other = Keys::new("pwFHCqoQZGmho4w7", "EkRm7iFT261dpevs").expect("16 bytes each");
        let fields = [("MerchantID", "3002607"), ("BeginDate", "2026-11-01"), ("PaymentType", "")];
        let claimed = of(&keys, &fields);
        assert_eq!(claimed.len(), 64);
        assert!(holds(&keys, &fields, &claimed) && holds(&keys, &fields, &claimed.to_lowercase()));
        let turned = [fields[2], fields[0], fields[1], (FIELD, claimed.as_str())];
        assert!(holds(&keys, &turned, &claimed), "its own field and the order of the others do not matter");
        for (keys, fields, claimed) in [
            (&other, &fields[..], claimed.as_str()),
            (&keys, &fields[..2], &claimed),
            (&keys, &fields, &claimed[1..]),
            (&keys, &fields, ""),
        ] {
            assert!(!holds(keys, fields, claimed));
        }
    }
}
