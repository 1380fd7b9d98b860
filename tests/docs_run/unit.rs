//! What systemd does on the reader's machine.

use crate::machine::Machine;
use crate::support::{Daemon, Notified, until};

impl Machine {
    /// What `systemctl` was asked since it was last looked at.
    pub async fn does_what_systemd_was_asked(&mut self) {
        let asked = self.asked();
        for line in asked.iter().skip(self.done) {
            let words: Vec<&str> = line.split(' ').collect();
            if words.contains(&"ecpayd") {
                match words[0] {
                    "start" => self.unit_starts().await,
                    "stop" => self.unit_stops().await,
                    "reload" => self.daemon().signal("HUP"),
                    _ => {}
                }
            }
        }
        self.done = asked.len();
        if let Some((_, notified)) = &self.daemon {
            let said = std::iter::from_fn(|| Some(notified.hear()).filter(|text| !text.is_empty()));
            let status = said.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
            if let Some(status) = status.filter(|line| line.starts_with("STATUS=")).last() {
                std::fs::write(self.run("status"), status + "\n").expect("a file");
            }
        }
    }

    /// As `ecpayd.service` says it.
    async fn unit_starts(&mut self) {
        let credentials = self.run("credentials");
        // Those of a start before.
        let _ = std::fs::remove_dir_all(&credentials);
        std::fs::create_dir(&credentials).expect("a directory");
        for key in std::fs::read_dir(self.path("/etc/ecpayd/keys")).expect("the keys") {
            let key = key.expect("a key");
            let name = format!("k_{}", key.file_name().to_string_lossy());
            std::fs::copy(key.path(), credentials.join(name)).expect("a credential");
        }
        let run = "umask 0007; cd /var/lib/ecpayd; exec \"$ECPAYD\" --config /etc/ecpayd/config.toml run";
        let mut command = self.shell(run);
        command.env("CREDENTIALS_DIRECTORY", credentials).env("ECPAYD_DATABASE__PATH", self.ledger());
        command.env("ECPAYD_LOG__FORMAT", "text");
        let notified = Notified::by(&mut command, self.run("notify"));
        let mut daemon = Daemon::start(command, self.run("daemon.log"));
        until("the daemon is at work", async || {
            assert!(daemon.is_running(), "{}", daemon.log());
            notified.hear().contains("READY=1")
        })
        .await;
        self.daemon = Some((daemon, notified));
    }

    async fn unit_stops(&mut self) {
        let (daemon, _) = self.daemon.take().expect("a daemon that runs");
        assert!(daemon.stop().await.success());
    }

    pub fn daemon(&self) -> &Daemon {
        &self.daemon.as_ref().expect("a daemon that runs").0
    }

    /// The command shows what the daemon tells systemd, in which the next step stands.
    pub async fn shows_a_step_in_its_status(&mut self, command: &str) {
        let mut said = String::new();
        until("the status has the next step", async || {
            said = self.types(command).await;
            said.contains("next step at 2")
        })
        .await;
    }

    pub async fn until_the_log_says(&self, part: &str) {
        until(part, async || self.daemon().log().contains(part)).await;
    }
}
