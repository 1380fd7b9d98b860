//! The same answers read a second time, by other code and without the daemon's types, and what a
//! sentence about one may hold.

use std::fmt::Display;

use serde_json::Value;

use super::scripted::{HASH_IV, HASH_KEY, MERCHANT, ORDER, TRADE_NO};

/// The longest sentence about an answer: 200 characters of the gateway's own words and ours around them.
const LONGEST_SENTENCE: usize = 320;

/// Status words as the vendor's pages print them, and whether a row with the word counts.
pub const WORDS: [(&str, &str, bool); 14] = [
    ("unauthorized", "Unauthorized", true),
    ("未授權", "Unauthorized", true),
    ("authorized", "Authorized", true),
    ("已授權", "Authorized", true),
    ("to be captured", "To be captured", true),
    ("to be settled", "To be captured", true),
    ("要關帳", "To be captured", true),
    ("captured", "Captured", true),
    ("has been settled", "Captured", true),
    ("已關帳", "Captured", true),
    ("canceled", "Canceled", false),
    ("已取消", "Canceled", false),
    ("operation canceled", "Operation canceled", false),
    ("操作取消", "Operation canceled", false),
];

/// The vendor's English word for a status in any of its spellings, and whether its row counts.
pub fn status(word: &str) -> Option<(&'static str, bool)> {
    let word = word.trim().to_ascii_lowercase();
    WORDS.iter().find(|(known, ..)| *known == word).map(|(_, english, counts)| (*english, *counts))
}

/// Text, or a number as it stands; nothing for null, empty and absent.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, as a number or as text.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| {
            let float = n.as_f64().filter(|f| f.trunc() == *f && f.abs() < 9e15)?;
            format!("{float:.0}").parse().ok()
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whichever spelling of a name is there.
pub fn either<'v>(value: &'v Value, pascal: &str, lower: &str) -> &'v Value {
    if value[pascal].is_null() { &value[lower] } else { &value[pascal] }
}

/// No merchant is named, or ours.
pub fn is_our_merchant(value: &Value) -> bool {
    text(&value["MerchantID"]).is_none_or(|id| id == MERCHANT)
}

/// Carries both numbers of the order.
pub fn is_of_our_order(value: &Value) -> bool {
    let named = |name: &str, ours: &str| text(&value[name]).as_deref() == Some(ours);
    value.is_object() && named("MerchantTradeNo", ORDER) && named("TradeNo", TRADE_NO)
}

/// The closing rows, wherever they stand.
pub fn rows(answer: &Value) -> Vec<&Value> {
    let inside = either(&answer["RtnValue"], "CloseData", "close_data");
    [either(answer, "CloseData", "close_data"), inside]
        .into_iter()
        .map(|data| match data {
            Value::Array(rows) => rows.iter().collect(),
            Value::Object(row) if !row.is_empty() => vec![data],
            _ => Vec::new(),
        })
        .find(|rows: &Vec<&Value>| !rows.is_empty())
        .unwrap_or_default()
}

/// The sum of the rows that are not canceled; nothing where a row is not readable.
pub fn net(rows: &[&Value]) -> Option<i128> {
    let mut net = 0;
    for row in rows {
        let word = text(either(row, "Status", "status")).unwrap_or_default();
        let (_, counts) = status(&word)?;
        let amount = whole(either(row, "Amount", "amount"))?;
        net += if counts { i128::from(amount) } else { 0 };
    }
    Some(net)
}

/// An error about an answer says something, in such a sentence.
pub fn told(error: &impl Display, answer: &str) {
    let text = error.to_string();
    assert!(!text.is_empty());
    sentence(&text, answer);
}

/// On one line, bounded, and without a key, unless the gateway itself has said it.
pub fn sentence(text: &str, answer: &str) {
    assert!(text.chars().count() <= LONGEST_SENTENCE, "{text}");
    assert!(!text.contains(char::is_control), "{text:?}");
    // Our own sentences hold the numbers of our own order and no others.
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    assert!(longest < 12 || text.contains(TRADE_NO), "{text}");
    for key in [HASH_KEY, HASH_IV] {
        assert!(!text.contains(key) || answer.contains(key), "{text}");
    }
}
