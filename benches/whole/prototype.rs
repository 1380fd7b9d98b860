//! What the engine is measured against: as many calls and as many durable commits, and nothing else.
//!
//! No rules, no crypto, no reading: each order is a few POSTs to a server that always gives the
//! same answer, and a few transitions through one writer thread that puts those that wait at the
//! same time into one commit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use ecpayd::gateway::transport::{HttpTransport, Purpose, Transport};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::gateway::Fixed;
use crate::common::bare::{Bare, Transition};

/// As the ledger's writer.
const GROUP: usize = 256;

/// As long as the engine's own request.
const REQUEST: &str = r#"{"MerchantID":"3002607","RqHeader":{"Timestamp":1785729600},"Data":"c2VhbGVkIHJlcXVlc3RzIGFyZSBhYm91dCBhcyBsb25nIGFzIHRoaXMgb25lIGlzLCBzbyB0aGF0IHRoZSBzb2NrZXRzIGRvIHRoZSBzYW1lIHdvcms9c2VhbGVkIHJlcXVlc3RzIGFyZSBhYm91dCBhcyBsb25nIGFzIHRoaXMgb25l"}"#;

type Asked = (Transition, oneshot::Sender<Option<i64>>);

pub struct Prototype {
    http: HttpTransport,
    url: String,
    queue: mpsc::Sender<Asked>,
    next: AtomicI64,
    _server: Fixed,
}

/// What one order takes.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// A call and a routine look's record.
    Poll,
    /// The calls and writes of a money step, as the engine was seen to need them.
    Step { queries: usize, writes: usize },
}

impl Prototype {
    pub fn start(ledger: &Path) -> Arc<Self> {
        let (bare, (queue, inbox)) = (Bare::open(ledger), mpsc::channel());
        let writer = std::thread::Builder::new().name("writer".to_owned());
        writer.spawn(move || write(&bare, &inbox)).expect("a thread");
        let server = Fixed::start();
        let http = HttpTransport::new(Duration::from_secs(30)).expect("a client");
        let url = format!("{}/1.0.0/CreditDetail/QueryTrade", server.url);
        Arc::new(Self { http, url, queue, next: AtomicI64::new(1), _server: server })
    }

    /// So many orders, so many of them at once.
    pub async fn run(self: &Arc<Self>, work: Work, orders: i64, in_flight: usize) {
        let last = self.next.load(Ordering::Relaxed) + orders;
        let mut tasks = JoinSet::new();
        for _ in 0..in_flight {
            let prototype = self.clone();
            tasks.spawn(async move {
                while let Some(order) = prototype.take(last) {
                    prototype.one(work, order).await;
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.expect("a task");
        }
    }

    /// Begins with the first order again: polls come to the same ones each day.
    pub fn again(&self) {
        self.next.store(1, Ordering::Relaxed);
    }

    fn take(&self, last: i64) -> Option<i64> {
        let take = |next| (next < last).then_some(next + 1);
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()
    }

    async fn one(&self, work: Work, order: i64) {
        let (queries, writes) = match work {
            Work::Poll => {
                self.call(Purpose::Query).await;
                self.write(Transition::Unchanged { order, revision: 1 }).await;
                return;
            }
            Work::Step { queries, writes } => (queries, writes),
        };
        for _ in 1..queries {
            self.call(Purpose::Query).await;
        }
        let look = Transition::Changed { order, revision: 1 };
        for _ in 2..writes.min(3) {
            self.write(look).await;
        }
        let attempt = self.write(Transition::Start { order }).await.expect("the attempt's row");
        self.call(Purpose::Money).await;
        self.write(Transition::Outcome { order, attempt }).await;
        self.call(Purpose::Query).await;
        for _ in 3..writes {
            self.write(look).await;
        }
    }

    async fn call(&self, purpose: Purpose) {
        let answer = self.http.post(&self.url, REQUEST.into(), purpose).await.expect("an answer");
        assert_eq!(answer.status, 200);
    }

    async fn write(&self, transition: Transition) -> Option<i64> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((transition, reply)).expect("the writer");
        answer.await.expect("a commit")
    }
}

fn write(bare: &Bare, inbox: &mpsc::Receiver<Asked>) {
    while let Ok(first) = inbox.recv() {
        let (transitions, replies): (Vec<Transition>, Vec<_>) =
            std::iter::once(first).chain(inbox.try_iter().take(GROUP - 1)).unzip();
        let mut attempts = bare.commit(&transitions).into_iter();
        for (transition, reply) in transitions.iter().zip(replies) {
            let attempt = if let Transition::Start { .. } = transition { attempts.next() } else { None };
            reply.send(attempt).expect("the asker waits");
        }
    }
}
