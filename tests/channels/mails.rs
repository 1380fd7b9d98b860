//! Mails: to a server of somebody else's making, and to servers that misbehave.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{MARK, SHORT, channel, channel_within, not_sent, of_tests, python_with, sent};
use crate::support::{House, told};

/// The mail server of the package aiosmtpd.
struct MailServer {
    process: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl MailServer {
    fn new(arguments: &[&str]) -> Option<Self> {
        let mut python = python_with("aiosmtpd")?;
        // Its warnings are about its own ways.
        python.arg(of_tests("mail.py")).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = python.spawn().expect("python");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        output.read_line(&mut line).expect("its port");
        Some(Self { port: line.trim().parse().expect("a port"), process, output })
    }

    fn mail(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the mail");
        serde_json::from_str(&line).expect("JSON")
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn keys(port: u16, rest: &str) -> String {
    format!(
        "kind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nfrom = \"商店 <shop@shop.example>\"\n\
         to = [\"owner@shop.example\", \"books@shop.example\"]\n{rest}"
    )
}

fn login() -> String {
    format!("username = \"shop\"\npassword = \"{MARK}\"\n")
}

#[tokio::test]
async fn a_mail_arrives_with_its_chinese_subject_and_its_number() {
    let Some(mut server) = MailServer::new(&[]) else { return };
    sent(&channel(&keys(server.port, "tls = \"none\"\n"))).await;
    let wanted = json!({
        "from": "shop@shop.example",
        "to": ["owner@shop.example", "books@shop.example"],
        "subject": "訂單 A1 將於明日到期",
        "sender": "商店 <shop@shop.example>",
        "message_id": "<adc52a183e8f4e422f870a896155e102@shop.example>",
        "date": "Mon, 30 Nov 2026 00:53:20 +0000",
        "automatic": "auto-generated",
        "type": "text/plain",
        "text": "<!channel> *bold* & 退刷\r\n第二行",
        "tls": false,
        "login": null,
        "ascii": true,
    });
    assert_eq!(server.mail(), wanted);
}

#[tokio::test]
async fn a_server_that_asks_for_starttls_gets_nothing_in_clear() {
    let (certificate, key) = (of_tests("tls/server.pem"), of_tests("tls/server.key"));
    let files = [certificate.to_str().expect("a path"), key.to_str().expect("a path")];
    let Some(server) = MailServer::new(&["--tls", files[0], files[1]]) else { return };
    let why = not_sent(&channel(&keys(server.port, "tls = \"none\"\n"))).await.why;
    assert_eq!(why, "127.0.0.1 refuses the mail (smtp 530): Must issue a STARTTLS command first");
    // The certificate is of an authority that this machine does not know.
    let why = not_sent(&channel(&keys(server.port, &login()))).await.why;
    assert_eq!(why, "127.0.0.1 is not trusted: invalid peer certificate: UnknownIssuer");
}

#[test]
fn a_mail_goes_by_tls_with_a_login_where_the_authority_is_known() {
    let (certificate, key) = (of_tests("tls/server.pem"), of_tests("tls/server.key"));
    let files = [certificate.to_str().expect("a path"), key.to_str().expect("a path")];
    for (server, tls) in
        [(["--tls", files[0], files[1]].as_slice(), "starttls"), (&["--tls", files[0], files[1], "--at-once"], "tls")]
    {
        let arguments: Vec<_> = server.iter().copied().chain(["--login", "shop", MARK]).collect();
        let Some(mut server) = MailServer::new(&arguments) else { return };
        let keys = keys(server.port, &format!("tls = \"{tls}\"\n{}", login()));
        let house = House::without_gateway(&format!("[[alerts.channel]]\n{keys}"));
        let mut command = house.command(&["alerts", "test"]);
        command.env("SSL_CERT_FILE", of_tests("tls/ca.pem"));
        let told = told(command);
        assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (Some(0), "smtp: sent\n", ""), "{tls}");
        let mail = server.mail();
        assert_eq!((&mail["login"], &mail["subject"]), (&json!(true), &json!("ecpayd：測試訊息")), "{tls}");
        assert_eq!(mail["tls"], json!(tls == "starttls"), "what the package knows of TLS");
    }
}

/// Answers each line by what `answers` has for its first word; what it heard.
async fn server(greeting: &'static str, answers: &'static [(&'static str, &'static str)]) -> (u16, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let heard = Arc::new(Mutex::new(String::new()));
    let said = heard.clone();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await?;
        let (read, mut write) = socket.into_split();
        write.write_all(greeting.as_bytes()).await?;
        let mut lines = tokio::io::BufReader::new(read).lines();
        while let Some(line) = lines.next_line().await? {
            said.lock().expect("no panic before").push_str(&format!("{line}\n"));
            let word = line.split(' ').next().unwrap_or_default();
            while let Some((_, part)) = answers.iter().find(|(asked, _)| *asked == "FLOOD") {
                write.write_all(part.as_bytes()).await?;
            }
            if let Some((_, answer)) = answers.iter().find(|(asked, _)| *asked == word) {
                write.write_all(answer.as_bytes()).await?;
            }
        }
        Ok::<_, std::io::Error>(())
    });
    (port, heard)
}

