//! Which class an order is of.

use super::*;

/// All of August is covered.
fn whole(kind: StatementKind) -> [Span; 1] {
    [span(1, kind, 1, 31)]
}

fn with(change: impl FnOnce(&mut Booked)) -> Booked {
    let mut order = order(4);
    change(&mut order);
    order
}

fn refunded(on: u32, amount: i64) -> Booked {
    with(|order| order.movements.push(refund(on, amount)))
}

#[test]
fn captures_and_refunds_are_held_against_the_rows_of_a_settlement_file() {
    let uncaptured = |state| with(|order| (order.state, order.movements) = (state, Vec::new()));
    let called_back = |again: bool| {
        with(|order| {
            order.movements.push(Moved { day: day(4), captured: -1000, ..Moved::default() });
            if again {
                order.movements.push(Moved { day: day(5), captured: 1000, ..Moved::default() });
            }
        })
    };
    for kind in [MEDIA, FUNDING] {
        let table: Vec<(&str, Booked, Vec<i64>, Option<Class>)> = vec![
            ("captured and listed", order(4), vec![1000], Some(Class::Agrees)),
            ("captured and not listed", order(4), vec![], Some(Class::MissingAtEcpay)),
            ("captured, and more is listed", order(4), vec![1200], Some(Class::AmountDiffers)),
            ("captured, and less is listed", order(4), vec![800], Some(Class::AmountDiffers)),
            ("captured twice there", order(4), vec![1000, 1000], Some(Class::AmountDiffers)),
            ("a part refunded", refunded(6, 300), vec![1000, -300], Some(Class::Agrees)),
            ("all refunded", refunded(6, 1000), vec![1000, -1000], Some(Class::Agrees)),
            (
                "refunded in two parts",
                with(|o| o.movements.extend([refund(6, 300), refund(7, 300)])),
                vec![1000, -300, -300],
                Some(Class::Agrees),
            ),
            (
                "two parts, listed as one",
                with(|o| o.movements.extend([refund(6, 300), refund(7, 300)])),
                vec![1000, -600],
                Some(Class::Agrees),
            ),
            ("refunded there alone", order(4), vec![1000, -300], Some(Class::RefundOnlyAtEcpay)),
            ("more refunded there", refunded(6, 300), vec![1000, -300, -200], Some(Class::RefundOnlyAtEcpay)),
            ("refunded here alone", refunded(6, 300), vec![1000], Some(Class::RefundOnlyInLedger)),
            ("less refunded there", refunded(6, 300), vec![1000, -200], Some(Class::RefundOnlyInLedger)),
            ("all refunded, and neither is listed", refunded(6, 1000), vec![], Some(Class::MissingAtEcpay)),
            (
                "all refunded, and the refund alone is listed",
                refunded(6, 1000),
                vec![-1000],
                Some(Class::AmountDiffers),
            ),
            (
                "a refund that the bank undid",
                with(|o| o.movements.extend([refund(6, 300), refund(9, -300)])),
                vec![1000],
                Some(Class::Agrees),
            ),
            (
                "the same, with rows of both",
                with(|o| o.movements.extend([refund(6, 300), refund(9, -300)])),
                vec![1000, -300, 300],
                Some(Class::Agrees),
            ),
            ("called back", called_back(false), vec![], None),
            ("called back and captured again", called_back(true), vec![1000], Some(Class::Agrees)),
            ("called back, and listed all the same", called_back(false), vec![1000], Some(Class::AmountDiffers)),
            ("voided", uncaptured(OrderState::Voided), vec![], None),
            ("voided, and listed all the same", uncaptured(OrderState::Voided), vec![1000], Some(Class::AmountDiffers)),
            ("authorized", uncaptured(OrderState::Authorized), vec![], None),
            (
                "authorized, and captured there",
                uncaptured(OrderState::Authorized),
                vec![1000],
                Some(Class::AmountDiffers),
            ),
            ("expired, and captured there", uncaptured(OrderState::Expired), vec![1000], Some(Class::AmountDiffers)),
            (
                "never looked at",
                with(|o| (o.state, o.amount, o.movements) = (OrderState::Registered, None, Vec::new())),
                vec![1000],
                Some(Class::NotYet),
            ),
        ];
        for (what, order, gross, class) in table {
            let rows = gross.into_iter().map(|gross| row(kind, 4, gross)).collect();
            assert_eq!(classes(vec![order], rows, &whole(kind)), Vec::from_iter(class), "{kind:?}: {what}");
        }
    }
}

