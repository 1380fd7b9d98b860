//! docs/clients-form.md: the simulator; what is called there is typed by tests/clients_form.rs.

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
    let simulator = started(&mut machine, &page.next("ecpayd simulator --aio")).await;
    for call in ["Cashier/QueryTradeInfo/V5", "CreditDetail/DoAction"] {
        let form = format!("curl -sf http://127.0.0.1:8484/{call} -d MerchantID=3002607");
        let answer = machine.types(&form).await;
        assert_eq!(answer, "10200073|CheckMacValue Error", "{call}");
    }
    let answer = machine.types("curl -sf http://127.0.0.1:8484/1.0.0/CreditDetail/QueryTrade -d '{}'").await;
    assert!(answer.contains("\"TransCode\":0"), "{answer}");
    let order = machine.sim("orders", "{\"merchant_trade_no\":\"A1\",\"amount\":900}").await;
    assert!(order.contains("\"product\":\"aio\""), "{order}");
    simulator.interrupt().await;
}
