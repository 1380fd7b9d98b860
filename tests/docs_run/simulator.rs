//! docs/simulator.md: the daemon's first refund on it, and each call that sets a scene.

use serde_json::Value;

use crate::foreground::Foreground;
use crate::machine::Machine;
use crate::page::Reading;
use crate::support::ledger::LedgerHandle;
use crate::support::until;

/// The simulator at work, on a port of its own.
pub async fn started(machine: &mut Machine, command: &str) -> Foreground {
    let mut simulator = machine.starts(command);
    let said = simulator.until_it_says("create an order: ").await;
    let (_, url) = said.lines().next().and_then(|line| line.split_once(" listens on http://")).expect("an address");
    machine.place("127.0.0.1:8484", url);
    simulator
}

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        typed(page).await;
    }
}

async fn typed(page: &mut Reading) {
    let mut machine = Machine::new(page.page().locale(), "http://127.0.0.1:9");
    let simulator = started(&mut machine, &page.next("ecpayd simulator")).await;
    machine.types(&page.next("cat > config.toml")).await;
    let mut daemon = machine.starts(&page.next("ecpayd run"));
    daemon.until_it_says("ready").await;
    first_refund(&mut machine, page).await;
    daemon.interrupt().await;

    let orders = calls(&mut machine, page).await;
    let truth = |call: &str| orders.iter().find(|(line, _)| line.contains(call)).expect(call).1.clone();
    assert!(truth("orders/B1/dashboard")["order"]["captured"] == 900, "{}", truth("orders/B1/dashboard"));
    assert!(truth("\"by\":\"service\"")["order"]["captured"] == 900, "{}", truth("\"by\":\"service\""));
    assert!(truth("\"vanishes\":true")["captured"] == 0, "{}", truth("\"vanishes\":true"));
    let vouchers = calls(&mut machine, page).await;
    assert_eq!(vouchers.len(), 10);
    let clock = calls(&mut machine, page).await;
    assert!(clock[4].1["now"] == "2035-01-03 00:00:00" && clock[5].1["now"] == "2035-01-03 01:30:00", "{clock:?}");
    let merchants = calls(&mut machine, page).await;
    assert!(merchants[2].1["terms"]["dialect"] == "zh", "{merchants:?}");
    let statements = calls(&mut machine, page).await;
    let told = |place: usize| statements[place].1["terms"]["statement"].clone();
    assert!(
        told(1)["unavailable"] == true && told(2)["adds"] == "STRANGER1" && told(3)["adds"].is_null(),
        "{statements:?}"
    );
    let faults = calls(&mut machine, page).await;
    let [.., (_, listed), (_, deleted)] = faults.as_slice() else { panic!("{faults:?}") };
    assert_eq!((listed.as_array().map(Vec::len), deleted.as_array().map(Vec::len)), (Some(9), Some(0)), "{faults:?}");
    simulator.interrupt().await;
}

async fn first_refund(machine: &mut Machine, page: &mut Reading) {
    machine.types(&page.next("SIM=")).await;
    machine.types(&page.next("curl -s $SIM/orders")).await;
    machine.types(&page.next("ecpayd orders add A1 --capture")).await;
    machine.types(&page.next("ecpayd refund A1 --amount 300")).await;
    // However slow this machine is.
    let sql = LedgerHandle::open(&machine.path("ecpayd.db"));
    until("the refund is done", async || sql.ask("SELECT max(state) FROM refund_status") == "done").await;
    let shown = machine.types(&page.next("sleep 3; ecpayd show A1")).await;
    assert!(shown.contains("to_be_captured") && shown.contains("rma-1"), "{shown}");
    let truth = machine.types(&page.next("curl -s $SIM/orders/A1")).await;
    let truth: Value = serde_json::from_str(&truth).expect("JSON");
    assert!(truth["captured"] == 1200 && truth["refunded"] == 300, "{truth}");
}

/// Each call of the next fence with its answer, which is no error.
async fn calls(machine: &mut Machine, page: &mut Reading) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for command in page.fence() {
        let said = machine.types(&command).await;
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{command}: {error}: {said}"));
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answers.push((command, answer));
    }
    answers
}
