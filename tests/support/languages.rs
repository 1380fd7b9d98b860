//! Programs of other languages, where they are installed.
//!
//! One that is not is skipped, and the test says so; where `ALL_CLIENTS` is set, as `.ci/run` does, it fails instead.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The first one that passes the probe, about to be started in this folder. None: the tester has been told why.
pub fn found(language: &str, programs: &[&str], probe: &[&str], folder: &Path) -> Option<Command> {
    let probed = |program: &&&str| Command::new(program).args(probe).output().is_ok_and(|o| o.status.success());
    let Some(program) = programs.iter().find(probed) else {
        skipped(&format!("{language} is not installed, or lacks what its page names"));
        return None;
    };
    let mut command = Command::new(program);
    command.current_dir(folder).env("PYTHONDONTWRITEBYTECODE", "1").env("NODE_NO_WARNINGS", "1");
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    Some(command)
}

/// Past the capture of the test's output, so that a person sees it.
fn skipped(why: &str) {
    assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
    writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
}
