//! A merchant whose orders are of 全方位金流: its question goes by form.

use std::fs;

use ecpayd::domain::calendar::taipei;

use super::scene::{Gateway, KEY, Scene};

/// A scene whose merchant has `api = "form"`, and whose gateway makes such orders. The closing of the day is far off.
pub async fn by_form(gateway: &Gateway) -> Scene {
    gateway.control("merchants/3002607", "{\"aio\":true}").await;
    let scene = Scene::new(&gateway.url);
    let card = format!("api = \"form\"\nform_url = \"{}\"\n#", gateway.url);
    rewrite(&scene, "api = \"json\"", &card);
    let later = |minutes| taipei(chrono::Utc::now() + chrono::Duration::minutes(minutes)).format("%H:%M");
    scene.add_settings(&format!("[window]\nstart = \"{}\"\nend = \"{}\"\n", later(360), later(375)));
    let told = scene.tell(&["run", "--once"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    scene
}

pub fn rewrite(scene: &Scene, from: &str, to: &str) {
    let text = fs::read_to_string(scene.path("config.toml")).expect("settings");
    assert!(text.contains(from), "{from} in {text}");
    fs::write(scene.path("config.toml"), text.replace(from, to)).expect("settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_goes_by_form_and_clock_port_and_keys_are_told_by_its_answer() {
    let gateway = Gateway::start();
    let scene = by_form(&gateway).await;
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]), "{:?}", checks.told);

    fs::write(scene.key_file("hash_key"), "k3yK3yk3yK3yk3yA").expect("a key");
    let wrong = scene.checks().only_failure();
    assert!(
        wrong.starts_with("gateway-answer: ") && wrong.contains("HashKey and HashIV of [merchant.card]"),
        "{wrong}"
    );
    fs::write(scene.key_file("hash_key"), KEY).expect("a key");

    gateway.control("clock", "{\"forward\":\"6m\"}").await;
    let apart = scene.checks().of("fails");
    assert!(
        apart.len() == 2
            && apart[0].contains("360 s behind the gateway's, which takes a request for three minutes; set the clock"),
        "{apart:?}"
    );
    assert!(apart[1].starts_with("clock: ECPay's clock is 3") && apart[1].contains("timedatectl"), "{apart:?}");

    gateway.stop();
    let closed = scene.checks().of("fails");
    assert!(closed[0].starts_with("gateway-connection: no connection: "), "{closed:?}");
    assert!(closed[1].starts_with("gateway-answer: not sent: "), "{closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_of_forms_is_gone_to_beside_the_one_of_the_card_calls() {
    let gateway = Gateway::start();
    let other = Gateway::start();
    let scene = by_form(&gateway).await;
    rewrite(&scene, &format!("form_url = \"{}\"", gateway.url), &format!("form_url = \"{}\"", other.url));
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]), "{:?}", checks.told);
    assert_eq!(checks.of("ok").iter().filter(|told| told.starts_with("gateway-connection: ")).count(), 2);
    other.stop();
    let failing = scene.checks().of("fails");
    assert!(failing.len() == 2 && failing[0].starts_with("gateway-connection: "), "{failing:?}");
    assert!(failing[1].starts_with("gateway-answer: not sent: "), "the card calls' host is there: {failing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_code_that_is_none_or_not_private_is_named_by_both_commands() {
    let gateway = Gateway::start();
    let scene = by_form(&gateway).await;
    let file = scene.path("keys/3002607.card.credit_check_code");
    let given = "api = \"form\"\ncredit_check_code_credential = \"k_3002607.card.credit_check_code\"\n";
    rewrite(&scene, "api = \"form\"\n", given);
    for code in ["", "\n", "663", "66 315911", "secretword"] {
        fs::write(&file, code).expect("a file");
        Scene::chmod(&file, 0o600);
        let checks = scene.checks();
        assert_eq!(checks.told.code, Some(2), "{code:?}: {:?}", checks.told);
        let failing = checks.of("fails");
        assert!(failing.len() == 1 && failing[0].contains("credit_check_code_credential"), "{code:?}: {failing:?}");
        assert!(failing[0].contains("商家檢查碼"), "{code:?}: {failing:?}");
        let told = scene.tell(&["check-config"]);
        assert!(told.error(2).contains("credit_check_code_credential"), "{code:?}: {told:?}");
        assert!(!format!("{told:?}{failing:?}").contains("secretword"), "{told:?}");
    }
    fs::write(&file, "66315911\n").expect("a file");
    assert_eq!(scene.checks().of("fails"), Vec::<String>::new());

    Scene::chmod(&file, 0o644);
    let open = scene.checks().only_failure();
    assert!(open.starts_with("key-files: others can open ") && open.contains("credit_check_code"), "{open}");
    let told = scene.tell(&["check-config"]);
    assert!(told.error(1).contains("others can open ") && told.err.contains("chmod 600 /"), "{told:?}");
    assert!(!format!("{told:?}{open}").contains("66315911"));

    Scene::chmod(&file, 0o600);
    fs::remove_file(&file).expect("removed");
    let told = scene.tell(&["check-config"]);
    assert!(told.error(2).contains("$CREDENTIALS_DIRECTORY is not set; looked in "), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_the_vendors_that_serves_no_forms_is_named_by_both_commands() {
    let gateway = Gateway::start();
    let scene = by_form(&gateway).await;
    let mut before = gateway.url.clone();
    for (host, serves) in [
        ("https://ecpayment.ecpay.com.tw", "the card calls"),
        ("https://vendor.ecpay.com.tw", "廠商後台"),
        ("https://ecpg.ecpay.com.tw", "站內付 2.0"),
        ("https://logistics-stage.ecpay.com.tw", "logistics"),
    ] {
        rewrite(&scene, &format!("form_url = \"{before}\""), &format!("form_url = \"{host}\""));
        before = host.to_owned();
        let checks = scene.checks();
        let failing = checks.of("fails");
        assert_eq!(checks.told.code, Some(2), "{:?}", checks.told);
        assert!(failing.len() == 1 && failing[0].contains("form_url names"), "{failing:?}");
        for part in [serves, "it is \"https://payment.ecpay.com.tw\""] {
            assert!(failing[0].contains(part), "{part}: {failing:?}");
            assert!(scene.tell(&["check-config"]).error(2).contains(part));
        }
    }
}