#[test]
fn a_file_of_payments_lists_what_is_not_captured_yet_and_not_each_refund() {
    let state = |state, movements: Vec<Moved>| with(|order| (order.state, order.movements) = (state, movements));
    let captured = || order(4).movements;
    let table: Vec<(&str, Booked, Vec<i64>, Option<Class>)> = vec![
        ("authorized", state(OrderState::Authorized, vec![]), vec![1000], Some(Class::Agrees)),
        ("voided, as the file does not say", state(OrderState::Voided, vec![]), vec![1000], Some(Class::Agrees)),
        (
            "authorized with another amount",
            state(OrderState::Authorized, vec![]),
            vec![900],
            Some(Class::AmountDiffers),
        ),
        ("captured", state(OrderState::Captured, captured()), vec![1000], Some(Class::Agrees)),
        (
            "captured with another amount",
            state(OrderState::Captured, captured()),
            vec![900],
            Some(Class::AmountDiffers),
        ),
        ("refunded, which it need not list", refunded(6, 300), vec![1000], Some(Class::NotYet)),
        ("refunded, which it lists", refunded(6, 300), vec![1000, -300], Some(Class::Agrees)),
        ("refunded there alone", order(4), vec![1000, -300], Some(Class::RefundOnlyAtEcpay)),
        ("captured and not listed", order(4), vec![], Some(Class::MissingAtEcpay)),
        ("authorized and not listed", state(OrderState::Authorized, vec![]), vec![], None),
    ];
    for (what, order, gross, class) in table {
        let rows = gross.into_iter().map(|gross| row(AIO, 4, gross)).collect();
        assert_eq!(classes(vec![order], rows, &whole(AIO)), Vec::from_iter(class), "{what}");
    }
    let paid_out = Listed { paid_on: Some(day(9)), ..row(AIO, 4, 1000) };
    let voided = state(OrderState::Voided, vec![]);
    assert_eq!(classes(vec![voided], vec![paid_out], &whole(AIO)), [Class::AmountDiffers], "paid out, though voided");
}

#[test]
fn a_payment_that_nobody_registered_is_missing_in_the_ledger_once() {
    let all = [span(1, MEDIA, 1, 31), span(1, FUNDING, 1, 31), span(1, AIO, 1, 31)];
    for rows in [
        vec![row(MEDIA, 4, 1000)],
        vec![row(FUNDING, 4, 1000)],
        vec![row(AIO, 4, 1000)],
        vec![row(MEDIA, 4, 1000), row(MEDIA, 4, -300)],
        // The same payment in three kinds of file.
        vec![row(MEDIA, 4, 1000), row(FUNDING, 4, 1000), row(AIO, 4, 1000)],
        // A refund of a payment of before.
        vec![row(FUNDING, 4, -300)],
    ] {
        assert_eq!(classes(vec![], rows.clone(), &all), [Class::MissingInLedger], "{rows:?}");
    }
}

#[test]
fn rows_are_of_an_order_by_ecpays_number_else_by_the_shops_and_the_amount() {
    let named = |kind, trade_no: &str, gross| Listed { trade_no: Some(trade_no.to_owned()), ..row(kind, 4, gross) };
    let nameless = || with(|order| order.trade_no = None);
    for (what, order, rows, expected) in [
        ("the same number", order(4), vec![named(MEDIA, "T1", 1000)], vec![Class::Agrees]),
        ("the same number, another amount", order(4), vec![named(MEDIA, "T1", 900)], vec![Class::AmountDiffers]),
        (
            "another number: another payment",
            order(4),
            vec![named(MEDIA, "T2", 1000)],
            vec![Class::MissingAtEcpay, Class::MissingInLedger],
        ),
        ("no number here, the same amount", nameless(), vec![named(MEDIA, "T2", 1000)], vec![Class::Agrees]),
        ("no number here, another amount", nameless(), vec![named(MEDIA, "T2", 900)], vec![Class::AmountDiffers]),
        ("no number there, another amount", order(4), vec![row(FUNDING, 4, 900)], vec![Class::AmountDiffers]),
    ] {
        let kind = rows[0].kind;
        assert_eq!(classes(vec![order], rows, &whole(kind)), expected, "{what}");
    }
}

