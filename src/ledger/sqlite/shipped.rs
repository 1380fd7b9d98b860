//! The schema that is shipped, and what of a ledger's differs from it.
//!
//! `schema.sql` is what the migrations make, written down: to make it at each start would take longer
//! than the rest of the start together. A test holds it against them.
//!
//! A trigger that is gone guards nothing, and one that was added may write into the record. What a shop
//! keeps for itself in the file is its own: its tables, views and their triggers, and an index that
//! only finds rows.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::place::with_suffix;
use crate::ledger::LedgerError;
use crate::ledger::db::Db;

#[derive(Clone, Debug)]
struct Object {
    kind: String,
    name: String,
    table: String,
    sql: String,
    /// Its text without what does not count.
    text: String,
}

impl Object {
    fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name.eq_ignore_ascii_case(&other.name)
    }

    fn is_on(&self, other: &Self) -> bool {
        matches!(other.kind.as_str(), "table" | "view") && self.table.eq_ignore_ascii_case(&other.name)
    }

    /// Could change rows of ours, or keep them from being written.
    fn meddles(&self) -> bool {
        self.kind == "trigger" || (self.kind == "index" && self.text.starts_with("createunique"))
    }
}

/// A statement that puts right what differs, and a word on it.
struct Difference {
    what: String,
    /// None: no statement does.
    mend: Option<String>,
}

/// For a deliberate fault: what takes the guards of the transitions away from a ledger.
const UNGUARDED: &str = "DROP TRIGGER IF EXISTS attempts_keep_their_end; DROP TRIGGER IF EXISTS attempts_are_kept;
    DROP TRIGGER IF EXISTS refunds_keep_their_end; DROP TRIGGER IF EXISTS refunds_are_kept;
    DROP TRIGGER IF EXISTS order_state_keeps_its_record; DROP TRIGGER IF EXISTS order_state_is_kept;
    DROP TRIGGER IF EXISTS alerts_keep_their_end; DROP TRIGGER IF EXISTS alerts_are_kept;";

/// An error that names everything that differs, with a script beside the ledger that mends it.
pub(in crate::ledger) fn check(connection: &Db, path: &Path) -> Result<(), LedgerError> {
    if deliberate!(LeavesTransitionsUnguarded) {
        return Ok(connection.sqlite().execute_batch(UNGUARDED)?);
    }
    let found = differences(shipped(), &objects(connection)?);
    if found.is_empty() {
        return Ok(());
    }
    let what = found.iter().map(|d| d.what.as_str()).collect::<Vec<_>>().join(", ");
    let script = script(path);
    let mend = if found.iter().all(|d| d.mend.is_some()) && write(&script, &found).is_ok() {
        let (path, script) = (path.display(), script.display());
        format!("read {script}, which puts back what was shipped, run `sqlite3 {path} < {script}`, and start ecpayd")
    } else {
        "put back the last copy of the ledger that ecpayd ran on, and start ecpayd".to_owned()
    };
    Err(LedgerError::Altered { path: path.to_owned(), what, mend })
}

/// What differs, a line each, and whether statements can put all of it right. Nothing is written.
pub(in crate::ledger) fn compared(connection: &Db) -> Result<(Vec<String>, bool), LedgerError> {
    let found = differences(shipped(), &objects(connection)?);
    let can_be_mended = found.iter().all(|d| d.mend.is_some());
    Ok((found.into_iter().map(|d| d.what).collect(), can_be_mended))
}

/// The schema as it is, for somebody who was not there: of what a shop has added, the names alone.
pub(in crate::ledger) fn told(connection: &Db) -> Result<String, LedgerError> {
    let line = |o: &Object| match shipped().iter().any(|ours| o.is(ours)) {
        true => format!("{HEAD}{} {} {}\n{};\n", o.kind, o.name, o.table, o.sql),
        false => format!("{HEAD}{} {} {}\n-- not of ecpayd\n", o.kind, o.name, o.table),
    };
    Ok(objects(connection)?.iter().map(line).collect())
}

