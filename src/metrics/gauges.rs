//! What is so at the moment of the question.

use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

use crate::domain::health::{State, Vitals};
use crate::domain::order::OrderState;
use crate::domain::refund::RefundState;
use crate::engine::Tally;
use crate::ledger::views::Count;
use crate::ledger::{Figures, StorageUsed};

type Labels = Vec<(&'static str, String)>;

pub struct Snapshot<'a> {
    pub now: DateTime<Utc>,
    pub figures: &'a Figures,
    pub vitals: &'a Vitals,
    pub storage: &'a StorageUsed,
    pub tally: &'a Tally,
}

impl Snapshot<'_> {
    pub(super) fn register(&self, registry: &mut Registry) {
        self.daemon(registry);
        self.work(registry);
        self.engine(registry);
        self.storage(registry);
    }

    fn daemon(&self, registry: &mut Registry) {
        let state = self.vitals.health(self.now).state;
        let health = Family::<Labels, Gauge>::default();
        for each in State::ALL {
            let is = i64::from(*each == state);
            health.get_or_create(&vec![("state", each.word().to_owned())]).set(is);
        }
        registry.register("health", "1 for what the daemon is: ok, degraded or unhealthy", health);
        let seconds = |at: Option<DateTime<Utc>>| at.map_or(0, |at| at.timestamp());
        gauge(
            registry,
            "last_pass_timestamp_seconds",
            "When all lanes had made a pass of late",
            seconds(self.vitals.passed_at),
        );
        gauge(
            registry,
            "last_backup_timestamp_seconds",
            "When the newest backup of the ledger was begun; 0: there was none yet",
            seconds(self.figures.backed_up_at),
        );
        gauge(registry, "merchants_paused", "Merchants whose money actions are paused", self.vitals.merchants_paused);
        gauge(
            registry,
            "merchants_silent",
            "Merchants whose calls rest, as the gateway asked",
            self.vitals.merchants_silent,
        );
        gauge(registry, "messages_stuck", "Messages that failed at least three times", self.vitals.messages_stuck);
    }

    fn work(&self, registry: &mut Registry) {
        let figures = self.figures;
        let orders = OrderState::ALL.iter().map(|state| state.word());
        registry.register("orders", "Orders by state", by_state("state", orders, &figures.orders));
        let open = RefundState::ALL.iter().filter(|state| state.is_open()).map(|state| state.word());
        registry.register(
            "open_refunds",
            "Refunds that have not ended, by state",
            by_state("state", open, &figures.open_refunds),
        );
        let severities = ["notice", "warning", "critical"].into_iter();
        let alerts = by_state("severity", severities, &figures.open_alerts);
        registry.register("open_alerts", "Open alerts by severity", alerts);
        gauge(registry, "open_unknowns", "Money calls whose outcome is not known yet", figures.open_unknowns);
        let deliveries = Family::<Labels, Gauge>::default();
        for (state, count) in [("waiting", figures.deliveries_waiting), ("pending", figures.messages_pending)] {
            deliveries.get_or_create(&vec![("state", state.to_owned())]).set(count);
        }
        registry.register(
            "deliveries",
            "What is to be told: waiting for a message, or a message that is pending",
            deliveries,
        );
        let overdue = figures.due_since.map_or(0, |since| (self.now - since).num_seconds().max(0));
        gauge(
            registry,
            "oldest_overdue_seconds",
            "For how long the oldest row has been due: the one to watch",
            overdue,
        );
    }

    fn engine(&self, registry: &mut Registry) {
        let attempts = Family::<Labels, Counter>::default();
        for (action, outcome, count) in self.tally.attempts() {
            let labels = vec![("action", action.letter().to_owned()), ("outcome", outcome.to_owned())];
            attempts.get_or_create(&labels).inc_by(count);
        }
        registry.register("attempts", "Money calls since the start, by action and outcome", attempts);
        let (turns, waited) = self.tally.waits();
        counter(registry, "pace_turns", "Calls that had their turn in the pace", turns);
        let waited = ConstCounter::new(waited.as_seconds_f64());
        registry.register("pace_wait_seconds", "How long calls have waited for their turn, together", waited);
        let (commits, seconds) = self.figures.commits;
        counter(registry, "commits", "Commits of the ledger", commits);
        registry.register("commit_seconds", "How long commits took, together", ConstCounter::new(seconds));
    }

    fn storage(&self, registry: &mut Registry) {
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        gauge(registry, "ledger_bytes", "Size of the ledger", bytes(self.storage.ledger_bytes));
        gauge(registry, "ledger_log_bytes", "Size of SQLite's log beside it", bytes(self.storage.log_bytes));
        if let Some(free) = self.storage.disk_free_bytes {
            gauge(registry, "disk_free_bytes", "Free room on the disk that holds the ledger", bytes(free));
        }
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    registry.register(name, help, ConstGauge::new(value));
}

fn counter(registry: &mut Registry, name: &str, help: &str, value: u64) {
    registry.register(name, help, ConstCounter::new(value));
}

/// Every state has a line, also while nothing is in it.
fn by_state<'a>(label: &'static str, words: impl Iterator<Item = &'a str>, counts: &[Count]) -> Family<Labels, Gauge> {
    let family = Family::<Labels, Gauge>::default();
    for word in words {
        let count = counts.iter().filter(|count| count.state == word).map(|count| count.count).sum();
        family.get_or_create(&vec![(label, word.to_owned())]).set(count);
    }
    family
}
