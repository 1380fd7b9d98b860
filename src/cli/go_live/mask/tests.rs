use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn masked(answer: &Value) -> Value {
    let text = Mask::of(["GOLIVE35", "3002607"]).answer(&answer.to_string()).expect("an answer");
    serde_json::from_str(&text).expect("json")
}

#[test]
fn what_identifies_is_gone_and_the_shape_stays() {
    for (field, value, expected) in [
        ("RtnCode", json!(1), json!(1)),
        ("RtnCode", json!(10_000_185), json!(10_000_185)),
        ("RtnCode", json!("10200095"), json!("10200095")),
        ("RtnCode", json!(-1), json!(-1)),
        ("RtnCode", json!("3002607"), json!("9999999")),
        ("RtnCode", json!("4311952222222222"), json!("9999999999999999")),
        ("RtnCode", json!([4_311_952_222_u64]), json!([9_999_999_999_u64])),
        ("RtnCode", json!({"No": 431_195}), json!({"No": 999_999})),
        ("RtnCode", json!("A1"), json!("A9")),
        ("TransCode", json!(128), json!(128)),
        ("RtnMsg", json!(""), json!("")),
        ("RtnMsg", json!("更新失敗.(error_amount_R)"), json!("更新失敗.(error_amount_R)")),
        ("RtnMsg", json!("訂單GOLIVE35不存在 12"), json!("訂單AAAAAA99不存在 99")),
        ("RtnMsg", json!("golive35: Order of merchant 3002607"), json!("aaaaaa99: Order of merchant 9999999")),
        ("RtnMsg", json!("ＡＢ１２"), json!("ＡＢ99")),
        ("Status", json!("To be captured"), json!("To be captured")),
        ("status", json!("要關帳"), json!("要關帳")),
        ("PaymentType", json!("Credit_CreditCard3"), json!("Credit_CreditCard9")),
        ("Amount", json!(100), json!(999)),
        ("Amount", json!(-30), json!(-99)),
        ("ClsAmt", json!(0), json!(9)),
        ("ChargeFee", json!(4.98), json!(9.99)),
        ("TradeStatus", json!("1"), json!("1")),
        ("AuthTime", json!("2016/5/12 下午 07:09:17"), json!("9999/9/99 下午 99:99:99")),
        ("DateTime", json!("2026/08/01 09:30:52"), json!("9999/99/99 99:99:99")),
        ("MerchantTradeNo", json!("GOLIVE35"), json!("AAAAAA99")),
        ("AuthCode", json!("x7Y7Z7"), json!("a9A9A9")),
        ("CustomField", json!("王小明 0912-345-678"), json!("字字字 9999-999-999")),
        ("Card4No", json!("2222"), json!("9999")),
        ("Something", json!(null), json!(null)),
        ("Something", json!(true), json!(true)),
        ("CloseData", json!({}), json!({})),
        ("CloseData", json!([]), json!([])),
    ] {
        assert_eq!(masked(&json!({ field: value })), json!({ field: expected }), "{field} {value}");
    }
}

#[test]
fn words_that_repeat_a_number_of_the_answer_are_masked_there_too() {
    let answer = json!({"RtnMsg": "AuthCode aB12cd of T7X", "CardInfo": {"AuthCode": "AB12CD"}, "TradeNo": "T7X"});
    assert_eq!(masked(&answer)["RtnMsg"], "AuthCode aA99aa of A9A");
}

#[test]
fn a_field_that_is_named_by_a_number_is_not_named() {
    assert_eq!(
        masked(&json!({"Card6No": "", "ord123": 1, "golive35": 2})),
        json!({"Card6No": "", "aaa999": 9, "aaaaaa99": 9})
    );
}

#[test]
fn what_is_no_json_is_not_shown() {
    for other in ["", "<html>4311952222222222</html>", "{\"a\":4311"] {
        assert_eq!(Mask::of([]).answer(other), None);
    }
    assert_eq!(Mask::of([]).answer("\u{feff}{\"a\":43}").as_deref(), Some("{\"a\":99}"));
}

fn is_code(field: &str, text: &str) -> bool {
    let number = text.trim_start_matches('-');
    is_one_of(&CODES, field) && number.len() <= LONGEST_CODE && number.bytes().all(|b| b.is_ascii_digit())
}

/// The digits in a text, run by run.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty())
}

/// All digits of values but codes, and those of names that are too many for one; in any order.
fn digits(field: &str, node: &Node, found: &mut Vec<String>) {
    match node {
        Node::Number(text) | Node::Text(text) if !is_code(field, text) => found.extend(runs(text).map(str::to_owned)),
        Node::Number(_) | Node::Text(_) | Node::Bare(_) => {}
        Node::List(items) => items.iter().for_each(|item| digits("", item, found)),
        Node::Object(members) => {
            for (name, value) in members {
                found.extend(runs(name).filter(|run| run.chars().count() >= NUMBER_IN_A_NAME).map(str::to_owned));
                digits(name, value, found);
            }
        }
    }
}

fn fields() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("RtnCode".to_owned()),
        Just("RtnMsg".to_owned()),
        Just("Status".to_owned()),
        Just("AuthTime".to_owned()),
        "[A-Za-z]{1,8}[0-9]{0,5}",
        any::<String>(),
    ]
}

fn answers() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[A-Za-z]{0,6}[0-9０-９]{0,20}[ A-Za-z0-9]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((fields(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Fields have names without numbers.
fn shaped() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        any::<i32>().prop_map(Value::from),
        ".{1,9}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[A-Za-z_]{1,8}[0-9]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Without what stands in the leaves.
fn shape(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(name, v)| (name.clone(), shape(v))).collect()),
        Value::String(text) => Value::from(text.chars().count()),
        Value::Number(number) => Value::from(number.to_string().len()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn no_number_of_an_answer_survives(answer in answers()) {
        let text = Mask::of([]).answer(&answer.to_string()).expect("an answer");
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        let mut left = Vec::new();
        digits("", &Node::read(&text).expect("json"), &mut left);
        // The exponent of a great number stays one digit long, and is a nine as well.
        prop_assert!(left.iter().all(|run| run.chars().all(|c| c == '9')), "{left:?} of {text}");
    }

    #[test]
    fn fields_and_nothings_stay_where_they_were(answer in shaped()) {
        prop_assert_eq!(shape(&masked(&answer)), shape(&answer));
    }

    #[test]
    fn a_number_of_ours_stands_nowhere(number in "[A-Za-z]{3,8}[0-9]{0,8}", before in "[ 一-龥:]{0,5}", field in fields()) {
        let answer = json!({ field: format!("{before}{number}，{number}."), "Status": [number.clone()] });
        let text = Mask::of([number.as_str()]).answer(&answer.to_string()).expect("an answer");
        // What is written by As and nines alone is its own mask.
        prop_assume!(number.chars().any(|c| !matches!(c, 'A' | 'a' | '9')));
        prop_assume!(!["RtnCode", "RtnMsg", "Status", "AuthTime"].iter().any(|name| name.contains(&number)));
        prop_assert!(!text.contains(&number), "{text}");
    }
}
