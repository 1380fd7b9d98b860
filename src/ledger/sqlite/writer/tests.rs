use rusqlite::Connection;

use super::*;
use crate::ledger::db::params;

/// Holds the thread up, so that what is asked meanwhile shares a transaction. Once: a write
/// may be applied again.
struct Waits(Mutex<Option<std::sync::mpsc::Receiver<()>>>);

impl Write for Waits {
    type Out = ();

    fn apply(&self, _: &Db) -> Result<(), LedgerError> {
        if let Some(until) = self.0.lock().expect("no panic before").take() {
            until.recv().expect("a word");
        }
        Ok(())
    }
}

struct Adds(i64);

impl Write for Adds {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        tx.run("INSERT INTO t VALUES (:n)", params! { n: self.0 })?;
        assert_ne!(self.0, 2, "a bug");
        Ok(())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_write_that_panics_ends_alone_and_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("t.db");
    let connection = Connection::open(&path).expect("a database");
    connection.execute("CREATE TABLE t (n INTEGER)", []).expect("a table");
    let writer = Writer::start(Db::new(connection), None, None).expect("a thread");
    let (go_on, held) = std::sync::mpsc::channel();
    let waits = Waits(Mutex::new(Some(held)));

    // The last of them is polled when the others have asked.
    let (_, one, two, three, ()) =
        tokio::join!(writer.write(waits), writer.write(Adds(1)), writer.write(Adds(2)), writer.write(Adds(3)), async {
            go_on.send(()).expect("the thread waits")
        });

    one.expect("the one before it");
    three.expect("the one behind it");
    assert_eq!(two.expect_err("a panic").to_string(), "a write to the ledger ended badly; nothing of it was kept");
    writer.write(Adds(4)).await.expect("the thread goes on");
    writer.close().await;
    let kept: Vec<i64> =
        Db::new(Connection::open(&path).expect("a database")).all("SELECT n FROM t", &[], |r| r.at(0)).expect("rows");
    assert_eq!(kept, [1, 3, 4]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_question_that_panics_ends_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let connection = Connection::open(dir.path().join("t.db")).expect("a database");
    connection.execute("CREATE TABLE t (n INTEGER)", []).expect("a table");
    let writer = Writer::start(Db::new(connection), None, None).expect("a thread");

    let asked = writer.question(|_| -> Result<i64, LedgerError> { panic!("a bug") }).await;

    assert_eq!(asked.expect_err("a panic").to_string(), "a question to the ledger ended badly");
    writer.write(Adds(1)).await.expect("the thread goes on");
    let count = |db: &Db| Ok(db.one("SELECT count(*) FROM t", &[], |row| row.at::<i64>(0))?);
    assert_eq!(writer.question(count).await.expect("an answer"), 1);
    writer.close().await;
}

#[tokio::test(flavor = "current_thread")]
async fn questions_that_wait_together_have_one_reading_and_each_its_own_end() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("t.db");
    let connection = Connection::open(&path).expect("a database");
    connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)").expect("a table");
    let writer = Writer::start(Db::new(connection), None, None).expect("a thread");
    let shop = Connection::open(&path).expect("a shop");
    let (go_on, held) = std::sync::mpsc::channel();
    let waits = Waits(Mutex::new(Some(held)));
    let count = |db: &Db| Ok(db.one("SELECT count(*) FROM t", &[], |row| row.at::<i64>(0))?);
    let counts_and_sells = move |db: &Db| {
        let before = count(db)?;
        shop.execute("INSERT INTO t VALUES (7)", []).expect("a shop's row");
        Ok(before)
    };

    let (_, first, panics, last, wrote, ()) = tokio::join!(
        writer.write(waits),
        writer.question(counts_and_sells),
        writer.question(|_| -> Result<i64, LedgerError> { panic!("a bug") }),
        writer.question(count),
        writer.write(Adds(1)),
        async { go_on.send(()).expect("the thread waits") }
    );

    assert_eq!((first.expect("an answer"), last.expect("an answer")), (0, 0), "as it was when they were asked");
    panics.expect_err("a panic");
    wrote.expect("what waits with them is written behind");
    assert_eq!(writer.question(count).await.expect("an answer"), 2);
    writer.close().await;
}

struct AddsByOneStatement;

impl Write for AddsByOneStatement {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        tx.run("INSERT INTO t VALUES (9)", &[])?;
        Ok(())
    }

    fn is_one_statement(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_written_into_what_a_question_leaves_open() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("t.db");
    let connection = Connection::open(&path).expect("a database");
    connection.execute("CREATE TABLE t (n INTEGER)", []).expect("a table");
    let writer = Writer::start(Db::new(connection), None, None).expect("a thread");
    let (go_on, held) = std::sync::mpsc::channel();
    let waits = Waits(Mutex::new(Some(held)));

    let (_, asked, wrote, ()) = tokio::join!(
        writer.write(waits),
        writer.question(|db| Ok(db.run("BEGIN", &[])?)),
        writer.write(AddsByOneStatement),
        async { go_on.send(()).expect("the thread waits") }
    );

    asked.expect("an answer");
    assert!(matches!(wrote, Err(LedgerError::Closed)), "{wrote:?}");
    writer.close().await;
    let kept = Db::new(Connection::open(&path).expect("a database"));
    assert_eq!(kept.one("SELECT count(*) FROM t", &[], |row| row.at::<i64>(0)).expect("rows"), 0);
}
