//! What `backup` and `restore` take.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::print::PrintArgs;

#[derive(Args)]
#[command(group = ArgGroup::new("target").required(true))]
pub(in crate::cli) struct BackupArgs {
    /// The file that the copy becomes; there is none yet
    #[arg(group = "target")]
    pub file: Option<PathBuf>,
    /// A file in this directory, named by date and time (Asia/Taipei)
    #[arg(long, value_name = "DIR", group = "target", requires = "keep")]
    pub dir: Option<PathBuf>,
    /// Remove the oldest of such files beyond this many, once the new one is verified
    #[arg(long, value_name = "N", conflicts_with = "file", requires = "dir", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

#[derive(Args)]
pub(in crate::cli) struct RestoreArgs {
    /// A backup of the ledger, or one that was replaced by a restore
    pub copy: PathBuf,
    /// Pause all money actions in it, before any daemon can start
    #[arg(long)]
    pub pause: bool,
    #[command(flatten)]
    pub print: PrintArgs,
}
