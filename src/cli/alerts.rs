//! `alerts`, `alerts ack`.

use comfy_table::Table;

use super::args::{AlertsCommand, PrintArgs};
use super::table::{or_dash, table};
use super::{Failure, now, person, print_json, words};
use crate::domain::language::Language;
use crate::ledger::views::OpenAlert;
use crate::ledger::{Ack, Ledger};

const MOST: i64 = 1000;

pub(super) async fn alerts(ledger: &Ledger, command: Option<AlertsCommand>, print: &PrintArgs) -> Result<(), Failure> {
    if let Some(AlertsCommand::Ack { id, by }) = command {
        let by = by.unwrap_or_else(person);
        ledger.write(Ack { alert_id: id, by: by.clone(), now: now() }).await?;
        say!("alert {id} acknowledged by {by}");
        return Ok(());
    }
    let open = ledger.alerts(MOST).await?;
    if print.json {
        return print_json(&open);
    }
    let language = print.language();
    if open.is_empty() {
        say!("{}", language.pick("no open alerts", "沒有未結的警告"));
    } else {
        say!("{}", rows(language, &open));
    }
    Ok(())
}

pub(super) fn rows(language: Language, open: &[OpenAlert]) -> Table {
    let rows = open.iter().map(|a| {
        vec![
            a.id.to_string(),
            words::severity(language, &a.severity),
            words::alert_kind(language, &a.kind),
            about(language, a),
            a.sentence(language),
            a.raised_at.clone(),
            or_dash(a.acked_by.clone()),
        ]
    });
    let english = ["id", "severity", "kind", "order", "message", "raised at", "seen by"];
    table(&language.pick(english, ["編號", "嚴重度", "種類", "訂單", "內容", "發出時間", "已看過"]), rows)
}

fn about(language: Language, alert: &OpenAlert) -> String {
    match (&alert.merchant_trade_no, alert.merchant_id.as_str()) {
        (Some(number), _) => number.clone(),
        (None, "") => language.pick("the ledger", "帳本").to_owned(),
        (None, merchant) => format!("{} {merchant}", language.pick("merchant", "特店")),
    }
}