const GREETING: &str = "220 x\r\n";
/// Said without end: lines, and a line.
const FLOODS: [&[(&str, &str)]; 2] = [&[("FLOOD", "250-one more line of a lot of lines\r\n")], &[("FLOOD", "250-")]];

#[tokio::test]
async fn without_starttls_neither_password_nor_mail_is_said() {
    let (port, heard) = server(GREETING, &[("EHLO", "250-x\r\n250 AUTH PLAIN LOGIN\r\n")]).await;
    let why = not_sent(&channel(&keys(port, &login()))).await.why;
    assert_eq!(why, "127.0.0.1 does not offer STARTTLS, and nothing is sent in clear");
    let heard = heard.lock().expect("no panic before");
    assert!(heard.starts_with("EHLO ") && heard.lines().count() == 1, "{heard}");
}

#[tokio::test]
async fn what_a_mail_server_refuses_is_told_in_its_words() {
    const EHLO: (&str, &str) = ("EHLO", "250-x\r\n250 AUTH PLAIN\r\n");
    const MAIL: (&str, &str) = ("MAIL", "250 ok\r\n");
    for (answers, rest, why) in [
        (
            &[EHLO, ("AUTH", "535 wrong password s3cr3t-s3cr3t-s3cr3t-s3cr3t\r\n")] as &'static [_],
            login(),
            "127.0.0.1 refuses the mail (smtp 535): wrong password ****",
        ),
        (
            &[EHLO, MAIL, ("RCPT", "550 5.1.1 no such user\r\n")],
            String::new(),
            "127.0.0.1 refuses the mail (smtp 550): 5.1.1 no such user",
        ),
        (
            &[EHLO, MAIL, ("RCPT", "450 try later\r\n")],
            String::new(),
            "127.0.0.1 refuses the mail (smtp 450): try later",
        ),
        (&[("EHLO", "hello\r\n"), ("QUIT", "221 bye\r\n")], String::new(), "127.0.0.1 cannot be spoken to: "),
    ] {
        let (port, _) = server(GREETING, answers).await;
        let told = not_sent(&channel(&keys(port, &format!("tls = \"none\"\n{rest}")))).await.why;
        assert!(told.starts_with(why), "{told}, not: {why}");
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_is_given_up_and_one_that_hangs_after_taking_the_mail_is_not() {
    let (port, _) = server("", &[]).await;
    let why = not_sent(&channel_within(&keys(port, "tls = \"none\"\n"), SHORT)).await.why;
    assert_eq!(why, "127.0.0.1 did not answer within 300ms");

    let taken = &[
        ("EHLO", "250 x\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("DATA", "354 go on\r\n"),
        (".", "250 taken\r\n"),
    ];
    let (port, heard) = server(GREETING, taken).await;
    sent(&channel_within(&keys(port, "tls = \"none\"\n"), Duration::from_secs(60))).await;
    assert!(heard.lock().expect("no panic before").contains("\nQUIT\n"));
}

#[tokio::test]
async fn a_mail_server_that_floods_is_given_up() {
    for flood in FLOODS {
        let (port, _) = server(GREETING, flood).await;
        let why = not_sent(&channel(&keys(port, "tls = \"none\"\n"))).await.why;
        assert_eq!(why, "127.0.0.1 cannot be spoken to: it says too much");
    }
}

#[tokio::test]
async fn a_mail_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let why = not_sent(&channel(&keys(port, "tls = \"none\"\n"))).await.why;
    assert!(why.starts_with("127.0.0.1 cannot be reached: Connection refused"), "{why}");
}
