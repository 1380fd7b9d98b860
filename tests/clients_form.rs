//! The clients of the form API that docs/clients-form.md shows, each in its own process, against the simulator's port,
//! and against the vectors of `CheckMacValue`.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::{MerchantId, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::simulator::bank::{Ask, By};
use ecpayd::simulator::{Fault, FaultKind, Running};
use serde_json::Value;
use support::{MERCHANT, Told, gateway, languages, number, paid, told, truth};

/// What each rehearsal prints, as docs/clients-form.md shows it.
const PRINTED: &str = "\
order of NT$1000, paid: 1
Authorized
C: To be captured
the next day: Captured
R 300: accepted
R 200: no answer; look, do not send it again
  a look shows that it took effect
R 100: no answer; look, do not send it again
  nothing to see after half an hour, which proves nothing: no stamp ends a form. Not sent again; ask a person
two hours later: it has come after all
  1000 Captured
  -100 To be captured
  -200 To be captured
  -300 To be captured
the bank: captured 1000, refunded 600, 4 actions
";

struct Language {
    /// Its folder, and its fence in a page.
    name: &'static str,
    files: [&'static str; 2],
    programs: &'static [&'static str],
    probe: &'static [&'static str],
    /// Signs the fields of each vector of a file, reads each raw body, and prints both as JSON.
    vectors: &'static [&'static str],
    /// Asks about A1 and refunds it by 1, as often as it is told to, and prints what it believes each time.
    asks: &'static [&'static str],
}

