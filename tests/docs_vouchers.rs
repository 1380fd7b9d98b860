//! The statements and programs of docs/vouchers.md and of its twin, run as they stand there on a real ledger.
//!
//! A language that is not installed is skipped, and the test says so; where `ALL_CLIENTS`
//! is set, as `.ci/run` does, it fails instead.

mod support;

use std::io::Write as _;
use std::process::Command;

use ecpayd::simulator::Running;
use ecpayd::simulator::bank::Pick;
use serde_json::{Value, json};
use support::ledger::Row;
use support::vouchers::{at_the_counter, given, sold, sold_vouchers};
use support::{BRISK, House, LedgerHandle, gateway, paid, told};

const PAGES: [&str; 2] = [include_str!("../docs/vouchers.md"), include_str!("../docs/vouchers.zh-TW.md")];

/// The sections about PHP, Python and Node go on where these end.
const SQL_PAGE: &str = include_str!("../docs/sql.md");

const ORDER: &str = "CBX20230302153064";
const FREE: &str = "FREE20230302001";

/// The shop of the page: four vouchers of NT$1200, two of them redeemed, and two given away.
async fn house() -> (House, Running) {
    let bank = gateway().await;
    let house = House::with_vouchers(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, ORDER, 4800);
    sold_vouchers(&bank.handle, sold(ORDER), 4, 1200);
    sold_vouchers(&bank.handle, given(FREE), 2, 100);
    at_the_counter(&bank.handle, &sold(ORDER), |bank, id, no, now| bank.redeem(id, no, &Pick::Unused(2), now));
    (house, bank)
}

