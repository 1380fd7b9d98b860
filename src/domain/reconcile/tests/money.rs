//! Fees, payout days, and how much there is of each class.

use proptest::prelude::*;

use super::*;

#[test]
fn a_fee_is_the_one_that_was_foretold_to_the_thousandth_or_within_a_dollar_where_one_is_whole() {
    for (foretold, listed, class) in [
        (None, 25_800, Class::Agrees),
        (Some(25_800), 25_800, Class::Agrees),
        (Some(25_800), 25_801, Class::FeeDiffers),
        (Some(25_800), 25_799, Class::FeeDiffers),
        // TradeNoAio and some answers have whole dollars.
        (Some(25_800), 25_000, Class::Agrees),
        (Some(25_800), 26_000, Class::Agrees),
        (Some(26_000), 25_800, Class::Agrees),
        (Some(25_800), 24_000, Class::FeeDiffers),
        (Some(25_800), 27_000, Class::FeeDiffers),
        (Some(25_000), 26_000, Class::FeeDiffers),
        (Some(0), 25_800, Class::FeeDiffers),
    ] {
        let mut booked = order(4);
        booked.movements[0].fee_milli = foretold;
        let rows = vec![Listed { fee_milli: listed, ..row(MEDIA, 4, 1000) }];
        assert_eq!(classes(vec![booked], rows, &[span(1, MEDIA, 1, 31)]), [class], "{foretold:?} {listed}");
    }
}

#[test]
fn the_fee_that_a_refund_gives_back_is_no_part_of_the_captures() {
    let mut booked = order(4);
    booked.movements[0].fee_milli = Some(20_000);
    booked.movements.push(refund(6, 1000));
    let rows = vec![row(MEDIA, 4, 1000), row(MEDIA, 4, -1000)];
    assert_eq!(classes(vec![booked], rows, &[span(1, MEDIA, 1, 31)]), [Class::Agrees]);
}

/// Vendor page support.ecpay.com.tw/4809: half a dollar is dropped.
#[test]
fn half_a_dollar_of_a_days_fees_is_dropped() {
    for (milli, dollars) in [
        (0, 0),
        (499, 0),
        (500, 0),
        (501, 1),
        (1_499, 1),
        (1_500, 1),
        (1_501, 2),
        (25_800, 26),
        (-500, 0),
        (-501, -1),
        (-43_600, -44),
    ] {
        assert_eq!(half_down(milli), dollars, "{milli}");
    }
}

#[test]
fn a_payout_day_is_gross_without_refunds_and_the_days_fees() {
    // Gross, fee and net of each row.
    type Row = (i64, i64, Option<i64>);
    let table: [(&str, &[Row], i64, Option<i64>); 6] = [
        ("one order", &[(1290, 25_800, Some(1_264_200))], 1264, Some(1264)),
        (
            "fees are summed before they are rounded",
            &[(100, 2_250, Some(97_750)), (100, 2_250, Some(97_750))],
            196,
            Some(196),
        ),
        (
            "a refund gives its fee back",
            &[(3000, 60_000, Some(2_940_000)), (-200, -4_000, Some(-196_000))],
            2744,
            Some(2744),
        ),
        ("more is given back than paid", &[(-200, -4_000, Some(-196_000))], -196, Some(-196)),
        ("the file says no net", &[(1290, 25_800, None)], 1264, None),
        ("a fee that the net does not know", &[(1290, 25_800, Some(1_260_000))], 1264, Some(1260)),
    ];
    for (what, rows, payout, ecpay) in table {
        let mut payouts = Payouts::default();
        rows.iter().for_each(|(gross, fee, net)| payouts.add(day(10), MEDIA, *gross, *fee, *net));
        let found = payouts.end();
        assert_eq!(found.iter().map(|p| (p.payout, p.ecpay)).collect::<Vec<_>>(), [(payout, ecpay)], "{what}");
        assert_eq!(found[0].agrees(), ecpay.is_none_or(|ecpay| ecpay == payout), "{what}");
    }
}

#[test]
fn each_day_and_kind_of_file_is_a_payout_of_its_own() {
    let mut payouts = Payouts::default();
    payouts.add(day(11), MEDIA, 100, 0, None);
    payouts.add(day(10), AIO, 100, 0, None);
    payouts.add(day(10), MEDIA, 100, 0, None);
    let days: Vec<_> = payouts.end().into_iter().map(|payout| (payout.day, payout.kind)).collect();
    assert_eq!(days, [(day(10), MEDIA), (day(10), AIO), (day(11), MEDIA)]);
}

#[test]
fn only_what_agrees_or_is_not_listed_yet_is_no_difference() {
    let mut counts = Counts::default();
    for class in Class::ALL {
        counts.add(*class);
        assert_eq!(class.is_difference(), !["agrees", "not_yet"].contains(&class.word()), "{class:?}");
    }
    assert_eq!((counts.differences(), counts.of(Class::Agrees)), (6, 1));
    assert_eq!(counts.all().map(|(class, _)| class).collect::<Vec<_>>(), Class::ALL);
}

proptest! {
    /// Whatever ECPay lists of what the ledger has seen: where all of it is there, it agrees.
    #[test]
    fn an_order_whose_rows_are_its_movements_agrees(parts in prop::collection::vec(1_i64..200, 0..5), turned in any::<bool>()) {
        let mut booked = order(4);
        booked.movements.extend(parts.iter().map(|amount| refund(6, *amount)));
        let mut rows = vec![row(MEDIA, 4, 1000)];
        rows.extend(parts.iter().map(|amount| row(MEDIA, 4, -*amount)));
        if turned {
            rows.reverse();
        }
        prop_assert_eq!(classes(vec![booked.clone()], rows.clone(), &[span(1, MEDIA, 1, 31)]), [Class::Agrees]);
        // And where one row is not there, it does not.
        rows.pop();
        let found = classes(vec![booked], rows, &[span(1, MEDIA, 1, 31)]);
        prop_assert!(found[0].is_difference(), "{:?}", found);
    }

    #[test]
    fn half_down_is_never_further_than_half_a_dollar(milli in -10_000_000_i64..10_000_000) {
        prop_assert!((half_down(milli) * 1000 - milli).abs() <= 500);
    }
}

#[test]
fn a_payment_that_a_newer_file_has_with_another_amount_is_that_one_and_no_second() {
    let newer = |row: Listed| Listed { statement: 2, ..row };
    for kind in [MEDIA, FUNDING, AIO] {
        // The newer file is too young to have all rows of its days, so what it leaves out stands.
        let young = Span { read_at: at("2026-08-03 09:00"), ..span(2, kind, 1, 5) };
        let rows = vec![row(kind, 3, 1000), newer(row(kind, 3, 1001))];
        let number = Number { merchant_trade_no: "A1".to_owned(), orders: vec![order(3)], rows };
        let compared = compare(&number, &Coverage::of([span(1, kind, 1, 31), young]));
        assert_eq!(
            compared.iter().map(|c| (c.class, c.ecpay)).collect::<Vec<_>>(),
            [(Class::AmountDiffers, Some(1001))],
            "{kind:?}"
        );
    }
}
