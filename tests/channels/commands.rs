//! A program of the merchant's: what it gets, how it ends, and that nothing of it is left.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::receiver::{Receiver, answer};
use super::{MARK, channel, channel_within, message, not_sent, sent};
use crate::support::until;

/// `sh -c SCRIPT`, in which `$1` is a directory of the test's and `$2` a secret.
fn keys(script: &str, dir: &Path) -> String {
    format!("kind = \"command\"\nargv = ['sh', '-c', '''{script}''', 'sh', '{}', '{MARK}']\n", dir.display())
}

/// No process has the file open or as its working directory any more.
async fn nobody_is_left(pid_file: &Path) {
    until("the program has written its number", async || {
        std::fs::read_to_string(pid_file).is_ok_and(|t| t.ends_with('\n'))
    })
    .await;
    let text = std::fs::read_to_string(pid_file).expect("numbers");
    for pid in text.split_whitespace() {
        let stat = format!("/proc/{pid}/stat");
        let is_gone = || match std::fs::read_to_string(&stat) {
            Err(_) => true,
            // Ended, and not yet waited for by whoever inherited it.
            Ok(stat) => stat.contains(") Z "),
        };
        until("the process is gone", async || is_gone()).await;
    }
}

#[tokio::test]
async fn a_command_gets_the_message_on_its_input_and_little_else() {
    let dir = tempfile::tempdir().expect("a directory");
    sent(&channel(&keys("cat > \"$1/in\"; env > \"$1/env\"; pwd", dir.path()))).await;
    let input = std::fs::read_to_string(dir.path().join("in")).expect("the input");
    assert_eq!(serde_json::from_str::<Value>(&input).expect("JSON"), message().json);
    assert!(input.ends_with("}\n") && input.lines().count() == 1, "{input}");
    let env = std::fs::read_to_string(dir.path().join("env")).expect("the environment");
    for line in env.lines() {
        // The last two are the shell's own.
        let known = ["PATH=", "LANG=", "PWD=", "_=", "SHLVL=", "OLDPWD="];
        assert!(known.iter().any(|name| line.starts_with(name)), "{line}");
    }
}

#[tokio::test]
async fn a_command_that_reads_nothing_is_not_waited_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut message = message();
    // More than a pipe holds.
    message.json = Value::String("x".repeat(1_000_000));
    channel(&keys("exit 0", dir.path())).send(&message).await.expect("sent");
}

#[tokio::test]
async fn a_status_other_than_0_is_told_with_the_last_line_of_standard_error() {
    let dir = tempfile::tempdir().expect("a directory");
    for (script, why) in [
        ("echo out; echo first >&2; echo \"no $2 here\" >&2; echo >&2; exit 3", "sh ended with status 3: no **** here"),
        ("exit 3", "sh ended with status 3"),
        ("kill -9 $$", "sh was ended by signal 9"),
    ] {
        let not_sent = not_sent(&channel(&keys(script, dir.path()))).await;
        assert_eq!((not_sent.why.as_str(), not_sent.give_up), (why, false));
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let keys = format!("kind = \"command\"\nargv = [\"/nowhere/tell\", \"{MARK}\"]\n");
    assert_eq!(
        not_sent(&channel(&keys)).await.why,
        "/nowhere/tell cannot be started: no such file or directory (os error 2)"
    );
}

#[tokio::test]
async fn a_command_that_does_not_end_is_killed_with_its_children() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = "sleep 1000 & echo $$ $! > \"$1/pids\"; trap \"\" TERM; sleep 1000; sleep 1000";
    let not_sent = not_sent(&channel_within(&keys(script, dir.path()), Duration::from_secs(1))).await;
    assert_eq!(not_sent.why, "sh did not end within 1s, and was killed");
    nobody_is_left(&dir.path().join("pids")).await;
}

#[tokio::test]
async fn a_child_that_holds_the_pipes_is_not_waited_for_and_ends_with_its_parent() {
    let dir = tempfile::tempdir().expect("a directory");
    for (script, status) in [("exit 0", None), ("echo gone >&2; exit 3", Some("sh ended with status 3: gone"))] {
        let script = format!("sleep 1000 & echo $! > \"$1/pids\"; {script}");
        let outcome = channel(&keys(&script, dir.path())).send(&message()).await;
        assert_eq!(outcome.err().map(|not_sent| not_sent.why).as_deref(), status);
        nobody_is_left(&dir.path().join("pids")).await;
        std::fs::remove_file(dir.path().join("pids")).expect("removed");
    }
}

#[tokio::test]
async fn a_child_that_left_the_group_holds_up_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let script =
        "setsid sh -c 'echo $$ > \"$0/pids\"; exec sleep 1000' \"$1\" & while [ ! -s \"$1/pids\" ]; do :; done";
    // Between the three quotes of TOML there are single ones.
    sent(&channel(&keys(script, dir.path()))).await;
    let pid = std::fs::read_to_string(dir.path().join("pids")).expect("its number");
    let killed = std::process::Command::new("kill").args(["-9", pid.trim()]).status().expect("kill");
    assert!(killed.success(), "it was left running, as it asked to be");
}

#[tokio::test]
async fn a_command_that_floods_is_killed() {
    let dir = tempfile::tempdir().expect("a directory");
    for script in ["echo $$ > \"$1/pids\"; exec yes", "echo $$ > \"$1/pids\"; yes >&2"] {
        let not_sent = not_sent(&channel(&keys(script, dir.path()))).await;
        assert_eq!(not_sent.why, "sh wrote more than 65536 bytes, and was killed");
        nobody_is_left(&dir.path().join("pids")).await;
    }
}

#[tokio::test]
async fn a_try_that_is_dropped_leaves_no_process() {
    let dir = tempfile::tempdir().expect("a directory");
    let channel = channel(&keys("sleep 1000 & echo $$ $! > \"$1/pids\"; sleep 1000", dir.path()));
    let task = tokio::spawn(async move { channel.send(&message()).await });
    let pids = dir.path().join("pids");
    until("the command runs", async || std::fs::read_to_string(&pids).is_ok_and(|text| text.ends_with('\n'))).await;
    task.abort();
    nobody_is_left(&pids).await;
}

#[tokio::test]
async fn other_channels_go_on_while_a_command_hangs() {
    let dir = tempfile::tempdir().expect("a directory");
    let receiver = Receiver::new(answer(200, "", "ok")).await;
    let (hanging, message) = (channel(&keys("sleep 1000", dir.path())), message());
    let slack = channel(&format!("kind = \"slack\"\nurl = \"http://{}/\"\n", receiver.at));
    // All of it on one thread.
    tokio::select! {
        outcome = hanging.send(&message) => panic!("it ended first: {outcome:?}"),
        () = sent(&slack) => {}
    }
}
