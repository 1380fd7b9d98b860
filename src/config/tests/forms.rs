//! `api = "form"` and what goes with it.

use super::*;
use crate::domain::api::CardApi;

const STAGE: &str = "https://ecpayment-stage.ecpay.com.tw";

/// A merchant's card section with further lines.
fn card(host: &str, added: &str) -> String {
    merchant(host) + added + "\n"
}

fn form(text: &str, env: &[(&str, &str)]) -> FormSettings {
    let settings = good(text, env);
    assert_eq!(settings.merchants[0].api(), CardApi::Form);
    settings.merchants[0].form.clone().expect("by form")
}

#[test]
fn an_order_is_acted_on_by_json_unless_the_settings_say_form() {
    for text in [production(), card("https://ecpayment.ecpay.com.tw", "api = \"json\"")] {
        let settings = good(&text, &[]);
        assert_eq!((settings.merchants[0].api(), settings.merchants[0].form.is_none()), (CardApi::Json, true));
    }
    let by_environment = [("ECPAYD_MERCHANT__0__CARD__API", "form")];
    assert_eq!(form(&production(), &by_environment).url, "https://payment.ecpay.com.tw");
}

#[test]
fn the_host_of_forms_goes_with_the_card_calls_or_is_told() {
    for (base_url, told, url) in [
        ("https://ecpayment.ecpay.com.tw", "", "https://payment.ecpay.com.tw"),
        (STAGE, "", "https://payment-stage.ecpay.com.tw"),
        (STAGE, "https://payment-stage.ecpay.com.tw/", "https://payment-stage.ecpay.com.tw"),
        ("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:2"),
        ("https://proxy.example", "https://payment.funpoint.com.tw", "https://payment.funpoint.com.tw"),
        ("https://proxy.example", "https://payment.opay.tw", "https://payment.opay.tw"),
    ] {
        let told = if told.is_empty() { String::new() } else { format!("\nform_url = \"{told}\"") };
        let form = form(&card(base_url, &format!("api = \"form\"{told}")), &[]);
        assert_eq!((form.url.as_str(), form.credit_check_code.is_none()), (url, true), "{base_url}");
    }
}

#[test]
fn each_slip_about_forms_has_its_sentence() {
    for (base_url, added, why) in [
        (STAGE, "api = \"forms\"", "merchant[0].card.api"),
        (STAGE, "form_url = \"https://payment.ecpay.com.tw\"", "form_url is only for orders of 全方位金流"),
        (STAGE, "credit_check_code = \"66315911\"", "credit_check_code is only for orders of 全方位金流"),
        ("http://127.0.0.1:1", "api = \"form\"", "form_url is missing"),
        (STAGE, "api = \"form\"\nform_url = \"http://payment.ecpay.com.tw\"", "only loopback may do without https"),
        (
            STAGE,
            "api = \"form\"\nform_url = \"https://ecpayment.ecpay.com.tw\"",
            "it is \"https://payment.ecpay.com.tw\"",
        ),
        (STAGE, "api = \"form\"\nform_url = \"https://payment.ecpay.com.tw/Cashier\"", "goes on after the host"),
        (STAGE, "api = \"form\"\ncredit_check_code = \"hunter2\"", "gives what is no 商家檢查碼"),
        (STAGE, "api = \"form\"\ncredit_check_code_file = \"/nowhere\"", "names what cannot be read"),
        (STAGE, "api = \"form\"\nformurl = \"x\"", "did you mean form_url?"),
    ] {
        let told = load(&card(base_url, added), &[]).expect_err(added);
        assert!(told.len() == 1 && told[0].contains(why) && !told[0].contains("hunter2"), "{added}: {told:#?}");
    }
}

#[test]
fn public_stage_keys_are_refused_where_forms_go_to_a_production_host() {
    let stage = |form_url: &str| {
        let text = card(STAGE, &format!("api = \"form\"\nform_url = \"{form_url}\""));
        text.replace(KEY, "pwFHCqoQZGmho4w6")
    };
    good(&stage("https://payment-stage.ecpay.com.tw"), &[]);
    good(&stage("https://payment-stage.opay.tw"), &[]);
    for production in ["https://payment.ecpay.com.tw", "https://payment.opay.tw", "https://payment.funpoint.com.tw"] {
        refused(&stage(production), &[], "is a production host");
    }
}

#[test]
fn the_code_of_the_card_detail_may_stand_in_a_file_and_is_not_shown() {
    let scene = Scene::new("");
    scene.write("code", "66315911\n", 0o600);
    let file = format!("api = \"form\"\ncredit_check_code_file = \"{}\"", scene.path("code").display());
    scene.write("config.toml", card(STAGE, &file), 0o600);
    let settings = scene.load(&[]).expect("valid");
    let code = settings.merchants[0].form.as_ref().and_then(|form| form.credit_check_code.as_ref());
    assert_eq!(code.map(|code| code.expose_secret()), Some("66315911"));
    assert!(!format!("{settings:?}").contains("66315911"));
}

#[test]
fn the_quiet_time_is_short_on_loopback_alone() {
    let loopback = card("http://127.0.0.1:1", "[gateway]\nquiet = \"1s\"");
    assert_eq!(good(&loopback, &[]).policy.quiet.num_seconds(), 1);
    refused(&(production() + "[gateway]\nquiet = \"29m\"\n"), &[], "gateway.quiet is shorter than 30m");
    refused(&card("http://127.0.0.1:1", "[gateway]\nquiet = \"900ms\""), &[], "must lie between 1s and 1d");
    let forms_leave = card(
        "http://127.0.0.1:1",
        "api = \"form\"\nform_url = \"https://payment.ecpay.com.tw\"\n[gateway]\nquiet = \"1s\"",
    );
    refused(&forms_leave, &[], "gateway.quiet is shorter than 30m");
}
