//! `doctor --probe`: one E about an order that is merely authorized, and everything that keeps it back.

use std::process::Stdio;

use super::forms::{by_form, rewrite};
use super::scene::{Checks, Gateway, Scene};
use super::support::until;

/// An order that is paid and on hold, and a ledger that knows it.
async fn scene(gateway: &Gateway) -> Scene {
    let scene = by_form(gateway).await;
    gateway.control("orders", "{\"merchant_trade_no\":\"PROBE35\",\"amount\":35}").await;
    scene.done(&["orders", "add", "PROBE35", "--hold"]);
    scene
}

fn probe(scene: &Scene) -> Checks {
    scene.checks_by(scene.command(&["doctor", "--json", "--probe", "PROBE35"]))
}

/// The one line about it.
#[track_caller]
fn told(checks: &Checks, level: &str) -> String {
    let told: Vec<_> = checks.of(level).into_iter().filter(|told| told.starts_with("probe: ")).collect();
    assert_eq!(told.len(), 1, "{:?}", checks.told);
    told.into_iter().next().expect("one")
}

#[tokio::test(flavor = "multi_thread")]
async fn json_actions_that_do_not_know_the_order_leave_the_form_right() {
    let gateway = Gateway::start();
    let scene = scene(&gateway).await;
    let before = scene.seen();
    let checks = probe(&scene);
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]), "{:?}", checks.told);
    let line = told(&checks, "ok");
    assert!(line.contains("do not know orders of 全方位金流 (E: 10000185 ") && line.contains("keep api"), "{line}");
    assert!(!checks.told.out.contains("PROBE35"), "what is sent to somebody who helps names no order");
    assert_eq!(before, scene.seen(), "and nothing is written");
    // Nothing was done to it, and the same can be asked again.
    assert_eq!(gateway.sent("PROBE35").await, ["E refused"]);
    told(&probe(&scene), "ok");
    assert!(!scene.checks().told.out.contains("\"probe\""), "only where an order is named");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_actions_that_know_the_order_are_told_with_what_to_set() {
    let gateway = Gateway::start();
    let scene = scene(&gateway).await;
    gateway.control("merchants/3002607", "{\"aio\":true,\"aio_on_json\":true}").await;
    let checks = probe(&scene);
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]), "{:?}", checks.told);
    let line = told(&checks, "warning");
    assert!(line.contains("(error_status_E)") && line.contains("set api = \"json\""), "{line}");
    assert_eq!(gateway.sent("PROBE35").await, ["E refused"]);
    let page = scene.tell(&["doctor", "--probe", "PROBE35", "--lang", "zh-TW"]);
    assert!(page.out.contains("JSON 的請退款認得這筆訂單") && page.out.contains("請設 api = \"json\""), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_or_names_no_order_is_told_as_that() {
    for (fault, level, part) in [
        ("{\"action\":\"E\",\"kind\":\"lost_after\"}", "fails", "it may take effect until 20"),
        ("{\"action\":\"E\",\"kind\":\"html\"}", "fails", "leave the order on hold until then"),
        ("{\"action\":\"E\",\"kind\":\"forbidden\"}", "fails", "HTTP 403"),
        ("{\"action\":\"E\",\"kind\":\"bare\"}", "warning", "proves nothing"),
    ] {
        let gateway = Gateway::start();
        let scene = scene(&gateway).await;
        gateway.control("merchants/3002607", "{\"aio\":true,\"aio_on_json\":true}").await;
        gateway.control("faults", fault).await;
        let checks = probe(&scene);
        let line = told(&checks, level);
        assert!(line.contains(part), "{fault}: {line}");
        assert_eq!(checks.told.code, Some(i32::from(level == "fails")), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_merely_authorized_or_not_on_hold_is_not_asked_about() {
    let gateway = Gateway::start();
    let scene = by_form(&gateway).await;
    gateway.control("merchants/3002607", "{\"aio\":true,\"aio_on_json\":true}").await;
    let refused = |part: &str| {
        let line = told(&probe(&scene), "fails");
        assert!(line.contains("not asked: ") && line.contains(part), "{part}: {line}");
    };
    gateway.control("orders", "{\"merchant_trade_no\":\"PROBE35\",\"amount\":35}").await;
    refused("the order is not in the ledger");
    scene.done(&["orders", "add", "PROBE35"]);
    refused("`ecpayd orders hold NUMBER`");
    scene.done(&["orders", "hold", "PROBE35"]);
    scene.done(&["refund", "PROBE35", "--key", "k"]);
    refused("a refund of the order is open");
    scene.done(&["refunds", "cancel", "1"]);
    told(&probe(&scene), "warning");

    // Somebody at the dashboard has captured it: E would call that back.
    gateway.control("orders/PROBE35/dashboard", "{\"action\":\"C\",\"amount\":35}").await;
    refused("ECPay shows 'To be captured'");
    assert_eq!(gateway.sent("PROBE35").await, ["E refused"], "the one that was asked before");

    let soon = |minutes| ecpayd::domain::calendar::taipei(chrono::Utc::now() + chrono::Duration::minutes(minutes));
    let window = format!("start = \"{}\"\nend = \"{}\"\n", soon(14).format("%H:%M"), soon(29).format("%H:%M"));
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("settings");
    rewrite(&scene, text.split("[window]\n").nth(1).expect("a window"), &window);
    refused("ECPay's closing of the day is near");
    rewrite(&scene, "api = \"form\"\n", "api = \"json\"\n#");
    refused("the merchant has api = \"json\"");
    assert_eq!(gateway.sent("PROBE35").await, ["E refused"]);
}

/// What `doctor --probe` says where something happens between its look and E.
async fn probe_beside(gateway: &Gateway, scene: &Scene, meanwhile: impl AsyncFnOnce()) -> Checks {
    gateway.control("merchants/3002607", "{\"aio\":true,\"aio_on_json\":true}").await;
    gateway.control("faults", "{\"call\":\"card_detail\",\"kind\":\"late\",\"ms\":5000}").await;
    let mut command = scene.command(&["doctor", "--json", "--probe", "PROBE35"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    until("the bank has read the order", async || gateway.read("faults").await == serde_json::json!([])).await;
    meanwhile().await;
    scene.checks_of(child.wait_with_output().expect("its end"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_e_has_called_back_after_all_is_told_loudly() {
    let gateway = Gateway::start();
    let scene = scene(&gateway).await;
    let by_hand = async || gateway.control("orders/PROBE35/dashboard", "{\"action\":\"C\",\"amount\":35}").await;
    let line = told(&probe_beside(&gateway, &scene, by_hand).await, "fails");
    assert!(
        line.contains("THE ORDER HAS CHANGED") && line.contains("'Operation canceled' (closing rows: 1)"),
        "{line}"
    );
    assert!(line.contains("(to E it said: RtnCode 1)") && line.contains("dashboard (廠商後台) now"), "{line}");
    assert_eq!(gateway.sent("PROBE35").await, ["E took effect"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_a_shop_frees_between_the_look_and_e_is_left_alone() {
    let gateway = Gateway::start();
    let scene = scene(&gateway).await;
    let freed = async || scene.done(&["orders", "capture", "PROBE35"]);
    let line = told(&probe_beside(&gateway, &scene, freed).await, "fails");
    assert!(line.contains("E was not sent: what allowed it has changed meanwhile"), "{line}");
    assert_eq!(gateway.sent("PROBE35").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_not_there_or_a_clock_that_is_off_keeps_the_question_back() {
    let gateway = Gateway::start();
    let scene = scene(&gateway).await;
    gateway.control("clock", "{\"forward\":\"6m\"}").await;
    let line = told(&probe(&scene), "fails");
    assert!(line.contains("E was not sent") || line.contains("the clocks are"), "{line}");
    std::fs::remove_file(scene.path("ecpayd.db")).expect("removed");
    let line = told(&probe(&scene), "fails");
    assert!(line.contains("not asked: the ledger does not tell: "), "{line}");
    assert_eq!(gateway.sent("PROBE35").await, Vec::<String>::new());
}

#[test]
fn wrong_usage_is_named() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    for (arguments, part) in [
        (&["doctor", "--probe", "A 1"][..], "A 1"),
        (&["doctor", "--merchant", "3002607"], "--probe"),
        (&["doctor", "--probe", "A1", "--merchant", "9"], "merchant 9 is not in the settings"),
    ] {
        let told = scene.tell(arguments);
        assert!(told.code == Some(2) && told.err.contains(part), "{told:?}");
    }
}
