//! The walk of a merchant whose orders are of 全方位金流: the same, by form, with the probe on its way.

use ecpayd::simulator::bank::Terms;

use super::*;

/// A daemon at work by form, and two orders of 全方位金流 that the merchant has paid.
async fn form_house(change: impl FnOnce(&mut Terms)) -> (House, Running, Daemon) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let text = std::fs::read_to_string(house.settings()).expect("settings");
    let card = format!("[merchant.card]\napi = \"form\"\nform_url = \"{}\"", bank.url());
    std::fs::write(house.settings(), text.replace("[merchant.card]", &card)).expect("settings");
    terms(&bank.handle, |terms| {
        terms.aio = true;
        change(terms);
    });
    let daemon = house.started().await;
    paid(&bank.handle, VOID, 35);
    paid(&bank.handle, CAPTURE, 100);
    (house, bank, daemon)
}

/// What reached the bank, by whichever API.
fn by_api(bank: &SimHandle) -> Vec<String> {
    bank.with_bank(|bank, _| {
        let called = bank.actions().iter().filter(|a| matches!(a.by, By::Api | By::Form));
        called.map(|a| format!("{:?} {} {}", a.by, a.merchant_trade_no, a.action.letter())).collect()
    })
}

const BOTH: [&str; 4] = ["--void", VOID, "--capture", CAPTURE];

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_by_form_asks_for_the_probe_and_goes_all_the_way() {
    // Whether they are paid in installments ECPay does not tell.
    let (house, bank, _daemon) = form_house(|terms| terms.card_info = false).await;
    let first = walked(&house, &BOTH, "y\ny\ny\n");
    for part in [
        "Your orders go by form.",
        "Send this E? [y/n] y",
        "✓ 3002607 card: JSON actions do not know orders of 全方位金流 (E: 10000185",
        &format!("order {VOID}: voided"),
        "ECPay itself, asked just now: To be captured, NT$100, refunded NT$0",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    night(&house, &bank.handle, CAPTURE).await;
    let third = walked(&house, &BOTH, "y\ny\n");
    assert!(third.contains("asked just now: Captured, NT$100, refunded NT$100"), "{third}");
    let sent = ["Api GOVOID35X E", "Form GOVOID35X N", "Form GOCAPT100X C", "Form GOCAPT100X R", "Form GOCAPT100X R"];
    assert_eq!(by_api(&bank.handle), sent);
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM attempts"), "4", "the probe is none");
    assert!(truth(&bank.handle, VOID).void && truth(&bank.handle, CAPTURE).refunded == 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_can_be_left_out_and_says_where_json_is_better() {
    let (house, bank, _daemon) = form_house(|terms| terms.aio_on_json = true).await;
    let left_out = walk(&house, &["--void", VOID], "n\nn\n");
    assert!(left_out.error(1).contains("nothing was asked for"), "{left_out:?}");
    assert_eq!(by_api(&bank.handle), [""; 0]);
    let told = walked(&house, &["--void", VOID, "--lang", "zh-TW"], "y\ny\n\n");
    for part in ["送出這個 E 嗎？[y/n] y", "! 3002607 card：JSON 的請退款認得這筆訂單", "請設 api = \"json\""]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(by_api(&bank.handle), ["Api GOVOID35X E", "Form GOVOID35X N"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_knows_what_became_of_e_the_walk_ends() {
    let (house, bank, _daemon) = form_house(|terms| terms.aio_on_json = true).await;
    bank.handle.strike(Fault::on(Action::E, FaultKind::LostAfter));
    let told = walk(&house, &["--void", VOID], "y\ny\n");
    assert!(told.error(1).contains("it may take effect until 20"), "{told:?}");
    assert!(!told.out.contains("Ask for it?"), "{told:?}");
    bank.handle.strike(Fault::on(Action::E, FaultKind::Forbidden));
    assert!(walk(&house, &["--void", VOID], "y\ny\n").error(1).contains("HTTP 403"));
    assert_eq!(house.sql().await.ask("SELECT silent_until IS NOT NULL FROM merchants"), "1");
    assert_eq!(truth(&bank.handle, VOID).status, Some(ecpayd::domain::status::CardStatus::Authorized));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recording_by_form_holds_answers_without_a_number_of_the_merchant() {
    let (house, bank, _daemon) = form_house(|_| {}).await;
    let both = [&BOTH[..], &["--record", "walk.jsonl"]].concat();
    walked(&house, &both, "y\ny\ny\n");
    let text = std::fs::read_to_string(house.path("walk.jsonl")).expect("text");
    let numbers = bank.handle.with_bank(|bank, _| {
        let of = |o: &ecpayd::simulator::bank::Order| {
            let gwsr = o.authorizations.iter().map(|a| a.gwsr.to_string());
            [o.merchant_trade_no.to_string(), o.trade_no.to_string()].into_iter().chain(gwsr).collect::<Vec<_>>()
        };
        bank.orders().flat_map(of).collect::<Vec<_>>()
    });
    for secret in numbers.iter().map(String::as_str).chain(CONSTANT).chain(["茶葉", "2222"]) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).expect("json")).collect();
    let called: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {}", line["step"].as_str().unwrap_or("?"), line["call"].as_str().unwrap_or("?")))
        .collect();
    let (form, detail) = ("Cashier/QueryTradeInfo/V5", "CreditDetail/QueryTrade");
    let probe =
        [form, detail, "Cashier/QueryTrade", "Credit/DoAction", form, detail].map(|call| format!("probe {call}"));
    let reached = ["voided", "to_be_captured"].map(|step| [form, detail].map(|call| format!("{step} {call}")));
    assert_eq!(called, [&probe[..], &reached.concat()].concat());
    assert!(lines.iter().all(|line| line["http"] == 200 && !line["answer"].is_null()), "{text}");
    assert_eq!(lines[2]["answer"]["RtnCode"], 10_200_047, "the JSON order query does not know it");
    assert_eq!(lines[3]["answer"]["RtnCode"], 10_000_185, "nor does the JSON action");
    let info = &lines[0]["answer"];
    assert_eq!((&info["TradeStatus"], &info["TradeAmt"]), (&"1".into(), &"99".into()));
    assert_eq!(info["CheckMacValue"], "*".repeat(64));
    assert_eq!((&info["PaymentType"], &info["stage"]), (&"Credit_CreditCard".into(), &"9".into()));
}
