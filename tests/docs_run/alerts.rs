//! docs/alerts.md: a channel tried, with its secret in each place that the page names.

use crate::machine::{Machine, gateway_of};
use crate::page::Reading;
use crate::receiver::{Receiver, answer};
use crate::support::MERCHANT;

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        typed(page).await;
    }
}

async fn typed(page: &mut Reading) {
    let (bank, line) = (gateway_of(&[MERCHANT]).await, Receiver::new(answer(200, "", "{}")).await);
    let mut machine = Machine::new(page.page().locale(), &bank.url());
    machine.set_up(MERCHANT).await;
    let channel = page.page().blocks("toml")[0].to_owned();
    // "`base_url` sends `line` and `telegram` to a gateway of your own."
    machine.add_settings(&format!("{channel}base_url = \"http://{}\"\n", line.at));
    std::fs::write(machine.path("/etc/ecpayd/keys/line.token"), "first\n").expect("a token");

    let test = page.next("ecpayd alerts test ");
    for command in [test.clone(), page.next("ecpayd alerts test owner")] {
        assert_eq!(machine.types(&command).await, "owner: sent\n");
    }

    let settings = machine.read("/etc/ecpayd/config.toml");
    let elsewhere = settings.replace("\"k_line.token\"", "\"line_token\"");
    std::fs::write(machine.path("/etc/ecpayd/config.toml"), elsewhere).expect("settings");
    std::fs::write(machine.path("/srv/secrets/line_token"), "second\n").expect("a token");
    assert_eq!(machine.types(&page.next("systemd-run")).await, "owner: sent\n");

    std::fs::write(machine.path("/etc/ecpayd/config.toml"), settings).expect("settings");
    machine.types(&page.next("sudo -v")).await;
    machine.secret("LINE token", "third");
    machine.types(&page.next("systemd-ask-password")).await;
    assert_eq!(machine.mode("/etc/ecpayd/keys/line.token"), 0o600);
    assert_eq!(machine.types(&test).await, "owner: sent\n");

    let tokens: Vec<_> = line.asked().into_iter().map(|asked| asked.headers["authorization"].clone()).collect();
    assert_eq!(tokens, ["first", "first", "second", "third"].map(|token| format!("Bearer {token}")));
}
