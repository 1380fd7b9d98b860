//! `pause`, `resume`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::values::{merchant, reason};
use crate::domain::ids::MerchantId;
use crate::domain::pause::PauseOf;

#[derive(Args)]
pub(in crate::cli) struct PauseArgs {
    /// None: all of them
    #[arg(value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// Stop these alone: captures, or refunds with all that they need
    #[arg(long, value_name = "KIND")]
    pub only: Option<Kind>,
    /// For the history, and for everybody who sees that it is paused
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = reason)]
    pub why: String,
    /// It ends by itself after so long: 30m, 2h, 3d
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub lasts: Option<Duration>,
}

#[derive(Args)]
pub(in crate::cli) struct ResumeArgs {
    /// None: all of them
    #[arg(value_parser = merchant)]
    pub merchant: Option<MerchantId>,
    /// Let these alone go on
    #[arg(long, value_name = "KIND")]
    pub only: Option<Kind>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Kind {
    Capture,
    Refund,
}

impl From<Kind> for PauseOf {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Capture => Self::Capture,
            Kind::Refund => Self::Refund,
        }
    }
}

/// A longer pause is one that was forgotten.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);

fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).ok().filter(|time| (Duration::from_secs(60)..=LONGEST).contains(time));
    time.ok_or_else(|| format!("'{text}' is no time from 1m to 90d, like 30m, 2h or 3d"))
}
