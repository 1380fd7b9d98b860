//! What a browser makes of the pages.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::pages::PATHS;
use crate::stage::Stage;

/// None: there is no browser here, and `ALL_CLIENTS` does not ask for it.
fn python() -> Option<Command> {
    let judges = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/judges/bin/python");
    let there =
        |program: &str, args: &[&str]| Command::new(program).args(args).output().is_ok_and(|o| o.status.success());
    let has_selenium = there(&judges.display().to_string(), &["-c", "import selenium"]);
    if has_selenium && there("chromedriver", &["--version"]) {
        let mut command = Command::new(judges);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        return Some(command);
    }
    let why = "no chromedriver, or no target/judges with the packages of tests/web/requirements.txt";
    assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
    writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_scrolls_sideways_is_pale_or_needs_a_script() {
    let Some(mut python) = python() else { return };
    let stage = Stage::played().await;
    let hour = stage.now().timestamp() / 3600;
    stage.sql.does(&format!(
        "INSERT INTO traffic (merchant_id, service, hour, call, outcome, calls, ms)
         VALUES ('2000132', 'card', {hour}, 'card_detail', 'limited', 1, 30), ('2000132', 'card', {hour}, 'action', 'refused', 2, 30)"
    ));
    let pages = stage.pages(crate::doctor::shows_all(&stage)).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/browser.py");
    python.arg(script).arg(format!("http://{}", pages.at)).args(PATHS);
    let seen = tokio::task::spawn_blocking(move || python.output()).await.expect("a thread").expect("python runs");
    let said = String::from_utf8_lossy(&seen.stdout).into_owned() + &String::from_utf8_lossy(&seen.stderr);
    assert_eq!(said.trim(), format!("{} pages looked at", PATHS.len()));
}
