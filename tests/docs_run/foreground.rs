//! A command that goes on for long, or until Ctrl-C.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::until_within;

/// For ninety days of a demo, in a debug build beside others.
const PATIENCE: Duration = Duration::from_secs(300);

/// It does not outlive its test.
pub struct Foreground {
    child: Child,
    out: PathBuf,
}

impl Foreground {
    /// `out` holds what it says.
    pub fn start(mut shell: Command, out: PathBuf) -> Self {
        let file = File::create(&out).expect("a file");
        shell.stdin(Stdio::null()).stdout(file.try_clone().expect("a file")).stderr(file).process_group(0);
        Self { child: shell.spawn().expect("a shell"), out }
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.out).expect("what it said")
    }

    pub async fn until_it_says(&mut self, part: &str) -> String {
        until_within(PATIENCE, part, async || {
            let has_ended = self.child.try_wait().expect("our own child");
            assert!(has_ended.is_none(), "{has_ended:?}: {}", self.said());
            self.said().contains(part)
        })
        .await;
        self.said()
    }

    /// Ctrl-C, which ends it in good order.
    pub async fn interrupt(mut self) {
        let group = format!("-{}", self.child.id());
        let told = Command::new("kill").args(["-INT", "--", &group]).status();
        assert!(told.is_ok_and(|status| status.success()));
        self.ended().await;
    }

    /// It ends by itself, in good order; what it has said.
    pub async fn ends(mut self) -> String {
        self.ended().await;
        self.said()
    }

    async fn ended(&mut self) {
        until_within(PATIENCE, "it ends", async || self.child.try_wait().expect("our own child").is_some()).await;
        let status = self.child.wait().expect("our own child");
        assert!(status.success(), "{status}: {}", self.said());
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        // It has ended already in the good case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
