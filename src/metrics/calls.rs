//! Calls to the gateway, counted where they leave.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::domain::action::Leave;
use crate::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    /// The last part of its path, which the vendor has named it by.
    call: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    call: String,
}

/// Seconds: an answer takes some tens of milliseconds, and is given up after 30 s.
const BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

fn latency() -> Histogram {
    Histogram::new(BUCKETS)
}

#[derive(Clone, Debug)]
pub struct Calls {
    made: Family<Call, Counter>,
    took: Family<Named, Histogram, fn() -> Histogram>,
}

impl Default for Calls {
    fn default() -> Self {
        Self { made: Family::default(), took: Family::new_with_constructor(latency) }
    }
}

impl Calls {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("calls", "Calls to the gateway, by call and outcome", self.made.clone());
        registry.register("call_seconds", "How long calls to the gateway took, answered or not", self.took.clone());
    }

    fn note(&self, url: &str, began: Instant, answer: &Result<HttpAnswer, TransportError>) {
        let call = url.rsplit('/').next().unwrap_or_default().to_owned();
        let outcome = match answer {
            Ok(HttpAnswer { status: 200, .. }) => "answered".to_owned(),
            Ok(HttpAnswer { status, .. }) => format!("http_{status}"),
            Err(TransportError::NotSent(_)) => "not_sent".to_owned(),
            Err(TransportError::Lost(_)) => "lost".to_owned(),
        };
        self.took.get_or_create(&Named { call: call.clone() }).observe(began.elapsed().as_secs_f64());
        self.made.get_or_create(&Call { call, outcome }).inc();
    }
}

/// A transport whose calls are counted. It adds nothing to them and takes nothing away.
pub struct Counted {
    pub inner: Arc<dyn Transport>,
    pub calls: Calls,
}

impl Transport for Counted {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let began = Instant::now();
            let answer = self.inner.post(url, body, purpose).await;
            self.calls.note(url, began, &answer);
            answer
        })
    }

    // Handed on as it is: whether it may still leave is asked at the socket.
    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        Box::pin(async move {
            let began = Instant::now();
            let answer = self.inner.post_money(url, body, leave).await;
            self.calls.note(url, began, &answer);
            answer
        })
    }
}
