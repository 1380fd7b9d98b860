//! `alerts`, `alerts ack`.

use comfy_table::Table;

use super::args::AlertsCommand;
use super::table::{or_dash, table};
use super::{Failure, now, person, print_json};
use crate::ledger::views::OpenAlert;
use crate::ledger::{Ack, Ledger};

const MOST: i64 = 1000;

pub(super) async fn alerts(ledger: &Ledger, command: Option<AlertsCommand>, json: bool) -> Result<(), Failure> {
    if let Some(AlertsCommand::Ack { id, by }) = command {
        let by = by.unwrap_or_else(person);
        ledger.write(Ack { alert_id: id, by: by.clone(), now: now() }).await?;
        say!("alert {id} acknowledged by {by}");
        return Ok(());
    }
    let open = ledger.alerts(MOST).await?;
    if json {
        return print_json(&open);
    }
    if open.is_empty() {
        say!("no open alerts");
    } else {
        say!("{}", rows(&open));
    }
    Ok(())
}

pub(super) fn rows(open: &[OpenAlert]) -> Table {
    let rows = open.iter().map(|a| {
        vec![
            a.id.to_string(),
            a.severity.clone(),
            a.kind.clone(),
            about(a),
            a.message.clone(),
            a.raised_at.clone(),
            or_dash(a.acked_by.clone()),
        ]
    });
    table(&["id", "severity", "kind", "order", "message", "raised at", "seen by"], rows)
}

fn about(alert: &OpenAlert) -> String {
    match (&alert.merchant_trade_no, alert.merchant_id.as_str()) {
        (Some(number), _) => number.clone(),
        (None, "") => "the ledger".to_owned(),
        (None, merchant) => format!("merchant {merchant}"),
    }
}
