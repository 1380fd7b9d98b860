use crate::domain::status::StatusWord;
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

use super::*;

fn row(status: CardStatus, amount: i64, second: i64) -> CloseRow {
    CloseRow { status: StatusWord::Known(status), amount, at: DateTime::from_timestamp(1_785_500_000 + second, 0) }
}

fn undated(status: CardStatus, amount: i64) -> CloseRow {
    CloseRow { at: None, ..row(status, amount, 0) }
}

fn read(header: CardStatus, rows: &[CloseRow]) -> Result<(CardStatus, i64), UnclearClosing> {
    let amount = Twd::new(1000).expect("an amount");
    Closing::read(&StatusWord::Known(header), rows, amount).map(|c| (c.status, c.net))
}

fn look(seen: Seen) -> Observation {
    Observation {
        at: DateTime::UNIX_EPOCH,
        skew_s: Some(0),
        after_attempt: 0,
        after_revision: 1,
        after_restore: 0,
        void_since: None,
        unclaimed_since: None,
        seen,
        last_card: None,
    }
}

#[test]
fn without_rows_the_header_decides() {
    for header in CardStatus::ALL {
        let net = if header.is_closing() { 1000 } else { 0 };
        assert_eq!(read(header, &[]), Ok((header, net)));
    }
}

#[test]
fn each_header_over_each_row_is_explained_or_unclear() {
    let explained = |header, row| match (header, row) {
        (h, r) if h == r => Some(r),
        (Authorized | OperationCanceled, ToBeCaptured | Captured | Canceled)
        | (ToBeCaptured, Captured)
        | (Authorized | ToBeCaptured, OperationCanceled)
        | (OperationCanceled | ToBeCaptured, Authorized) => Some(row),
        (Canceled, OperationCanceled) => Some(Canceled),
        _ => None,
    };
    for (header, newest) in CardStatus::ALL.into_iter().flat_map(|h| CardStatus::ALL.map(|r| (h, r))) {
        let got = read(header, &[row(newest, 1000, 0)]).map(|(status, _)| status);
        let contradiction = UnclearClosing::Contradiction { header: header.english(), row: newest.english() };
        assert_eq!(got, explained(header, newest).ok_or(contradiction), "{header:?} over {newest:?}");
    }
}

#[test]
fn a_canceled_header_over_money_is_unclear() {
    for status in [ToBeCaptured, Captured, Authorized] {
        assert!(matches!(read(Canceled, &[row(status, 1000, 0)]), Err(UnclearClosing::Contradiction { .. })));
    }
}

#[test]
fn the_newest_row_decides_in_whatever_order_they_come() {
    let (old, new) = (row(OperationCanceled, 1000, 0), row(ToBeCaptured, 1000, 60));
    for rows in [[old.clone(), new.clone()], [new, old]] {
        assert_eq!(read(Authorized, &rows), Ok((ToBeCaptured, 1000)));
    }
    let (old, new) = (row(ToBeCaptured, 1000, 0), row(Captured, 1000, 60));
    for rows in [[old.clone(), new.clone()], [new, old]] {
        let twice = UnclearClosing::NetOutOfRange { net: 2000, amount: Twd::new(1000).expect("an amount") };
        assert_eq!(read(Captured, &rows), Err(twice));
    }
}

#[test]
fn a_refund_row_never_decides_the_status() {
    let rows = [row(ToBeCaptured, -300, 90), row(Captured, 1000, 0)];
    assert_eq!(read(Captured, &rows), Ok((Captured, 700)));
    assert_eq!(
        read(ToBeCaptured, &[row(Captured, -300, 0)]).map_err(|e| e.to_string()),
        Err("the closing rows add up to -300, outside 0 to NT$1000".to_owned())
    );
}

#[test]
fn a_capture_shrunk_to_nothing_decides_over_one_that_was_called_back() {
    let rows = [row(ToBeCaptured, 0, 60), row(OperationCanceled, 1000, 0)];
    assert_eq!(read(Authorized, &rows), Ok((ToBeCaptured, 0)));
}

