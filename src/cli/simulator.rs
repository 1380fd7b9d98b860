//! `simulator`: the stand-in gateway.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::args::SimulatorArgs;
use super::{Failure, now, told};
use crate::gateway::wire::cipher::Keys;
use crate::simulator::{Options, SimHandle, SimMerchant, Simulator, StartError, StateFile};

/// What is lost at most when the process is killed.
const SAVE_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn simulator(args: SimulatorArgs) -> Result<(), Failure> {
    let voucher_keys = Keys::new(&args.voucher_hash_key, &args.voucher_hash_iv)
        .map_err(|error| Failure::Usage(format!("voucher {error}")))?;
    let merchant = SimMerchant {
        merchant_id: args.merchant.to_string(),
        hash_key: args.hash_key,
        hash_iv: args.hash_iv,
        platform_id: args.platform.map(String::from),
        daily_auto_close: args.daily_auto_close,
        balance: None,
        aio: args.aio,
    };
    let options = Options { merchants: vec![merchant], clock: Arc::new(now) };
    let handle = Simulator::without_server(options).map_err(misuse)?;
    handle.set_voucher_keys(&args.merchant, voucher_keys);
    let mut state = args.state.as_deref().map(|path| StateFile::open(path, &handle)).transpose()?;
    // After the file, which holds how far the draws had come.
    if let Some(seed) = args.seed {
        handle.seed(seed);
    }
    let running = Simulator::serve(args.listen, handle.clone()).await.map_err(misuse)?;
    let url = running.url();
    say!("the stand-in gateway of merchant {} listens on {url}", args.merchant);
    say!("create an order: curl -s {url}/sim/orders -d '{{\"merchant_trade_no\":\"A1\",\"amount\":1200}}'");
    save_until_told(&mut state, &handle).await?;
    running.shutdown().await;
    if let Some(state) = state {
        state.close(&handle)?;
    }
    Ok(())
}

/// Only the port can be taken; all else was asked for wrongly.
fn misuse(error: StartError) -> Failure {
    match error {
        StartError::Listen { .. } => error.into(),
        _ => Failure::Usage(told(&error)),
    }
}

async fn save_until_told(state: &mut Option<StateFile>, handle: &SimHandle) -> Result<(), Failure> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut save = tokio::time::interval(SAVE_EVERY);
    loop {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
            _ = terminated.recv() => return Ok(()),
            _ = save.tick() => {
                if let Some(state) = state {
                    state.save(handle)?;
                }
            }
        }
    }
}
