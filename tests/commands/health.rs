//! `health`, and what `status` says of the daemon.

use chrono::{DateTime, Utc};

use super::support::{BRISK, House, gateway};

fn at(minutes_ago: i64) -> i64 {
    let at: DateTime<Utc> = Utc::now() - chrono::Duration::minutes(minutes_ago);
    at.timestamp_millis()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_status_say_by_one_rule_whether_the_daemon_is_well_and_why_not() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let stopped = house.tell(&["health"]).error(1).to_owned();
    assert!(stopped.starts_with("unhealthy: the daemon was stopped at 20"), "{stopped}");

    // A daemon that was killed a while ago leaves no word of its end.
    house.sql().await.does(&format!(
        "UPDATE daemon SET started_at = {}, stopped_at = NULL, passed_at = {}",
        at(60),
        at(6)
    ));
    let silent = house.tell(&["health"]).error(1).to_owned();
    assert!(silent.contains("no pass has ended since 20"), "{silent}");
    assert!(house.done(&["status"]).contains("daemon unhealthy: no pass has ended since"), "status says the same");
    assert!(house.tell(&["status", "--exit-code"]).error(1).contains("no pass has ended since"));

    house.sql().await.does(&format!("UPDATE daemon SET passed_at = {}", at(1)));
    assert_eq!(house.done(&["health"]), "ok\n");
    assert!(house.done(&["status"]).contains("daemon ok; its last pass was at 20"));
    house.done(&["status", "--exit-code"]);
    let status: serde_json::Value = serde_json::from_str(&house.done(&["status", "--json"])).expect("JSON");
    assert_eq!((status["daemon"]["running"].as_bool(), status["daemon"]["health"].as_str()), (Some(true), Some("ok")));

    house.sql().await.does(
        "INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, action, 1, 'Lin' FROM merchants, (SELECT 'capture' AS action UNION ALL SELECT 'refund');
         INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('gateway_down', 'critical', '3002607', 'm', 1)",
    );
    let degraded = house.done(&["health"]);
    assert_eq!(degraded, "degraded: ECPay does not answer (1 service); money actions are paused for 1 merchant\n");
    let unseen = house.tell(&["status", "--exit-code"]).error(1).to_owned();
    assert!(unseen.contains("critical alerts that nobody has acknowledged: 1"), "{unseen}");
    house.done(&["alerts", "ack", "1"]);
    house.done(&["status", "--exit-code"]);
}
