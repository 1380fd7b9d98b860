//! The clients that docs/clients.md shows, each in its own process, against the simulator's port.
//!
//! A language that is not installed is skipped, and the test says so; where `ALL_CLIENTS`
//! is set, as `.ci/run` does, it fails instead.

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

/// What each rehearsal prints, as docs/clients.md shows it.
const PRINTED: &str = "\
order of NT$1000, paid: 1
Authorized
C: To be captured
the next day: Captured
R 300: accepted
R 200: no answer; look, do not send it again
  a look shows that it took effect
R 100: no answer; look, do not send it again
  nothing to see, which proves nothing yet: it may still be on its way
  a look shows that it took effect
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
    /// The first one that passes the probe is used.
    programs: &'static [&'static str],
    probe: &'static [&'static str],
    /// Seals and opens each vector of a file, and prints the pairs as JSON.
    wire: &'static [&'static str],
    /// Refunds A1 by each of the amounts, and prints what it believes each time.
    refunds: &'static [&'static str],
}

const PHP: Language = Language {
    name: "php",
    files: ["ecpay.php", "rehearsal.php"],
    programs: &["php"],
    probe: &["-r", "exit(PHP_VERSION_ID >= 80100 && extension_loaded('openssl') ? 0 : 1);"],
    wire: &[
        "-r",
        r#"require 'ecpay.php';
        foreach (json_decode(file_get_contents($argv[1]), true)['vectors'] as $v) {
            $ecpay = new Ecpay('', '', $v['hash_key'], $v['hash_iv']);
            $pairs[] = [$ecpay->seal($v['json']), $ecpay->open($v['data_dotnet_style'])];
        }
        echo json_encode($pairs);"#,
    ],
    refunds: &[
        "-r",
        r#"require 'ecpay.php';
        [, $url, $trade_no] = $argv;
        $ecpay = new Ecpay($url, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs');
        foreach (array_slice($argv, 3) as $amount) {
            try {
                $ecpay->act(['MerchantTradeNo' => 'A1', 'TradeNo' => $trade_no], 'R', (int) $amount);
                echo "Accepted\n";
            } catch (Refused | Unanswered $e) {
                echo $e::class, "\n";
            }
        }"#,
    ],
};

const PYTHON: Language = Language {
    name: "python",
    files: ["ecpay.py", "rehearsal.py"],
    // The first may be somebody's own build, which does not know the system's packages.
    programs: &["python3", "/usr/bin/python3"],
    probe: &["-c", "import cryptography"],
    wire: &[
        "-c",
        r#"
import json, sys
from ecpay import Ecpay
pairs = []
for v in json.load(open(sys.argv[1]))["vectors"]:
    ecpay = Ecpay("", "", v["hash_key"], v["hash_iv"])
    pairs.append([ecpay.seal(v["json"]), ecpay.open(v["data_dotnet_style"])])
print(json.dumps(pairs))"#,
    ],
    refunds: &[
        "-c",
        r#"
import sys
from ecpay import Ecpay, Refused, Unanswered
ecpay = Ecpay(sys.argv[1], "3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs")
for amount in sys.argv[3:]:
    try:
        ecpay.act({"MerchantTradeNo": "A1", "TradeNo": sys.argv[2]}, "R", int(amount))
        print("Accepted")
    except (Refused, Unanswered) as e:
        print(type(e).__name__)"#,
    ],
};

const NODE: Language = Language {
    name: "node",
    files: ["ecpay.mjs", "rehearsal.mjs"],
    programs: &["node"],
    probe: &["-e", "process.exit(typeof fetch === 'function' ? 0 : 1)"],
    wire: &[
        "--input-type=module",
        "-e",
        r#"import { readFileSync } from 'node:fs';
        import { pathToFileURL } from 'node:url';
        const { Ecpay } = await import(pathToFileURL('ecpay.mjs'));
        const pairs = JSON.parse(readFileSync(process.argv[1])).vectors.map((v) => {
          const ecpay = new Ecpay('', '', v.hash_key, v.hash_iv);
          return [ecpay.seal(v.json), ecpay.open(v.data_dotnet_style)];
        });
        console.log(JSON.stringify(pairs));"#,
    ],
    refunds: &[
        "--input-type=module",
        "-e",
        r#"import { pathToFileURL } from 'node:url';
        const { Ecpay } = await import(pathToFileURL('ecpay.mjs'));
        const [url, TradeNo, ...amounts] = process.argv.slice(1);
        const ecpay = new Ecpay(url, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs');
        for (const amount of amounts) {
          await ecpay.act({ MerchantTradeNo: 'A1', TradeNo }, 'R', Number(amount))
            .then(() => console.log('Accepted'), (e) => console.log(e.constructor.name));
        }"#,
    ],
};

impl Language {
    fn folder(&self) -> PathBuf {
        repository().join("tests/clients").join(self.name)
    }

    /// Nothing where it is not installed, which has then been said.
    fn command(&self) -> Option<Command> {
        languages::found(self.name, self.programs, self.probe, &self.folder())
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn went_well(told: &Told) {
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
}

/// The whole truth of the only order: what moved, and how often it was asked for.
fn bank(running: &Running) -> (i64, i64, i64, usize, usize) {
    running.handle.with_bank(|bank, _| {
        let truths: Vec<_> = bank.orders().map(|order| order.truth()).collect();
        let [truth] = truths.as_slice() else { panic!("one order: {truths:?}") };
        let effects = bank.actions().iter().filter(|action| action.effect).count();
        (truth.captured, truth.refunded, truth.net, bank.actions().len(), effects)
    })
}

async fn rehearse(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let running = gateway().await;
    command.arg(language.files[1]).arg(running.url());
    let told = tokio::task::spawn_blocking(|| told(command)).await.expect("the client's process");
    went_well(&told);
    assert_eq!(told.out, PRINTED);
    assert_eq!(bank(&running), (1000, 600, 400, 4, 4), "one capture and three refunds, each asked for once");
}

fn agree_on_the_wire(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let vectors = repository().join("tests/vectors/wire.json");
    command.args(language.wire).arg(&vectors);
    let told = told(command);
    went_well(&told);
    let pairs: Value = serde_json::from_str(&told.out).expect("JSON");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(vectors).expect("vectors")).expect("JSON");
    let vectors = vectors["vectors"].as_array().expect("a list");
    assert_eq!(pairs.as_array().map(Vec::len), Some(vectors.len()));
    for (place, vector) in vectors.iter().enumerate() {
        assert_eq!(pairs[place], serde_json::json!([vector["data"], vector["json"]]), "vector {place}");
    }
}

/// Everything after which nobody can know, from the line and from the gateway.
const FAULTS: [FaultKind; 9] = [
    FaultKind::LostBefore,
    FaultKind::LostAfter,
    FaultKind::Status { code: 403 },
    FaultKind::StatusAfter { code: 302 },
    FaultKind::StatusAfter { code: 502 },
    FaultKind::Html,
    FaultKind::Cut,
    FaultKind::WrongKey,
    FaultKind::WrongOrderNumber,
];

async fn believes_nothing_of_a_fault(language: &Language) {
    let Some(mut command) = language.command() else { return };
    let running = gateway().await;
    paid(&running.handle, "A1", 1000);
    let trade_no = truth(&running.handle, "A1").trade_no;
    let capture = Ask {
        at: running.handle.now(),
        by: By::Dashboard,
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: number("A1"),
        trade_no: TradeNo::parse(&trade_no).expect("a number"),
        action: Action::C,
        amount: Twd::new(1000).expect("an amount"),
    };
    running.handle.with_bank(|bank, _| bank.act(&capture)).expect("a capture");
    FAULTS.into_iter().for_each(|kind| running.handle.strike(Fault::any(kind)));
    // One for each fault, one that is taken, and one for more than there is.
    command.args(language.refunds).args([&running.url(), &trade_no]).args(["1"; FAULTS.len() + 1]).arg("5000");
    let told = tokio::task::spawn_blocking(|| told(command)).await.expect("the client's process");
    went_well(&told);
    let believed: Vec<_> = told.out.lines().collect();
    assert_eq!(believed[..FAULTS.len()], ["Unanswered"; FAULTS.len()]);
    assert_eq!(believed[FAULTS.len()..], ["Accepted", "Refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_takes_a_fault_for_an_answer() {
    for language in [PHP, PYTHON, NODE] {
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
async fn a_node_client_captures_and_refunds_once() {
    rehearse(&NODE).await;
}

#[test]
fn every_client_seals_and_opens_as_the_vectors_do() {
    for language in [PHP, PYTHON, NODE] {
        agree_on_the_wire(&language);
    }
}

#[test]
fn the_pages_show_the_clients_that_the_tests_run() {
    for page in ["docs/clients.md", "docs/clients.zh-TW.md"] {
        let shown = std::fs::read_to_string(repository().join(page)).expect("a page");
        assert!(shown.contains(&format!("```text\n{PRINTED}```\n")), "{page} shows another output");
        for language in [PHP, PYTHON, NODE] {
            for file in language.files {
                let path = language.folder().join(file);
                let text = std::fs::read_to_string(&path).expect("a client");
                let fence = if language.name == "node" { "js" } else { language.name };
                let block = format!("```{fence}\n{text}```\n");
                assert!(shown.contains(&block), "{page} shows another {file} than tests/clients/{}", language.name);
            }
        }
    }
}
