//! From when on something has to be listed.

use super::*;

/// The fourth is a Tuesday, the seventh a Friday, the eighth and ninth a weekend.
#[test]
fn a_capture_has_to_be_listed_by_the_second_bank_day_after_it() {
    for (captured, covered, standing) in [
        (4, (1, 31), Standing::Due),
        (4, (1, 6), Standing::Due),
        (4, (1, 5), Standing::NotYet),
        (4, (4, 6), Standing::Due),
        (4, (5, 31), Standing::Before),
        (6, (1, 7), Standing::NotYet),
        (6, (1, 10), Standing::Due),
        // A weekend is no bank day, whether or not a statement covers it.
        (7, (1, 10), Standing::NotYet),
        (7, (1, 11), Standing::Due),
        (8, (1, 11), Standing::Due),
        (8, (8, 10), Standing::NotYet),
        (9, (10, 31), Standing::Before),
    ] {
        let coverage = Coverage::of([span(1, MEDIA, covered.0, covered.1)]);
        assert_eq!(coverage.standing(MEDIA, day(captured)), standing, "{captured} in {covered:?}");
        assert_eq!(coverage.standing(FUNDING, day(captured)), Standing::NotYet, "no statement of this kind");
    }
}

#[test]
fn days_between_two_statements_that_none_covers_prove_nothing() {
    let two = |second_from| Coverage::of([span(1, MEDIA, 1, 5), span(2, MEDIA, second_from, 31)]);
    for (second_from, standing) in [(6, Standing::Due), (7, Standing::NotYet)] {
        assert_eq!(two(second_from).standing(MEDIA, day(4)), standing, "{second_from}");
    }
    // Nothing but a weekend lies between them.
    let weekend = Coverage::of([span(1, MEDIA, 3, 7), span(2, MEDIA, 10, 14)]);
    assert_eq!(weekend.standing(MEDIA, day(6)), Standing::Due);
}

#[test]
fn a_payment_has_to_be_listed_under_its_own_day() {
    for (paid, covered, standing) in [
        (4, (4, 4), Standing::Due),
        (8, (1, 8), Standing::Due),
        (8, (1, 7), Standing::NotYet),
        (8, (9, 31), Standing::Before),
    ] {
        let coverage = Coverage::of([span(1, AIO, covered.0, covered.1)]);
        assert_eq!(coverage.standing(AIO, day(paid)), standing, "{paid} in {covered:?}");
    }
    let around = Coverage::of([span(1, AIO, 1, 7), span(2, AIO, 10, 31)]);
    assert_eq!(around.standing(AIO, day(8)), Standing::NotYet, "customers pay on weekends too");
}

#[test]
fn a_file_has_the_days_before_the_last_two_oclock_of_a_bank_day() {
    for (read_at, last) in [
        ("2026-08-04 13:59", 2),
        ("2026-08-04 14:00", 3),
        ("2026-08-04 23:59", 3),
        ("2026-08-05 14:00", 4),
        ("2026-08-07 14:00", 6),
        ("2026-08-08 15:00", 6),
        ("2026-08-09 15:00", 6),
        ("2026-08-10 13:59", 6),
        ("2026-08-10 14:00", 9),
    ] {
        assert_eq!(listed_until(at(read_at)), day(last), "{read_at}");
    }
}

#[test]
fn what_was_captured_after_the_last_bank_day_is_not_listed_yet() {
    for (read_at, class) in [("2026-08-07 15:00", Class::MissingAtEcpay), ("2026-08-07 13:00", Class::NotYet)] {
        // Asked for all of August, and made on the seventh.
        let asked = Span { read_at: at(read_at), ..span(1, MEDIA, 1, 31) };
        assert_eq!(classes(vec![order(4)], vec![], &[asked]), [class], "{read_at}");
    }
    let refunded = Booked { movements: vec![order(4).movements[0], refund(13, 300)], ..order(4) };
    for (to, class) in [(14, Class::NotYet), (18, Class::RefundOnlyInLedger)] {
        let spans = [span(1, MEDIA, 1, to)];
        assert_eq!(classes(vec![refunded.clone()], vec![row(MEDIA, 4, 1000)], &spans), [class], "{to}");
    }
}

/// A refund in August of a capture in July, whose statement nobody has read.
#[test]
fn what_was_before_the_first_statement_is_not_missing() {
    let spans = [span(1, MEDIA, 10, 31)];
    assert_eq!(classes(vec![order(4)], vec![], &spans), []);
    assert_eq!(classes(vec![order(4)], vec![], &[]), [Class::NotYet], "no statement was read at all");
    let refunded = Booked { movements: vec![order(4).movements[0], refund(13, 300)], ..order(4) };
    let of_refund = Listed { settled_on: Some(day(14)), ..row(MEDIA, 4, -300) };
    assert_eq!(classes(vec![refunded.clone()], vec![of_refund.clone()], &spans), [Class::Agrees]);
    assert_eq!(classes(vec![order(4)], vec![of_refund], &spans), [Class::RefundOnlyAtEcpay]);
    let before = Booked { movements: vec![order(4).movements[0], refund(5, 300)], ..order(4) };
    assert_eq!(classes(vec![before], vec![row(MEDIA, 9, 1000)], &spans), [Class::Agrees], "its refund was before");
}