#[test]
fn rows_of_the_same_time_have_to_agree() {
    let tie = |a, b| read(Authorized, &[row(a, 400, 0), row(b, 600, 0)]);
    assert_eq!(tie(ToBeCaptured, ToBeCaptured), Ok((ToBeCaptured, 1000)));
    assert_eq!(tie(ToBeCaptured, Captured), Err(UnclearClosing::RowsDisagree));
    assert_eq!(tie(Captured, OperationCanceled), Err(UnclearClosing::RowsDisagree));
}

#[test]
fn an_undated_row_could_be_the_newest_so_all_have_to_agree() {
    let rows = |other| [undated(ToBeCaptured, 400), row(other, 600, 60)];
    assert_eq!(read(Authorized, &rows(ToBeCaptured)), Ok((ToBeCaptured, 1000)));
    assert_eq!(read(Authorized, &rows(Captured)), Err(UnclearClosing::RowsDisagree));
    assert_eq!(read(Authorized, &[undated(Captured, 1000)]), Ok((Captured, 1000)));
    let refund = [undated(Canceled, -300), row(Captured, 1000, 0)];
    assert_eq!(read(Captured, &refund), Ok((Captured, 1000)));
}

#[test]
fn a_raw_word_anywhere_is_unclear() {
    let raw = StatusWord::Raw("Settling".to_owned());
    let amount = Twd::new(1000).expect("an amount");
    let error = Err(UnclearClosing::RawWord("Settling".to_owned()));
    assert_eq!(Closing::read(&raw, &[], amount), error);
    assert_eq!(Closing::read(&raw, &[row(Captured, 1000, 0)], amount), error);
    for amount_of_row in [1000, 0, -300] {
        let rows = [row(Captured, 1000, 60), CloseRow { status: raw.clone(), ..row(Captured, amount_of_row, 0) }];
        assert_eq!(Closing::read(&StatusWord::Known(Captured), &rows, amount), error);
    }
}

#[test]
fn refunds_show_as_negative_rows_or_as_a_smaller_capture() {
    assert_eq!(read(Captured, &[row(Captured, 1000, 0), row(Captured, -300, 60)]), Ok((Captured, 700)));
    assert_eq!(read(ToBeCaptured, &[row(ToBeCaptured, 700, 0)]), Ok((ToBeCaptured, 700)));
    let all = [row(Captured, 1000, 0), row(Captured, -300, 60), row(Captured, -700, 90)];
    assert_eq!(read(Captured, &all), Ok((Captured, 0)));
    assert_eq!(read(ToBeCaptured, &[row(ToBeCaptured, 0, 0)]), Ok((ToBeCaptured, 0)));
}

#[test]
fn canceled_rows_do_not_count() {
    let rows = [row(OperationCanceled, 1000, 0), row(ToBeCaptured, 1000, 60)];
    assert_eq!(read(ToBeCaptured, &rows), Ok((ToBeCaptured, 1000)));
    let refund_canceled = [row(Captured, 1000, 0), row(Canceled, -300, 60)];
    assert_eq!(read(Captured, &refund_canceled), Ok((Captured, 1000)));
    assert_eq!(read(Authorized, &[row(OperationCanceled, 1000, 0)]), Ok((OperationCanceled, 0)));
}

#[test]
fn a_net_outside_the_order_is_unclear() {
    for rows in [
        vec![row(Captured, 1001, 0)],
        vec![row(Captured, 1000, 0), row(Captured, -1001, 1)],
        vec![row(Captured, i64::MAX, 0), row(Captured, i64::MAX, 1)],
        // A sum that stopped at the end of 64 bits would come back to 500 with the third row.
        vec![row(Captured, i64::MAX, 0), row(Captured, i64::MAX, 1), row(Captured, 500 - i64::MAX, 2)],
    ] {
        assert!(matches!(read(Captured, &rows), Err(UnclearClosing::NetOutOfRange { .. })));
    }
}

#[test]
fn what_went_back_is_told_of_closing_orders_only() {
    let of = |status, net| {
        let amount = Twd::new(1000).expect("an amount");
        let trade_no = TradeNo::parse("T1").expect("a number");
        let (payment_type, kind) = ("Credit".to_owned(), CardKind::default());
        let authorized_at = DateTime::UNIX_EPOCH;
        let (gwsr, recurring, charges) = (None, false, None);
        CardFacts {
            trade_no,
            gwsr,
            amount,
            authorized_at,
            payment_type,
            kind,
            status,
            net,
            listed: true,
            recurring,
            charges,
            periods: None,
            rows: Vec::new(),
            fee_milli: None,
        }
        .refunded()
        .dollars()
    };
    for status in [ToBeCaptured, Captured] {
        assert_eq!([of(status, 1000), of(status, 700), of(status, 0)], [0, 300, 1000]);
    }
    for status in [Unauthorized, Authorized, Canceled, OperationCanceled] {
        assert_eq!(of(status, 0), 0);
    }
}

