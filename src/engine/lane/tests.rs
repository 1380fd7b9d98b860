use tokio::sync::{mpsc, watch};

use super::*;
use crate::engine::clock::ManualClock;

/// A lane whose rows are those of the tests, and are worked on without an end.
struct ByHand {
    due: Mutex<Vec<Due>>,
    began: mpsc::UnboundedSender<i64>,
}

impl Work for ByHand {
    const SERVICE: Service = Service::Card;

    async fn due(lane: &Lane<Self>, _: usize) -> Result<Vec<Due>, EngineError> {
        Ok(lane.work.due.lock().expect("whole").clone())
    }

    async fn next_due(_: &Lane<Self>) -> Result<Option<DateTime<Utc>>, EngineError> {
        Ok(None)
    }

    async fn drive(lane: &Lane<Self>, id: i64) -> Result<(), EngineError> {
        lane.work.began.send(id).expect("the test listens");
        std::future::pending().await
    }
}

/// With one call at a time.
async fn lane(min_interval: Duration) -> (Arc<Lane<ByHand>>, mpsc::UnboundedReceiver<i64>, tempfile::TempDir) {
    let (dir, now) = (tempfile::tempdir().expect("a directory"), DateTime::UNIX_EPOCH);
    let shared = Shared {
        ledger: Ledger::open(&dir.path().join("ledger.db"), now).await.expect("a new ledger"),
        policy: Policy::default(),
        clock: Arc::new(ManualClock::new(now, |_| {})),
        tally: Tally::default(),
        statements: StatementPace::default(),
    };
    let merchant_id = MerchantId::parse("3002607").expect("a merchant's number");
    let settings = LaneSettings { min_interval, concurrency: 1, cooldown: Duration::zero() };
    let (began, beginnings) = mpsc::unbounded_channel();
    let work = ByHand { due: Mutex::default(), began };
    (Arc::new(Lane::new(Arc::new(shared), merchant_id, work, settings)), beginnings, dir)
}

#[tokio::test]
async fn what_waits_for_a_refund_or_a_deadline_has_its_turn_before_routine_looks_that_asked_earlier() {
    let (lane, _, _dir) = lane(Duration::zero()).await;
    let ranks = [Rank::Routine, Rank::Routine, Rank::Routine, Rank::Deadline, Rank::Routine, Rank::Refund];
    for (id, rank) in (1..).zip(ranks) {
        lane.begins(Due { id, rank: rank as u8, failing: false });
    }
    let (held, had) = (lane.turn(7).await, Arc::new(Mutex::new(Vec::new())));
    let mut tasks = tokio::task::JoinSet::new();
    for row in 1..=6 {
        let (lane, had) = (lane.clone(), had.clone());
        tasks.spawn(async move {
            let turn = lane.turn(row).await;
            had.lock().expect("whole").push(row);
            tokio::task::yield_now().await;
            drop(turn);
        });
        tokio::task::yield_now().await;
    }
    drop(held);
    tasks.join_all().await;
    assert_eq!(*had.lock().expect("whole"), [1, 4, 6, 2, 3, 5]);
}

/// A row that was worked on may be due again, and then for something else.
#[tokio::test]
async fn a_row_is_in_line_as_it_was_listed_last() {
    let (lane, _, _dir) = lane(Duration::zero()).await;
    lane.begins(Due { id: 1, rank: Rank::Routine as u8, failing: true });
    lane.ends(1);
    lane.begins(Due { id: 1, rank: Rank::Refund as u8, failing: false });
    assert!(!lane.is_routine(1));
    assert_eq!(lane.shares(1).busy_failing, 0);
}

#[tokio::test]
async fn few_rows_are_ahead_of_the_calls_under_a_pace_and_more_without_one() {
    assert_eq!(lane(Duration::milliseconds(200)).await.0.rows(), 3);
    assert_eq!(lane(Duration::zero()).await.0.rows(), 6);
}

#[tokio::test]
async fn a_refund_is_taken_into_work_beside_as_many_routine_rows_as_there_may_be() {
    for min_interval in [Duration::zero(), Duration::milliseconds(200)] {
        let (lane, mut began, _dir) = lane(min_interval).await;
        let routine = |id| Due { id, rank: Rank::Routine as u8, failing: false };
        *lane.work.due.lock().expect("whole") = (1..=20).map(routine).collect();
        let (wake, woken) = watch::channel(0);
        let (_stop, stopping) = watch::channel(false);
        let running = tokio::spawn(lane.clone().run(woken, stopping));
        for id in (1..).take(lane.rows()) {
            assert_eq!(began.recv().await, Some(id));
        }
        lane.work.due.lock().expect("whole").insert(0, Due { id: 99, rank: Rank::Refund as u8, failing: false });
        wake.send_replace(1);
        let next = tokio::time::timeout(StdDuration::from_secs(60), began.recv()).await;
        assert_eq!(next.expect("it begins"), Some(99), "and no further routine row");
        running.abort();
    }
}