const PHP: Language = Language {
    name: "php",
    files: ["ecpay_form.php", "rehearsal_form.php"],
    programs: &["php"],
    probe: &["-r", "exit(PHP_VERSION_ID >= 80100 && extension_loaded('openssl') ? 0 : 1);"],
    vectors: &[
        "-r",
        r#"require 'ecpay_form.php';
        ['vectors' => $vectors, 'raw_bodies' => $bodies] = json_decode(file_get_contents($argv[1]), true);
        $of = fn($v) => new EcpayForm('', '', $v['hash_key'], $v['hash_iv']);
        $signed = array_map(fn($v) => $of($v)->sign($v['fields']), $vectors);
        echo json_encode([$signed, array_map(fn($v) => $of($v)->verified($v['body']), $bodies)]);"#,
    ],
    asks: &[
        "-r",
        r#"require 'ecpay_form.php';
        [, $url, $trade_no, $orders, $refunds] = $argv;
        $form = new EcpayForm($url, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs');
        function believes(Closure $call): void
        {
            try {
                $call();
                echo "Accepted\n";
            } catch (Refused | Unanswered $e) {
                echo $e::class, "\n";
            }
        }
        while ($orders-- > 0) believes(fn() => $form->order('A1'));
        $order = ['MerchantTradeNo' => 'A1', 'TradeNo' => $trade_no];
        while ($refunds-- > 0) believes(fn() => $form->act($order, 'R', 1));
        believes(fn() => $form->act($order, 'R', 5000));"#,
    ],
};

const PYTHON: Language = Language {
    name: "python",
    files: ["ecpay_form.py", "rehearsal_form.py"],
    // The first may be somebody's own build, which does not know the system's packages.
    programs: &["python3", "/usr/bin/python3"],
    probe: &["-c", "import cryptography"],
    vectors: &[
        "-c",
        r#"
import json, sys
from ecpay_form import EcpayForm
file = json.load(open(sys.argv[1]))
of = lambda v: EcpayForm("", "", v["hash_key"], v["hash_iv"])
signed = [of(v).sign(v["fields"]) for v in file["vectors"]]
print(json.dumps([signed, [of(v).verified(v["body"]) for v in file["raw_bodies"]]]))"#,
    ],
    asks: &[
        "-c",
        r#"
import sys
from ecpay_form import EcpayForm, Refused, Unanswered
_, url, trade_no, orders, refunds = sys.argv
form = EcpayForm(url, "3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs")
def believes(call, *given):
    try:
        call(*given)
        print("Accepted")
    except (Refused, Unanswered) as e:
        print(type(e).__name__)
for _ in range(int(orders)):
    believes(form.order, "A1")
order = {"MerchantTradeNo": "A1", "TradeNo": trade_no}
for _ in range(int(refunds)):
    believes(form.act, order, "R", 1)
believes(form.act, order, "R", 5000)"#,
    ],
};

impl Language {
    fn folder(&self) -> PathBuf {
        repository().join("tests/clients").join(self.name)
    }

    fn command(&self) -> Option<Command> {
        languages::found(self.name, self.programs, self.probe, &self.folder())
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

async fn ended(command: Command) -> Told {
    let told = tokio::task::spawn_blocking(|| told(command)).await.expect("the client's process");
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
    told
}

/// The whole truth of the only order: what moved, and how often it was asked for.
fn bank(running: &Running) -> (i64, i64, usize, usize) {
    running.handle.with_bank(|bank, _| {
        let truths: Vec<_> = bank.orders().map(|order| order.truth()).collect();
        let [truth] = truths.as_slice() else { panic!("one order: {truths:?}") };
        let effects = bank.actions().iter().filter(|action| action.effect).count();
        (truth.captured, truth.refunded, bank.actions().len(), effects)
    })
}

async fn rehearse(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let running = gateway().await;
    command.arg(language.files[1]).arg(running.url());
    assert_eq!(ended(command).await.out, PRINTED);
    assert_eq!(bank(&running), (1000, 600, 4, 4), "one capture and three refunds, each asked for once");
}

async fn agree_on_the_vectors(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let file = repository().join("tests/vectors/form.json");
    command.args(language.vectors).arg(&file);
    let said: Value = serde_json::from_str(&ended(command).await.out).expect("JSON");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("vectors")).expect("JSON");
    let list = |name: &str| file[name].as_array().expect("a list").clone();
    let sums: Vec<_> = list("vectors").iter().map(|vector| vector["check_mac_value"].clone()).collect();
    assert_eq!(said[0], Value::Array(sums), "{}", language.name);
    let bodies = list("raw_bodies");
    assert_eq!((said[1].as_array().map(Vec::len), bodies.len()), (Some(15), 15));
    for (body, read) in bodies.iter().zip(said[1].as_array().expect("a list")) {
        assert_eq!(read.is_object(), body["ok"] == true, "{}", body["name"]);
        let text = body["body"].as_str().expect("text");
        let has =
            |(name, value): (&String, &Value)| text.contains(&format!("{name}={}", value.as_str().unwrap_or("?")));
        assert!(read.as_object().is_none_or(|fields| fields.len() > 8 && fields.iter().all(has)), "{read}");
    }
}

/// After these nobody knows what the order query would have said.
const OF_A_QUERY: [FaultKind; 8] = [
    FaultKind::LostBefore,
    FaultKind::Status { code: 403 },
    FaultKind::StatusAfter { code: 502 },
    FaultKind::Html,
    FaultKind::Cut,
    FaultKind::WrongKey,
    FaultKind::WrongChecksum,
    FaultKind::WrongOrderNumber,
];

/// Nor after these what became of a refund.
const OF_A_REFUND: [FaultKind; 8] = [
    FaultKind::LostBefore,
    FaultKind::LostAfter,
    FaultKind::Status { code: 403 },
    FaultKind::StatusAfter { code: 302 },
    FaultKind::StatusAfter { code: 502 },
    FaultKind::Html,
    FaultKind::Cut,
    FaultKind::WrongOrderNumber,
];

/// A1 of 全方位金流, captured; its TradeNo.
fn captured(running: &Running) -> String {
    let merchant_id = MerchantId::parse(MERCHANT).expect("an id");
    running
        .handle
        .with_bank(|bank, now| bank.change_terms(&merchant_id, now, |terms| terms.aio = true))
        .expect("terms");
    paid(&running.handle, "A1", 1000);
    let trade_no = truth(&running.handle, "A1").trade_no;
    let capture = Ask {
        at: running.handle.now(),
        by: By::Dashboard,
        merchant_id,
        merchant_trade_no: number("A1"),
        trade_no: TradeNo::parse(&trade_no).expect("a number"),
        action: Action::C,
        amount: Twd::new(1000).expect("an amount"),
    };
    running.handle.with_bank(|bank, _| bank.act(&capture)).expect("a capture");
    trade_no
}

async fn believes_nothing_of_a_fault(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let running = gateway().await;
    let trade_no = captured(&running);
    // The queries come first, and use up their own.
    OF_A_QUERY.into_iter().chain([FaultKind::NotFound]).for_each(|kind| running.handle.strike(Fault::any(kind)));
    OF_A_REFUND.into_iter().for_each(|kind| running.handle.strike(Fault::any(kind)));
    // One for each fault, and one that is answered.
    let (queries, refunds) = (OF_A_QUERY.len() + 1, OF_A_REFUND.len() + 1);
    command.args(language.asks).args([&running.url(), &trade_no, &queries.to_string(), &refunds.to_string()]);
    let told = ended(command).await;
    let believed: Vec<_> = told.out.lines().collect();
    let (of_queries, of_refunds) = believed.split_at(queries);
    let unanswered = |count: usize, then: &[&'static str]| [vec!["Unanswered"; count], then.to_vec()].concat();
    assert_eq!(of_queries, unanswered(OF_A_QUERY.len(), &["Refused"]), "{}", language.name);
    assert_eq!(of_refunds, unanswered(OF_A_REFUND.len(), &["Accepted", "Refused"]), "{}", language.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_takes_a_fault_for_an_answer() {
    assert_eq!(MERCHANT, "3002607", "as the clients say");
    for language in [PHP, PYTHON] {
        believes_nothing_of_a_fault(&language).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_php_client_captures_and_refunds_once() {
    rehearse(&PHP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_captures_and_refunds_once() {
    rehearse(&PYTHON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_signs_and_verifies_as_the_vectors_do() {
    for language in [PHP, PYTHON] {
        agree_on_the_vectors(&language).await;
    }
}

#[test]
fn the_pages_show_the_clients_that_the_tests_run() {
    for page in ["docs/clients-form.md", "docs/clients-form.zh-TW.md"] {
        let shown = std::fs::read_to_string(repository().join(page)).expect("a page");
        assert!(shown.contains(&format!("```text\n{PRINTED}```\n")), "{page} shows another output");
        for language in [PHP, PYTHON] {
            for file in language.files {
                let text = std::fs::read_to_string(language.folder().join(file)).expect("a client");
                let block = format!("```{}\n{text}```\n", language.name);
                assert!(shown.contains(&block), "{page} shows another {file} than tests/clients/{}", language.name);
            }
        }
    }
}
