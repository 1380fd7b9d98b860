//! A transport that keeps what came back, and lets no money call out but the one that asks a question.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::action::Leave;
use crate::gateway::card::action;
use crate::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};

/// An answer as its bytes came.
pub(super) struct Heard {
    pub url: String,
    pub status: u16,
    pub body: Vec<u8>,
}

pub(super) struct Recorder {
    inner: Arc<dyn Transport>,
    heard: Mutex<Vec<Heard>>,
    lets_one_out: AtomicBool,
}

impl Recorder {
    pub fn over(inner: Arc<dyn Transport>) -> Self {
        Self { inner, heard: Mutex::default(), lets_one_out: AtomicBool::new(false) }
    }

    /// The next call of the JSON action, once.
    pub fn let_one_out(&self) {
        self.lets_one_out.store(true, Ordering::SeqCst);
    }

    pub fn let_none_out(&self) {
        self.lets_one_out.store(false, Ordering::SeqCst);
    }

    fn keep(&self, url: &str, answer: &HttpAnswer) {
        let heard = Heard { url: url.to_owned(), status: answer.status, body: answer.body.clone() };
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    }

    /// What came since it was asked last.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn refused() -> TransportError {
    TransportError::NotSent("money calls are the daemon's alone".to_owned())
}

impl Transport for Recorder {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            if purpose != Purpose::Query {
                return Err(refused());
            }
            let answer = self.inner.post(url, body, purpose).await?;
            self.keep(url, &answer);
            Ok(answer)
        })
    }

    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        Box::pin(async move {
            let may = self.lets_one_out.swap(false, Ordering::SeqCst);
            if !may || !url.ends_with(action::PATH) {
                return Err(refused());
            }
            let answer = self.inner.post_money(url, body, leave).await?;
            self.keep(url, &answer);
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::transport::HttpAnswer;

    struct Answers;

    impl Transport for Answers {
        fn post<'a>(&'a self, url: &'a str, _: Vec<u8>, purpose: Purpose) -> Posted<'a> {
            assert!(purpose == Purpose::Query || url.ends_with(action::PATH), "a money call went out");
            Box::pin(async { Ok(HttpAnswer { status: 200, date_s: None, body: b"{}".to_vec() }) })
        }
    }

    #[tokio::test]
    async fn it_keeps_answers_to_queries_and_sends_no_money_call() {
        let recorder = Recorder::over(Arc::new(Answers));
        assert!(recorder.post("http://a/b", Vec::new(), Purpose::Query).await.is_ok());
        assert!(recorder.post("http://a/b", Vec::new(), Purpose::Money).await.is_err());
        assert!(recorder.post_money("http://a/b", Vec::new(), Arc::new(|| Ok(()))).await.is_err());
        let heard = recorder.take();
        assert_eq!((heard.len(), heard[0].status, heard[0].body.as_slice()), (1, 200, &b"{}"[..]));
        assert!(recorder.take().is_empty());
    }

    #[tokio::test]
    async fn one_call_of_the_json_action_goes_out_where_it_is_let() {
        let recorder = Recorder::over(Arc::new(Answers));
        let post = async |url: &'static str| recorder.post_money(url, Vec::new(), Arc::new(|| Ok(()))).await.is_ok();
        let (json, form) = ("http://a/1.0.0/Credit/DoAction", "http://a/CreditDetail/DoAction");
        recorder.let_one_out();
        assert!(!post(form).await && !post(json).await, "the one that was let is used up");
        recorder.let_one_out();
        assert!(post(json).await && !post(json).await);
        recorder.let_one_out();
        recorder.let_none_out();
        assert!(!post(json).await);
        assert_eq!(recorder.take().len(), 1);
    }
}
