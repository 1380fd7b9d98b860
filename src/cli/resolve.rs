//! `resolve`: a person settles an attempt in review.

use super::args::ResolveArgs;
use super::{Failure, now};
use crate::ledger::{Ledger, Resolve};

pub(super) async fn resolve(ledger: &Ledger, args: ResolveArgs) -> Result<(), Failure> {
    let ResolveArgs { attempt, applied, by, .. } = args;
    ledger.write(Resolve { attempt_id: attempt, applied, by: by.clone(), now: now() }).await?;
    let verdict = if applied { "applied" } else { "not applied: the plan may act again" };
    say!("attempt {attempt} settled by {by} as {verdict}");
    Ok(())
}
