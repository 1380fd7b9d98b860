//! `CheckMacValue` of the form API of 全方位金流 (vendor page 檢查碼機制, ?p=2902): of requests, and of answers.

use secrecy::zeroize::Zeroizing;
use subtle::ConstantTimeEq;

use super::upper_sha256;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::urlencode;

/// The field itself, which takes no part.
pub const FIELD: &str = "CheckMacValue";

/// The shop's own text, unescaped, in which `&` may stand.
const ITEM_NAME: &str = "ItemName";
/// What comes behind it in the order of names.
const AFTER_ITEM_NAME: &str = "&MerchantID=";

/// Upper-case hex of SHA-256 over the fields in the order of their names, whatever the case of these, between HashKey
/// and HashIV. Empty values take part.
pub fn of(keys: &Keys, fields: &[(&str, &str)]) -> String {
    let mut sorted: Vec<_> = fields.iter().filter(|(name, _)| *name != FIELD).collect();
    sorted.sort_by_key(|(name, _)| name.to_lowercase());
    let joined: Vec<String> = sorted.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    of_text(keys, &joined.join("&"))
}

/// In constant time.
pub fn holds(keys: &Keys, fields: &[(&str, &str)], claimed: &str) -> bool {
    is(&of(keys, fields), claimed)
}

/// Of fields as they stand beside each other already.
fn of_text(keys: &Keys, fields: &str) -> String {
    let mut encoded = Zeroizing::new(urlencode::encode(&keys.around_fields(fields)));
    encoded.make_ascii_lowercase();
    // What .NET leaves bare and PHP does not. `~` stays escaped.
    for (escaped, bare) in [("%21", "!"), ("%2a", "*"), ("%28", "("), ("%29", ")")] {
        encoded = Zeroizing::new(encoded.replace(escaped, bare));
    }
    upper_sha256(&encoded)
}

fn is(sum: &str, claimed: &str) -> bool {
    sum.as_bytes().ct_eq(claimed.trim().to_ascii_uppercase().as_bytes()).into()
}

pub type Fields = Vec<(String, String)>;

/// The fields of an answer that was signed with these keys, in the spelling that was signed.
///
/// Answers have come sorted, with unescaped values and the checksum last, made over the text as it stands: that
/// is tried first, and holds whatever signs the values have in them. Then the fields, then the fields unescaped.
/// The time that it takes tells which of the three it was, and nothing of the right value.
pub fn verified(keys: &Keys, answer: &str) -> Option<Fields> {
    let answer = answer.trim_end_matches(['\r', '\n']);
    if let Some((signed, claimed)) = answer.rsplit_once("&CheckMacValue=")
        && is(&of_text(keys, signed), claimed)
    {
        return as_sorted(signed);
    }
    let fields: Fields = fields(answer).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    signed(keys, &fields).or_else(|| {
        let plain = |text: &str| urlencode::decode(text).ok();
        let plain = fields.iter().map(|(name, value)| Some((plain(name)?, plain(value)?)));
        signed(keys, &plain.collect::<Option<Fields>>()?)
    })
}

/// What stands beside each other, by name.
pub fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.trim().split('&').filter_map(|pair| pair.split_once('='))
}

fn signed(keys: &Keys, all: &Fields) -> Option<Fields> {
    let pairs: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut claims = pairs.iter().filter(|(name, _)| *name == FIELD);
    let (claimed, None) = (claims.next()?.1, claims.next()) else { return None };
    if !holds(keys, &pairs, claimed) {
        return None;
    }
    once_each(all.iter().filter(|(name, _)| name != FIELD).cloned().collect())
}

/// A signature says nothing of where one value ends and the next name begins. In the order of their names, each
/// once, no field can be made up inside another one's text but such as would have stood there anyway.
fn as_sorted(text: &str) -> Option<Fields> {
    let begins = format!("{ITEM_NAME}=");
    let at = if text.starts_with(&begins) { Some(0) } else { text.find(&format!("&{begins}")).map(|at| at + 1) };
    let of = |text: &str| -> Fields { fields(text).map(|(name, value)| (name.to_owned(), value.to_owned())).collect() };
    let all = match at.and_then(|at| Some((at, text.rfind(AFTER_ITEM_NAME).filter(|end| *end > at)?))) {
        Some((at, end)) => {
            let mut all = of(&text[..at]);
            all.push((ITEM_NAME.to_owned(), text[at + begins.len()..end].to_owned()));
            all.extend(of(&text[end..]));
            all
        }
        None => of(text),
    };
    let names: Vec<String> = all.iter().map(|(name, _)| name.to_lowercase()).collect();
    names.windows(2).all(|pair| pair[0] < pair[1]).then_some(all)
}

fn once_each(all: Fields) -> Option<Fields> {
    let mut names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1]).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys")
    }

    /// As the vendor does it: sorted, raw, the checksum last.
    fn answered(signed: &str) -> String {
        format!("{signed}&{FIELD}={}", of_text(&keys(), signed))
    }

    #[test]
    fn a_checksum_holds_for_its_own_fields_and_keys_only() {
        let keys = keys();
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

    #[test]
    fn an_answer_is_verified_as_it_stands_or_by_its_fields_or_unescaped() {
        let signed = "ItemName=1+1=2 & 茶&MerchantID=3002607&TradeAmt=199";
        let fields = verified(&keys(), &answered(signed)).expect("as it stands");
        assert_eq!(fields[0], ("ItemName".to_owned(), "1+1=2 & 茶".to_owned()));
        assert_eq!(fields[2], ("TradeAmt".to_owned(), "199".to_owned()));
        let pairs = [("MerchantID", "3002607"), ("ItemName", "a b"), ("TradeAmt", "199")];
        let claimed = of(&keys(), &pairs);
        for body in [
            format!("TradeAmt=199&CheckMacValue={claimed}&MerchantID=3002607&ItemName=a b"),
            format!("MerchantID=3002607&ItemName=a+b&TradeAmt=199&CheckMacValue={}", claimed.to_lowercase()),
            format!("MerchantID=3002607&ItemName=a%20b&TradeAmt=199&CheckMacValue={claimed}\r\n"),
        ] {
            let fields = verified(&keys(), &body).unwrap_or_else(|| panic!("{body}"));
            assert!(fields.contains(&("ItemName".to_owned(), "a b".to_owned())), "{fields:?}");
        }
    }

    #[test]
    fn an_answer_that_was_altered_or_names_a_field_twice_is_not_believed() {
        let good = answered("ItemName=x&MerchantID=3002607&TradeAmt=199");
        assert!(verified(&keys(), &good).is_some());
        for body in [
            good.replace("199", "198"),
            good.replace("&CheckMacValue=", "&CheckMacValue=0"),
            good.replace("ItemName", "itemname2"),
            "ItemName=x&MerchantID=3002607".to_owned(),
            String::new(),
            // Signed, but what was made up inside a value would pass for a field.
            answered("CustomField1=a&TradeAmt=5&MerchantID=3002607&TradeAmt=199"),
            answered("MerchantID=3002607&StoreID=a&stage=0&TradeAmt=199"),
            answered("MerchantID=3002607&TradeAmt=5&TradeAmt=199"),
        ] {
            assert_eq!(verified(&keys(), &body), None, "{body}");
        }
        let fields =
            verified(&keys(), &answered("ItemName=x&stage=0&MerchantID=3002607")).expect("the text of an item");
        assert_eq!(fields[0].1, "x&stage=0");
    }
}