/// Where the script is put that mends it.
pub(in crate::ledger) fn script(path: &Path) -> PathBuf {
    with_suffix(path, ".mend.sql")
}

fn write(script: &PathBuf, found: &[Difference]) -> std::io::Result<()> {
    let statements = found.iter().filter_map(|d| d.mend.as_ref().map(|mend| format!("-- {}\n{mend}", d.what)));
    let statements = statements.collect::<Vec<_>>().join("\n");
    let text = format!(
        "-- Puts back what ecpayd shipped. Nothing of the record is touched.\n.bail on\n.timeout 10000\n\
         PRAGMA wal_autocheckpoint = 0;\nBEGIN IMMEDIATE;\n{statements}\nCOMMIT;\n"
    );
    std::fs::write(script, text)
}

const SCHEMA: &str = include_str!("schema.sql");

/// Before each object, followed by its kind, its name and the table that it is on.
const HEAD: &str = "\n--# ";

fn shipped() -> &'static [Object] {
    static SHIPPED: OnceLock<Vec<Object>> = OnceLock::new();
    SHIPPED.get_or_init(|| SCHEMA.split(HEAD).skip(1).filter_map(object).collect())
}

fn object(written: &str) -> Option<Object> {
    let (head, sql) = written.split_once('\n')?;
    let mut head = head.split(' ').map(str::to_owned);
    let (kind, name, table) = (head.next()?, head.next()?, head.next()?);
    let sql = sql.trim_end().strip_suffix(';')?.to_owned();
    Some(Object { kind, name, table, text: text(&sql), sql })
}

fn objects(connection: &Db) -> Result<Vec<Object>, LedgerError> {
    let select = "SELECT type, name, tbl_name, sql FROM sqlite_master
          WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations' ORDER BY rowid";
    let rows = connection.all(select, &[], |row| {
        let sql: String = row.at(3)?;
        Ok(Object { kind: row.at(0)?, name: row.at(1)?, table: row.at(2)?, text: text(&sql), sql })
    })?;
    Ok(rows)
}

/// Another SQLite may write blanks, quotes and keywords of a changed table differently.
fn text(sql: &str) -> String {
    let code = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    code.flat_map(str::chars).filter(|c| !c.is_whitespace() && *c != '"').collect::<String>().to_ascii_lowercase()
}

