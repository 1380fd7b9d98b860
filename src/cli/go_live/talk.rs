//! Questions, and what is answered on standard input: a terminal, or a pipe.

use std::io::{IsTerminal as _, Write as _};

use rustix::termios::{QueueSelector, tcflush};
use tokio::sync::oneshot;

/// The line that is answered. None: the input has ended.
pub(super) async fn asked(question: &str) -> Option<String> {
    let at_terminal = std::io::stdin().is_terminal();
    let mut out = anstream::stdout();
    // A screen that is gone is found by whoever writes the next line.
    let _ = write!(out, "{question} ").and_then(|()| out.flush());
    let answer = next_line().await;
    if !at_terminal {
        // So that what a pipe has answered stands in the log of it.
        say!("{}", answer.as_deref().unwrap_or_default());
    }
    answer
}

/// Only a yes is one; the end of the input is none, nor is what was typed before the question stood there.
pub(super) async fn agreed(question: &str) -> bool {
    if std::io::stdin().is_terminal() {
        // Where it fails there is nothing to forget.
        let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
    }
    let answer = asked(question).await.unwrap_or_default();
    ["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes))
}

/// Read by a thread of its own: the runtime would wait for one of its own at the end, and Ctrl-C with it.
async fn next_line() -> Option<String> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0);
        // Nobody waits any more after Ctrl-C.
        let _ = tell.send(read.then(|| line.trim().to_owned()));
    });
    told.await.ok().flatten()
}
