//! What a shop writes and reads by SQL, and whether it agrees with the bank.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::{from_taipei, taipei};
use ecpayd::simulator::bank::{By, Kind, Paid};

use crate::harness::{MERCHANT, Shop};
use crate::ledger::{AddOrder, AddRefund, Refused};
use crate::telltale;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    pub state: String,
    pub refunded_amount: i64,
    pub method: Option<String>,
    pub detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    pub kind: String,
    pub severity: String,
    pub merchant_trade_no: Option<String>,
    pub message: String,
    pub raised_at: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    pub action: String,
    pub amount: i64,
    pub state: String,
    pub started_at: i64,
}

#[derive(Debug)]
struct OrderRow {
    merchant_id: String,
    merchant_trade_no: String,
    trade_no: Option<String>,
    state: String,
    captured_amount: i64,
    refunded_amount: i64,
}

impl Shop {
    /// Sold now and registered at once.
    pub async fn order(&mut self, no: &str, kind: Kind, amount: i64) {
        let now = self.now();
        self.sold(MERCHANT, no, kind, amount, now, Paid::Yes);
        self.register(MERCHANT, no, "auto").await;
    }

    pub async fn register(&mut self, merchant: &str, no: &str, capture: &str) {
        self.try_register(merchant, no, None, None, capture).await.expect("a new order");
    }

    pub async fn try_register(
        &mut self,
        merchant: &str,
        no: &str,
        trade_no: Option<&str>,
        expected_amount: Option<i64>,
        capture: &str,
    ) -> Result<(), Refused> {
        let (capture, at) = (Some(capture), Some(self.now()));
        self.sql.order(&AddOrder { merchant, no, trade_no, expected_amount, capture, at, ..AddOrder::default() })
    }

    pub async fn set_capture(&mut self, no: &str, capture: &str) {
        self.sql.write("UPDATE orders SET capture = ? WHERE merchant_trade_no = ?", [capture, no]).expect("the order");
    }

    /// An order that the bank has claimed: captured on the day before it was registered.
    pub async fn order_captured(&mut self, no: &str, amount: i64) {
        let yesterday = self.now() - Duration::hours(24);
        self.sold(MERCHANT, no, Kind::Card, amount, yesterday, Paid::Yes);
        self.by_hand(no, Action::C, amount).expect("a capture");
        self.sleep_until(self.now() + Duration::hours(24));
        self.register(MERCHANT, no, "auto").await;
        self.settle().await;
        assert_eq!(self.state(no).await, "captured");
    }

    /// An order that the bank has not claimed yet.
    pub async fn order_to_be_captured(&mut self, no: &str, kind: Kind, amount: i64) {
        let now = self.now();
        self.sold(MERCHANT, no, kind, amount, now, Paid::Yes);
        self.by_hand(no, Action::C, amount).expect("a capture");
        self.register(MERCHANT, no, "auto").await;
        self.settle().await;
        assert_eq!(self.state(no).await, "to_be_captured");
    }

    pub async fn refund(&mut self, no: &str, amount: Option<i64>, key: &str) {
        self.try_refund(no, amount, key).await.expect("a new refund");
    }

    pub async fn try_refund(&mut self, no: &str, amount: Option<i64>, key: &str) -> Result<(), Refused> {
        self.refund_authorization(no, None, amount, key).await
    }

    pub async fn refund_authorization(
        &mut self,
        no: &str,
        trade_no: Option<&str>,
        amount: Option<i64>,
        key: &str,
    ) -> Result<(), Refused> {
        let at = Some(self.now());
        self.sql.refund(&AddRefund { merchant: MERCHANT, no, trade_no, amount, key, at })
    }

    pub async fn cancel(&mut self, key: &str) -> Result<(), Refused> {
        self.sql.cancel(key)
    }

    pub async fn state(&mut self, no: &str) -> String {
        self.state_at(MERCHANT, no).await
    }

