//! The gateway: each merchant's services, their silence, and what fails, as far as the ledger knows.

use askama::Template;

use super::ask::{Ask, PageError};
use super::form::minute;
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::service::Service;
use crate::ledger::pages::{PageAlert, PageMerchant};

/// Orders of a merchant whose looks fail.
const FAILING: i64 = 20;

/// Alerts about a service as a whole.
const OF_SERVICE: [&str; 4] = ["gateway_down", "rate_limited", "clock_skew", "bad_credentials"];

struct Row {
    merchant: String,
    service: &'static str,
    mark: &'static str,
    now: &'static str,
    silence: String,
    problems: Vec<String>,
}

struct Failing {
    number: String,
    link: String,
    merchant: String,
    error: String,
    again_at: String,
}

#[derive(Template)]
#[template(path = "gateway.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    mark: &'static str,
    rows: Vec<Row>,
    failing: Vec<Failing>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Gateway, w.gateway)?;
    let alerts = ask.reader.open_alerts(super::tasks::MOST)?;
    let mut rows = Vec::new();
    for merchant in f.merchants.iter().filter(|m| m.configured) {
        rows.push(row(ask, merchant, Service::Card, &alerts));
        if merchant.vouchers {
            rows.push(row(ask, merchant, Service::Voucher, &alerts));
        }
    }
    let failing = failing(ask, &f.merchants)?;
    let troubled = rows.iter().filter(|r| r.mark != "wait").count();
    let page = Page {
        headline: if troubled == 0 { w.gateway_quiet.to_owned() } else { (w.n_services_troubled)(troubled) },
        mark: if troubled == 0 { "wait" } else { "warn" },
        rows,
        failing,
        f,
    };
    Ok(page.render()?)
}

/// That nothing is wrong is not known from a ledger: there is no tick.
fn row(ask: &Ask<'_>, merchant: &PageMerchant, service: Service, alerts: &[PageAlert]) -> Row {
    let w = ask.w();
    let until = merchant.silent_until(service, ask.now);
    let of_it = |a: &&PageAlert| {
        a.merchant_id == merchant.merchant_id
            && a.order_id.is_none()
            && a.merchant_trade_no.is_none()
            && a.stage == service.stage()
            && OF_SERVICE.contains(&a.kind.as_str())
    };
    let problems: Vec<&PageAlert> = alerts.iter().filter(of_it).collect();
    let (mark, now) = match (until, problems.first()) {
        (Some(_), _) => ("warn", w.silent_name),
        (None, Some(alert)) => (super::tasks::mark(&alert.severity), w.troubled),
        (None, None) => ("wait", w.no_failure),
    };
    Row {
        merchant: merchant.merchant_id.clone(),
        service: sentences::service(ask.lang, service),
        mark,
        now,
        silence: until.map_or_else(|| "–".to_owned(), |until| (w.until)(&minute(until))),
        problems: problems.iter().map(|a| sentences::reason(ask.lang, a.reason.as_ref(), &a.message)).collect(),
    }
}

fn failing(ask: &Ask<'_>, merchants: &[PageMerchant]) -> Result<Vec<Failing>, PageError> {
    let mut all = Vec::new();
    for merchant in merchants {
        let orders = ask.reader.failing(&merchant.merchant_id, FAILING)?;
        all.extend(orders.into_iter().map(|order| Failing {
            link: ask.order_link(&merchant.merchant_id, &order.merchant_trade_no, Some(&order.asked_trade_no)),
            again_at: order.retry_at().map_or_else(|| "–".to_owned(), minute),
            error: order.last_error.map(|error| error.to_string()).unwrap_or_default(),
            number: order.merchant_trade_no,
            merchant: merchant.merchant_id.clone(),
        }));
    }
    Ok(all)
}
