//! `pause`, `resume`.

use super::{Failure, now, person};
use crate::domain::ids::MerchantId;
use crate::ledger::{Ledger, Pause, Resume};

pub(super) async fn pause(ledger: &Ledger, merchant: Option<MerchantId>) -> Result<(), Failure> {
    let count = ledger.write(Pause { merchant_id: merchant, by: person(), now: now() }).await?;
    say!("money actions paused for {count} merchant(s); queries go on");
    Ok(())
}

pub(super) async fn resume(ledger: &Ledger, merchant: Option<MerchantId>) -> Result<(), Failure> {
    let count = ledger.write(Resume { merchant_id: merchant, by: person(), now: now() }).await?;
    say!("money actions go on for {count} merchant(s)");
    Ok(())
}
