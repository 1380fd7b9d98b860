//! Webhooks: what they say, who signs, and every receiver that misbehaves.

use std::time::Duration;

use super::receiver::{Asked, Behaviour, Receiver, answer};
use super::{MARK, SHORT, channel, channel_within, message, not_sent, python_with, sent};

fn keys(receiver: &Receiver) -> String {
    format!("kind = \"webhook\"\nurl = \"http://{}/path-{MARK}?key={MARK}\"\nsecret = \"{MARK}\"\n", receiver.at)
}

async fn asked(rest: &str) -> Asked {
    let receiver = Receiver::new(answer(204, "", "")).await;
    sent(&channel(&(keys(&receiver) + rest))).await;
    receiver.only()
}

#[tokio::test]
async fn a_webhook_is_the_message_signed() {
    let asked = asked("").await;
    assert_eq!(asked.what, format!("POST /path-{MARK}?key={MARK}"));
    assert_eq!(asked.body, message().json.to_string());
    assert_eq!(asked.headers["content-type"], "application/json");
    assert_eq!(asked.headers["webhook-id"], "alert-7-raised");
    assert_eq!(asked.headers["webhook-timestamp"], "1796000000");
    // printf %s 'alert-7-raised.1796000000.{"data":{"alert":7,"title":"訂單 A1"},"type":"alert.raised"}' |
    //   openssl dgst -sha256 -hmac s3cr3t-s3cr3t-s3cr3t-s3cr3t -binary | base64
    assert_eq!(asked.headers["webhook-signature"], "v1,yL1YIIbmAisUFw+PxDaPzzpale/xpLDY6NDxM5O3W5U=");
}

/// Verifies what it reads by the package of Standard Webhooks, for each of the secrets.
const JUDGE: &str = r#"
import json, sys
from standardwebhooks import Webhook
asked = json.load(sys.stdin)
for secret in sys.argv[1:]:
    print(Webhook(secret).verify(asked["body"], asked["headers"])["type"])
"#;

#[tokio::test]
async fn the_package_of_standard_webhooks_verifies_the_signature_of_either_key() {
    let Some(mut python) = python_with("standardwebhooks") else { return };
    let (new, old) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    let receiver = Receiver::new(answer(200, "", "ok")).await;
    let keys =
        format!("kind = \"webhook\"\nurl = \"http://{}/\"\nsecret = \"{new}\"\nsecret_old = \"{old}\"\n", receiver.at);
    let mut message = message();
    // The package refuses what is more than five minutes old.
    message.at = super::now();
    channel(&keys).send(&message).await.expect("sent");
    let asked = receiver.only();
    let input = serde_json::json!({ "body": asked.body, "headers": asked.headers }).to_string();
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("asked.json");
    std::fs::write(&path, input).expect("written");
    python.args(["-c", JUDGE, new, old]).stdin(std::fs::File::open(path).expect("opened"));
    let output = python.output().expect("python");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, "alert.raised\nalert.raised\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn each_try_has_the_same_number() {
    let receiver = Receiver::new(answer(500, "", "")).await;
    let channel = channel(&keys(&receiver));
    for _ in 0..3 {
        not_sent(&channel).await;
    }
    let numbers: Vec<_> = receiver.asked().into_iter().map(|asked| asked.headers["webhook-id"].clone()).collect();
    assert_eq!(numbers, ["alert-7-raised"; 3]);
}

