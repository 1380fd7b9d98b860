//! Status words, and what a header and closing rows add up to.

use chrono::DateTime;
use ecpayd::domain::facts::{CloseRow, Closing};
use ecpayd::domain::money::Twd;
use ecpayd::domain::status::{CardStatus, StatusWord};

use super::dice::Dice;
use super::oracle::{self, WORDS};

/// The first line is a word; what follows chooses a header and rows.
pub fn check(data: &[u8]) {
    let mut parts = data.splitn(2, |b| *b == b'\n');
    let word = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    is_in_the_table(&word);
    let mut dice = Dice::new(parts.next().unwrap_or_default());
    adds_up(&word, &mut dice);
}

/// Known exactly when the table has it, up to case in English and blanks around it.
pub fn is_in_the_table(word: &str) {
    match (StatusWord::parse(word), oracle::status(word)) {
        (StatusWord::Known(status), Some((english, _))) => assert_eq!(status.english(), english, "{word:?}"),
        (StatusWord::Raw(raw), None) => {
            let kept: String = word.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
            // Twelve digits could be a card's number.
            let digits = word.chars().filter(|c| c.is_numeric()).count();
            assert!(raw == kept || digits >= 12, "{word:?} is kept as {raw:?}");
        }
        (read, expected) => panic!("{word:?} is read as {read:?}, the table says {expected:?}"),
    }
}

fn adds_up(word: &str, dice: &mut Dice<'_>) {
    let amount = Twd::new(i64::from(dice.byte()) * 10).expect("an amount");
    let header = StatusWord::parse(some_word(word, dice));
    let mut rows = Vec::new();
    while !dice.is_empty() && rows.len() < 64 {
        let status = StatusWord::parse(some_word(word, dice));
        let row = match dice.below(6) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => -i64::from(dice.byte()) * 10,
            3 => dice.number(),
            _ => i64::from(dice.byte()) * 10,
        };
        let at = match dice.below(4) {
            0 => None,
            n => DateTime::from_timestamp(i64::from(n) * 60, 0),
        };
        rows.push(CloseRow { status, amount: row, at });
    }
    let Ok(closing) = Closing::read(&header, &rows, amount) else { return };
    let known = |word: &StatusWord| match word {
        StatusWord::Known(status) => *status,
        StatusWord::Raw(raw) => panic!("{raw:?} was counted"),
    };
    let written = rows.iter().map(|row| known(&row.status)).chain([known(&header)]);
    assert!(written.into_iter().any(|status| status == closing.status));
    let counts = |row: &&CloseRow| !matches!(known(&row.status), CardStatus::Canceled | CardStatus::OperationCanceled);
    let net: i128 = rows.iter().filter(counts).map(|row| i128::from(row.amount)).sum();
    let closes = closing.status.is_closing();
    let net = if closes && rows.is_empty() { i128::from(amount.dollars()) } else { net };
    assert_eq!(i128::from(closing.net), net.clamp(i128::from(i64::MIN), i128::from(i64::MAX)));
    assert!(!closes || (0..=amount.dollars()).contains(&closing.net));
}

fn some_word<'w>(word: &'w str, dice: &mut Dice<'_>) -> &'w str {
    let choice = usize::from(dice.below(16));
    WORDS.get(choice).map_or(word, |(known, ..)| *known)
}
