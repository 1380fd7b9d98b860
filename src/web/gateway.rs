//! The gateway: each merchant's services, their silence, their calls, and what fails, as far as the ledger knows.

mod lanes;

use askama::Template;
use chrono::Duration;

use self::lanes::{Lanes, lanes};

use super::ask::{Ask, PageError};
use super::form::minute;
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::service::Service;
use crate::ledger::pages::{PageAlert, PageMerchant};

/// Orders of a merchant whose looks fail.
const FAILING: i64 = 20;

/// Services whose calls are drawn.
const DRAWN: usize = 40;

/// An authorized order is looked at once a day.
const LATELY: Duration = Duration::hours(25);

/// Alerts about a service as a whole.
const OF_SERVICE: [&str; 4] = ["gateway_down", "rate_limited", "clock_skew", "bad_credentials"];

struct Row {
    merchant: String,
    service: &'static str,
    mark: &'static str,
    now: &'static str,
    answered: String,
    clock: String,
    silence: String,
    statement: String,
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
    services: Vec<Lanes>,
    is_part: bool,
    failing: Vec<Failing>,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Gateway, w.gateway)?;
    let alerts = ask.reader.open_alerts(super::tasks::MOST)?;
    let both = |merchant| [(merchant, Service::Card), (merchant, Service::Voucher)];
    let configured = f.merchants.iter().filter(|m| m.configured).flat_map(both);
    let of_them: Vec<_> = configured.filter(|(m, service)| *service == Service::Card || m.vouchers).collect();
    let (mut rows, mut services) = (Vec::new(), Vec::new());
    for (merchant, service) in of_them {
        rows.push(row(ask, merchant, service, &alerts)?);
        if services.len() < DRAWN {
            let calls = ask.reader.calls(&merchant.merchant_id, service, lanes::since(ask.now))?;
            services.push(lanes(ask, services.len(), name(ask, merchant, service), &calls));
        }
    }
    let failing = failing(ask, &f.merchants)?;
    let troubled = rows.iter().filter(|r| !matches!(r.mark, "wait" | "ok")).count();
    let all_answer = !rows.is_empty() && rows.iter().all(|r| r.mark == "ok");
    let (mark, headline) = match (troubled, all_answer) {
        (0, true) => ("ok", w.ecpay_answers.to_owned()),
        (0, false) => ("wait", w.gateway_quiet.to_owned()),
        _ => ("warn", (w.n_services_troubled)(troubled)),
    };
    let page = Page { headline, mark, is_part: rows.len() > services.len(), rows, services, failing, f };
    Ok(page.render()?)
}

/// That nothing fails is known only where an answer came of late: elsewhere there is no tick.
fn row(ask: &Ask<'_>, merchant: &PageMerchant, service: Service, alerts: &[PageAlert]) -> Result<Row, PageError> {
    let w = ask.w();
    let until = merchant.silent_until(service, ask.now);
    let answer = ask.reader.last_answer(&merchant.merchant_id, service)?;
    let of_it = |a: &&PageAlert| {
        a.merchant_id == merchant.merchant_id
            && a.order_id.is_none()
            && a.merchant_trade_no.is_none()
            && a.stage == service.stage()
            && OF_SERVICE.contains(&a.kind.as_str())
    };
    let problems: Vec<&PageAlert> = alerts.iter().filter(of_it).collect();
    let (mark, now) = match (until, problems.first(), &answer) {
        (Some(_), ..) => ("warn", w.silent_name),
        (None, Some(alert), _) => (super::tasks::mark(&alert.severity), w.troubled),
        (None, None, Some(answer)) if ask.now - answer.at() <= LATELY => ("ok", w.answers),
        (None, None, _) => ("wait", w.no_failure),
    };
    let mut problems: Vec<String> =
        problems.iter().map(|a| sentences::reason(ask.lang, a.reason.as_ref(), &a.message)).collect();
    let read = match service {
        Service::Card => Some(ask.reader.statements_read(&merchant.merchant_id)?),
        Service::Voucher => None,
    };
    problems.extend(read.iter().filter_map(|read| sentences::alone(ask.lang, read.error.as_ref())));
    let skew_s = answer.as_ref().and_then(|answer| answer.skew_s);
    Ok(Row {
        merchant: merchant.merchant_id.clone(),
        service: sentences::service(ask.lang, service),
        mark,
        now,
        answered: answer.map_or_else(|| "–".to_owned(), |answer| minute(answer.at())),
        clock: skew_s.map_or_else(|| "–".to_owned(), |s| format!("{s:+} s")),
        silence: until.map_or_else(|| "–".to_owned(), |until| (w.until)(&minute(until))),
        statement: read.and_then(|read| read.read_to).unwrap_or_else(|| "–".to_owned()),
        problems,
    })
}

fn name(ask: &Ask<'_>, merchant: &PageMerchant, service: Service) -> String {
    format!("{} · {}", merchant.merchant_id, sentences::service(ask.lang, service))
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
