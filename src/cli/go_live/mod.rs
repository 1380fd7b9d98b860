//! `go-live`: the guide of docs/go-live.md, step by step. It asks, waits and shows; the daemon moves the money.

mod line;
mod look;
mod mask;
mod recorder;
mod recording;
mod stage;
mod talk;
mod walk;
mod words;

use std::path::PathBuf;

use self::look::Looks;
use self::stage::{Lane, Mark};
use self::walk::Walk;
use super::args::GoLiveArgs;
use super::orders::one_merchant;
use super::{Failure, ledger, settings};
use crate::config::KeysNeeded;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;

pub(super) async fn go_live(config: Option<PathBuf>, args: GoLiveArgs) -> Result<(), Failure> {
    if args.void.is_some() && args.void == args.capture {
        return Err(Failure::Usage("one order cannot be voided and captured: name two".to_owned()));
    }
    let (without_keys, ledger) = ledger(config.clone())?;
    let done = async {
        let merchant_id = one_merchant(&without_keys, args.merchant.clone())?;
        let looks = looks(config, &args, &merchant_id)?;
        let mut merchants = without_keys.merchants.iter();
        let by_form = merchants.any(|merchant| merchant.merchant_id == merchant_id && merchant.form.is_some());
        let language = args.lang.language();
        let walk = Walk { ledger: &ledger, merchant_id, language, by_form, looks, probed: false };
        stopped_by_hand(steps(walk, &args)).await
    };
    let done = done.await;
    ledger.close().await;
    done
}

/// None: the keys cannot be read here, and nobody has asked for a recording.
fn looks(config: Option<PathBuf>, args: &GoLiveArgs, merchant_id: &MerchantId) -> Result<Option<Looks>, Failure> {
    let settings = match settings(config, KeysNeeded::Gateways) {
        Ok(settings) => settings,
        Err(failure) if args.record.is_some() => return Err(failure),
        Err(failure) => {
            let why = failure.to_string();
            say!("{}", words::no_keys(args.lang.language(), why.lines().next().unwrap_or_default()));
            return Ok(None);
        }
    };
    let Some(merchant) = settings.merchants.iter().find(|m| m.merchant_id == *merchant_id) else {
        return Err(Failure::Usage(format!("merchant {merchant_id} is not in the settings")));
    };
    Looks::new(&settings, merchant, args.record.as_deref()).map(Some)
}

/// The ledger is closed after Ctrl-C as well.
async fn stopped_by_hand(steps: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        done = steps => done,
        _ = tokio::signal::ctrl_c() => {
            let why = "stopped: the daemon goes on with what it was asked for, and the same command goes on from there";
            Err(Failure::Problem(why.to_owned()))
        }
    }
}

async fn steps(mut walk: Walk<'_>, args: &GoLiveArgs) -> Result<(), Failure> {
    let language = walk.language;
    walk.daemon_runs().await?;
    say!("{}", words::beginning(language, &walk.merchant_id));
    let voided = step(&mut walk, Lane::Void, args.void.clone(), args.capture.as_ref()).await?;
    let captured = step(&mut walk, Lane::Capture, args.capture.clone(), voided.as_ref().map(|(no, _)| no)).await?;
    match (&voided, &captured) {
        (None, None) => Err(Failure::Problem("no order was named: there is nothing to do".to_owned())),
        (_, captured) => {
            let mark = captured.as_ref().map(|(_, mark)| *mark);
            say!("{}", words::end(language, mark));
            Ok(())
        }
    }
}

/// None: left out.
async fn step(
    walk: &mut Walk<'_>,
    lane: Lane,
    named: Option<MerchantTradeNo>,
    other: Option<&MerchantTradeNo>,
) -> Result<Option<(MerchantTradeNo, Mark)>, Failure> {
    say!("{}", words::step(walk.language, lane));
    let number = match named {
        Some(number) => Some(number),
        None => number(walk.language, other).await,
    };
    let Some(number) = number else { return Ok(None) };
    let mark = walk.go(lane, &number).await?;
    Ok(Some((number, mark)))
}

/// What is no number, or that of the other order, is asked for again.
async fn number(language: Language, other: Option<&MerchantTradeNo>) -> Option<MerchantTradeNo> {
    loop {
        let answer = talk::asked(words::which(language)).await.filter(|answer| !answer.is_empty())?;
        match MerchantTradeNo::parse(&answer) {
            Ok(number) if Some(&number) == other => say!("{}", words::same_order(language)),
            Ok(number) => return Some(number),
            Err(error) => say!("{error}"),
        }
    }
}
