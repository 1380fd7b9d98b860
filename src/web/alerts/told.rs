//! Who was told of an alert, and whom it has not reached.

use std::collections::BTreeMap;

use crate::domain::alert::Severity;
use crate::ledger::pages::{AlertDelivery, PageChannel};
use crate::web::ask::{Ask, PageError};
use crate::web::form::minute;
use crate::web::sentences;

/// A task of more alerts is told of by its loudest.
const ASKED: usize = 50;

pub struct Channel {
    pub name: String,
    pub of: String,
    pub mark: &'static str,
    pub state: String,
    pub reached: String,
}

/// A line for each channel: the worst that is so of any of the alerts.
pub fn told(ask: &Ask<'_>, alerts: &[i64]) -> Result<Vec<String>, PageError> {
    let mut worst: BTreeMap<String, AlertDelivery> = BTreeMap::new();
    for alert in alerts.iter().take(ASKED) {
        let mut newest: BTreeMap<String, AlertDelivery> = BTreeMap::new();
        for delivery in ask.reader.told(*alert)? {
            newest.insert(delivery.channel.clone(), delivery);
        }
        for (channel, delivery) in newest {
            match worst.get(&channel) {
                Some(known) if rank(known) >= rank(&delivery) => {}
                _ => drop(worst.insert(channel, delivery)),
            }
        }
    }
    Ok(worst.values().map(|delivery| line(ask, delivery)).collect())
}

fn rank(delivery: &AlertDelivery) -> u8 {
    match delivery {
        d if d.given_up_at().is_some() => 3,
        d if d.last_error.is_some() && d.sent_at().is_none() => 2,
        d if d.sent_at().is_none() => 1,
        _ => 0,
    }
}

fn line(ask: &Ask<'_>, delivery: &AlertDelivery) -> String {
    let w = ask.w();
    let error = delivery.last_error.as_ref().map(|error| error.to_string()).unwrap_or_default();
    let state = match (delivery.sent_at(), delivery.given_up_at(), delivery.next_at()) {
        (Some(at), ..) => (w.told_at)(&minute(at)),
        (None, Some(at), _) => (w.given_up)(&minute(at), &error),
        (None, None, Some(again)) if delivery.tries > 0 => (w.not_reached)(delivery.tries, &minute(again), &error),
        _ => w.told_next.to_owned(),
    };
    format!("{}{}{state}", delivery.channel, w.colon)
}

pub fn channels(ask: &Ask<'_>) -> Result<Vec<Channel>, PageError> {
    Ok(ask.reader.channels()?.iter().map(|channel| one(ask, channel)).collect())
}

fn one(ask: &Ask<'_>, channel: &PageChannel) -> Channel {
    let w = ask.w();
    let (mark, state) = match (&channel.last_error, channel.next_at(), channel.sent_at()) {
        (Some(error), Some(again), _) => ("warn", (w.fails_now)(channel.pending, &minute(again), error)),
        (_, _, Some(_)) => ("ok", w.reached.to_owned()),
        // Nothing was ever sent: nobody knows whether it would arrive.
        _ => ("wait", w.never_tried.to_owned()),
    };
    let least = match channel.least {
        0 => Severity::Notice,
        1 => Severity::Warning,
        _ => Severity::Critical,
    };
    Channel {
        name: channel.name.clone(),
        of: if channel.what == "events" {
            w.to_the_shop.to_owned()
        } else {
            (w.told_from)(&sentences::severity(ask.lang, least.word()))
        },
        mark,
        state,
        reached: channel.sent_at().map_or_else(|| "–".to_owned(), minute),
    }
}
