//! The one thread that writes.
//!
//! It owns the only write connection. Writes that wait at the same time share one
//! transaction and so one fsync; each of them is answered after the commit, never before.
//! A caller that goes away changes nothing: its write is done all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::config::DbConfig;
use tokio::sync::{mpsc, oneshot};

use super::commits::Commits;
use super::guard::Guard;
use super::lock::Lock;
use super::mark::Known;
use crate::domain::storage::Log;
use crate::ledger::db::{self, Db};
use crate::ledger::error::LedgerError;
use crate::ledger::write::Write;

/// Before each page in SQLite's log (SQLite's page "WAL-mode File Format").
const FRAME_HEADER: u64 = 24;

/// At most this many writes share a commit.
const GROUP: usize = 256;

pub(in crate::ledger) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<Commits>,
}

enum Message {
    Write(Box<dyn Job>),
    DataVersion(oneshot::Sender<Result<i64, LedgerError>>),
    EmptyLog(oneshot::Sender<Result<(), LedgerError>>),
    LeaveLog(oneshot::Sender<Result<(), LedgerError>>),
    Checkpoint(oneshot::Sender<Result<Log, LedgerError>>),
    Question(Question),
}

/// Asked between the transactions that write.
type Question = Box<dyn FnOnce(&Db) + Send>;

impl Writer {
    /// The lock is held until the last write is done, whatever becomes of those who asked for it.
    pub(in crate::ledger) fn start(
        connection: Db,
        guard: Option<Arc<Guard>>,
        lock: Option<Lock>,
    ) -> Result<Self, LedgerError> {
        let (queue, inbox) = mpsc::channel(GROUP);
        let thread = std::thread::Builder::new().name("ledger".to_owned());
        let commits = Arc::new(Commits::default());
        let counted = commits.clone();
        let thread = thread.spawn(move || {
            run(connection, guard, inbox, &counted);
            drop(lock);
        });
        let thread = thread.map_err(|e| LedgerError::Refused(format!("no thread for the ledger: {e}")))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)), commits })
    }

    pub(in crate::ledger) async fn write<W: Write>(&self, write: W) -> Result<W::Out, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let job = Pending { write, reply, result: None };
        self.queue.send(Message::Write(Box::new(job))).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// Changes when another connection has committed; our own commits do not count.
    pub(in crate::ledger) async fn data_version(&self) -> Result<i64, LedgerError> {
        self.ask(Message::DataVersion).await
    }

    /// Puts all that is in SQLite's log into the file that was opened, wherever that lies by now.
    pub(in crate::ledger) async fn empty_log(&self) -> Result<(), LedgerError> {
        self.ask(Message::EmptyLog).await
    }

    /// From now on nothing of SQLite's log is put into the file, nor the log removed, by closing it.
    pub(in crate::ledger) async fn leave_log(&self) -> Result<(), LedgerError> {
        self.ask(Message::LeaveLog).await
    }

    /// Puts into the file what no reader needs in the log any more, and says what is left there.
    pub(in crate::ledger) async fn checkpoint(&self) -> Result<Log, LedgerError> {
        self.ask(Message::Checkpoint).await
    }

    async fn ask<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<T, LedgerError>>) -> Message,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(message(reply)).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// A question about many tables: this connection has their pages in memory, where any other one reads them anew
    /// after each commit.
    pub(in crate::ledger) async fn question<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Db) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let answer = move |db: &Db| {
            // A bug, but not one of the others that ask and write: of what it leaves behind nothing is used again.
            let answered = catch_unwind(AssertUnwindSafe(|| question(db)));
            answered.unwrap_or_else(|_| Err(LedgerError::Refused("a question to the ledger ended badly".to_owned())))
        };
        // The asker may be gone; then nobody misses the answer.
        self.ask(|reply| Message::Question(Box::new(|db| drop(reply.send(answer(db)))))).await
    }

    /// How many, and how long they took together, in seconds.
    pub(in crate::ledger) fn commits(&self) -> (u64, f64) {
        self.commits.so_far()
    }

    /// Returns when the last write is done and the connection closed.
    pub(in crate::ledger) async fn close(self) {
        let Self { queue, thread, .. } = self;
        drop(queue);
        let Some(thread) = thread.into_inner().unwrap_or_else(PoisonError::into_inner) else { return };
        let ended = tokio::task::spawn_blocking(|| thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the ledger's thread ended badly");
        }
    }
}

