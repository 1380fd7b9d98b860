//! The one task that writes.
//!
//! It owns the only write connection. Writes that wait at the same time share one
//! transaction and so one fsync; each of them is answered after the commit, never before.
//! A caller that goes away changes nothing: its write is done all the same.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::error::LedgerError;
use super::mark::Mark;

/// At most this many writes share a commit.
const GROUP: usize = 256;

/// A change of the ledger. It may be applied more than once before it is committed,
/// each time on the state before it.
pub trait Write: Send + Sync + 'static {
    type Out: Send + 'static;

    /// A refusal ([`LedgerError::Stale`], [`LedgerError::Refused`]) is given before anything is written.
    fn apply(&self, tx: &mut SqliteConnection) -> impl Future<Output = Result<Self::Out, LedgerError>> + Send;

    /// It is one statement and tells no event: by itself that statement is its own transaction,
    /// which saves most of what a routine look costs.
    fn is_one_statement(&self) -> bool {
        false
    }
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Write(Box<dyn Job>),
    DataVersion(oneshot::Sender<Result<i64, LedgerError>>),
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection, mark: Option<Arc<Mark>>) -> (Self, JoinHandle<()>) {
        let (queue, inbox) = mpsc::channel(GROUP);
        (Self { queue }, tokio::spawn(run(connection, mark, inbox)))
    }

    pub(super) async fn write<W: Write>(&self, write: W) -> Result<W::Out, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let job = Pending { write, reply, result: None };
        self.queue.send(Message::Write(Box::new(job))).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// Changes when another connection has committed; our own commits do not count.
    pub(super) async fn data_version(&self) -> Result<i64, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::DataVersion(reply)).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }
}

async fn run(mut connection: SqliteConnection, mark: Option<Arc<Mark>>, mut inbox: mpsc::Receiver<Message>) {
    while let Some(first) = inbox.recv().await {
        let mut jobs = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(job) => jobs.push(job),
                Message::DataVersion(reply) => {
                    let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut connection).await;
                    // The asker may be gone; then nobody misses the answer.
                    let _ = reply.send(version.map_err(LedgerError::from));
                }
            }
            next = if jobs.len() < GROUP { inbox.try_recv().ok() } else { None };
        }
        if !jobs.is_empty() {
            commit_together(&mut connection, mark.as_deref(), jobs).await;
        }
    }
    if let Err(error) = connection.close().await {
        tracing::error!(%error, "closing the ledger failed");
    }
}

/// One transaction for all; when one of them fails, each gets its own.
async fn commit_together(connection: &mut SqliteConnection, mark: Option<&Mark>, mut jobs: Vec<Box<dyn Job>>) {
    let error = match marked(connection, mark, &mut jobs).await {
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
        let mut alone = vec![job];
        let error = marked(connection, mark, &mut alone).await.err();
        alone.into_iter().for_each(|job| job.answer(error.clone()));
    }
}

/// The marker comes before the answers: what nobody knows of yet has not been acted on.
async fn marked(
    connection: &mut SqliteConnection,
    mark: Option<&Mark>,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), LedgerError> {
    if let [job] = jobs
        && job.is_one_statement()
    {
        return job.apply(connection).await;
    }
    transaction(connection, jobs).await?;
    if let Some(mark) = mark {
        mark.note(connection).await;
    }
    Ok(())
}

/// By hand: a disk that is full may end the transaction inside SQLite, and sqlx would go on taking
/// it for open, refusing every later one.
async fn transaction(connection: &mut SqliteConnection, jobs: &mut [Box<dyn Job>]) -> Result<(), LedgerError> {
    // IMMEDIATE: a deferred transaction that upgrades fails at once whatever the busy timeout.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let result = apply_and_commit(connection, jobs).await;
    if result.is_err()
        && let Err(error) = sqlx::query("ROLLBACK").execute(connection).await
    {
        tracing::debug!(%error, "SQLite had rolled it back already");
    }
    result
}

async fn apply_and_commit(connection: &mut SqliteConnection, jobs: &mut [Box<dyn Job>]) -> Result<(), LedgerError> {
    for job in jobs {
        job.apply(connection).await?;
    }
    let end = if deliberate!(sometimes LosesACommit) { "ROLLBACK" } else { "COMMIT" };
    sqlx::query(end).execute(connection).await?;
    Ok(())
}

trait Job: Send {
    fn apply<'a>(
        &'a mut self,
        tx: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), LedgerError>> + Send + 'a>>;

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
    fn apply<'a>(
        &'a mut self,
        tx: &'a mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = Result<(), LedgerError>> + Send + 'a>> {
        Box::pin(async move {
            match self.write.apply(tx).await {
                Err(error) if !error.is_refusal() => Err(error),
                result => {
                    self.result = Some(result);
                    Ok(())
                }
            }
        })
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
