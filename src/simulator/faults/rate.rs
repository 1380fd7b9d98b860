//! Faults that strike by chance, the same chance each time a run is repeated.

use serde::{Deserialize, Serialize};

const MILLION: u32 = 1_000_000;

/// A probability from 0 to 1, to the millionth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(u32);

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("rate {0} is not a probability between 0 and 1")]
pub struct BadRate(pub f64);

impl TryFrom<f64> for Rate {
    type Error = BadRate;
    fn try_from(share: f64) -> Result<Self, BadRate> {
        if !(0.0..=1.0).contains(&share) {
            return Err(BadRate(share));
        }
        // Between 0 and a million by now, so nothing is cut off but the fraction.
        Ok(Self((share * f64::from(MILLION)).round() as u32))
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> f64 {
        f64::from(rate.0) / f64::from(MILLION)
    }
}

/// SplitMix64: a few lines, and a word of state to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dice(u64);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub fn hit(&mut self, rate: Rate) -> bool {
        // The remainder favours small numbers by less than one in 10^13.
        self.next() % u64::from(MILLION) < u64::from(rate.0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(seed: u64, share: f64) -> Vec<bool> {
        let mut dice = Dice::seeded(seed);
        let rate = Rate::try_from(share).expect("a probability");
        (0..10_000).map(|_| dice.hit(rate)).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_lots() {
        assert_eq!(hits(7, 0.3), hits(7, 0.3));
        assert_ne!(hits(7, 0.3), hits(8, 0.3));
    }

    #[test]
    fn a_rate_is_what_it_says() {
        for (share, from, to) in [(0.0, 0, 0), (1.0, 10_000, 10_000), (0.3, 2_800, 3_200)] {
            let hit = hits(1, share).into_iter().filter(|hit| *hit).count();
            assert!((from..=to).contains(&hit), "{share}: {hit}");
        }
        for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(Rate::try_from(bad).is_err(), "{bad}");
        }
    }
}
