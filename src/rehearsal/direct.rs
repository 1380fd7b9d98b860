//! The way from the engine to the bank without a socket.

use std::sync::Arc;

use chrono::Duration;

use crate::engine::{Clock as _, ManualClock};
use crate::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};
use crate::simulator::{Call, Delivery, SimHandle};

/// A slow answer takes its time on the rehearsal's clock, and no real time.
pub struct Direct {
    pub bank: SimHandle,
    pub(super) clock: Arc<ManualClock>,
    pub(super) timeout: Duration,
}

impl Direct {
    /// What the bank answers, and how that reaches the caller.
    pub fn exchange(&self, call: Call, body: &[u8]) -> (HttpAnswer, Delivery) {
        let reply = self.bank.exchange(call, body);
        (HttpAnswer { status: reply.status, date_s: reply.date_s, body: reply.body }, reply.delivery)
    }

    pub fn deliver(&self, answer: HttpAnswer, delivery: Delivery) -> Result<HttpAnswer, TransportError> {
        let takes_ms = match delivery {
            Delivery::Never | Delivery::Half => return Err(TransportError::Lost("the connection closed".to_owned())),
            Delivery::Whole => return Ok(answer),
            Delivery::After { ms } => ms,
            Delivery::Trickle { ms } => ms.saturating_mul(answer.body.len() as u64),
        };
        let takes = Duration::milliseconds(i64::try_from(takes_ms).unwrap_or(i64::MAX / 2));
        self.clock.advance_to(self.clock.now() + takes.min(self.timeout));
        if takes < self.timeout {
            Ok(answer)
        } else {
            Err(TransportError::Lost(format!("no answer within {} s", self.timeout.num_seconds())))
        }
    }
}

impl Transport for Direct {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, _: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let call = Call::of_url(url).ok_or_else(|| TransportError::NotSent(format!("nobody answers at {url}")))?;
            let (answer, delivery) = self.exchange(call, &body);
            self.deliver(answer, delivery)
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use crate::gateway::transport::{HttpAnswer, TransportError};
    use crate::rehearsal::{Rehearsal, Setup};
    use crate::simulator::Delivery;

    #[test]
    fn a_slow_answer_takes_the_time_of_the_rehearsal_and_is_given_up_as_a_slow_one_over_http_is() {
        let rehearsal = Rehearsal::open(Setup::new(DateTime::UNIX_EPOCH, "ledger.db")).expect("the stage merchant");
        let direct = rehearsal.direct();
        for (delivery, seconds, came) in [
            (Delivery::Whole, 0, true),
            (Delivery::Never, 0, false),
            (Delivery::Half, 0, false),
            (Delivery::After { ms: 29_000 }, 29, true),
            (Delivery::After { ms: 31_000 }, 30, false),
            (Delivery::Trickle { ms: 1_000 }, 2, true),
            (Delivery::Trickle { ms: 20_000 }, 30, false),
        ] {
            let before = rehearsal.bank.now();
            let answer = HttpAnswer { status: 200, date_s: None, body: b"{}".to_vec() };
            let delivered = direct.deliver(answer, delivery);
            assert_eq!((rehearsal.bank.now() - before).num_seconds(), seconds, "{delivery:?}");
            assert_eq!(delivered.is_ok(), came, "{delivery:?}");
            assert!(!matches!(delivered, Err(TransportError::NotSent(_))), "it may have arrived: {delivery:?}");
        }
    }
}
