//! The books by SQL: what shops note of allowances, and what they read of movements and settlements.

use crate::support::{BRISK, House, LedgerHandle, add_order, add_refund, gateway, paid};

const PAGES: [&str; 2] = [include_str!("../../docs/sql.md"), include_str!("../../docs/sql.zh-TW.md")];

const NUMBER: &str = "allowance_no must be 1 to 20 letters, digits and dashes, as it stands on the allowance";
const DOLLARS: &str = "amount must be a whole number of New Taiwan dollars from 1 to 2147483647";
const NOT_CHANGED: &str = "an allowance is never changed: set canceled to 1 and insert another";
const NO_REFUND: &str = "request_key names no refund of this ledger";

/// An order of NT$1000, captured, with 300 refunded under the key of the page's recipe.
async fn house() -> House {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    paid(&bank.handle, "P1", 1000);
    add_order(&mut sql, "P1").await;
    house.done(&["run", "--once"]);
    add_refund(&mut sql, "P1", Some(300), "rma-1001").await;
    house.done(&["run", "--once"]);
    house
}

fn recipe(page: &str) -> &str {
    let fences = page.split("\n```sql\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut found = fences.filter(|fence| fence.contains("refund_allowances"));
    found.next().expect("the recipe")
}

fn noted(sql: &LedgerHandle) -> Vec<(String, i64, i64)> {
    let select = "SELECT allowance_no, amount, canceled FROM refund_allowances ORDER BY id";
    sql.rows(select, (), |row| (row.get(0), row.get(1), row.get(2)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_notes_an_allowance_and_cancels_it_as_both_pages_say() {
    let [english, chinese] = PAGES.map(recipe);
    assert_eq!(english, chinese);
    let house = house().await;
    let sql = house.sql().await;
    sql.does(english);
    assert_eq!(noted(&sql), [("AB12345678".to_owned(), 300, 1)]);
    sql.does("INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('rma-1001', 'AB12345678', 300) ON CONFLICT (request_key, allowance_no) DO NOTHING");
    assert_eq!(noted(&sql).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowance_that_cannot_be_is_refused_with_a_sentence() {
    let house = house().await;
    let sql = house.sql().await;
    sql.does("INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('rma-1001', 'AB-1', 100)");
    let insert = |values: &str| {
        format!("INSERT INTO refund_allowances (request_key, allowance_no, amount, canceled) VALUES ({values})")
    };
    let mut said = Vec::new();
    for (statement, says) in [
        (insert("'rma-1002', 'AB-2', 100, 0"), NO_REFUND),
        (insert("NULL, 'AB-2', 100, 0"), NO_REFUND),
        (insert("'rma-1001', '', 100, 0"), NUMBER),
        (insert("'rma-1001', NULL, 100, 0"), NUMBER),
        (insert("'rma-1001', '=AB-2', 100, 0"), NUMBER),
        (insert("'rma-1001', '折讓單', 100, 0"), NUMBER),
        (insert("'rma-1001', '123456789012345678901', 100, 0"), NUMBER),
        (insert("'rma-1001', 'AB-2', 0, 0"), DOLLARS),
        (insert("'rma-1001', 'AB-2', -5, 0"), DOLLARS),
        (insert("'rma-1001', 'AB-2', 2147483648, 0"), DOLLARS),
        (insert("'rma-1001', 'AB-2', 100, 1"), "canceled is set by an UPDATE of an allowance, not by its INSERT"),
        (
            insert("'rma-1001', 'AB-1', 100, 0"),
            "UNIQUE constraint failed: refund_allowances.request_key, refund_allowances.allowance_no",
        ),
        ("UPDATE refund_allowances SET amount = 200".to_owned(), NOT_CHANGED),
        ("UPDATE refund_allowances SET allowance_no = 'AB-9'".to_owned(), NOT_CHANGED),
        ("DELETE FROM refund_allowances".to_owned(), "allowances are never deleted: set canceled to 1"),
        ("UPDATE refund_allowances SET canceled = 1; UPDATE refund_allowances SET canceled = 0".to_owned(), NOT_CHANGED),
        (
            "INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by) VALUES (1, '3002607', '2026-11-30', 0, 'captured', 1, 'other')"
                .to_owned(),
            "movements follow from what ECPay shows of an order: ecpayd alone writes them",
        ),
        ("DELETE FROM journal".to_owned(), "movements are never deleted: they are the books of the money"),
    ] {
        let refused = sql.refused(&statement);
        assert!(refused.contains(says), "{statement}: {refused}");
        said.push(says);
    }
    for says in said.iter().filter(|says| **says != DOLLARS && !says.starts_with("movements are never deleted")) {
        assert!(PAGES.iter().all(|page| page.contains(says)), "{says}");
    }
    assert_eq!(noted(&sql), [("AB-1".to_owned(), 100, 1)]);
}

/// The columns that a page lists for a view, in a table of its own.
fn listed(page: &str, view: &str) -> Vec<String> {
    let heading = [format!("**`{view}`**: "), format!("**`{view}`**：")];
    let start = heading.iter().find_map(|heading| page.find(heading.as_str())).expect("the view");
    let table = page[start..].split("\n\n").nth(1).expect("its table");
    let names =
        table.lines().skip(2).flat_map(|line| line.split('|').nth(1).expect("a cell").split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn movements_and_settlements_have_the_columns_that_the_pages_list() {
    let house = house().await;
    let sql = house.sql().await;
    for view in ["movements", "settlements"] {
        let columns: Vec<String> = sql.values(&format!("SELECT name FROM pragma_table_info('{view}')"), ());
        for page in PAGES {
            let mut names = listed(page, view);
            let mut columns = columns.clone();
            names.sort();
            columns.sort();
            assert_eq!(names, columns, "{view}");
        }
    }
    let moved: Vec<String> = sql.values("SELECT kind || ' ' || amount || ' ' || by FROM movements ORDER BY id", ());
    assert_eq!(moved, ["authorized 1000 other", "captured 1000 ecpayd", "refunded 300 ecpayd"]);
}