#[test]
fn a_gateways_clock_out_of_all_bounds_is_ours() {
    let at = DateTime::from_timestamp(1_785_500_000, 0).expect("a time");
    let look = |skew_s| Observation { at, skew_s: Some(skew_s), ..look(Seen::NotFound) };
    assert_eq!(look(-90).gateway_time(), at - Duration::seconds(90));
    for skew_s in [i64::MAX, i64::MIN, i64::MAX / 1000] {
        assert_eq!(look(skew_s).gateway_time(), at);
        assert_eq!(look(skew_s).skew_within(Duration::minutes(5)), None);
    }
    assert_eq!(look(-300).skew_within(Duration::minutes(5)), Some(Duration::seconds(-300)));
    assert_eq!(look(301).skew_within(Duration::minutes(5)), None);
    let untold = Observation { skew_s: None, ..look(0) };
    assert_eq!((untold.gateway_time(), untold.skew_within(Duration::minutes(5))), (at, None));
}

#[test]
fn an_authorization_that_was_shown_neither_vanishes_nor_changes() {
    let no = |text| TradeNo::parse(text).expect("a number");
    let (twd, known) = (|dollars| Twd::new(dollars).expect("an amount"), no("T1"));
    let card = |trade_no, amount| {
        let (payment_type, kind) = ("Credit".to_owned(), CardKind::default());
        let (gwsr, authorized_at, status) = (None, DateTime::UNIX_EPOCH, Authorized);
        Seen::Card(CardFacts {
            trade_no,
            gwsr,
            amount,
            authorized_at,
            payment_type,
            kind,
            status,
            net: 0,
            listed: true,
            recurring: false,
            charges: None,
            periods: None,
            rows: Vec::new(),
            fee_milli: None,
        })
    };
    let vanished = "the gateway no longer knows the order, which it had shown as authorized";
    let unpaid = "the gateway shows the order as unpaid, which it had shown as authorized";
    for (seen, raw) in [
        (Seen::NotFound, Some(vanished)),
        (Seen::Unpaid { amount: None }, Some(unpaid)),
        (Seen::BankPending { amount: None }, Some(unpaid)),
        (
            Seen::NotCard { amount: None, payment_type: "ATM_TAISHIN".to_owned() },
            Some("the gateway no longer shows a card payment"),
        ),
        (card(no("T2"), twd(1000)), Some("the gateway shows T2 of NT$1000, and had shown T1 of NT$1000")),
        (card(no("T1"), twd(999)), Some("the gateway shows T1 of NT$999, and had shown T1 of NT$1000")),
        (card(no("T1"), twd(1000)), None),
        (Seen::Unclear { raw: "a word".to_owned() }, None),
    ] {
        let expected = raw.map_or(seen.clone(), |raw| Seen::Unclear { raw: raw.to_owned() });
        assert_eq!(look(seen.clone()).checked_against(Some(&(known.clone(), twd(1000))), None).seen, expected);
        assert_eq!(look(seen.clone()).checked_against(None, None).seen, seen, "nothing was shown before");
    }
}

#[test]
fn an_authorization_grows_older_whatever_later_looks_show() {
    let shown = |status| crate::domain::plan::tests::card(status, 0);
    let known = look(Seen::Card(shown(Authorized)));
    assert_eq!(known.authorization(), Some(&shown(Authorized)));
    let others = [
        Seen::NotFound,
        Seen::Unpaid { amount: None },
        Seen::BankPending { amount: None },
        Seen::NotCard { amount: None, payment_type: "ATM".to_owned() },
        Seen::Unclear { raw: "Settling".to_owned() },
        Seen::Card(shown(Unauthorized)),
    ];
    for seen in others {
        let lost = look(seen.clone()).following(Some(&known));
        assert_eq!(lost.authorization(), Some(&shown(Authorized)), "{seen:?}");
        let twice = look(Seen::NotFound).following(Some(&lost));
        assert_eq!(twice.authorization(), Some(&shown(Authorized)), "{seen:?}, and then not found");
        let back = look(Seen::Card(shown(ToBeCaptured))).following(Some(&twice));
        assert_eq!((back.authorization(), back.last_card.is_none()), (Some(&shown(ToBeCaptured)), true));
        assert_eq!(look(seen).following(None).authorization(), None, "it was never shown");
    }
}

