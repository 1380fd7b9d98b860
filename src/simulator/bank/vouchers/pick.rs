//! Which tickets of an order are meant.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::error::VoucherError;
use super::order::VoucherOrder;
use crate::domain::voucher::{IssueStatus, UseStatus};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first so many unused ones.
    Unused(usize),
    Named(Vec<String>),
}

/// The places of what is meant, all of it unused, or nothing.
pub(super) fn picked(order: &VoucherOrder, pick: &Pick, now: DateTime<Utc>) -> Result<Vec<usize>, VoucherError> {
    if order.status(now) != IssueStatus::Issued {
        return Err(VoucherError::NotIssued(order.number.as_str().to_owned()));
    }
    let unused = order.tickets.iter().enumerate().filter(|(_, t)| t.status(now) == UseStatus::Unused);
    match pick {
        Pick::Unused(count) => {
            let picked: Vec<usize> = unused.take(*count).map(|(place, _)| place).collect();
            if picked.len() == *count { Ok(picked) } else { Err(VoucherError::TooFew(picked.len())) }
        }
        Pick::Named(named) => {
            let places: HashMap<&str, usize> = unused.map(|(place, t)| (t.ticket_no.as_str(), place)).collect();
            let mut picked = BTreeSet::new();
            for no in named {
                let place = places.get(no.as_str()).copied().filter(|place| !picked.contains(place));
                picked.insert(place.ok_or_else(|| VoucherError::NotUnused(no.clone()))?);
            }
            Ok(picked.into_iter().collect())
        }
    }
}

pub(super) fn worth(order: &VoucherOrder, picked: &[usize]) -> i64 {
    picked.iter().map(|place| order.tickets[*place].amount.dollars()).sum()
}
