//! The same over a merchant whose orders are of 全方位金流 (AIO): no stamp ends its calls, so what a kill leaves of a
//! part of a refund is settled by a look that shows it, or by a person.

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::rehearsal::Merchant;
use ecpayd::simulator::{Fault, FaultKind, SimHandle};

use super::restored::everything_ends;
use super::{
    SETTINGS, UNHARMED, calls, every_call_is_in_the_ledger, kills, ledger_and_bank_agree, live_a_while, strike, tell,
    write_like_a_shop,
};
use crate::support::{House, MERCHANT, gateway};

/// More of what is unanswered, all of which comes within the quiet time: a copy of a capture, and of what follows it.
fn copies(bank: &SimHandle, round: usize) {
    let action = [Action::C, Action::E, Action::N][round % 3];
    if round % 4 == 1 {
        bank.strike(Fault::on(action, FaultKind::CopyLater { s: 2 }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_acts_by_form_and_is_killed_moves_all_money_exactly_once_or_asks_a_person() {
    let bank = gateway().await;
    let id = MerchantId::parse(MERCHANT).expect("an id");
    let change = bank.handle.with_bank(|bank, now| bank.change_terms(&id, now, |terms| terms.aio = true));
    change.expect("a merchant");
    // Shorter, and a capture that was killed three times would wait for an hour.
    let settings = SETTINGS.replace("[gateway]\n", "[gateway]\nquiet = \"1m\"\n");
    let house = House::of(&[Merchant::stage().of_aio()], &bank.url(), &settings);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    let kills = kills();
    for round in 0..kills {
        write_like_a_shop(&sql, &bank.handle, round);
        if round + UNHARMED < kills {
            strike(&bank.handle, round);
            copies(&bank.handle, round);
        }
        let daemon = house.start();
        live_a_while(&bank.handle, round).await;
        daemon.kill();
        every_call_is_in_the_ledger(&sql, &bank.handle);
    }
    let mut daemon = house.start();
    let answers = everything_ends(&sql, &house, &mut daemon, &bank.handle).await;
    assert!(daemon.stop().await.success());
    assert!(calls(&bank.handle) > kills, "{} calls", calls(&bank.handle));
    ledger_and_bank_agree(&sql, &bank.handle, kills);
    let (by_form, all) = ("SELECT count(*) FROM form_calls", "SELECT count(*) FROM attempts WHERE sent = 1");
    assert_eq!(sql.ask(by_form), sql.ask(all), "every call is one by form");
    tell(&format!("by form, {answers} answers of a person, kills"), kills, &sql, &bank.handle);
    assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    assert!(!std::fs::read_to_string(house.path("daemon.log")).expect("a log").contains("panicked"));
}
