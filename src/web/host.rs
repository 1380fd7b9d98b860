//! By which names the page may be called. A page of another site can make a browser call a name that leads here:
//! listening on loopback alone does not keep it out.

use std::net::SocketAddr;

use axum::http::uri::Authority;

/// Where HTTP listens when no port is said.
const HTTP: u16 = 80;

pub struct Hosts {
    port: u16,
    /// Called with our port.
    own: Vec<String>,
    /// As the settings have them, with or without a port.
    further: Vec<String>,
}

impl Hosts {
    pub fn new(listening: SocketAddr, further: &[String]) -> Self {
        let mut own: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into();
        if !listening.ip().is_unspecified() {
            own.push(match listening {
                SocketAddr::V4(v4) => v4.ip().to_string(),
                SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
            });
        }
        Self { port: listening.port(), own, further: further.iter().map(|h| h.to_ascii_lowercase()).collect() }
    }

    pub fn allow(&self, host: &str) -> bool {
        let Ok(called) = host.parse::<Authority>() else { return false };
        // A user before the name belongs to no Host.
        if called.as_str().contains('@') {
            return false;
        }
        let name = called.host().to_ascii_lowercase();
        let further = |known: &String| *known == name || known.eq_ignore_ascii_case(called.as_str());
        self.further.iter().any(further) || (self.own.contains(&name) && called.port_u16().unwrap_or(HTTP) == self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_with_our_port_and_those_of_the_settings_are_answered() {
        let further = ["pay.shop.example".to_owned(), "10.0.0.7:9000".to_owned()];
        let hosts = Hosts::new(([192, 168, 1, 5], 8420).into(), &further);
        for called in [
            "127.0.0.1:8420",
            "localhost:8420",
            "LocalHost:8420",
            "[::1]:8420",
            "192.168.1.5:8420",
            "pay.shop.example",
            "PAY.shop.example:443",
            "10.0.0.7:9000",
        ] {
            assert!(hosts.allow(called), "{called}");
        }
        for called in [
            "",
            "evil.example",
            "evil.example:8420",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost.evil.example:8420",
            "localhost:8420@evil.example",
            "evil@localhost:8420",
            "10.0.0.7",
            "pay.shop.example.evil",
            "127.0.0.1:8420/x",
        ] {
            assert!(!hosts.allow(called), "{called}");
        }
    }

    #[test]
    fn a_page_on_the_usual_port_is_called_without_one() {
        let hosts = Hosts::new(([0, 0, 0, 0], 80).into(), &[]);
        assert!(hosts.allow("localhost") && hosts.allow("127.0.0.1:80"));
        assert!(!hosts.allow("0.0.0.0"));
    }
}
