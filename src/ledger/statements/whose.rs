//! Whose a file is, by the order numbers in it: a number that the ledger has of one merchant alone speaks for it.

use std::collections::BTreeMap;

use super::file::{RowSource, StatementFile, Whose};
use crate::domain::ids::MerchantId;
use crate::ledger::LedgerError;
use crate::ledger::db::{Db, params};

/// An error where the file is of another than it is said to be, or nobody can say.
pub(super) fn merchant(tx: &Db, file: &StatementFile, rows: &RowSource) -> Result<MerchantId, LedgerError> {
    match &file.whose {
        Whose::Of(merchant) => said(tx, merchant, rows),
        Whose::OneOf(merchants) => match &merchants[..] {
            [only] => said(tx, only, rows),
            several => found(tx, several, rows),
        },
    }
}

/// Refused where it has orders of another merchant, and none of this one.
fn said(tx: &Db, merchant: &MerchantId, rows: &RowSource) -> Result<MerchantId, LedgerError> {
    let mut other = None;
    for row in rows() {
        let number = row.map_err(LedgerError::Statement)?.merchant_trade_no;
        let owners = owners(tx, &number)?;
        if owners.iter().any(|owner| owner == merchant.as_str()) {
            return Ok(merchant.clone());
        }
        other = other.or_else(|| owners.into_iter().next().map(|owner| (owner, number)));
    }
    match other {
        None => Ok(merchant.clone()),
        Some((owner, number)) => Err(LedgerError::Statement(format!(
            "it has no order of merchant {merchant}, and orders of merchant {owner} (as {number}): it is a statement of {owner}"
        ))),
    }
}

fn found(tx: &Db, merchants: &[MerchantId], rows: &RowSource) -> Result<MerchantId, LedgerError> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows() {
        let number = row.map_err(LedgerError::Statement)?.merchant_trade_no;
        for owner in owners(tx, &number)? {
            *counts.entry(owner).or_default() += 1;
        }
    }
    let has_orders = |merchant: &&MerchantId| counts.contains_key(merchant.as_str());
    let mut owners = merchants.iter().filter(has_orders);
    match (owners.next(), owners.next()) {
        (Some(only), None) => Ok(only.clone()),
        (Some(one), Some(other)) => Err(LedgerError::Statement(format!(
            "it has order numbers of merchant {one} and of merchant {other}: name whose it is with --merchant"
        ))),
        (None, _) => Err(LedgerError::Statement(
            "none of its order numbers is in the ledger, so it does not show whose it is: name the merchant with --merchant".to_owned(),
        )),
    }
}

/// The merchants that the settings name and that have an order with the number.
fn owners(tx: &Db, number: &str) -> Result<Vec<String>, LedgerError> {
    Ok(tx.all(include_str!("../sql/owners_of_number.sql"), params! { number }, |row| row.at(0))?)
}
