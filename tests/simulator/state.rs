//! The bank outlives the process in a file.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::status::CardStatus;
use ecpayd::simulator::bank::{Kind, Paid, Terms};
use ecpayd::simulator::{
    Call, Delivery, Fault, FaultKind, OnCall, Options, Rate, SimHandle, SimMerchant, Simulator, Stamps, StateFile,
};

use crate::scene::{MERCHANT, action_data, ask, at, options, order, order_data, sealed, simulator, truth};

#[test]
fn a_bank_goes_on_where_it_was_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bank.json");
    let sim = simulator();
    let mut file = StateFile::open(&path, &sim).expect("a new file");
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    order(&sim, "A2", Kind::Installments(3), Paid::Yes);
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    sim.strike(Fault::on(Action::R, FaultKind::Delayed { s: 300 }));
    let refund = action_data("A1", &trade_no, "R", 300);
    assert_eq!(sim.exchange(Call::DoAction, &sealed(&refund, sim.now())).delivery, Delivery::Never);
    sim.strike(Fault { times: 2, ..Fault::any(FaultKind::Status { code: 503 }) });
    let rate = Rate::try_from(0.5).expect("a probability");
    sim.strike(Fault { call: OnCall::CardDetail, ..Fault::at_rate(rate, FaultKind::Status { code: 500 }) });
    sim.set_clock(at("2026-08-01 12:01:00"));
    file.save(&sim).expect("a file that can be written");

    let again = simulator();
    StateFile::open(&path, &again).expect("its own file");
    assert_eq!(again.now(), at("2026-08-01 12:01:00"));
    assert_eq!((truth(&again, "A1"), truth(&again, "A2")), (truth(&sim, "A1"), truth(&sim, "A2")));
    assert_eq!(truth(&again, "A2").kind, "installments");
    for each in [&sim, &again] {
        each.set_clock(at("2026-08-01 12:05:00"));
        assert_eq!(truth(each, "A1").refunded, 300, "the request on its way arrives");
        each.set_clock(at("2026-11-01 12:00:00"));
        assert!(truth(each, "A2").void, "day 90 comes");
    }
    let statuses = |sim: &ecpayd::simulator::SimHandle| -> Vec<u16> {
        let asked = |_| sim.exchange(Call::CardDetail, &sealed(&order_data("A1"), sim.now())).status;
        (0..40).map(asked).collect()
    };
    let drawn = statuses(&again);
    assert_eq!(drawn, statuses(&sim), "the faults and the draws go on too");
    assert_eq!(drawn[..2], [503, 503]);
    assert!(drawn[2..].contains(&500) && drawn[2..].contains(&200));
    let actions = |sim: &ecpayd::simulator::SimHandle| sim.with_bank(|bank, _| bank.actions().to_vec());
    assert_eq!(actions(&again), actions(&sim));
}

#[test]
fn a_bank_that_races_does_not_go_back_when_it_is_started_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bank.json");
    let clock = Arc::new(AtomicI64::new(0));
    let started = || {
        let clock = clock.clone();
        let now = move || at("2026-08-01 12:00:00") + chrono::Duration::seconds(clock.load(Ordering::SeqCst));
        Simulator::without_server(Options::new(Arc::new(now))).expect("good options")
    };
    let sim = started();
    let mut file = StateFile::open(&path, &sim).expect("a new file");
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    sim.run_clock_fast(sim.now(), 3600);
    file.save(&sim).expect("a file that can be written");
    clock.store(60, Ordering::SeqCst);
    assert_eq!(truth(&sim, "A1").status, Some(CardStatus::Captured));
    // Killed now, it has lost a second at most: it is kept though nobody has changed anything.
    file.save(&sim).expect("a file that can be written");
    let killed = started();
    StateFile::open(&path, &killed).expect("its own file");
    assert_eq!((killed.now(), truth(&killed, "A1").status), (sim.now(), Some(CardStatus::Captured)));
}

#[test]
fn a_clean_end_keeps_how_far_the_bank_has_lived_and_who_is_shut_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bank.json");
    let sim = simulator();
    let mut file = StateFile::open(&path, &sim).expect("a new file");
    sim.set_stamps(Stamps::Computer);
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let often = |terms: &mut Terms| terms.calls_a_minute = Some(1);
    sim.with_bank(|bank, now| bank.change_terms(&merchant, now, often)).expect("a merchant");
    file.save(&sim).expect("a file that can be written");
    let status = |sim: &SimHandle| sim.exchange(Call::CardDetail, &sealed(&order_data("A1"), sim.now())).status;
    assert_eq!([status(&sim), status(&sim)], [200, 403]);
    file.save(&sim).expect("a file that can be written");
    let later = || at("2026-08-01 12:20:00");
    let again = Simulator::without_server(Options::new(Arc::new(later))).expect("good options");
    let file = StateFile::open(&path, &again).expect("its own file");
    assert_eq!((status(&again), again.stamps()), (403, Stamps::Computer));
    file.close(&again).expect("a file that can be written");
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
    assert_eq!(kept["desk"]["bank"]["lived_to"], "2026-08-01T04:20:00Z");
}

#[test]
fn a_file_that_is_damaged_foreign_or_another_merchants_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bank.json");
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    StateFile::open(&path, &sim).expect("a new file");
    let good = std::fs::read_to_string(&path).expect("a file");
    for (content, part) in [
        (&good[..good.len() / 2], "is damaged or not the simulator's"),
        ("", "is damaged or not the simulator's"),
        ("{\"orders\":[]}", "does not say"),
        (&good.replace("\"version\":1", "\"version\":2"), "version 2"),
        (&good.replace("\"issued\"", "\"emitted\""), "issued"),
        (&good.replace("3002607", "2000132"), "belongs to merchant 2000132, not to 3002607"),
    ] {
        std::fs::write(&path, content).expect("a file");
        let error = StateFile::open(&path, &simulator()).err().expect("a refusal").to_string();
        assert!(error.contains(part) && error.contains("bank.json") && !error.contains('\n'), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), content);
    }
    let mut several = options();
    several.merchants.push(SimMerchant { merchant_id: "2000132".to_owned(), ..SimMerchant::stage() });
    std::fs::write(&path, &good).expect("a file");
    let more = Simulator::without_server(several).expect("good options");
    assert!(StateFile::open(&path, &more).is_err());
    assert!(StateFile::open(&dir.path().join("none").join("bank.json"), &sim).is_err());
}

#[test]
fn the_command_refuses_a_foreign_file_in_one_line() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("notes.txt");
    std::fs::write(&path, "shopping list").expect("a file");
    let command = Command::new(env!("CARGO_BIN_EXE_ecpayd"))
        .args(["simulator", "--listen", "127.0.0.1:0", "--state"])
        .arg(&path)
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&command.stderr);
    assert_eq!((command.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("notes.txt") && said.contains("name another file"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "shopping list");
}
