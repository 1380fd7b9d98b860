//! docs/clients.md: the simulator; what is called there is typed by tests/clients.rs.

use crate::machine::Machine;
use crate::page::Reading;
use crate::simulator::started;

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        typed(page).await;
    }
}

async fn typed(page: &mut Reading) {
    let mut machine = Machine::new(page.page().locale(), "http://127.0.0.1:9");
    let simulator = started(&mut machine, &page.next("ecpayd simulator")).await;
    for call in ["Cashier/QueryTrade", "CreditDetail/QueryTrade", "Credit/DoAction"] {
        let answer = machine.types(&format!("curl -sf http://127.0.0.1:8484/1.0.0/{call} -d '{{}}'")).await;
        assert!(answer.contains("\"TransCode\":0"), "{call}: {answer}");
    }
    simulator.interrupt().await;
}
