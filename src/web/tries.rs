//! Wrong tokens, by address: ten a minute, then silence for the rest of it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

const PER_MINUTE: u32 = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// More addresses than this are nobody's who has mistyped.
const ADDRESSES: usize = 10_000;

#[derive(Default)]
pub struct Tries(HashMap<IpAddr, Wrong>);

struct Wrong {
    since: Instant,
    count: u32,
}

impl Tries {
    /// How long the address has to wait, if it has to.
    pub fn barred(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let wrong = self.0.get(&network(address)).filter(|w| w.count >= PER_MINUTE)?;
        MINUTE.checked_sub(now.saturating_duration_since(wrong.since)).filter(|left| !left.is_zero())
    }

    pub fn note_wrong(&mut self, address: IpAddr, now: Instant) {
        let over = |wrong: &Wrong| now.saturating_duration_since(wrong.since) >= MINUTE;
        if self.0.len() >= ADDRESSES {
            self.0.retain(|_, wrong| !over(wrong));
        }
        if self.0.len() >= ADDRESSES {
            // Guesses from everywhere: the newest addresses are not remembered, and those known stay barred.
            return;
        }
        let wrong = self.0.entry(network(address)).or_insert(Wrong { since: now, count: 0 });
        if over(wrong) {
            *wrong = Wrong { since: now, count: 0 };
        }
        wrong.count += 1;
    }
}

/// One network of the sixth version is one guesser: it has more addresses than anybody can count.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn the_eleventh_try_of_a_minute_waits_for_its_end_and_other_addresses_do_not() {
        let (mut tries, start) = (Tries::default(), Instant::now());
        let (guesser, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for n in 0..10 {
            assert_eq!(tries.barred(guesser, start), None, "{n}");
            tries.note_wrong(guesser, start);
        }
        assert_eq!(tries.barred(guesser, start + Duration::from_secs(20)), Some(Duration::from_secs(40)));
        assert_eq!(tries.barred(other, start), None);
        let later = start + MINUTE;
        assert_eq!(tries.barred(guesser, later), None);
        tries.note_wrong(guesser, later);
        assert_eq!(tries.barred(guesser, later), None, "it has nine more");
    }

    #[test]
    fn a_network_of_the_sixth_version_has_ten_tries_in_all() {
        let (mut tries, now) = (Tries::default(), Instant::now());
        for n in 0..10 {
            tries.note_wrong(address(&format!("2001:db8::{n}")), now);
        }
        assert!(tries.barred(address("2001:db8::ffff:1"), now).is_some());
        assert_eq!(tries.barred(address("2001:db8:0:1::1"), now), None);
    }
}
