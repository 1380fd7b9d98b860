//! `simulator`: the stand-in gateway.

use std::sync::Arc;

use super::args::SimulatorArgs;
use super::{Failure, now};
use crate::simulator::{Options, SimMerchant, Simulator};

pub(super) async fn simulator(args: SimulatorArgs) -> Result<(), Failure> {
    let merchant = SimMerchant {
        merchant_id: args.merchant.to_string(),
        hash_key: args.hash_key,
        hash_iv: args.hash_iv,
        platform_id: args.platform.map(String::from),
        daily_auto_close: args.daily_auto_close,
        balance: None,
    };
    let options = Options { merchants: vec![merchant], clock: Arc::new(now) };
    let running = Simulator::start(args.listen, options).await?;
    let url = running.url();
    say!("the stand-in gateway of merchant {} listens on {url}", args.merchant);
    say!(
        "create an order: curl -s {url}/sim/orders -H 'content-type: application/json' -d '{{\"merchant_trade_no\":\"A1\",\"amount\":1200}}'"
    );
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