fn run(connection: Db, guard: Option<Arc<Guard>>, mut inbox: mpsc::Receiver<Message>, commits: &Commits) {
    while let Some(first) = inbox.blocking_recv() {
        let (mut questions, mut jobs) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(job) => jobs.push(job),
                // The asker may be gone; then nobody misses the answer.
                Message::DataVersion(reply) => drop(reply.send(data_version(&connection, guard.as_deref()))),
                Message::EmptyLog(reply) => {
                    drop(reply.send(connection.one("PRAGMA wal_checkpoint(TRUNCATE)", &[], |_| Ok(()))));
                }
                Message::LeaveLog(reply) => {
                    let left = connection.sqlite().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
                    drop(reply.send(left.map(|_| ()).map_err(LedgerError::from)));
                }
                Message::Checkpoint(reply) => drop(reply.send(checkpoint(&connection))),
                Message::Question(question) => questions.push(question),
            }
            next = if jobs.len() < GROUP { inbox.try_recv().ok() } else { None };
        }
        answer_together(&connection, questions);
        // Before a write: into what is still open it would be written, and answered, without a commit.
        if is_in_transaction(&connection) {
            break;
        }
        if !jobs.is_empty() {
            let began = Instant::now();
            commit_together(&connection, guard.as_deref(), jobs);
            commits.note(began);
        }
        if is_in_transaction(&connection) {
            break;
        }
    }
    if let Err(error) = connection.close() {
        tracing::error!(%error, "closing the ledger failed");
    }
}

fn is_in_transaction(connection: &Db) -> bool {
    let open = !connection.sqlite().is_autocommit();
    if open {
        tracing::error!("a transaction of the ledger cannot be ended; shops could not write while it is open");
    }
    open
}

/// One reading for all that wait: to begin one and to end it is a sixth of a question about an order.
fn answer_together(connection: &Db, questions: Vec<Question>) {
    // It ends here. Where none can be begun each has its own, and says what is wrong.
    let _reading = (questions.len() > 1).then(|| connection.begin_reading().ok());
    questions.into_iter().for_each(|question| question(connection));
}

fn data_version(connection: &Db, guard: Option<&Guard>) -> Result<i64, LedgerError> {
    if let Some(guard) = guard {
        guard.after_commits(connection)?;
    }
    connection.one("PRAGMA data_version", &[], |row| Ok(row.at(0)?))
}

fn checkpoint(connection: &Db) -> Result<Log, LedgerError> {
    let page: u64 = connection.one("PRAGMA page_size", &[], |row| Ok::<_, db::Error>(u64::from(row.at::<u32>(0)?)))?;
    let (written, done): (u32, u32) =
        connection.one("PRAGMA wal_checkpoint(PASSIVE)", &[], |row| -> Result<_, db::Error> {
            Ok((row.at(1)?, row.at(2)?))
        })?;
    Ok(Log { bytes: u64::from(written) * (page + FRAME_HEADER), is_held: done < written })
}

/// One transaction for all; when one of them fails, each gets its own.
fn commit_together(connection: &Db, guard: Option<&Guard>, mut jobs: Vec<Box<dyn Job>>) {
    let error = match marked(connection, guard, &mut jobs) {
        Ok(()) => {
            jobs.into_iter().for_each(|job| job.answer(None));
            return;
        }
        Err(error) => error,
    };
    // Behind a shop's long transaction every one of them would wait as long again.
    if jobs.len() == 1 || matches!(error, LedgerError::Busy) {
        jobs.into_iter().for_each(|job| job.answer(Some(error.clone())));
        return;
    }
    for job in jobs {
        let mut alone = [job];
        let error = marked(connection, guard, &mut alone).err();
        alone.into_iter().for_each(|job| job.answer(error.clone()));
    }
}

