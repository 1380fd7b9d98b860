//! The sentences of both languages against each other: the same is told, each in its own words.

use serde_json::{Map, Value};

use super::super::Reason;
use super::fields;
use crate::domain::language::Language;

/// Each argument that is a word for programs, and what stands for it in the sentences.
const NAMED: [(&str, &str, &str, &str); 7] = [
    ("service", "voucher", "voucher", "票券"),
    ("shown", "To be captured", "To be captured", "要關帳"),
    ("was", "To be captured", "To be captured", "要關帳"),
    ("kind", "bonus_points", "bonus-point", "紅利"),
    ("ended", "without_effect", "no effect", "看不到效果"),
    ("of", "refund", "refunds", "退款"),
    ("action", "R", "R", "R 退刷"),
];

/// What has to stand in the sentence for an argument. None: it is told by other words, or within another reason.
fn shown(language: Language, arg: &str, value: &Value) -> Option<String> {
    match value {
        // Whole dollars carry their sign, but for those that may be more than an order's amount.
        Value::Number(number) if number.as_i64() == Some(300) => Some("NT$300".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(word) => {
            let named = NAMED.iter().find(|(of, value, ..)| *of == arg && value == word);
            Some(named.map_or(word.clone(), |(.., english, chinese)| language.pick(*english, *chinese).to_owned()))
        }
        Value::Object(_) => {
            let within: Reason = serde_json::from_value(value.clone()).expect("a reason");
            Some(within.sentence(language))
        }
        _ => None,
    }
}

fn without(language: Language, sentence: &str, args: &Map<String, Value>) -> String {
    let mut shown: Vec<String> = args.iter().filter_map(|(arg, value)| shown(language, arg, value)).collect();
    shown.sort_by_key(|text| std::cmp::Reverse(text.len()));
    shown.iter().fold(sentence.to_owned(), |left, text| left.replace(text, ""))
}

fn args(reason: &Reason) -> Map<String, Value> {
    let mut args = fields(reason);
    args.remove("code");
    args
}

#[test]
fn each_language_tells_every_argument_and_as_often() {
    let mut found = Vec::new();
    for reason in Reason::samples() {
        let sentences = Language::ALL.map(|language| reason.sentence(language));
        for (arg, value) in args(&reason) {
            let counts = [0, 1].map(|at| {
                let shown = shown(Language::ALL[at], &arg, &value);
                shown.map(|shown| sentences[at].matches(&shown).count())
            });
            // A word for programs may be told by another that happens to hold it.
            let as_often = counts[0] == counts[1] || NAMED.iter().any(|(named, ..)| *named == arg);
            if !as_often || counts.contains(&Some(0)) {
                found.push(format!("{arg} of {reason:?}: {sentences:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// `1 days`.
#[test]
fn one_of_a_thing_is_no_plural_in_english() {
    let mut found = Vec::new();
    for reason in Reason::samples() {
        for (arg, _) in args(&reason).into_iter().filter(|(_, value)| value.is_i64()) {
            let mut one = fields(&reason);
            one.insert(arg, Value::from(1));
            let one: Reason = serde_json::from_value(Value::Object(one)).expect("a reason");
            let sentence = one.sentence(Language::English);
            let words: Vec<&str> = std::iter::once("").chain(sentence.split([' ', '(', ')', ':', ';', ','])).collect();
            // A verb follows the number of an attempt or a refund.
            let of_one = |w: &&[&str]| w[1] == "1" && w[0] != "attempt" && w[0] != "refund";
            let mut of_one = words.windows(3).filter(of_one);
            if of_one.any(|w| w[2].len() > 2 && w[2].ends_with('s')) {
                found.push(sentence.clone());
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_language_tells_what_is_so_from_what_is_not() {
    for reason in Reason::samples() {
        for (arg, value) in args(&reason) {
            let Value::Bool(truth) = value else { continue };
            let mut other = fields(&reason);
            other.insert(arg.clone(), Value::Bool(!truth));
            let other: Reason = serde_json::from_value(Value::Object(other)).expect("a reason");
            for language in Language::ALL {
                assert_ne!(reason.sentence(language), other.sentence(language), "{arg} of {reason:?}");
            }
        }
    }
}

/// What stays as it is in a Chinese sentence: commands, SQL, settings, and names that have no other.
const AS_IT_IS: [&str; 38] = [
    "ecpayd alerts test",
    "ecpayd alerts",
    "ecpayd resolve",
    "ecpayd resume",
    "ecpayd refunds void",
    "ecpayd orders adopt",
    "ecpayd orders add",
    "ecpayd reconcile",
    "ecpayd",
    "--applied",
    "--not-applied",
    "--by",
    "--why",
    "--statement",
    "--fetch",
    "--since",
    "merchant.card.api",
    "--from",
    "--to",
    "capture = 'hold'",
    "capture = 'now'",
    "guard = 0",
    "refund.voucher_guard = false",
    "voucher_orders",
    "orders",
    "trade_no",
    "merchant_id",
    "platform_id",
    "base_url",
    "[[merchant]]",
    "[merchant.voucher]",
    "RpHeader.Timestamp",
    "Date",
    "HTTP 403",
    "SELECT",
    "lsof",
    "NTP",
    "API",
];

#[test]
fn no_english_is_left_in_a_chinese_sentence() {
    let mut found = Vec::new();
    for reason in Reason::samples() {
        let chinese = reason.chinese();
        let own = without(Language::Chinese, &chinese, &args(&reason));
        let own = AS_IT_IS.iter().fold(own, |left, known| left.replace(known, ""));
        let own = ["NT$", "MB"].iter().fold(own, |left, sign| left.replace(sign, ""));
        let word = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
        found.extend(own.split(|c: char| !c.is_ascii_alphabetic()).filter(word).map(|w| format!("{w}: {chinese}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_chinese_sentence_is_punctuated_as_chinese() {
    for reason in Reason::samples() {
        let chinese = reason.chinese();
        let own = without(Language::Chinese, &chinese, &args(&reason));
        let own = AS_IT_IS.iter().fold(own, |left, known| left.replace(known, ""));
        assert!(!own.contains([',', ';', '?', '。']) && !own.contains(": "), "{chinese}");
        let whole = !chinese.is_empty() && !chinese.contains(['\n', '{', '}']) && !chinese.contains("  ");
        assert!(whole, "{reason:?}: {chinese}");
    }
}
