//! What the daemon's own calls have shown of each service.

use chrono::{DateTime, Duration, Utc};

use super::gateway::{clock, of_service, resting};
use super::ledger::unread;
use crate::doctor::{Check, Code, Level};
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::calendar::show;
use crate::domain::language::Language;
use crate::ledger::LedgerError;
use crate::ledger::inspect::{ServiceSeen, Trouble};

/// An authorized order is looked at once a day.
const LATELY: Duration = Duration::hours(25);

pub(super) fn all(
    served: &Result<Vec<ServiceSeen>, LedgerError>,
    now: DateTime<Utc>,
    max_skew_s: i64,
    language: Language,
) -> Vec<Check> {
    match served {
        Ok(services) => services.iter().flat_map(|seen| of(seen, now, max_skew_s, language)).collect(),
        Err(error) => vec![unread(Code::GatewayAnswer, error, language)],
    }
}

fn of(seen: &ServiceSeen, now: DateTime<Utc>, max_skew_s: i64, language: Language) -> Vec<Check> {
    let mut checks: Vec<_> = seen.troubles.iter().map(|trouble| troubled(trouble, language)).collect();
    let says = |checks: &[Check], code| checks.iter().any(|check| check.code == code);
    match (seen.silent_until, lately(seen, now)) {
        (Some(until), _) => checks.push(resting(until, language)),
        (None, Some(at)) if !says(&checks, Code::GatewayAnswer) => checks.push(answered(at, language)),
        _ => {}
    }
    if lately(seen, now).is_some() && !says(&checks, Code::Clock) {
        checks.push(clock(seen.skew_s, max_skew_s, language));
    }
    let about = of_service(&seen.merchant_id, seen.service);
    checks.into_iter().map(|check| check.about(&about)).collect()
}

/// None: what has been known of it for so long says nothing of today.
fn lately(seen: &ServiceSeen, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    seen.answered_at.filter(|at| now - *at <= LATELY)
}

/// Nothing is known against it, and nothing for it.
pub(super) fn is_quiet(seen: &ServiceSeen, now: DateTime<Utc>) -> bool {
    lately(seen, now).is_none() && seen.silent_until.is_none() && seen.troubles.is_empty()
}

fn answered(at: DateTime<Utc>, language: Language) -> Check {
    let at = show(at);
    Check::ok(
        Code::GatewayAnswer,
        language.pick(format!("ECPay answered the daemon last at {at}"), format!("綠界最後於 {at} 回應常駐程式")),
    )
}

fn troubled(trouble: &Trouble, language: Language) -> Check {
    let code = if trouble.kind == AlertKind::ClockSkew { Code::Clock } else { Code::GatewayAnswer };
    let level = if trouble.severity == Severity::Critical { Level::Fails } else { Level::Warning };
    let mend = trouble.kind.todo(language).sentence;
    Check { level, ..Check::warning(code, trouble.sentence(language), mend) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::service::Service;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::days(20_000)
    }

    fn seen() -> ServiceSeen {
        ServiceSeen {
            merchant_id: "3002607".to_owned(),
            service: Service::Card,
            silent_until: None,
            answered_at: Some(now() - Duration::minutes(3)),
            skew_s: Some(0),
            troubles: Vec::new(),
        }
    }

    fn trouble(kind: AlertKind, severity: Severity) -> Vec<Trouble> {
        vec![Trouble { kind, severity, reason: None, message: "said".to_owned() }]
    }

    #[test]
    fn a_service_is_well_only_where_it_has_answered_of_late_and_no_alert_tells_of_it() {
        use Code::{Clock, GatewayAnswer};
        use Level::{Fails, Ok, Warning};
        let old = Some(now() - Duration::hours(26));
        for (seen, told) in [
            (seen(), vec![(GatewayAnswer, Ok), (Clock, Ok)]),
            (ServiceSeen { skew_s: Some(-90), ..seen() }, vec![(GatewayAnswer, Ok), (Clock, Warning)]),
            (ServiceSeen { skew_s: None, ..seen() }, vec![(GatewayAnswer, Ok), (Clock, Warning)]),
            (ServiceSeen { answered_at: old, ..seen() }, vec![]),
            (ServiceSeen { answered_at: None, skew_s: None, ..seen() }, vec![]),
            (
                ServiceSeen { silent_until: Some(now() + Duration::minutes(9)), ..seen() },
                vec![(GatewayAnswer, Warning), (Clock, Ok)],
            ),
            (
                ServiceSeen { troubles: trouble(AlertKind::GatewayDown, Severity::Warning), ..seen() },
                vec![(GatewayAnswer, Warning), (Clock, Ok)],
            ),
            (
                ServiceSeen {
                    troubles: trouble(AlertKind::BadCredentials, Severity::Critical),
                    answered_at: old,
                    ..seen()
                },
                vec![(GatewayAnswer, Fails)],
            ),
            (
                ServiceSeen { troubles: trouble(AlertKind::ClockSkew, Severity::Critical), ..seen() },
                vec![(Clock, Fails), (GatewayAnswer, Ok)],
            ),
        ] {
            let checks = of(&seen, now(), 300, Language::English);
            assert_eq!(checks.iter().map(|c| (c.code, c.level)).collect::<Vec<_>>(), told, "{seen:?}");
            assert_eq!(is_quiet(&seen, now()), told.is_empty(), "{seen:?}");
            assert!(checks.iter().all(|c| c.mend.is_some() == (c.level != Ok)), "{checks:?}");
            assert!(checks.iter().all(|c| c.about.as_deref() == Some("3002607 card")), "{checks:?}");
        }
    }
}