/// The marker comes before the answers: what nobody knows of yet has not been acted on.
fn marked(connection: &Db, guard: Option<&Guard>, jobs: &mut [Box<dyn Job>]) -> Result<(), LedgerError> {
    let alone = matches!(jobs, [job] if job.is_one_statement());
    let newest = contained(connection, || {
        if alone {
            before_write(connection, guard).and_then(|()| jobs[0].apply(connection)).map(|()| None)
        } else {
            transaction(connection, guard, jobs)
        }
    })?;
    if let Some(guard) = guard {
        guard.mark().keep(newest);
    }
    Ok(())
}

fn before_write(connection: &Db, guard: Option<&Guard>) -> Result<(), LedgerError> {
    guard.map_or(Ok(()), |guard| guard.before_write(connection))
}

/// A write that panics is a bug, but not one of the others that wait: nothing of its transaction
/// stays, and whoever asked for it gets the error.
fn contained<T>(connection: &Db, write: impl FnOnce() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
    // Of what the panic leaves behind only the connection is used again, and its transaction is ended first.
    catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| {
        roll_back(connection);
        Err(LedgerError::Refused("a write to the ledger ended badly; nothing of it was kept".to_owned()))
    })
}

/// The newest event then, for the marker.
fn transaction(
    connection: &Db,
    guard: Option<&Guard>,
    jobs: &mut [Box<dyn Job>],
) -> Result<Option<Known>, LedgerError> {
    // IMMEDIATE: a deferred transaction that upgrades fails at once whatever the busy timeout.
    connection.run("BEGIN IMMEDIATE", &[])?;
    let result = before_write(connection, guard).and_then(|()| apply_and_commit(connection, guard, jobs));
    if result.is_err() {
        roll_back(connection);
    }
    result
}

fn roll_back(connection: &Db) {
    // A disk that is full may have ended the transaction inside SQLite.
    if !connection.sqlite().is_autocommit()
        && let Err(error) = connection.run("ROLLBACK", &[])
    {
        tracing::error!(%error, "a transaction of the ledger cannot be rolled back");
    }
}

fn apply_and_commit(
    connection: &Db,
    guard: Option<&Guard>,
    jobs: &mut [Box<dyn Job>],
) -> Result<Option<Known>, LedgerError> {
    for job in jobs {
        job.apply(connection)?;
    }
    let newest = guard.and_then(|guard| guard.mark().newest(connection));
    let end = if deliberate!(sometimes LosesACommit) { "ROLLBACK" } else { "COMMIT" };
    connection.run(end, &[])?;
    Ok(newest)
}

trait Job: Send {
    fn apply(&mut self, tx: &Db) -> Result<(), LedgerError>;

    fn is_one_statement(&self) -> bool;

    /// With the error of the transaction, if it failed.
    fn answer(self: Box<Self>, failed: Option<LedgerError>);
}

struct Pending<W: Write> {
    write: W,
    reply: oneshot::Sender<Result<W::Out, LedgerError>>,
    result: Option<Result<W::Out, LedgerError>>,
}

impl<W: Write> Job for Pending<W> {
    fn apply(&mut self, tx: &Db) -> Result<(), LedgerError> {
        match self.write.apply(tx) {
            Err(error) if !error.is_refusal() => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn is_one_statement(&self) -> bool {
        self.write.is_one_statement()
    }

    fn answer(self: Box<Self>, failed: Option<LedgerError>) {
        let result = match (failed, self.result) {
            (Some(error), _) => Err(error),
            (None, Some(result)) => result,
            (None, None) => Err(LedgerError::Closed),
        };
        // The asker may be gone; what it asked for is done.
        let _ = self.reply.send(result);
    }
}

#[cfg(test)]
mod tests;
