//! `alerts test`, as an operator runs it: no daemon, no ledger.

use super::receiver::{Receiver, answer};
use super::{MARK, of_tests};
use crate::support::{House, Told};

async fn tell(house: &House, arguments: &[&str], authority: bool) -> Told {
    let mut command = house.command(arguments);
    if authority {
        command.env("SSL_CERT_FILE", of_tests("tls/ca.pem"));
    }
    tokio::task::spawn_blocking(|| crate::support::told(command)).await.expect("the command")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_channel_gets_one_message_and_one_line_says_what_became_of_it() {
    let good = Receiver::new(answer(200, "", "ok")).await;
    let bad = Receiver::new(answer(500, "", "")).await;
    let secure = Receiver::with_tls(answer(200, "", "")).await;
    let settings = format!(
        "[[alerts.channel]]\nkind = \"slack\"\nname = \"team\"\nurl = \"http://{}/{MARK}\"\nlanguage = \"en\"\n\
         [[alerts.channel]]\nkind = \"ntfy\"\nurl = \"http://{}/{MARK}\"\n\
         [[alerts.channel]]\nkind = \"line\"\ntoken_credential = \"line\"\nto = \"U0123456789abcdef0123456789abcdef\"\n\
         [[events.channel]]\nurl = \"https://{}/{MARK}\"\nsecret = \"{MARK}\"\n",
        good.at, bad.at, secure.at
    );
    let house = House::without_gateway(&settings);
    let told = tell(&house, &["alerts", "test"], true).await;
    let credential = "line: not sent: its secret is a systemd credential, which cannot be read here: run this as root, \
                      give it as a file, or run this by systemd-run --pipe -p LoadCredential=NAME:/path";
    let lines: Vec<_> = told.out.lines().collect();
    assert_eq!(lines, ["team: sent", "ntfy: not sent: 127.0.0.1 failed (http 500)", credential, "events: sent"]);
    assert_eq!(told.error(1), "2 of 4 channels failed");
    assert_eq!(good.only().json()["text"], "ecpayd: a test message\nAlerts will arrive here.");
    assert_eq!(bad.only().json()["title"], "ecpayd：測試訊息");
    let event = secure.only();
    assert_eq!((event.json()["type"].as_str(), event.headers.contains_key("webhook-signature")), (Some("test"), true));
    assert!(!house.ledger().exists(), "no ledger is made");

    let told = tell(&house, &["alerts", "test", "team"], false).await;
    assert_eq!((told.code, told.out.as_str()), (Some(0), "team: sent\n"));
    assert_eq!((good.asked().len(), bad.asked().len()), (2, 1));
    // Each test is a message of its own.
    let told = tell(&house, &["alerts", "test", "events"], false).await;
    assert!(told.out.contains("127.0.0.1 is not trusted: "), "{}", told.out);
    assert_eq!(told.error(1), "1 of 1 channels failed");
}

#[test]
fn a_channel_that_is_not_in_the_settings_is_a_slip_of_usage() {
    let house = House::without_gateway("[[alerts.channel]]\nkind = \"command\"\nargv = [\"true\"]\n");
    let told = house.tell(&["alerts", "test", "comand"]);
    assert_eq!(told.error(2), "there is no channel comand; there are command");
    assert_eq!(house.done(&["alerts", "test", "command"]), "command: sent\n");
}

#[test]
fn settings_without_a_channel_are_a_problem() {
    let house = House::without_gateway("");
    let told = house.tell(&["alerts", "test"]);
    assert_eq!(told.error(1), "the settings have no [[alerts.channel]]: alerts stay in the ledger and the log");
}