#[test]
fn an_authorization_that_was_shown_is_never_unauthorized_again() {
    let with = |status| look(Seen::Card(crate::domain::plan::tests::card(status, 0)));
    let authorization = (TradeNo::parse("2608011000001").expect("a number"), Twd::new(1000).expect("an amount"));
    let against = |before: Observation| with(Unauthorized).checked_against(Some(&authorization), Some(&before)).seen;
    assert!(matches!(against(with(Authorized)), Seen::Unclear { .. }));
    assert!(matches!(against(look(Seen::NotFound).following(Some(&with(Captured)))), Seen::Unclear { .. }));
    assert_eq!(against(with(Unauthorized)), with(Unauthorized).seen, "it never was");
}

#[test]
fn a_capture_waits_for_its_claim_since_the_look_that_first_showed_it() {
    let of = |status, n: i64| Observation {
        at: DateTime::UNIX_EPOCH + chrono::Duration::days(n),
        ..look(Seen::Card(crate::domain::plan::tests::card(status, 1000)))
    };
    let first = of(ToBeCaptured, 1).following(Some(&of(Authorized, 0)));
    assert_eq!(first.unclaimed_since, Some(first.at));
    let later = of(ToBeCaptured, 5).following(Some(&first));
    assert_eq!(later.unclaimed_since, Some(first.at));
    let unreadable = Observation { seen: Seen::NotFound, ..of(ToBeCaptured, 6) }.following(Some(&later));
    assert_eq!(unreadable.unclaimed_since, Some(first.at), "it tells nothing of the authorization");
    assert_eq!(of(Captured, 7).following(Some(&unreadable)).unclaimed_since, None);
}

#[test]
fn what_an_older_ledger_holds_stays_readable_and_is_written_as_it_was() {
    let card = r#"{"at":1785500000000,"skew_s":0,"after_attempt":0,"after_revision":1,"seen":{"card":{"trade_no":"T1",
        "gwsr":7,"amount":1000,"authorized_at":1785500000000,"payment_type":"Credit","kind":{"installments":false,
        "bonus_points":false,"union_pay":false},"status":"captured","net":700,"listed":true}}}"#;
    let card: String = card.split_whitespace().collect();
    let seen: Observation = serde_json::from_str(&card).expect("an observation");
    assert!(matches!(&seen.seen, Seen::Card(card) if !card.recurring && card.charges.is_none()));
    assert_eq!(serde_json::to_string(&seen).expect("json"), card);

    let other = r#"{"at":1785500000000,"after_attempt":0,"after_revision":1,"seen":{"not_card":{"amount":5,
        "payment_type":"SomethingNew"}}}"#;
    let other: Observation = serde_json::from_str(other).expect("an observation");
    assert!(matches!(other.seen, Seen::NotCard { .. }));
}

#[test]
fn the_shops_word_makes_up_for_what_ecpay_leaves_out_and_lifts_nothing_that_it_tells() {
    let untold = CardKind { unknown: true, ..CardKind::default() };
    let parts = CardKind { installments: true, ..CardKind::default() };
    let points = CardKind { bonus_points: true, ..CardKind::default() };
    use WholeOnly::{BonusPoints, Installments, Unknown};
    for (kind, by_word) in [
        (CardKind::default(), [None, None, Some(Installments)]),
        (untold, [Some(Unknown), None, Some(Installments)]),
        (parts, [Some(Installments); 3]),
        (points, [Some(BonusPoints), Some(BonusPoints), Some(Installments)]),
    ] {
        let told = [None, Some(0), Some(3)].map(|word| kind.as_told(word).whole_only());
        assert_eq!(told, by_word, "{kind:?}");
    }
}