/// What stands in the fences of one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let parts: Vec<&str> = page.split("\n```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// Statement by statement, without the comments between them.
fn statements(page: &str) -> Vec<String> {
    let lines = blocks(page, "sql").join("\n");
    let code: Vec<&str> = lines.lines().filter(|line| !line.starts_with("--")).collect();
    code.join("\n").split(';').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// The texts of a program that are statements, whatever quotes the language has.
fn statements_in(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for verb in ["INSERT ", "SELECT ", "UPDATE "] {
        for (at, _) in code.match_indices(verb) {
            let before = code[..at].trim_end_matches([' ', '\n']);
            let Some(quote) = before.chars().last().filter(|c| "'\"`".contains(*c)) else { continue };
            let end = code[at..].find(quote).expect("a closing quote");
            found.push(code[at..at + end].to_owned());
        }
    }
    found
}

fn text(row: &Row<'_>) -> String {
    row.cells().into_iter().map(|cell| cell.text().unwrap_or("–".to_owned())).collect::<Vec<_>>().join(" ")
}

/// Runs a page from its top to its end, the daemon after each write; what each SELECT shows.
fn play(house: &House, sql: &LedgerHandle, page: &str) -> Vec<(String, Vec<String>)> {
    let mut shown = Vec::new();
    for statement in statements(page) {
        let rows = sql.rows(&statement, (), text);
        if statement.starts_with("SELECT") {
            shown.push((statement, rows));
        } else {
            house.done(&["run", "--once"]);
        }
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recipe_of_both_languages_works_as_it_stands() {
    for page in PAGES {
        let (house, _bank) = house().await;
        let sql = house.sql().await;
        let shown = play(&house, &sql, page);
        assert_eq!(shown.len(), 10);
        let rows = |start: &str| {
            let found = shown.iter().find(|(statement, _)| statement.starts_with(start));
            &found.unwrap_or_else(|| panic!("{start}")).1
        };
        assert!(rows("SELECT state, trade_amount")[0].starts_with("issued 4800 2400 0 – 2400 20"));
        let tickets = rows("SELECT ticket_no, item_name, kind");
        assert_eq!((tickets.len(), tickets.iter().filter(|t| t.contains(" 1200 redeemed ")).count()), (4, 2));
        assert_eq!(rows("SELECT ticket_no, item_name, amount, use_status, expires_on").len(), 2);
        assert!(rows("SELECT CASE")[0].starts_with("2400 20"), "{:?}", rows("SELECT CASE"));
        assert_eq!(*rows("SELECT state, amount, refunded_amount, detail"), ["done 2400 2400 attempt 2 took effect"]);
        assert!(rows("SELECT id, at, kind").len() >= 3);
        assert_eq!(rows("SELECT severity").len(), 0);
        // All that may go back went back, and the recipe asks for no more.
        let again = statements(page).into_iter().find(|s| s.contains("'rma-2001'") && s.starts_with("INSERT"));
        let again = again.expect("the recipe").replace("rma-2001", "rma-2002");
        assert_eq!(sql.write(&again, ()).expect("the statement runs"), 0);
    }
}

#[test]
fn both_languages_have_the_same_recipes_and_programs() {
    let [english, chinese] = PAGES;
    // The shop's own words are in its own language.
    let bare = |page| -> Vec<String> {
        let spoken = |s: String| s.replace("週年慶", "anniversary").replace("沒有使用", "not used");
        statements(page).into_iter().map(spoken).collect()
    };
    assert_eq!(bare(english), bare(chinese));
    for language in ["toml", "php", "python", "js"] {
        assert_eq!(blocks(english, language), blocks(chinese, language), "{language}");
        assert_eq!(blocks(english, language).len(), 1, "{language}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_programs_is_one_that_the_ledger_knows() {
    let (house, _bank) = house().await;
    let sql = house.sql().await;
    for language in ["php", "python", "js"] {
        let code = blocks(PAGES[0], language)[0];
        let found = statements_in(code);
        assert_eq!(found.len(), 5, "{language}: {found:?}");
        for statement in found {
            let known = sql.knows(&statement);
            assert!(known.is_ok(), "{language}: {statement}: {known:?}");
        }
    }
}

const PHP: &str = r#"
require 'sql.php';
require 'vouchers.php';
[, $path, $order, $free, $run] = $argv;
$db = ledger($path);
register_order($db, '3002607', $order, 4800);
foreach ([1, 2] as $time) {
    register_vouchers($db, '3002607', $order);
    register_gift_vouchers($db, '3002607', $free);
}
$before = refundable($db, '3002607', $order);
shell_exec($run);
$refund = ask_refund($db, '3002607', $order, refundable($db, '3002607', $order), 'rma-1');
shell_exec($run);
echo json_encode([$before, vouchers($db, '3002607', $order)['redeemed_amount'], count(tickets($db, '3002607', $order)),
    $refund['amount'], refund($db, 'rma-1')['state'], refundable($db, '3002607', $order), vouchers($db, '3002607', 'NONE')]);
"#;

const PYTHON: &str = r#"
import json, subprocess, sys
exec(open("sql.py").read())
exec(open("vouchers.py").read())
path, order, free, run = sys.argv[1:]
db = ledger(path)
register_order(db, "3002607", order, 4800)
for _ in range(2):
    register_vouchers(db, "3002607", order)
    register_gift_vouchers(db, "3002607", free)
before = refundable(db, "3002607", order)
subprocess.run(run, shell=True, check=True)
asked = ask_refund(db, "3002607", order, "rma-1", refundable(db, "3002607", order))
subprocess.run(run, shell=True, check=True)
print(json.dumps([before, vouchers(db, "3002607", order)["redeemed_amount"], len(tickets(db, "3002607", order)),
    asked["amount"], refund(db, "rma-1")["state"], refundable(db, "3002607", order), vouchers(db, "3002607", "NONE")]))
"#;

/// Its name in a fence, its files' ending, what tells whether it can be run, and how.
const PROGRAMS: [(&str, &str, [&str; 3], [&str; 3]); 2] = [
    (
        "php",
        "php",
        [
            "php",
            "-r",
            "exit(version_compare((new PDO('sqlite::memory:'))->query('SELECT sqlite_version()')->fetchColumn(), '3.37', '>=') ? 0 : 1);",
        ],
        ["php", "-r", PHP],
    ),
    (
        "python",
        "py",
        ["python3", "-c", "import sqlite3, sys; sys.exit(sqlite3.sqlite_version_info < (3, 37))"],
        ["python3", "-c", PYTHON],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_for_php_and_python_do_what_they_say() {
    for (language, ending, probe, run) in PROGRAMS {
        let there = Command::new(probe[0]).args(&probe[1..]).output();
        if !there.is_ok_and(|o| o.status.success()) {
            let why = format!("{language} cannot open an SQLite file here");
            assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
            writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
            continue;
        }
        let (house, _bank) = house().await;
        for (name, page) in [("sql", SQL_PAGE), ("vouchers", PAGES[0])] {
            let code = blocks(page, language)[0];
            std::fs::write(house.path(&format!("{name}.{ending}")), code).expect("a file");
        }
        let once = format!("{} --config {} run --once", env!("CARGO_BIN_EXE_ecpayd"), house.settings().display());
        let mut command = Command::new(run[0]);
        command.args(&run[1..]).arg(house.ledger()).args([ORDER, FREE, &once]).current_dir(house.path(""));
        let said = tokio::task::spawn_blocking(|| told(command)).await.expect("the program's process");
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{language}: {}", said.out);
        let printed: Value =
            serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{language}: {e}: {}", said.out));
        assert_eq!(printed, json!([null, 2400, 4, 2400, "done", 0, null]), "{language}");
    }
}