    pub async fn state_at(&mut self, merchant: &str, no: &str) -> String {
        let state = "SELECT state FROM order_status WHERE merchant_id = ? AND merchant_trade_no = ?";
        self.sql.value(state, [merchant, no])
    }

    pub async fn refund_row(&mut self, key: &str) -> RefundRow {
        let refund = "SELECT state, refunded_amount, method, detail FROM refund_status WHERE request_key = ?";
        self.sql.row(refund, [key], |row| RefundRow {
            state: row.get("state"),
            refunded_amount: row.get("refunded_amount"),
            method: row.get("method"),
            detail: row.get("detail"),
        })
    }

    pub async fn refund_state(&mut self, key: &str) -> String {
        self.refund_row(key).await.state
    }

    pub async fn assert_done(&mut self, key: &str, amount: i64, method: &str) {
        let row = self.refund_row(key).await;
        let done = (row.state.as_str(), row.refunded_amount, row.method.as_deref());
        assert_eq!(done, ("done", amount, Some(method)), "{key}: {}", row.detail);
    }

    pub async fn alerts(&mut self) -> Vec<AlertRow> {
        let open = "SELECT kind, severity, merchant_trade_no, message, raised_at FROM open_alerts ORDER BY id";
        self.sql.rows(open, (), |row| AlertRow {
            kind: row.get("kind"),
            severity: row.get("severity"),
            merchant_trade_no: row.get("merchant_trade_no"),
            message: row.get("message"),
            raised_at: row.get("raised_at"),
        })
    }

    pub async fn alert(&mut self, kind: &str) -> Option<AlertRow> {
        self.alerts().await.into_iter().find(|a| a.kind == kind)
    }

    /// The one attempt that is before a person, if there is one.
    pub async fn in_review(&mut self) -> Option<i64> {
        self.sql.first("SELECT id FROM attempts WHERE state = 'review'", (), |row| row.get("id"))
    }

    pub async fn attempts(&mut self, no: &str) -> Vec<AttemptRow> {
        let attempts =
            "SELECT a.action, a.amount, a.state, a.started_at FROM attempts a JOIN orders o ON o.id = a.order_id
                         WHERE o.merchant_trade_no = ? ORDER BY a.id";
        self.sql.rows(attempts, [no], |row| AttemptRow {
            action: row.get("action"),
            amount: row.get("amount"),
            state: row.get("state"),
            started_at: row.get("started_at"),
        })
    }

    pub async fn attempt_states(&mut self, no: &str) -> Vec<String> {
        self.attempts(no).await.into_iter().map(|a| format!("{} {}", a.action, a.state)).collect()
    }

    /// Compares every order that the daemon has a clear view of with the bank, dollar by dollar.
    pub async fn assert_books_agree(&mut self) {
        let orders = "SELECT merchant_id, merchant_trade_no, trade_no, state, captured_amount, refunded_amount FROM order_status";
        let rows = self.sql.rows(orders, (), |row| OrderRow {
            merchant_id: row.get("merchant_id"),
            merchant_trade_no: row.get("merchant_trade_no"),
            trade_no: row.get("trade_no"),
            state: row.get("state"),
            captured_amount: row.get("captured_amount"),
            refunded_amount: row.get("refunded_amount"),
        });
        for row in &rows {
            if !matches!(row.state.as_str(), "registered" | "unpaid" | "not_found" | "not_card" | "review") {
                let truth = self.truth_of(&row.merchant_id, &row.merchant_trade_no);
                let theirs = truth.authorizations.iter().find(|a| Some(&a.trade_no) == row.trade_no.as_ref());
                let theirs = theirs.unwrap_or_else(|| panic!("{row:?} is of no authorization in {truth:?}"));
                let (captured, refunded) = (theirs.captured, theirs.refunded);
                assert_eq!((row.captured_amount, row.refunded_amount), (captured, refunded), "{row:?}, {truth:?}");
                let void = row.state == "voided" || row.state == "expired";
                assert!(!void || theirs.captured == 0, "{row:?}, {truth:?}");
            }
            self.assert_nothing_moved_twice(&row.merchant_id, &row.merchant_trade_no).await;
        }
        self.assert_window_kept().await;
        self.assert_each_refund_has_its_end().await;
        assert_eq!(telltale::ear().leaks(), Vec::<String>::new());
    }

