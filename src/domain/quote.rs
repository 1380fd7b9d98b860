//! The gateway's own words, as they may stand in a sentence, a row or a log line.

/// A card's number has 12 to 19 digits (ISO/IEC 7812); what is longer could hold one.
const SHORTEST_CARD_NUMBER: usize = 12;

const MASK: &str = "****";

/// At most `longest` characters on one line, with every number masked that could be a card's.
pub fn quote(words: &str, longest: usize) -> String {
    one_line(&masked(words), longest)
}

/// The same for what is a number by its field (of an order, a voucher, a ticket): it is kept whole.
pub fn one_line(text: &str, longest: usize) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect()
}

/// Masks before anything is cut off: the rest of a number that is cut is still a part of it.
fn masked(words: &str) -> String {
    let mut kept = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(is_digit) {
        let (before, number) = rest.split_at(at);
        let (length, digits) = number_at_start(number);
        kept.push_str(before);
        kept.push_str(if digits < SHORTEST_CARD_NUMBER { &number[..length] } else { MASK });
        rest = &number[length..];
    }
    kept.push_str(rest);
    kept
}

/// How many bytes the digits at the start take, with what stands between them, and how many they are.
fn number_at_start(text: &str) -> (usize, usize) {
    let (mut length, mut digits) = (0, 0);
    for (at, c) in text.char_indices() {
        if is_digit(c) {
            (length, digits) = (at + c.len_utf8(), digits + 1);
        } else if !is_between(c) {
            break;
        }
    }
    (length, digits)
}

/// A digit of any script: full-width ones are as good as others.
fn is_digit(c: char) -> bool {
    c.is_numeric()
}

/// What stands between the digits of a card's number as people write it.
fn is_between(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_kept_to_one_short_line() {
        assert_eq!(quote(" a\r\nb付款 ", 5), "a  b付");
        assert_eq!(one_line(" 2608011000001\n", 40), "2608011000001");
    }

    #[test]
    fn a_number_that_could_be_a_cards_is_masked_however_it_is_written() {
        for (words, kept) in [
            ("card 4311952222222222 declined", "card **** declined"),
            ("4311-9522-2222-2222", "****"),
            ("卡號4311 9522 2222 2222有誤", "卡號****有誤"),
            ("４３１１９５２２２２２２２２２２", "****"),
            ("123456789012", "****"),
            ("1234567890123456789", "****"),
            ("12345678901234567890", "****"),
            ("12345678901", "12345678901"),
            ("更新失敗.(error_amount_R) 10000002", "更新失敗.(error_amount_R) 10000002"),
            ("2026/08/01 09:30:52", "2026/08/01 09:30:52"),
            ("2026-08-01 09:30:52", "2026-08-01 09:30:52"),
        ] {
            assert_eq!(quote(words, 200), kept, "{words}");
        }
    }

    #[test]
    fn a_number_is_masked_before_the_words_are_cut() {
        assert_eq!(quote("no 4311952222222222", 9), "no ****");
    }

    /// Digits in a row, with nothing but what may stand between them.
    fn longest_number(text: &str) -> usize {
        let runs = text.split(|c: char| !c.is_numeric() && !is_between(c));
        runs.map(|run| run.chars().filter(|c| c.is_numeric()).count()).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_number_of_a_card_survives_in_any_words(
            words in prop_oneof![any::<String>(), "[0-9０-９a付 .:/-]{0,60}", "[0-9]{1,25}( |-|)[0-9]{0,8}[^0-9]{0,3}[0-9]{10,20}"],
            longest in 0_usize..80,
        ) {
            let quoted = quote(&words, longest);
            prop_assert!(longest_number(&quoted) < SHORTEST_CARD_NUMBER, "{:?} of {:?}", quoted, words);
            prop_assert!(quoted.chars().count() <= longest);
            prop_assert!(!quoted.contains(char::is_control));
        }
    }
}
