//! From the engine to the bank without a socket, and the place where the process may die.

use std::sync::Mutex;

use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};
use ecpayd::simulator::{Call, Delivery, SimHandle};
use tokio::sync::Notify;

/// Where the process dies, counted in calls from now.
#[derive(Clone, Copy, Debug)]
pub enum Death {
    /// Before the bank hears of the call: after the attempt's commit, for a money call.
    Before(u32),
    /// After the bank has done it, before the answer is read.
    After(u32),
}

pub struct Wire {
    bank: SimHandle,
    death: Mutex<Option<Death>>,
    pub died: Notify,
}

impl Wire {
    pub fn new(bank: SimHandle) -> Self {
        Self { bank, death: Mutex::new(None), died: Notify::new() }
    }

    pub fn die(&self, death: Option<Death>) {
        *self.death.lock().expect("no panic under this lock") = death;
    }

    fn dies(&self, after: bool) -> bool {
        let mut death = self.death.lock().expect("no panic under this lock");
        let left = match death.as_mut() {
            Some(Death::Before(left)) if !after => left,
            Some(Death::After(left)) if after => left,
            _ => return false,
        };
        if *left > 0 {
            *left -= 1;
            return false;
        }
        *death = None;
        true
    }

    async fn die_here<T>(&self) -> T {
        self.died.notify_one();
        std::future::pending().await
    }
}

impl Transport for Wire {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, _purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let call = Call::ALL.into_iter().find(|c| url.ends_with(c.path())).expect("one of the three calls");
            if self.dies(false) {
                self.die_here::<()>().await;
            }
            let reply = self.bank.exchange(call, &body);
            if self.dies(true) {
                self.die_here::<()>().await;
            }
            match reply.delivery {
                Delivery::Never | Delivery::Half => Err(TransportError::Lost("the connection closed".to_owned())),
                Delivery::Whole | Delivery::After { .. } | Delivery::Trickle { .. } => {
                    Ok(HttpAnswer { status: reply.status, body: reply.body.to_vec() })
                }
            }
        })
    }
}
