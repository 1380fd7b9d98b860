//! From what was found to what is said of it. Pure: the same facts are the same words, whoever asks.

mod access;
mod files;
mod gateway;
mod ledger;
mod left_out;
mod probe;
mod running;
mod served;
mod settings;
mod told;

use super::{Check, Facts};
use crate::domain::check::Findings;
use crate::domain::language::Language;

pub use probe::probed;

/// Everything that was looked at, in the order in which somebody mends it.
pub fn all(facts: &Facts, language: Language) -> Vec<Check> {
    let mut checks = of_settings(facts, language);
    checks.extend(told::all(facts, language));
    checks.push(ledger::sqlite(crate::ledger::inspect::sqlite(), language));
    checks.push(running::time_zone(facts.now, language));
    if let Some(found) = &facts.ledger {
        checks.extend(files::all(found, language));
        checks.extend(ledger::all(found, language));
        checks.extend(running::all(found, facts.now, language));
    }
    checks.extend(files::copies(&facts.copies, language));
    checks.extend(facts.hosts.iter().flat_map(|host| gateway::host(host, facts.now, language)));
    let max_skew = facts.examined.settings.as_ref().map_or(300, |s| s.policy.max_skew.num_seconds());
    checks.extend(facts.asked.iter().flat_map(|asked| gateway::asked(asked, max_skew, language)));
    checks.extend(facts.served.iter().flat_map(|served| served::all(served, facts.now, max_skew, language)));
    checks.extend(facts.probed.iter().map(|probed| self::probed(probed, language)));
    checks
}

/// Of what the daemon sees of itself, which is not everything.
pub fn of_daemon(facts: &Facts, language: Language) -> Findings {
    Findings { checks: all(facts, language), left_out: left_out::all(facts, language) }
}

/// What `check-config` tells too.
pub fn of_settings(facts: &Facts, language: Language) -> Vec<Check> {
    let mut checks = settings::read(&facts.settings_path, &facts.examined.settings, language);
    checks.extend(access::settings_file(facts, language));
    checks.extend(access::key_files(facts, language));
    if let Ok(found) = &facts.examined.settings {
        checks.extend(settings::stage(found, language));
    }
    checks
}
