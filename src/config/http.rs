//! `[http]`: the page, `/healthz` and `/metrics`, and who is called while all is well.

use std::net::SocketAddr;

use secrecy::SecretString;
use url::Url;

use super::{
    address::target,
    reader::Section,
    vault::{TOKEN, Vault, is_token},
};

#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// None: nothing listens.
    pub listen: Option<SocketAddr>,
    /// Always there off loopback.
    pub token: Option<SecretString>,
    /// Further names by which the page may be asked for, in lower case, with or without a port.
    pub hosts: Vec<String>,
    /// Called after each healthy hour. Its path and query may be a secret.
    pub heartbeat_url: Option<SecretString>,
}

/// As with the keys of webhooks: nobody guesses that many.
const SHORTEST_TOKEN: usize = 24;

const HEARTBEAT_EXAMPLE: &str = "https://hc-ping.com/UUID";

pub(super) fn read(section: &mut Section<'_>, vault: &mut Vault<'_>) -> HttpSettings {
    let listen = listen(section);
    let token = vault.optional(section, &TOKEN, is_long_token);
    // Also on loopback: there it keeps out the other users of this machine, who could read the file.
    vault.end(false);
    if matches!(token, Ok(None)) && listen.is_some_and(|listen| !listen.ip().is_loopback()) {
        section.complain(
            "token",
            "is missing, and http.listen is not on loopback: whoever reaches it would read the orders",
        );
    }
    HttpSettings { listen, token: token.ok().flatten(), hosts: hosts(section), heartbeat_url: heartbeat(section) }
}

fn is_long_token(text: &str) -> Result<(), String> {
    is_token(text)?;
    if text.len() < SHORTEST_TOKEN {
        let length = text.len();
        return Err(format!(
            "gives {length} bytes; it must have at least {SHORTEST_TOKEN}, as from: openssl rand -hex 32"
        ));
    }
    Ok(())
}

fn listen(section: &mut Section<'_>) -> Option<SocketAddr> {
    let text = section.text("listen").filter(|text| !text.is_empty())?;
    let listen = text.parse().ok();
    if listen.is_none() {
        section.complain("listen", "must be an address of this machine with a port, such as \"127.0.0.1:8420\"");
    }
    listen
}

fn hosts(section: &mut Section<'_>) -> Vec<String> {
    let hosts = section.texts("hosts").unwrap_or_default();
    if !hosts.iter().all(|host| is_host(host)) {
        section.complain(
            "hosts",
            "must be a list of host names such as [\"ecpayd.shop.example\"], each with or without a port",
        );
    }
    hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}

/// As the header `Host` has it.
fn is_host(text: &str) -> bool {
    let bare = !text.contains(['/', '?', '#', '@', '\\']) && !text.contains(char::is_whitespace);
    bare && Url::parse(&format!("http://{text}/")).is_ok_and(|url| url.has_host())
}

fn heartbeat(section: &mut Section<'_>) -> Option<SecretString> {
    let text = section.text("heartbeat_url").filter(|text| !text.is_empty())?;
    let url = target(&text, HEARTBEAT_EXAMPLE).map_err(|why| section.complain("heartbeat_url", why)).ok()?;
    Some(url.text.into())
}
