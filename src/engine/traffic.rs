//! The calls of the last minute, until the ledger keeps them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::ids::MerchantId;
use crate::domain::service::Service;
use crate::domain::traffic::{Call, CallEnd, CallSum, hour_of};
use crate::ledger::{CallCount, KeepTraffic, LastAnswer, Ledger, LedgerError};

#[derive(Debug, Default)]
pub struct Traffic(Mutex<Unkept>);

/// Merchant, service, hour, call and end.
type Key = (MerchantId, &'static str, i64, &'static str, &'static str);

/// When a service answered last, and how far its clock was ahead of ours, in seconds.
type Answer = (DateTime<Utc>, Option<i64>);

#[derive(Debug, Default)]
struct Unkept {
    calls: BTreeMap<Key, CallSum>,
    answers: BTreeMap<(MerchantId, &'static str), Answer>,
}

/// One call that has ended.
pub(super) struct CallEnded {
    pub call: Call,
    pub end: CallEnd,
    pub at: DateTime<Utc>,
    pub took: Duration,
}

impl Traffic {
    pub(super) fn ended(&self, merchant: &MerchantId, service: Service, ended: &CallEnded) {
        let key = (merchant.clone(), service.word(), hour_of(ended.at), ended.call.word(), ended.end.word());
        let ms = i64::try_from(ended.took.as_millis()).unwrap_or(i64::MAX);
        self.unkept().add(key, CallSum { calls: 1, ms });
    }

    pub(super) fn answered(&self, merchant: &MerchantId, service: Service, at: DateTime<Utc>, skew_s: Option<i64>) {
        self.unkept().answers.insert((merchant.clone(), service.word()), (at, skew_s));
    }

    /// Into the ledger. What it does not take is kept for the next time.
    pub async fn keep(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let unkept = std::mem::take(&mut *self.unkept());
        if unkept.calls.is_empty() && unkept.answers.is_empty() {
            return Ok(());
        }
        let kept = ledger.write(unkept.change()).await;
        if kept.is_err() {
            self.unkept().put_back(unkept);
        }
        kept
    }

    fn unkept(&self) -> MutexGuard<'_, Unkept> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unkept {
    fn add(&mut self, key: Key, sum: CallSum) {
        let known = self.calls.entry(key).or_default();
        known.calls += sum.calls;
        known.ms = known.ms.saturating_add(sum.ms);
    }

    fn change(&self) -> KeepTraffic {
        let count = |((merchant, service, hour, call, end), sum): (&Key, &CallSum)| CallCount {
            merchant_id: merchant.clone(),
            service,
            hour: *hour,
            call,
            end,
            sum: *sum,
        };
        let answer = |((merchant, service), (at, skew_s)): (&(MerchantId, &'static str), &_)| LastAnswer {
            merchant_id: merchant.clone(),
            service,
            at: *at,
            skew_s: *skew_s,
        };
        KeepTraffic {
            calls: self.calls.iter().map(count).collect(),
            answers: self.answers.iter().map(answer).collect(),
        }
    }

    fn put_back(&mut self, earlier: Self) {
        for (key, sum) in earlier.calls {
            self.add(key, sum);
        }
        for (service, answer) in earlier.answers {
            self.answers.entry(service).or_insert(answer);
        }
    }
}