/// Each charge is an order of its own, all with one number of the shop's.
#[test]
fn the_charges_of_a_recurring_order_are_told_apart() {
    let charge =
        |id: i64, trade_no: &str, on: u32| Booked { order_id: id, trade_no: Some(trade_no.to_owned()), ..order(on) };
    let charges = || vec![charge(1, "T1", 4), charge(2, "T2", 5), charge(3, "T3", 6)];
    let listed = |kind, trade_no: &str, on, gross| Listed {
        trade_no: (kind != FUNDING).then(|| trade_no.to_owned()),
        ..row(kind, on, gross)
    };
    for kind in [MEDIA, FUNDING] {
        let all = || vec![listed(kind, "T1", 4, 1000), listed(kind, "T2", 5, 1000), listed(kind, "T3", 6, 1000)];
        assert_eq!(classes(charges(), all(), &whole(kind)), [Class::Agrees; 3], "{kind:?}");
        let without_second = all().into_iter().filter(|row| row.traded_on != day(5)).collect();
        assert_eq!(
            classes(charges(), without_second, &whole(kind)),
            [Class::Agrees, Class::MissingAtEcpay, Class::Agrees],
            "{kind:?}"
        );
        let refunded = [all(), vec![listed(kind, "T3", 6, -1000)]].concat();
        assert_eq!(
            classes(charges(), refunded, &whole(kind)),
            [Class::Agrees, Class::Agrees, Class::RefundOnlyAtEcpay],
            "{kind:?}"
        );
        let (first, more) = (vec![charge(1, "T1", 4)], all());
        let found = classes(first, more, &whole(kind));
        assert_eq!(
            (found[0], &found[1..].iter().all(|c| *c == Class::MissingInLedger)),
            (Class::Agrees, &true),
            "{kind:?}: {found:?}"
        );
        assert!(found.len() > 1, "{kind:?}: charges that nobody registered");
    }
}

#[test]
fn of_several_kinds_of_file_the_one_that_has_the_order_counts() {
    let spans = [span(1, MEDIA, 1, 31), span(1, FUNDING, 1, 31)];
    let rows = |kind, gross: &[i64]| gross.iter().map(|gross| row(kind, 4, *gross)).collect::<Vec<_>>();
    for (what, order, media, funding, class) in [
        ("both agree", order(4), vec![1000], vec![1000], Class::Agrees),
        ("one does not have it", order(4), vec![1000], vec![], Class::Agrees),
        ("neither has it", order(4), vec![], vec![], Class::MissingAtEcpay),
        ("one has a refund that the other lacks", order(4), vec![1000], vec![1000, -300], Class::RefundOnlyAtEcpay),
        ("one has our refund", refunded(6, 300), vec![1000], vec![1000, -300], Class::Agrees),
        ("neither has our refund", refunded(6, 300), vec![1000], vec![1000], Class::RefundOnlyInLedger),
        ("one has another amount", order(4), vec![1000], vec![900], Class::AmountDiffers),
    ] {
        let listed = [rows(MEDIA, &media), rows(FUNDING, &funding)].concat();
        assert_eq!(classes(vec![order], listed, &spans), [class], "{what}");
    }
}

#[test]
fn what_a_newer_statement_of_the_day_no_longer_has_does_not_count() {
    let in_old = |gross| row(MEDIA, 4, gross);
    let old = span(1, MEDIA, 1, 10);
    for (what, newer, class) in [
        ("none is newer", None, Class::RefundOnlyAtEcpay),
        ("a newer one of the day", Some(span(2, MEDIA, 5, 20)), Class::MissingAtEcpay),
        ("a newer one of other days", Some(span(2, MEDIA, 6, 20)), Class::RefundOnlyAtEcpay),
        ("a newer one of another kind", Some(span(2, FUNDING, 1, 3)), Class::RefundOnlyAtEcpay),
    ] {
        let spans: Vec<Span> = [old].into_iter().chain(newer).collect();
        // Both rows are settled on the fifth.
        assert_eq!(classes(vec![order(4)], vec![in_old(1000), in_old(-300)], &spans), [class], "{what}");
    }
}