fn differences(shipped: &[Object], found: &[Object]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for ours in shipped {
        let Object { kind, name, sql, .. } = ours;
        let mendable = kind != "table";
        match found.iter().find(|f| f.is(ours)) {
            Some(there) if there.text == ours.text => {}
            Some(_) => differences.push(Difference {
                what: format!("{kind} {name} is another one"),
                mend: mendable.then(|| format!("DROP {kind} {name};\n{sql};")),
            }),
            None => differences.push(Difference {
                what: format!("{kind} {name} is missing"),
                mend: mendable.then(|| format!("{sql};")),
            }),
        }
    }
    let added = found.iter().filter(|f| !shipped.iter().any(|ours| f.is(ours)));
    let added = added.filter(|f| f.meddles() && shipped.iter().any(|ours| f.is_on(ours)));
    differences.extend(added.map(|Object { kind, name, table, .. }| Difference {
        what: format!("{kind} {name} on {table} is not of ecpayd"),
        mend: Some(format!("DROP {kind} \"{}\";", name.replace('"', "\"\""))),
    }));
    differences
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// A shop's statement on a fresh ledger, and what it is told as.
    const ALTERED: &[(&str, &str)] = &[
        ("CREATE TABLE mine (id INTEGER PRIMARY KEY, note TEXT)", ""),
        (
            "CREATE TABLE mine (id); CREATE TRIGGER mine_too AFTER INSERT ON mine BEGIN UPDATE orders SET memo = 'x'; END",
            "",
        ),
        ("CREATE VIEW mine AS SELECT * FROM orders", ""),
        ("CREATE INDEX mine ON orders (memo)", ""),
        ("ANALYZE", ""),
        ("CREATE UNIQUE INDEX mine ON refunds (order_id)", "index mine on refunds is not of ecpayd"),
        ("CREATE TRIGGER mine AFTER INSERT ON refunds BEGIN SELECT 1; END", "trigger mine on refunds is not of ecpayd"),
        ("DROP TRIGGER refunds_keep_their_end", "trigger refunds_keep_their_end is missing"),
        ("DROP VIEW order_status; CREATE VIEW order_status AS SELECT 1 AS state", "view order_status is another one"),
        ("DROP INDEX attempts_open", "index attempts_open is missing"),
        (
            "DROP INDEX attempts_open; CREATE INDEX attempts_open ON attempts (order_id)",
            "index attempts_open is another one",
        ),
        ("ALTER TABLE orders ADD COLUMN mine TEXT", "table orders is another one"),
        (
            "DROP TRIGGER refunds_are_kept; CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds BEGIN SELECT 1; END",
            "trigger refunds_are_kept is another one",
        ),
    ];

    fn ledger() -> Db {
        let memory = Connection::open_in_memory().expect("memory");
        crate::ledger::sqlite::open::migrations()
            .into_iter()
            .for_each(|statements| memory.execute_batch(statements).expect("a migration"));
        Db::new(memory)
    }

    /// `ECPAYD_WRITE_SCHEMA=1 cargo test --lib schema_is` writes it anew.
    #[test]
    fn the_written_schema_is_what_the_migrations_make() {
        let made = objects(&ledger()).expect("objects");
        let head =
            "-- The whole schema, as the migrations make it. Written by a test of src/ledger/sqlite/shipped.rs.\n";
        let written =
            made.iter().map(|Object { kind, name, table, sql, .. }| format!("{HEAD}{kind} {name} {table}\n{sql};\n"));
        let written = format!("{head}{}", written.collect::<String>());
        if std::env::var_os("ECPAYD_WRITE_SCHEMA").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger/sqlite/schema.sql");
            std::fs::write(path, &written).expect("the file");
        }
        assert!(SCHEMA == written, "write schema.sql anew");
        assert_eq!(shipped().len(), made.len());
    }

    /// The schema is a page to read: whoever opens the ledger with another program finds out what a column means.
    #[test]
    fn every_column_of_every_table_is_documented_beside_it() {
        let is_column = |line: &str| {
            let mut words = line.split_whitespace();
            line.starts_with("  ")
                && words.next().is_some_and(|w| w.starts_with(char::is_lowercase))
                && words.next().is_some_and(|w| ["TEXT", "INTEGER", "BLOB"].contains(&w.trim_end_matches(',')))
        };
        let mut columns = 0;
        for table in shipped().iter().filter(|o| o.kind == "table") {
            let mut lines = table.sql.lines().skip(1).peekable();
            assert!(lines.next().is_some_and(|first| first.starts_with("  -- ")), "{} says what it is", table.name);
            while let Some(line) = lines.next() {
                if !is_column(line) {
                    continue;
                }
                columns += 1;
                let mut whole = line.to_owned();
                while let Some(more) = lines.next_if(|l| l.starts_with("    ")) {
                    whole.push_str(more);
                }
                assert!(whole.contains("-- "), "{}: {whole}", table.name);
            }
        }
        assert!(columns > 100, "{columns} columns were found");
    }

    #[test]
    fn what_could_write_into_the_record_or_no_longer_guards_it_is_named_and_mended() {
        let shipped = shipped();
        for (statement, told) in ALTERED {
            let ledger = ledger();
            ledger.sqlite().execute_batch(statement).expect(statement);
            let found = differences(shipped, &objects(&ledger).expect("objects"));
            assert_eq!(found.iter().map(|d| d.what.as_str()).collect::<Vec<_>>().join(", "), *told, "{statement}");
            assert!(found.iter().all(|d| d.mend.is_some() != d.what.starts_with("table")), "{statement}");
            for mend in found.iter().filter_map(|d| d.mend.as_ref()) {
                ledger.sqlite().execute_batch(mend).expect(mend);
                assert!(differences(shipped, &objects(&ledger).expect("objects")).is_empty(), "{mend}");
            }
        }
    }
}
