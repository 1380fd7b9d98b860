//! The channels of the settings: the triggers that fill the outbox go by them.

use crate::domain::alert::Severity;
use crate::domain::delivery::ShopEvent;
use crate::domain::ids::MerchantId;
use crate::ledger::db::{Db, params};
use crate::ledger::{LedgerError, Write};

/// What a channel is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Alerts of this severity and above, each by itself.
    Alerts(Severity),
    /// What ends for an order; none named: all.
    Events(Vec<ShopEvent>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelTerms {
    pub name: String,
    pub told: Told,
    /// None: all.
    pub merchants: Vec<MerchantId>,
}

/// A start takes the channels of its settings. One that is gone from them is told nothing any more; what waits
/// for it stays.
pub struct ChannelsTaken {
    pub channels: Vec<ChannelTerms>,
}

impl Write for ChannelsTaken {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        tx.run("UPDATE channels SET configured = 0", &[])?;
        for channel in &self.channels {
            let (what, least, kinds) = match &channel.told {
                Told::Alerts(least) => ("alerts", rank(*least), String::new()),
                Told::Events(kinds) => ("events", 0, listed(kinds.iter().map(|kind| kind.word()))),
            };
            let merchants = listed(channel.merchants.iter().map(MerchantId::as_str));
            let row = params! { name: channel.name, what, least, merchants, kinds };
            tx.run(include_str!("../sql/take_channel.sql"), row)?;
        }
        Ok(())
    }
}

fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Notice => 0,
        Severity::Warning => 1,
        Severity::Critical => 2,
    }
}

/// `,a,b,`, in which each is found with its commas.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    if words.is_empty() { String::new() } else { format!(",{},", words.join(",")) }
}
