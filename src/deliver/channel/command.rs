//! A program of the merchant's, which gets the message on its standard input.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;

use super::not_sent::{NotSent, masked_words};
use crate::config::CommandSettings;
use crate::deliver::message::Message;

/// Of each of standard output and standard error.
const LONGEST_OUTPUT_BYTES: usize = 64 * 1024;
/// For what lies in the pipes when the program has ended. A child that left its group may hold them for ever.
const LONGEST_REST: Duration = Duration::from_millis(200);
/// What a program needs to find others and to write in one's language.
const KEPT_VARIABLES: [&str; 2] = ["PATH", "LANG"];

pub(super) struct Command {
    program: String,
    arguments: Vec<String>,
    limit: Duration,
}

impl Command {
    pub(super) fn new(settings: &CommandSettings, limit: Duration) -> Result<Self, String> {
        let (program, arguments) = settings.argv.split_first().ok_or("its argv is empty")?;
        Ok(Self { program: program.clone(), arguments: arguments.to_vec(), limit })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let started = self.start();
        let mut child = started.map_err(|error| self.told(format!("cannot be started: {error}").to_lowercase()))?;
        let mut group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        let line = format!("{}\n", message.json);
        let ended = tokio::time::timeout(self.limit, accompany(&mut child, &mut group, line)).await;
        drop(group);
        let late = || format!("did not end within {}, and was killed", humantime::format_duration(self.limit));
        let (status, last_words) = ended.unwrap_or_else(|_| Err(late())).map_err(|why| self.told(why))?;
        if status.success() {
            return Ok(());
        }
        Err(self.told(how(status) + &self.quoted(&last_words)))
    }

    fn start(&self) -> io::Result<Child> {
        let kept = KEPT_VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        tokio::process::Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }

    fn told(&self, why: String) -> NotSent {
        NotSent::because(format!("{} {why}", self.program))
    }

    /// The last line of standard error. An argument may be a secret.
    fn quoted(&self, stderr: &[u8]) -> String {
        let text = String::from_utf8_lossy(stderr);
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        // A short one is a switch or a word, which masked would make the line unreadable.
        let arguments = self.arguments.iter().map(String::as_str).filter(|argument| argument.len() >= 8);
        let words = masked_words(last, arguments);
        if words.is_empty() { words } else { format!(": {words}") }
    }
}

/// Until the program has ended: how, and its standard error.
async fn accompany(child: &mut Child, group: &mut Group, line: String) -> Result<(ExitStatus, Vec<u8>), String> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // One that does not read its input has no use for it.
    let feed = async move {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(line.as_bytes()).await;
        }
        Ok(())
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = {
        let talk = async { tokio::try_join!(feed, read(stdout, &mut out), read(stderr, &mut err)) };
        tokio::pin!(talk);
        let mut talked = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                heard = &mut talk, if !talked => {
                    heard?;
                    talked = true;
                }
            }
        };
        // What it has left behind ends with it: else that would hold the pipes.
        group.kill();
        if !talked && let Ok(heard) = tokio::time::timeout(LONGEST_REST, talk).await {
            heard?;
        }
        status
    };
    let status = status.map_err(|error| format!("cannot be waited for: {error}"))?;
    Ok((status, err))
}

async fn read(pipe: Option<impl AsyncRead + Unpin>, to: &mut Vec<u8>) -> Result<(), String> {
    let Some(pipe) = pipe else { return Ok(()) };
    let most = LONGEST_OUTPUT_BYTES as u64 + 1;
    // A pipe that breaks has ended.
    let _ = pipe.take(most).read_to_end(to).await;
    if to.len() > LONGEST_OUTPUT_BYTES {
        return Err(format!("wrote more than {LONGEST_OUTPUT_BYTES} bytes, and was killed"));
    }
    Ok(())
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended in a way that is not known".to_owned(),
    }
}

/// The program and all that it has started, as long as they stay together.
struct Group(Option<Pid>);

impl Group {
    /// Once: after its end the number may become another's.
    fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // None may be left.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Also where the try itself is given up.
impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
