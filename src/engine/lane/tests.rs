use super::*;
use crate::engine::clock::ManualClock;

/// A lane whose rows are worked on by the tests.
struct ByHand;

impl Work for ByHand {
    const SERVICE: Service = Service::Card;

    async fn due(_: &Lane<Self>, _: usize) -> Result<Vec<Due>, EngineError> {
        Ok(Vec::new())
    }

    async fn next_due(_: &Lane<Self>) -> Result<Option<DateTime<Utc>>, EngineError> {
        Ok(None)
    }

    async fn drive(_: &Lane<Self>, _: i64) -> Result<(), EngineError> {
        Ok(())
    }
}

/// With one call at a time.
async fn lane(min_interval: Duration) -> (Arc<Lane<ByHand>>, tempfile::TempDir) {
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
    (Arc::new(Lane::new(Arc::new(shared), merchant_id, ByHand, settings)), dir)
}

#[tokio::test]
async fn what_waits_for_a_refund_or_a_deadline_has_its_turn_before_routine_looks_that_asked_earlier() {
    let (lane, _dir) = lane(Duration::zero()).await;
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
    let (lane, _dir) = lane(Duration::zero()).await;
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
