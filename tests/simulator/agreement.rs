//! Whatever is done to an order, its answers tell its truth to the reader that the daemon uses.

use chrono::{Duration, NaiveDateTime};
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::facts::{CloseRow, Closing};
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::money::Twd;
use ecpayd::domain::status::{CardStatus, StatusWord};
use ecpayd::simulator::bank::{Dialect, JsonText, Kind, Paid, Percent, Space, Terms};
use ecpayd::simulator::{Call, SimHandle};
use proptest::prelude::*;
use serde_json::Value;

use crate::scene::{MERCHANT, action_data, ask, order, order_data, simulator, truth};

fn read_closing(seen: &Value) -> Closing {
    let row = |r: &Value| CloseRow {
        status: StatusWord::parse(r["Status"].as_str().expect("a word")),
        amount: r["Amount"].as_i64().expect("an amount"),
        at: NaiveDateTime::parse_from_str(r["DateTime"].as_str().expect("a time"), "%Y/%m/%d %H:%M:%S")
            .ok()
            .map(from_taipei),
    };
    let rows: Vec<CloseRow> =
        seen["CloseData"].as_array().map(|rows| rows.iter().map(row).collect()).unwrap_or_default();
    let header = StatusWord::parse(seen["RtnValue"]["Status"].as_str().expect("a word"));
    Closing::read(&header, &rows, Twd::new(1000).expect("an amount")).expect("a clear state")
}

fn terms() -> impl Strategy<Value = Terms> {
    let flags = any::<[bool; 8]>();
    flags.prop_map(|[daily_auto_close, closes_called_back, shrink, chinese, header_lags, dotnet, percent, escaped]| {
        Terms {
            daily_auto_close,
            closes_called_back,
            shrink,
            dialect: if chinese { Dialect::Chinese } else { Dialect::English },
            header_lags,
            percent: if dotnet { Percent::Dotnet } else { Percent::Php },
            space: if percent { Space::Percent } else { Space::Plus },
            json: if escaped { JsonText::Escaped } else { JsonText::Raw },
            ..Terms::default()
        }
    })
}

fn check(sim: &SimHandle) {
    let (truth, seen) = (truth(sim, "A1"), read_closing(&ask(sim, Call::CardDetail, &order_data("A1"))));
    assert_eq!(Some(seen.status), truth.status);
    if seen.status.is_closing() {
        assert_eq!(seen.net, truth.net);
    }
    assert!((0..=truth.captured).contains(&truth.refunded) && truth.captured <= 1000, "{truth:?}");
    assert_eq!(truth.void, truth.status == Some(CardStatus::Canceled) && truth.captured == 0);
    let refunds: i64 = sim.with_bank(|bank, _| {
        let moved = bank.actions().iter().filter(|a| a.effect && a.action.letter() == "R");
        moved.map(|a| a.amount.dollars()).sum()
    });
    assert_eq!(refunds, truth.refunded);
}

proptest! {
    #[test]
    fn the_card_detail_never_contradicts_the_truth(
        terms in terms(),
        steps in prop::collection::vec(("[CREN]", prop_oneof![Just(1000_i64), 1..700_i64], 1..3000_i64), 1..12),
    ) {
        let sim = simulator();
        let merchant = MerchantId::parse(MERCHANT).expect("an id");
        sim.with_bank(|bank, now| bank.change_terms(&merchant, now, |t| *t = terms)).expect("the merchant");
        let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
        check(&sim);
        for (action, amount, minutes) in steps {
            sim.set_clock(sim.now() + Duration::minutes(minutes));
            check(&sim);
            ask(&sim, Call::DoAction, &action_data("A1", &trade_no, &action, amount));
            check(&sim);
        }
        sim.set_clock(sim.now() + Duration::days(91));
        check(&sim);
    }
}
