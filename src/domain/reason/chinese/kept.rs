//! Words that are kept without their reason: an attempt keeps in English why it is before a person.

use crate::domain::money::Twd;
use crate::domain::reason::{Reason, Restoring, Settling, Unexplained};

/// What a reason says in exactly these English words, in Chinese; any others as they came.
pub fn retold(text: &str) -> String {
    let meant = candidates(text).into_iter().find(|reason| reason.english() == text);
    meant.map_or_else(|| text.to_owned(), |reason| reason.chinese())
}

/// Every reason that puts an attempt before a person, with the numbers of the text as its arguments.
fn candidates(text: &str) -> Vec<Reason> {
    let plain = [
        Settling::NoLongerAuthorized,
        Settling::VoidedByOthers,
        Settling::PartRefundedMeanwhile,
        Settling::RefundedByOthers,
        Settling::AnotherAmountMoved,
        Settling::CalledBackByOthers,
        Settling::LostInRestore,
        Settling::UnreadableForADay,
        Settling::UnseenForADay,
        Settling::MayComeAtAnyTime,
    ];
    let plain = plain.map(Reason::from).into_iter().chain([Restoring::UnclaimedVoid.into()]);
    plain.chain(of_money(text).unwrap_or_default()).collect()
}

fn of_money(text: &str) -> Option<Vec<Reason>> {
    let (first, last) = (numbers(text, "NT$").next()?, numbers(text, "NT$").last()?);
    let amount = Twd::new(first).ok()?;
    let said = text.split_once(" (").and_then(|(_, rest)| rest.rsplit_once("), and since then "));
    let said = said.map(|(said, _)| said.to_owned()).unwrap_or_default();
    let mut found: Vec<Reason> = vec![
        Restoring::UnclaimedRefund { amount }.into(),
        Unexplained::RefusedYetRefunded { amount, text: said.clone(), moved: last }.into(),
        Unexplained::RefusedYetVoid { amount, text: said }.into(),
    ];
    if let (Some(attempt), Ok(moved)) = (numbers(text, "attempt ").next(), Twd::new(last)) {
        found.extend([
            Unexplained::EndedYetRefunded { attempt, amount, moved: last }.into(),
            Unexplained::EndedYetVoid { attempt, amount }.into(),
            Unexplained::MovedUnexplained { attempt, amount, moved }.into(),
        ]);
    }
    Some(found)
}

/// The numbers that stand behind this word.
fn numbers(text: &str, word: &str) -> impl Iterator<Item = i64> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    text.split(word).skip(1).filter_map(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::tests::twd;

    #[test]
    fn what_puts_an_attempt_before_a_person_is_told_in_chinese() {
        let (amount, text) = (twd(300), "更新失敗.(error_amount_R)".to_owned());
        let of_money: [Reason; 6] = [
            Restoring::UnclaimedRefund { amount }.into(),
            Unexplained::RefusedYetRefunded { amount, text: text.clone(), moved: 500 }.into(),
            Unexplained::RefusedYetVoid { amount, text }.into(),
            Unexplained::EndedYetRefunded { attempt: 7, amount, moved: 500 }.into(),
            Unexplained::EndedYetVoid { attempt: 7, amount }.into(),
            Unexplained::MovedUnexplained { attempt: 7, amount, moved: twd(500) }.into(),
        ];
        for reason in candidates("").into_iter().chain(of_money) {
            assert_eq!(retold(&reason.english()), reason.chinese());
        }
    }

    #[test]
    fn any_other_words_stay_as_they_came() {
        for text in ["", "http 500", "NT$", "attempt 7 voided NT$300", "可退刷額度不足", "another amount moved twice"]
        {
            assert_eq!(retold(text), text);
        }
    }
}
