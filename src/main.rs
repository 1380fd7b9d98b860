use std::process::ExitCode;

fn main() -> ExitCode {
    ecpayd::cli::main()
}
