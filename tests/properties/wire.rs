//! From bytes to text: urlencode, the cipher, the envelope, and single fields in all their spellings.

use ecpayd::gateway::card::action::ActionAnswer;
use ecpayd::gateway::card::order_query::OrderAnswer;
use ecpayd::gateway::wire::envelope::AnswerEnvelope;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::answers::{mutated, mutation, tree};
use crate::cases;
use crate::checks::{envelope, urlencode};

fn envelopes() -> impl Strategy<Value = Value> {
    let data = prop_oneof!["@(ORDER|DETAIL|ACTION|VOUCHER|REFUNDS)@", "[A-Za-z0-9+/=]{0,64}", "\\PC{0,20}"];
    let sum = prop_oneof!["@SUM:(ORDER|VOUCHER|REFUNDS)@", "[0-9A-F]{64}"];
    (data, sum).prop_map(|(data, sum)| {
        json!({"MerchantID": "3002607", "RpHeader": {"Timestamp": 1785556800}, "TransCode": 1,
            "TransMsg": "Success", "Data": data, "CheckMacValue": sum})
    })
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_text_comes_back_and_any_bytes_decode_or_are_refused(bytes in vec(any::<u8>(), 0..300)) {
        urlencode::check(&bytes);
    }

    #[test]
    fn any_escapes_decode_or_are_refused(text in "([%+]|%[0-9a-fA-F]{0,2}|[a-z付~*!()]){0,60}") {
        urlencode::check(text.as_bytes());
    }

    #[test]
    fn bytes_that_are_no_answer_settle_nothing(bytes in vec(any::<u8>(), 0..400)) {
        envelope::check(&bytes);
    }

    #[test]
    fn an_answer_bent_anywhere_counts_only_with_trans_code_1_and_our_number(
        answer in envelopes(), bent in vec(mutation(), 0..4), status in "(|403\n|[1-5][0-9]{2}\n)",
    ) {
        envelope::check(format!("{status}{}", mutated(answer, bent)).as_bytes());
    }

    #[test]
    fn trans_code_and_rtn_code_of_any_kind_are_read_or_refused(code in tree()) {
        envelope::check(json!({"TransCode": code, "Data": "@ORDER@"}).to_string().as_bytes());
        crate::checks::decoder::check(json!({"RtnCode": code, "MerchantTradeNo": "A1", "TradeNo": "2608011000001"}).to_string().as_bytes());
    }

    #[test]
    fn a_code_reads_the_same_as_text_as_number_and_with_blanks(
        number in prop_oneof![any::<i64>(), -20_000_000_000_i64..20_000_000_000], blanks in " {0,3}",
    ) {
        let code = |code: Value| serde_json::from_value::<ActionAnswer>(json!({"RtnCode": code})).ok();
        // Longer, it could be a card's number.
        let expected = (number.unsigned_abs() < 10_000_000_000).then_some(Some(number));
        prop_assert_eq!(code(json!(number)).map(|answer| answer.rtn_code), expected);
        prop_assert_eq!(code(json!(format!("{blanks}{number}{blanks}"))).map(|answer| answer.rtn_code), expected);
    }

    #[test]
    fn a_number_with_a_fraction_or_out_of_bounds_is_no_whole_number(whole in -1000_i64..1000, part in 1_u32..1000) {
        let read = |code: &str| serde_json::from_str::<ActionAnswer>(&format!("{{\"RtnCode\":{code}}}"));
        let broken = format!("{whole}.{part:03}5");
        prop_assert!(read(&broken).is_err());
        prop_assert!(read("1e300").is_err() && read("9223372036854775808").is_err());
        let exact = format!("{whole}.0");
        prop_assert_eq!(read(&exact).expect("whole").rtn_code, Some(whole));
    }

    #[test]
    fn a_merchant_number_reads_the_same_as_text_and_as_a_number(id in 1_u64..9_999_999_999) {
        for id_written in [json!(id), json!(id.to_string())] {
            let answer: AnswerEnvelope = serde_json::from_value(json!({"MerchantID": id_written, "TransCode": "1"})).expect("an answer");
            prop_assert_eq!(answer.merchant_id, id.to_string());
        }
    }

    #[test]
    fn a_date_reads_the_same_with_slashes_and_dashes_and_anything_else_is_none(
        (year, month, day) in (2000_i32..3000, 1_u32..=12, 1_u32..=28), (hour, minute, second) in (0_u32..24, 0_u32..60, 0_u32..60),
        other in "[-+/: 0-9]{0,25}",
    ) {
        let read = |text: &str| {
            let answer = json!({"RtnCode": 1, "OrderInfo": {"TradeDate": text}});
            serde_json::from_value::<OrderAnswer>(answer).expect("an answer").order_info.trade_date
        };
        let slashed = format!("{year}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}");
        let date = read(&slashed).expect("a date");
        prop_assert_eq!(read(&slashed.replace('/', "-")), Some(date));
        prop_assert_eq!(ecpayd::domain::calendar::show(date).replace('-', "/"), slashed);
        // Whatever else is taken is a date that days can be added to.
        if let Some(date) = read(&other) {
            prop_assert!(date < chrono::DateTime::from_timestamp(32_503_680_000, 0).expect("the year 3000"), "{other}");
        }
    }
}
