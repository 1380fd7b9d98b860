//! The walk of `ecpayd go-live` by pipe, beside a real daemon and the stand-in gateway.

#[path = "go_live/form.rs"]
mod form;
mod support;

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};

use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::By;
use ecpayd::simulator::{Fault, FaultKind, OnCall, Running, SimHandle};
use serde_json::Value;
use support::go_live::{answered, keys_as_credentials, night};
use support::{BRISK, Daemon, House, MERCHANT, Told, gateway, paid, truth, until};

const VOID: &str = "GOVOID35X";
const CAPTURE: &str = "GOCAPT100X";

/// A daemon at work, and two orders that the merchant has paid.
async fn house() -> (House, Running, Daemon) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let daemon = house.started().await;
    paid(&bank.handle, VOID, 35);
    paid(&bank.handle, CAPTURE, 100);
    (house, bank, daemon)
}

fn walk(house: &House, arguments: &[&str], answers: &str) -> Told {
    answered(house.command(&[&["go-live"], arguments].concat()), answers)
}

fn walked(house: &House, arguments: &[&str], answers: &str) -> String {
    let told = walk(house, arguments, answers);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
    told.out
}

/// What reached the bank, in its order.
fn calls(bank: &SimHandle) -> Vec<String> {
    bank.with_bank(|bank, _| {
        let by_api = bank.actions().iter().filter(|a| a.by == By::Api);
        by_api.map(|a| format!("{} {} {}", a.merchant_trade_no, a.action.letter(), a.amount.dollars())).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_leads_from_nothing_to_both_refunds_and_each_run_goes_on_where_the_last_one_ended() {
    let (house, bank, _daemon) = house().await;
    let first = walked(&house, &[], &format!("{VOID}\ny\n{CAPTURE}\nyes\n"));
    for part in [
        "Step 1",
        &format!("order {VOID}: registered on hold"),
        &format!("Order {VOID} was authorized at 20"),
        "so one N voids it",
        &format!("order {VOID}: voided, NT$35"),
        "ECPay itself, asked just now: Canceled, NT$35",
        "Steps 2 and 3",
        "one C. Your card is charged",
        "ECPay itself, asked just now: To be captured, NT$100, refunded NT$0",
        "run the same command again in two bank days",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert_eq!(calls(&bank.handle), [format!("{VOID} N 35"), format!("{CAPTURE} C 100")]);

    let both = ["--void", VOID, "--capture", CAPTURE];
    let again = walked(&house, &both, "");
    assert!(!again.contains("[y/n]") && again.contains("That is all for today"), "{again}");
    night(&house, &bank.handle, CAPTURE).await;
    let third = walked(&house, &both, "y\ny\n");
    for part in [
        "asked just now: Captured, NT$100, refunded NT$0",
        "refund NT$30 of order",
        "asked just now: Captured, NT$100, refunded NT$30",
        "all that is left of order GOCAPT100X, NT$70",
        "asked just now: Captured, NT$100, refunded NT$100",
        "All steps are done.",
    ] {
        assert!(third.contains(part), "{part}: {third}");
    }
    let sent = ["GOVOID35X N 35", "GOCAPT100X C 100", "GOCAPT100X R 30", "GOCAPT100X R 70"];
    assert_eq!(calls(&bank.handle), sent);
    assert!(walked(&house, &both, "").contains("All steps are done."));
    assert_eq!(calls(&bank.handle), sent, "a walk that is done asks for nothing");
    assert_eq!(truth(&bank.handle, CAPTURE).refunded, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_chinese() {
    let (house, bank, _daemon) = house().await;
    let told = walked(&house, &["--lang", "zh-TW"], &format!("{VOID}\ny\n\n"));
    for part in ["第 1 步", "放棄（N）", "[y/n] y", "剛才直接向綠界查詢：已取消，NT$35", "略過了第 2、3 步"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(calls(&bank.handle), [format!("{VOID} N 35")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_but_a_yes_moves_nothing() {
    let (house, bank, _daemon) = house().await;
    for answers in ["n\n", "\n", "ja\n", ""] {
        let void = walk(&house, &["--void", VOID], answers);
        assert!(void.error(1).contains(&format!("nothing was asked for: order {VOID} stays")), "{void:?}");
        let capture = walk(&house, &["--capture", CAPTURE], &format!("\n{answers}"));
        assert!(capture.error(1).contains(&format!("nothing was asked for: order {CAPTURE} stays")), "{capture:?}");
    }
    let asked = "SELECT (SELECT count(*) FROM refund_intents) || (SELECT group_concat(capture) FROM orders)";
    assert_eq!(house.sql().await.ask(asked), "0hold,hold");
    assert_eq!(calls(&bank.handle), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_no_small_sum_is_refused() {
    let (house, bank, _daemon) = house().await;
    paid(&bank.handle, "BIG5000", 5000);
    for lane in ["--void", "--capture"] {
        let told = walk(&house, &[lane, "BIG5000"], "\ny\ny\n");
        assert!(told.error(1).contains("order BIG5000 is of NT$5000, and this is a test of money"), "{told:?}");
    }
    let asked = "SELECT (SELECT count(*) FROM refund_intents) || (SELECT group_concat(capture) FROM orders)";
    assert_eq!(house.sql().await.ask(asked), "0hold");
    assert_eq!(calls(&bank.handle), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_nothing_is_begun() {
    let (house, _bank, daemon) = house().await;
    assert!(daemon.stop().await.success());
    let told = walk(&house, &["--void", VOID], "y\n");
    let said = told.error(1);
    assert!(said.contains("the daemon moves the money") && said.contains("the daemon was stopped at"), "{said}");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
}

/// A walk whose answers come one by one.
struct Slow {
    child: Child,
    answers: ChildStdin,
}

impl Slow {
    fn start(house: &House, arguments: &[&str]) -> Self {
        let mut command = house.command(&[&["go-live"], arguments].concat());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the command starts");
        let answers = child.stdin.take().expect("a pipe");
        Self { child, answers }
    }

    fn answer(&mut self, line: &str) {
        writeln!(self.answers, "{line}").expect("the walk listens");
    }

    fn kill(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    /// Ctrl-C, and what it says at its end.
    fn interrupt(mut self) -> (Option<i32>, String) {
        let sent = Command::new("kill").arg("-INT").arg(self.child.id().to_string()).status();
        assert!(sent.is_ok_and(|s| s.success()));
        let mut said = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        (self.child.wait().expect("our own child").code(), said)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_that_is_killed_is_gone_on_with_and_asks_for_nothing_twice() {
    let (house, bank, _daemon) = house().await;
    let sql = house.sql().await;
    // With the question on the screen.
    let waiting = Slow::start(&house, &["--void", VOID]);
    until("it is authorized", async || sql.ask("SELECT count(*) FROM order_status WHERE state = 'authorized'") == "1")
        .await;
    waiting.kill();
    assert_eq!(sql.ask("SELECT count(*) FROM refund_intents"), "0");

    // Between the yes and the end: the call is answered late.
    bank.handle.strike(Fault::on(Action::N, FaultKind::Late { ms: 1500 }));
    let mut killed = Slow::start(&house, &["--void", VOID]);
    killed.answer("y");
    until("it is asked for", async || sql.ask("SELECT count(*) FROM refund_intents") == "1").await;
    killed.kill();
    let told = walked(&house, &["--void", VOID], "");
    assert!(!told.contains("[y/n]") && told.contains(&format!("order {VOID}: voided")), "{told}");
    assert_eq!(calls(&bank.handle), [format!("{VOID} N 35")]);
    assert_eq!(sql.ask("SELECT count(*) || group_concat(state) FROM refunds"), "1done");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_it_at_a_question_and_while_it_waits() {
    let (house, _bank, _daemon) = house().await;
    let sql = house.sql().await;
    let seen = |state: &'static str| format!("SELECT count(*) FROM order_status WHERE state = '{state}'");
    for (number, state) in [(VOID, "authorized"), ("NOBODY", "not_found")] {
        let walk = Slow::start(&house, &["--void", number]);
        until(state, async || sql.ask(&seen(state)) == "1").await;
        let (code, said) = walk.interrupt();
        assert!(code == Some(1) && said.starts_with("ecpayd: stopped:"), "{number}: {code:?} {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_balance_cannot_pay_needs_a_person_and_a_later_walk_goes_on() {
    let (house, bank, _daemon) = house().await;
    let both = ["--void", VOID, "--capture", CAPTURE];
    walked(&house, &both, "y\ny\n");
    night(&house, &bank.handle, CAPTURE).await;
    balance(&bank.handle, Some(5));
    let told = walk(&house, &both, "y\n");
    assert!(told.error(1).contains("pay in (預付款項)"), "{told:?}");
    let again = walk(&house, &both, "");
    assert!(again.error(1).contains("pay in (預付款項)") && !again.out.contains("[y/n]"), "{again:?}");
    assert_eq!(truth(&bank.handle, CAPTURE).refunded, 0);
}

fn balance(bank: &SimHandle, dollars: Option<i64>) {
    terms(bank, |terms| terms.balance = dollars);
}

fn terms(bank: &SimHandle, change: impl FnOnce(&mut ecpayd::simulator::bank::Terms)) {
    let merchant = ecpayd::domain::ids::MerchantId::parse(MERCHANT).expect("an id");
    bank.with_bank(|bank, now| bank.change_terms(&merchant, now, change)).expect("the merchant");
}

/// The merchant and its keys; the stand-in bank's authorization code and its card.
const CONSTANT: [&str; 6] = [MERCHANT, "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", "777777", "431195", "2222"];

#[tokio::test(flavor = "multi_thread")]
async fn the_recording_holds_answers_without_a_number_of_the_merchant() {
    let (house, bank, _daemon) = house().await;
    let both = ["--void", VOID, "--capture", CAPTURE, "--record", "walk.jsonl"];
    walked(&house, &both, "y\ny\n");
    night(&house, &bank.handle, CAPTURE).await;
    walked(&house, &both, "y\ny\n");

    let path = house.path("walk.jsonl");
    assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).expect("text");
    let numbers = bank.handle.with_bank(|bank, _| {
        let of = |o: &ecpayd::simulator::bank::Order| [o.merchant_trade_no.to_string(), o.trade_no.to_string()];
        bank.orders().flat_map(of).collect::<Vec<_>>()
    });
    for secret in numbers.iter().map(String::as_str).chain(CONSTANT) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }

    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    assert_eq!(lines[0], serde_json::json!({"recording": "ecpayd go-live", "version": 1}));
    let told =
        |line: &Value| format!("{} {}", line["step"].as_str().unwrap_or("?"), line["call"].as_str().unwrap_or("?"));
    let steps: Vec<_> = lines[1..].iter().map(told).collect();
    let steps: Vec<_> = steps.iter().step_by(2).map(|step| step.split(' ').next().unwrap_or("?")).collect();
    assert_eq!(steps, ["voided", "to_be_captured", "voided", "captured", "part_refunded", "refunded"]);
    for pair in lines[1..].chunks(2) {
        assert_eq!(
            (&pair[0]["call"], &pair[1]["call"]),
            (&"Cashier/QueryTrade".into(), &"CreditDetail/QueryTrade".into())
        );
        assert_eq!((&pair[0]["TransCode"], &pair[0]["answer"]["RtnCode"]), (&1.into(), &1.into()));
    }
    let details: Vec<&Value> = lines[1..].iter().skip(1).step_by(2).map(|line| &line["answer"]).collect();
    assert_eq!(details[0]["RtnValue"]["Status"], "Canceled");
    assert_eq!(details[1]["CloseData"][0]["Status"], "To be captured");
    // The sums of the walk are told apart by their length, and what went back by its sign.
    let rows = |answer: &Value| -> Vec<i64> {
        answer["CloseData"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row["Amount"].as_i64().expect("a number"))
            .collect()
    };
    assert_eq!((rows(details[3]), rows(details[4]).len(), rows(details[5]).len()), (vec![999], 2, 3));
    assert!(rows(details[4]).contains(&-99), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_is_never_recorded_into() {
    let (house, _bank, _daemon) = house().await;
    std::fs::write(house.path("notes.txt"), "mine\n").expect("a file");
    let told = walk(&house, &["--void", VOID, "--record", "notes.txt"], "y\n");
    assert!(told.error(2).contains("notes.txt: it is there already and is no recording"), "{told:?}");
    assert_eq!(std::fs::read_to_string(house.path("notes.txt")).expect("text"), "mine\n");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_403_no_look_is_made_before_the_silence_is_over() {
    let (house, bank, _daemon) = house().await;
    let record = ["--void", VOID, "--record", "walk.jsonl"];
    walked(&house, &["--void", VOID], "y\n\n");
    bank.handle.strike(Fault { call: OnCall::QueryOrder, ..Fault::any(FaultKind::Forbidden) });
    assert!(walked(&house, &record, "").contains("http 403"));
    let lines = || std::fs::read_to_string(house.path("walk.jsonl")).expect("text").lines().count();
    assert_eq!(lines(), 2, "the answer is recorded as well");
    assert!(walked(&house, &record, "").contains("no look of our own: ECPay wants no call before"));
    assert_eq!(lines(), 2);
    assert_eq!(house.sql().await.ask("SELECT silent_until IS NOT NULL FROM merchants"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_keys_cannot_be_read_the_walk_says_so_and_records_nothing() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    keys_as_credentials(&house);
    std::fs::create_dir(house.path("given")).expect("a directory");
    for key in ["hash_key", "hash_iv"] {
        std::fs::rename(house.path(key), house.path("given").join(key)).expect("our own file");
    }
    let with_keys = |arguments: &[&str]| {
        let mut command = house.command(arguments);
        command.env("CREDENTIALS_DIRECTORY", house.path("given"));
        command
    };
    let _daemon = house.started_as(with_keys(&["run"])).await;
    paid(&bank.handle, VOID, 35);
    let told = walk(&house, &["--void", VOID, "--record", "walk.jsonl"], "y\n");
    assert!(told.code == Some(2) && told.err.contains("$CREDENTIALS_DIRECTORY"), "{told:?}");
    assert!(!house.path("walk.jsonl").exists());
    let told = walked(&house, &["--void", VOID], "y\n\n");
    assert!(told.contains("the keys cannot be read here") && !told.contains("asked just now"), "{told}");
    let told = answered(with_keys(&["go-live", "--void", VOID, "--record", "walk.jsonl"]), "");
    assert!(told.code == Some(0) && told.out.contains("asked just now: Canceled"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_is_named() {
    let house = House::without_gateway(BRISK);
    house.settle_in(&[MERCHANT, "2000132"], "http://127.0.0.1:9", BRISK);
    let _daemon = house.started().await;
    for (arguments, part) in [
        (&["--void", "A1", "--capture", "A1"][..], "one order cannot be voided and captured"),
        (&["--void", "A 1"], "A 1"),
        (&["--void", "A1"], "choose one with --merchant"),
        (&["--void", "A1", "--merchant", "9"], "merchant 9 is not in the settings"),
    ] {
        let told = walk(&house, arguments, "");
        assert!(told.error(2).contains(part), "{arguments:?}: {told:?}");
    }
    let told = walk(&house, &["--merchant", MERCHANT], "no number\n\n");
    assert!(told.error(1).contains("no order was named"), "{told:?}");
}
