//! LINE, Telegram, Slack and ntfy: each request as its service documents it, and what each refusal means.

use std::time::Duration;

use serde_json::json;

use super::receiver::{Receiver, answer};
use super::{MARK, channel, message, not_sent, sent};

const TO: &str = "U0123456789abcdef0123456789abcdef";

fn line(receiver: &Receiver) -> String {
    format!("kind = \"line\"\ntoken = \"{MARK}\"\nto = \"{TO}\"\nbase_url = \"http://{}/\"\n", receiver.at)
}

fn telegram(receiver: &Receiver) -> String {
    format!("kind = \"telegram\"\ntoken = \"1:{MARK}\"\nchat_id = -100123\nbase_url = \"http://{}\"\n", receiver.at)
}

fn slack(receiver: &Receiver) -> String {
    format!("kind = \"slack\"\nurl = \"http://{}/services/{MARK}\"\n", receiver.at)
}

fn ntfy(receiver: &Receiver) -> String {
    format!("kind = \"ntfy\"\nurl = \"http://{}/push/{MARK}\"\ntoken = \"tk_{MARK}\"\n", receiver.at)
}

#[tokio::test]
async fn a_line_message_is_pushed_with_a_key_that_stays_over_tries() {
    let receiver = Receiver::new(answer(200, "", "{\"sentMessages\":[]}")).await;
    let channel = channel(&line(&receiver));
    sent(&channel).await;
    sent(&channel).await;
    let [first, second] = receiver.asked().try_into().expect("two tries");
    assert_eq!(first.what, "POST /v2/bot/message/push");
    assert_eq!(first.headers["authorization"], format!("Bearer {MARK}"));
    let text = "訂單 A1 將於明日到期\n<!channel> *bold* & 退刷\n第二行";
    assert_eq!(first.json(), json!({ "to": TO, "messages": [{ "type": "text", "text": text }] }));
    let key = &first.headers["x-line-retry-key"];
    assert_eq!((key.len(), key), (36, &second.headers["x-line-retry-key"]));
}

#[tokio::test]
async fn what_line_has_taken_before_is_delivered() {
    let receiver = Receiver::new(answer(409, "", "{\"message\":\"The retry key is already accepted\"}")).await;
    sent(&channel(&line(&receiver))).await;
}

#[tokio::test]
async fn the_end_of_lines_month_is_given_up_and_a_busy_minute_is_not() {
    for (words, gives_up) in [
        ("You have reached your monthly limit.", true),
        ("The API rate limit has been exceeded. Try again later.", false),
    ] {
        let receiver = Receiver::new(answer(429, "", &json!({ "message": words }).to_string())).await;
        let not_sent = not_sent(&channel(&line(&receiver))).await;
        assert_eq!(not_sent.why, format!("127.0.0.1 asks for fewer messages (http 429): {words}"));
        assert_eq!(not_sent.give_up, gives_up);
    }
}

#[tokio::test]
async fn a_text_that_is_longer_than_line_takes_is_cut() {
    let receiver = Receiver::new(answer(200, "", "")).await;
    let mut message = message();
    message.text = "退".repeat(6000);
    channel(&line(&receiver)).send(&message).await.expect("sent");
    let sent = receiver.only().json();
    let text = sent["messages"][0]["text"].as_str().expect("text");
    assert!(text.encode_utf16().count() == 5000 && text.ends_with("退…"));
}

#[tokio::test]
async fn a_telegram_message_is_plain_text() {
    let receiver = Receiver::new(answer(200, "", "{\"ok\":true}")).await;
    sent(&channel(&telegram(&receiver))).await;
    let asked = receiver.only();
    assert_eq!(asked.what, format!("POST /bot1:{MARK}/sendMessage"));
    let wanted = json!({
        "chat_id": "-100123",
        "text": "訂單 A1 將於明日到期\n<!channel> *bold* & 退刷\n第二行",
        "link_preview_options": { "is_disabled": true },
    });
    assert_eq!(asked.json(), wanted);
}

#[tokio::test]
async fn telegram_says_what_is_wrong_and_when_to_come_again() {
    let body = json!({ "ok": false, "description": format!("Too Many Requests at bot1:{MARK}"), "parameters": { "retry_after": 7 } });
    let receiver = Receiver::new(answer(429, "", &body.to_string())).await;
    let not_sent = not_sent(&channel(&telegram(&receiver))).await;
    assert_eq!(not_sent.why, "127.0.0.1 asks for fewer messages (http 429): Too Many Requests at bot****");
    assert_eq!(not_sent.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_slack_message_has_no_mark_up_and_calls_nobody() {
    let receiver = Receiver::new(answer(200, "", "ok")).await;
    sent(&channel(&slack(&receiver))).await;
    let asked = receiver.only();
    assert_eq!(asked.what, format!("POST /services/{MARK}"));
    let wanted = json!({
        "text": "訂單 A1 將於明日到期\n&lt;!channel&gt; *bold* &amp; 退刷\n第二行",
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
    });
    assert_eq!(asked.json(), wanted);
}

#[tokio::test]
async fn slack_says_one_word_and_a_page_is_not_repeated() {
    for (body, why) in [
        ("invalid_token", "127.0.0.1 does not take our token, key or address (http 403): invalid_token"),
        ("<html>s3cr3t</html>", "127.0.0.1 does not take our token, key or address (http 403)"),
    ] {
        let receiver = Receiver::new(answer(403, "", body)).await;
        assert_eq!(not_sent(&channel(&slack(&receiver))).await.why, why);
    }
}

#[tokio::test]
async fn an_ntfy_message_is_json_at_the_servers_root_with_its_priority() {
    let receiver = Receiver::new(answer(200, "", "{}")).await;
    sent(&channel(&ntfy(&receiver))).await;
    let asked = receiver.only();
    assert_eq!(asked.what, "POST /push/");
    assert_eq!(asked.headers["authorization"], format!("Bearer tk_{MARK}"));
    let wanted = json!({
        "topic": MARK,
        "title": "訂單 A1 將於明日到期",
        "message": "<!channel> *bold* & 退刷\n第二行",
        "priority": 5,
    });
    assert_eq!(asked.json(), wanted);
}

#[tokio::test]
async fn what_ntfy_repeats_of_a_topic_is_masked() {
    let body = json!({ "code": 40301, "error": format!("forbidden: {MARK}") }).to_string();
    let receiver = Receiver::new(answer(403, "", &body)).await;
    let why = not_sent(&channel(&ntfy(&receiver))).await.why;
    assert_eq!(why, "127.0.0.1 does not take our token, key or address (http 403): forbidden: ****");
}
