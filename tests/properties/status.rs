//! Status words and their neighbours.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;
use crate::checks::oracle::WORDS;
use crate::checks::status_words::{check, is_in_the_table};

fn words() -> impl Strategy<Value = &'static str> {
    prop::sample::select(WORDS.map(|(word, ..)| word).to_vec())
}

#[test]
fn every_word_one_letter_off_stays_raw_unless_the_table_has_it() {
    const OTHERS: [char; 12] = ['a', 'A', 'e', 'l', 's', 'd', ' ', '.', '\0', '已', '關', '\u{3000}'];
    for (word, ..) in WORDS {
        let letters: Vec<char> = word.chars().collect();
        for at in 0..=letters.len() {
            let with = |letters: Vec<char>| is_in_the_table(&letters.into_iter().collect::<String>());
            for other in OTHERS {
                let mut longer = letters.clone();
                longer.insert(at, other);
                with(longer);
                if at < letters.len() {
                    let mut changed = letters.clone();
                    changed[at] = other;
                    with(changed);
                }
            }
            if at < letters.len() {
                let mut shorter = letters.clone();
                shorter.remove(at);
                with(shorter);
                let mut swapped = letters.clone();
                swapped.swap(at, (at + 1) % letters.len());
                with(swapped);
            }
        }
    }
}

#[test]
fn words_of_older_pages_without_a_rule_stay_raw() {
    for word in [
        "Refused by bank",
        "Settling",
        "To be canceled",
        "Cancellation in process",
        "Bank chargeback in progress",
        "Bank chargeback complete",
        "Batch failed",
        "unknown",
        "Cancelled",
        "Captured Canceled",
        "Unauthorised",
    ] {
        is_in_the_table(word);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_word_is_read_in_any_case_and_between_blanks(word in words(), upper in vec(any::<bool>(), 20), before in "[ \t\n]{0,3}", after in "\\s{0,3}") {
        let cased = word.chars().zip(upper.iter().cycle());
        let cased: String = cased.map(|(c, upper)| if *upper { c.to_ascii_uppercase() } else { c }).collect();
        is_in_the_table(&format!("{before}{cased}{after}"));
    }

    #[test]
    fn no_text_is_taken_for_a_word_that_it_is_not(text in "\\PC{0,80}") {
        is_in_the_table(&text);
    }

    #[test]
    fn two_words_run_together_are_none(first in words(), second in words(), between in "[ ,/]{0,2}") {
        is_in_the_table(&format!("{first}{between}{second}"));
    }

    #[test]
    fn any_header_and_rows_add_up_or_are_unclear(word in words(), choices in vec(any::<u8>(), 0..80)) {
        check(&[word.as_bytes(), b"\n", &choices].concat());
    }
}