#[tokio::test]
async fn what_a_receiver_refuses_is_one_sentence_with_the_host_alone() {
    for (behaviour, why) in [
        (answer(500, "", MARK), "127.0.0.1 failed (http 500)"),
        (answer(503, "", MARK), "127.0.0.1 failed (http 503)"),
        (answer(404, "", MARK), "127.0.0.1 does not know the address (http 404)"),
        (answer(401, "", MARK), "127.0.0.1 does not take our token, key or address (http 401)"),
        (answer(400, "", MARK), "127.0.0.1 refuses the message (http 400)"),
        (
            answer(302, &format!("location: http://127.0.0.1:9/{MARK}\r\n"), ""),
            "127.0.0.1 redirects, which is not followed: set the address that it moved to (http 302)",
        ),
        (Behaviour::Close, "127.0.0.1 broke off before it answered: connection closed before message completed"),
        (Behaviour::Answer(format!("{MARK}\r\n\r\n")), "127.0.0.1 broke off before it answered: invalid HTTP"),
        (Behaviour::Flood(500), "127.0.0.1 failed (http 500)"),
    ] {
        let receiver = Receiver::new(behaviour).await;
        let not_sent = not_sent(&channel(&keys(&receiver))).await;
        assert!(not_sent.why.starts_with(why), "{}, not: {why}", not_sent.why);
        assert_eq!((not_sent.give_up, not_sent.retry_after), (false, None));
        // A redirect least of all.
        assert_eq!(receiver.asked().len(), 1, "asked once, and not read on");
    }
}

#[tokio::test]
async fn a_receiver_that_hangs_or_trickles_is_given_up() {
    for (behaviour, why) in [
        (Behaviour::Hang, "127.0.0.1 did not answer within 300ms"),
        (Behaviour::TrickleHead, "127.0.0.1 did not answer within 300ms"),
    ] {
        let receiver = Receiver::new(behaviour).await;
        assert_eq!(not_sent(&channel_within(&keys(&receiver), SHORT)).await.why, why);
    }
    // Its status is there.
    let receiver = Receiver::new(Behaviour::TrickleBody(500)).await;
    let why = not_sent(&channel_within(&keys(&receiver), Duration::from_secs(3))).await.why;
    assert_eq!(why, "127.0.0.1 failed (http 500)");
}

#[tokio::test]
async fn what_is_taken_is_sent_however_much_is_said_about_it() {
    for behaviour in [Behaviour::Flood(200), Behaviour::TrickleBody(202)] {
        let receiver = Receiver::new(behaviour).await;
        sent(&channel(&keys(&receiver))).await;
        assert_eq!(receiver.asked().len(), 1, "asked once, and not read on");
    }
}

#[tokio::test]
async fn a_receiver_says_when_to_come_again() {
    for (header, wanted) in [("120", Some(120)), ("9999999", Some(86_400)), ("-1", None), ("soon", None)] {
        let receiver = Receiver::new(answer(429, &format!("retry-after: {header}\r\n"), "")).await;
        let not_sent = not_sent(&channel(&keys(&receiver))).await;
        assert_eq!(not_sent.why, "127.0.0.1 asks for fewer messages (http 429)");
        assert_eq!(not_sent.retry_after, wanted.map(Duration::from_secs));
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_or_trusted_is_named() {
    let closed = Receiver::new(Behaviour::Close).await.at;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let free = listener.local_addr().expect("bound");
    drop(listener);
    assert_ne!(closed, free);
    let keys = |url: &str| format!("kind = \"webhook\"\nurl = \"{url}/path-{MARK}\"\nsecret = \"{MARK}\"\n");
    let why = not_sent(&channel(&keys(&format!("http://{free}")))).await.why;
    assert!(why.starts_with("127.0.0.1 cannot be reached: Connection refused"), "{why}");

    let why = not_sent(&channel(&keys("https://no-such-host.invalid"))).await.why;
    assert!(why.starts_with("no-such-host.invalid cannot be reached: "), "{why}");

    let stranger = Receiver::with_tls(answer(200, "", "")).await;
    let why = not_sent(&channel(&keys(&format!("https://{}", stranger.at)))).await.why;
    assert!(why.starts_with("127.0.0.1 is not trusted: invalid peer certificate: UnknownIssuer"), "{why}");
    assert!(stranger.asked().is_empty(), "nothing is said to it");
}