    /// Every effect that came in by the API belongs to an attempt of its own, every refund of
    /// the bank to a refund of the ledger, and none exceeds its order.
    async fn assert_nothing_moved_twice(&mut self, merchant: &str, no: &str) {
        let truth = self.truth_of_any(merchant, no);
        let Some(truth) = truth else { return };
        assert!((0..=truth.captured).contains(&truth.refunded), "{truth:?}");
        let effects: Vec<(Action, i64)> = self.sim.with_bank(|bank, _| {
            let theirs = |a: &&ecpayd::simulator::bank::ActionRecord| {
                a.merchant_id.as_str() == merchant && a.merchant_trade_no.as_str() == no && a.by == By::Api && a.effect
            };
            bank.actions().iter().filter(theirs).map(|a| (a.action, a.amount.dollars())).collect()
        });
        let attempts = "SELECT a.action, a.amount FROM attempts a JOIN orders o ON o.id = a.order_id
                         WHERE o.merchant_id = ? AND o.merchant_trade_no = ? AND a.state IN ('applied', 'accepted', 'unknown', 'review', 'started')";
        let mut unexplained: Vec<(String, i64)> = self.sql.rows(attempts, [merchant, no], |row| row.all());
        for (action, amount) in effects {
            let place = unexplained.iter().position(|(a, n)| a == action.letter() && *n == amount);
            let place = place.unwrap_or_else(|| panic!("{no}: the ledger has no attempt for {action} {amount}"));
            unexplained.swap_remove(place);
        }
        let twice =
            "SELECT count(*) FROM (SELECT refund_id FROM attempts WHERE action IN ('R', 'N') AND state = 'applied'
                                            AND refund_id IS NOT NULL GROUP BY refund_id HAVING count(*) > 1)";
        assert_eq!(self.sql.value::<i64>(twice, ()), 0, "a refund intent has moved its amount twice");
    }

    fn truth_of_any(&self, merchant: &str, no: &str) -> Option<ecpayd::simulator::bank::Truth> {
        self.sim.with_bank(|bank, _| {
            let mut orders = bank.orders().filter(|o| o.merchant_id.as_str() == merchant);
            orders.find(|o| o.merchant_trade_no.as_str() == no).map(|o| o.truth())
        })
    }

    /// Invariant 3, of everything that was ever sent.
    async fn assert_window_kept(&mut self) {
        for started in self.sql.values::<DateTime<Utc>>("SELECT started_at FROM attempts", ()) {
            let time = taipei(started).format("%H:%M:%S%.3f").to_string();
            let closed = "20:13:00.000" <= time.as_str() && time.as_str() < "20:32:00.000";
            assert!(!closed, "a money call was begun at {time}");
        }
    }

    /// Invariant 7: nothing ends without a reason.
    async fn assert_each_refund_has_its_end(&mut self) {
        let ended = "SELECT request_key, state, detail FROM refund_status WHERE state IN ('rejected', 'review')";
        for (key, state, detail) in self.sql.rows(ended, (), |row| row.all::<(String, String, String)>()) {
            assert!(!detail.is_empty(), "{key} is {state} without a word why");
            let raised = "SELECT count(*) FROM alerts a JOIN refunds r ON r.order_id = a.order_id
                           WHERE r.request_key = ?1 AND (a.closed_at IS NULL OR ?2 = 'rejected') AND a.kind IN ('refund_rejected', 'refund_review', 'unknown_status')";
            let raised: i64 = self.sql.value(raised, [&key, &state]);
            assert!(raised > 0, "{key} is {state} and nobody was told: {detail}");
        }
    }
}

pub fn civil(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a time of a view"))
}
