//! A statement asked for: given out, or refused in the way of its call.

use chrono::{DateTime, Duration, Utc};

use super::Desk;
use super::reply::{Reply, json, text};
use crate::simulator::bank::StatementTerms;
use crate::simulator::protocol::{Addressee, Keyring};
use crate::simulator::statements::{self, Asked};

/// Seen in production with merchants that have the files of another product.
const UNAVAILABLE: (i64, &str) = (128, "System exception");
/// Seen in production, as plain text.
const FOREIGN_ADDRESS: &str = "Please check if the downloaded IP is the same as the settings on merchant's dashboard.";
/// Ours: the vendor's words for it are on no page.
const TOO_SOON: (i64, &str) = (0, "對帳檔一分鐘內僅能下載一次");

impl Desk {
    pub(super) fn statement(
        &mut self,
        to: &Addressee,
        asked: &Asked,
        now: DateTime<Utc>,
        stamped: DateTime<Utc>,
    ) -> Reply {
        let terms = &self.terms(&to.merchant_id).statement;
        if terms.foreign_address {
            return text(FOREIGN_ADDRESS.into());
        }
        let refusal =
            if terms.unavailable { Some(UNAVAILABLE) } else { self.is_too_soon(terms, now).then_some(TOO_SOON) };
        if let Some((code, why)) = refusal {
            return match to.call.file() {
                None => json(Keyring::refusal(&to.sender, code, why, stamped)),
                Some(_) => text(why.into()),
            };
        }
        self.last_file_at = Some(now);
        text(statements::file(&self.bank, &to.merchant_id, asked, now))
    }

    /// By the caller's address, which is one here, whoever calls.
    fn is_too_soon(&self, terms: &StatementTerms, now: DateTime<Utc>) -> bool {
        self.last_file_at.is_some_and(|last| now - last < Duration::seconds(i64::from(terms.every_s)))
    }
}
