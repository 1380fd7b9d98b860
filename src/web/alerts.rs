//! Alerts: the open ones by their cause, who is told of them, and those closed within a month.

mod told;

use askama::Template;
use chrono::Duration;

use self::told::Channel;
use super::ask::{Ask, PageError};
use super::form::minute;
use super::frame::{Frame, Tab};
use super::{sentences, tasks};
use crate::ledger::pages::PageAlert;

/// How far back, and how many at most.
const MONTH: Duration = Duration::days(30);
const CLOSED: i64 = 100;

struct Closed {
    mark: &'static str,
    severity: String,
    kind: String,
    sentence: String,
    number: Option<(String, Option<String>)>,
    from: String,
    to: String,
    seen_by: Option<String>,
}

#[derive(Template)]
#[template(path = "alerts.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    mark: &'static str,
    is_part: bool,
    channels: Vec<Channel>,
    closed: Vec<Closed>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let mut f = Frame::new(ask, Tab::Alerts, w.alerts)?;
    for task in &mut f.tasks {
        task.told = told::told(ask, &task.alerts)?;
    }
    let counts = ask.reader.alert_counts()?;
    let loudest = ["critical", "warning", "notice"].into_iter().find(|s| counts.iter().any(|(known, _)| known == s));
    let page = Page {
        headline: if f.open_alerts == 0 {
            w.no_alert_open.to_owned()
        } else {
            (w.n_alerts_open)(f.open_alerts, f.needing, f.tasks.len() - f.needing)
        },
        mark: loudest.map_or("ok", tasks::mark),
        is_part: f.open_alerts > tasks::MOST,
        channels: told::channels(ask)?,
        closed: ask.reader.closed_alerts(ask.now - MONTH, CLOSED)?.iter().map(|a| closed(ask, a)).collect(),
        f,
    };
    Ok(page.render()?)
}

fn closed(ask: &Ask<'_>, alert: &PageAlert) -> Closed {
    let link = |number: &str| {
        let link = || ask.order_link(&alert.merchant_id, number, alert.asked_trade_no.as_deref());
        alert.order_id.map(|_| link())
    };
    Closed {
        mark: tasks::mark(&alert.severity),
        severity: sentences::severity(ask.lang, &alert.severity),
        kind: sentences::kind(ask.lang, &alert.kind),
        sentence: sentences::reason(ask.lang, alert.reason.as_ref(), &alert.message),
        number: alert.merchant_trade_no.as_ref().map(|number| (number.clone(), link(number))),
        from: minute(alert.raised_at()),
        to: alert.closed_at().map(minute).unwrap_or_default(),
        seen_by: alert.acked_by.clone(),
    }
}
