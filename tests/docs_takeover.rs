//! The commands and the statement of "Taking over a shop" in docs/operations.md and its twin, run as they stand there.

mod support;

use support::{BRISK, House, gateway, paid, truth};

const PAGES: [(&str, &str); 2] = [
    (include_str!("../docs/operations.md"), "\n## Taking over a shop\n"),
    (include_str!("../docs/operations.zh-TW.md"), "\n## 接手既有的商店\n"),
];

/// What stands in the fences of one language, in the section with this heading.
fn blocks<'p>(page: &'p str, heading: &str, language: &str) -> Vec<&'p str> {
    let (_, section) = page.split_once(heading).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let inside = section.split("\n```").skip(1).step_by(2);
    inside.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// Each statement without what is said of it.
fn statements(page: &str, heading: &str) -> Vec<String> {
    let bare = |line: &str| line.split("--").next().unwrap_or_default().trim().to_owned();
    blocks(page, heading, "sql").iter().map(|block| block.lines().map(bare).collect::<Vec<_>>().join(" ")).collect()
}

/// Each command without what is said of it.
fn commands(page: &str, heading: &str) -> Vec<String> {
    let lines = blocks(page, heading, "sh").join("\n");
    lines.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect()
}

/// A shop with three orders: two in its own list, the third, of the page, in a statement.
async fn house() -> (House, ecpayd::simulator::Running) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    for no in ["A1", "A2", "20180914001"] {
        paid(&bank.handle, no, 1200);
    }
    let list = "\u{feff}特店訂單編號,訂單金額\r\n=\"A1\",=\"1200\"\r\nA2,\"1,200\"\r\n";
    let trade_no = truth(&bank.handle, "20180914001").trade_no;
    let media = format!(
        "特店交易編號,綠界交易編號,交易日期,付款方式,交易金額\r\n20180914001,{trade_no},2026/08/11,信用卡,1200\r\n"
    );
    let funding = "訂單編號,交易日期,請款日期,交易金額\r\nA1,20260811,20260812,1200\r\n";
    for (name, text) in [("orders.csv", list), ("media.csv", &media), ("funding.csv", funding)] {
        std::fs::write(house.path(name), text).expect("a file");
    }
    (house, bank)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_the_page_says() {
    for (page, heading) in PAGES {
        let (house, _bank) = house().await;
        let sql = house.sql().await;
        let captures = "SELECT ifnull(group_concat(merchant_trade_no || ' ' || capture), '') FROM (SELECT * FROM orders ORDER BY id)";
        let mut told = Vec::new();
        for command in commands(page, heading) {
            let words: Vec<&str> = command.split(' ').collect();
            assert_eq!(words[0], "ecpayd", "{command}");
            let said = house.done(&words[1..]);
            if words.contains(&"--yes") {
                house.done(&["run", "--once"]);
            }
            told.push((said, sql.ask(captures)));
        }
        let expected = [
            ("2 rows, 2 new", ""),
            ("2 rows, 2 new", "A1 hold,A2 hold"),
            ("1 row, 0 new, 1 in the ledger already", "A1 hold,A2 hold"),
            ("1 row, 0 new, 1 in the ledger already", "A1 hold,A2 hold,20180914001 hold"),
            ("A1 ", "A1 hold,A2 hold,20180914001 hold"),
            ("follows the capture policy", "A1 hold,A2 hold,20180914001 auto"),
        ];
        assert_eq!(told.len(), expected.len(), "{heading}");
        for ((said, rows), (part, after)) in told.iter().zip(expected) {
            assert!(said.contains(part), "{said}");
            assert_eq!(rows, after);
        }
        sql.does(&statements(page, heading).join("\n"));
        assert_eq!(sql.ask(captures), "A1 auto,A2 auto,20180914001 auto");
    }
}

#[test]
fn both_languages_have_the_same_commands() {
    let [english, chinese] = PAGES.map(|(page, heading)| (commands(page, heading), statements(page, heading)));
    assert_eq!(english, chinese);
    assert_eq!((english.0.len(), english.1.len()), (6, 1));
}
