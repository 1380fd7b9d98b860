//! `ECPAYD_SECTION__KEY` over the file.

use super::*;

#[test]
fn the_environment_overrides_every_kind_of_value_and_adds_merchants() {
    let env = [
        ("ECPAYD_DATABASE__PATH", "/var/lib/ecpayd/ecpayd.db"),
        ("ECPAYD_CAPTURE__POLICY", "manual"),
        ("ECPAYD_CAPTURE__DEADLINE_DAYS", "20"),
        ("ECPAYD_WINDOW__START", "20:10"),
        ("ECPAYD_GATEWAY__TIMEOUT", "50ms"),
        ("ECPAYD_ALERTS__EXPIRY_DAYS", "[60, 70]"),
        ("ECPAYD_ALERTS__VOUCHER_REFUND_UNCONFIRMED_AFTER", "3d"),
        ("ECPAYD_ALERTS__REFUND_WAITS", "[\"1h\", \"2h\",\"3h\"]"),
        ("ECPAYD_POLL__CONFIRM", "20m, 2d"),
        ("ECPAYD_REFUND__VOUCHER_GUARD", "false"),
        ("ECPAYD_HTTP__LISTEN", "127.0.0.1:8420"),
        ("ECPAYD_HTTP__HOSTS", "a.example, B.example:8443"),
        ("ECPAYD_ALERTS__DIGEST", ""),
        ("ECPAYD_ALERTS__REPEAT_CRITICAL", "12h"),
        ("ECPAYD_MERCHANT__0__DAILY_AUTO_CLOSE", "true"),
        ("ECPAYD_MERCHANT__0__PLATFORM_ID", "7654321"),
        ("ECPAYD_MERCHANT__1__MERCHANT_ID", "2345678"),
        ("ECPAYD_MERCHANT__1__CARD__BASE_URL", "https://ecpayment.ecpay.com.tw/"),
        ("ECPAYD_MERCHANT__1__CARD__HASH_KEY", IV),
        ("ECPAYD_MERCHANT__1__CARD__HASH_IV", KEY),
        ("ECPAYD_CONFIG", "elsewhere.toml"),
        ("PATH", "/bin"),
    ];
    let settings = good(&production(), &env);
    assert_eq!(settings.database_path, PathBuf::from("/var/lib/ecpayd/ecpayd.db"));
    assert_eq!(settings.policy.capture, crate::domain::policy::CapturePolicy::Manual);
    assert_eq!((settings.policy.deadline_days, settings.policy.expiry_days), (20, vec![60, 70]));
    assert!(!settings.policy.voucher_guard);
    assert_eq!(settings.policy.voucher_refund_unconfirmed_after, chrono::TimeDelta::days(3));
    assert_eq!(settings.policy.refund_waits, [1, 2, 3].map(chrono::TimeDelta::hours));
    assert_eq!(settings.policy.poll_confirm, [chrono::TimeDelta::minutes(20), chrono::TimeDelta::days(2)]);
    assert_eq!(settings.policy.window.start.to_string(), "20:10:00");
    assert_eq!(settings.policy.timeout, chrono::TimeDelta::milliseconds(50));
    assert_eq!(settings.http.listen.map(|listen| listen.to_string()).as_deref(), Some("127.0.0.1:8420"));
    assert_eq!(settings.http.hosts, ["a.example", "b.example:8443"]);
    assert_eq!((settings.alerts.digest, settings.alerts.repeat_critical), (None, chrono::TimeDelta::hours(12)));
    let [first, second] = settings.merchants.as_slice() else { panic!("two merchants") };
    assert!(first.daily_auto_close && first.platform_id.as_ref().is_some_and(|id| id.as_str() == "7654321"));
    assert_eq!(second.merchant_id.as_str(), "2345678");
    assert_eq!(second.card.base_url, "https://ecpayment.ecpay.com.tw");
    assert_eq!(second.card.hash_key.expose_secret(), IV);
}

#[test]
fn a_variable_that_sets_nothing_is_told() {
    for (name, why) in [
        ("ECPAYD_CAPTURE__LEED", "ECPAYD_CAPTURE__LEED: unknown key capture.leed; did you mean lead?"),
        ("ECPAYD_DATABSE__PATH", "unknown key databse; did you mean database?"),
        ("ECPAYD_TIMEOUT", "unknown key timeout"),
        ("ECPAYD_log__level", "no such setting"),
        ("ECPAYD_", "no such setting"),
        ("ECPAYD_LOG__\nLEVEL", "ECPAYD_LOG__\\nLEVEL: no such setting"),
        ("ECPAYD_ALERTS__CHANNEL__0__TOKEN", "no variable sets a channel; write it in the file, as [[alerts.channel]]"),
        ("ECPAYD_EVENTS__CHANNEL", "no variable sets a channel; write it in the file, as [[events.channel]]"),
        ("ECPAYD_MERCHANT", "merchants are set by index"),
        ("ECPAYD_MERCHANT__0", "merchants are set by index"),
        ("ECPAYD_MERCHANT__X__MERCHANT_ID", "merchants are set by index"),
        ("ECPAYD_MERCHANT__2__MERCHANT_ID", "merchants so far: 1; the next one to add has the index 1"),
        ("ECPAYD_MERCHANT__0__CARD", "card is a section"),
        ("ECPAYD_MERCHANT__0__CARD__HASH_KYE", "unknown key merchant[0].card.hash_kye; did you mean hash_key?"),
    ] {
        refused(&production(), &[(name, "s3cret")], why);
    }
}
