//! `completions` and `man`: what a package takes from the same tree of commands that the program reads.

use std::io::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Failure;
use super::args::Cli;

const NAME: &str = "ecpayd";

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut text);
    Ok(std::io::stdout().write_all(&text)?)
}

/// A page for each command.
pub(super) fn man(directory: &Path) -> Result<(), Failure> {
    if !directory.is_dir() {
        return Err(Failure::Usage(format!("{} is no directory: make it first", directory.display())));
    }
    clap_mangen::generate_to(Cli::command(), directory)
        .map_err(|error| Failure::Problem(format!("{}: {error}", directory.display())))
}
