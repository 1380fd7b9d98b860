//! Settings: random trees, and a good file bent in a random place.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;
use crate::checks::settings::{IV, KEY, check, load};

fn good() -> String {
    format!(
        "[[merchant]]\nmerchant_id = \"3002607\"\n[merchant.card]\nbase_url = \"https://ecpayment.ecpay.com.tw\"\n\
         hash_key = \"{KEY}\"\nhash_iv = \"{IV}\"\n"
    )
}

/// Every section's keys that take a value of their own, as the contract lists them.
const KEYS: [(&str, &str); 40] = [
    ("database", "path"),
    ("capture", "policy"),
    ("capture", "deadline_days"),
    ("capture", "lead"),
    ("capture", "spread"),
    ("refund", "partial_on_authorized"),
    ("refund", "retry_short_balance"),
    ("refund", "voucher_guard"),
    ("window", "start"),
    ("window", "end"),
    ("window", "guard"),
    ("gateway", "timeout"),
    ("gateway", "min_interval"),
    ("gateway", "concurrency"),
    ("gateway", "cooldown"),
    ("gateway", "request_validity"),
    ("gateway", "statement_interval"),
    ("reconcile", "fetch"),
    ("gateway", "max_skew"),
    ("gateway", "settle_gap"),
    ("poll", "foreign_writes"),
    ("poll", "unpaid"),
    ("poll", "authorized"),
    ("poll", "settling"),
    ("poll", "give_up_unpaid_after"),
    ("poll", "confirm"),
    ("alerts", "expiry_days"),
    ("alerts", "capture_ends"),
    ("alerts", "refund_waits"),
    ("alerts", "order_unknown"),
    ("alerts", "unclaimed_after"),
    ("alerts", "voucher_refund_unconfirmed_after"),
    ("alerts", "digest"),
    ("alerts", "repeat_critical"),
    ("http", "listen"),
    ("http", "token"),
    ("http", "hosts"),
    ("http", "heartbeat_url"),
    ("log", "format"),
    ("log", "level"),
];

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<bool>().prop_map(|yes| yes.to_string()),
        "[0-9]{1,25}(ns|us|ms|s|m|h|d|w|M|y)".prop_map(|text| format!("\"{text}\"")),
        "[0-9]{1,3}:[0-9]{1,3}".prop_map(|text| format!("\"{text}\"")),
        "[ -!#-\\[\\]-~]{0,24}".prop_map(|text| format!("\"{text}\"")),
        Just(format!("\"{KEY}\"")),
        Just("1979-05-27T07:32:00Z".to_owned()),
        Just("nan".to_owned()),
        Just("1e308".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            vec(("[a-z_]{1,8}", inner), 0..4).prop_map(|fields| {
                let fields: Vec<_> = fields.into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
                format!("{{ {} }}", fields.join(", "))
            }),
        ]
    })
}

fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(KEYS.to_vec());
    prop_oneof![
        (key.clone(), value()).prop_map(|((_, key), value)| format!("{key} = {value}")),
        (key.clone(), value()).prop_map(|((section, key), value)| format!("{section}.{key} = {value}")),
        key.prop_map(|(section, _)| format!("[{section}]")),
        Just("[[merchant]]".to_owned()),
        Just("[merchant.card]".to_owned()),
        "[a-z.]{1,12} = [a-z0-9\"]{0,6}",
    ]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_tree_is_taken_or_refused_line_by_line(lines in vec(line(), 0..12)) {
        check(lines.join("\n").as_bytes());
        check((good() + &lines.join("\n")).as_bytes());
    }

    #[test]
    fn any_bytes_are_taken_or_refused_line_by_line(bytes in vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn a_good_file_bent_anywhere_tells_no_key(at in 0_usize..200, cut in 0_usize..20, put in "\\PC{0,6}") {
        let good = good() + "[capture]\nlead = \"24h\"\n";
        let bytes = good.as_bytes();
        let at = at.min(bytes.len());
        let rest = (at + cut).min(bytes.len());
        check(&[&bytes[..at], put.as_bytes(), &bytes[rest..]].concat());
    }

    #[test]
    fn a_bad_value_is_told_with_the_name_of_its_key((section, key) in prop::sample::select(KEYS.to_vec()), value in value()) {
        // Its section's other keys may be told beside it: lead and spread go together.
        let problems = load(format!("{}[{section}]\n{key} = {value}\n", good()).as_bytes(), "");
        for line in &problems {
            prop_assert!(line.contains(&format!("{section}.")) || line.contains(": not TOML: "), "{}", line);
        }
        // And the same from the environment.
        let variable = format!("ECPAYD_{}__{}={}", section.to_uppercase(), key.to_uppercase(), value.trim_matches('"'));
        for line in load(good().as_bytes(), &variable) {
            prop_assert!(line.contains(&format!("{section}.")), "{}", line);
        }
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused_and_not_repeated(key in "[A-Za-z0-9]{17,40}", in_the_environment: bool) {
        let (file, variable) = match in_the_environment {
            true => (good(), format!("ECPAYD_MERCHANT__0__CARD__HASH_KEY={key}")),
            false => (good().replace(KEY, &key), String::new()),
        };
        let problems = load(file.as_bytes(), &variable);
        prop_assert_eq!(problems.len(), 1);
        prop_assert!(problems[0].contains("hash_key") && !problems[0].contains(&key), "{}", problems[0]);
    }
}
