//! Webhooks in the form of Standard Webhooks: signed over the message's number, the time and the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use url::Url;

use super::http::{Http, url};
use super::not_sent::{NotSent, at_hand};
use crate::config::{WebhookSettings, signing_key};
use crate::deliver::message::Message;

pub(super) struct Webhook {
    http: Http,
    url: Url,
    /// The new one first.
    keys: Vec<Hmac<Sha256>>,
}

impl Webhook {
    pub(super) fn new(settings: &WebhookSettings, http: Http) -> Result<Self, String> {
        let secrets = [Some(&settings.secret), settings.secret_old.as_ref()];
        let keys = secrets.into_iter().flatten().map(|secret| {
            let key = signing_key(at_hand(secret)?)?;
            Hmac::new_from_slice(&key).map_err(|_| "its key cannot be used".to_owned())
        });
        Ok(Self { http, url: url(at_hand(&settings.url)?)?, keys: keys.collect::<Result<_, _>>()? })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let body = message.json.to_string();
        let headers = self.headers(&message.id, message.at.timestamp(), &body);
        let headers = headers.ok_or_else(|| NotSent::because("the message's number fits into no header"))?;
        Ok(self.http.post(&self.url, headers, body.into_bytes()).await?)
    }

    fn headers(&self, id: &str, at_s: i64, body: &str) -> Option<HeaderMap> {
        let signed = format!("{id}.{at_s}.{body}");
        let sign = |key: &Hmac<Sha256>| {
            let signature = key.clone().chain_update(signed.as_bytes()).finalize().into_bytes();
            format!("v1,{}", STANDARD.encode(signature))
        };
        let signatures = self.keys.iter().map(sign).collect::<Vec<_>>().join(" ");
        let named = [("webhook-id", id), ("webhook-timestamp", &at_s.to_string()), ("webhook-signature", &signatures)];
        let header = |(name, value): (&'static str, &str)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
        };
        named.into_iter().map(header).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn webhook(secret: &str, secret_old: Option<&str>) -> Webhook {
        let settings = WebhookSettings {
            url: "http://127.0.0.1:9/".to_owned().into(),
            secret: secret.to_owned().into(),
            secret_old: secret_old.map(|secret| secret.to_owned().into()),
        };
        Webhook::new(&settings, Http::new(Duration::from_secs(1)).expect("a client")).expect("a webhook")
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The vector of the reference libraries (standard-webhooks, libraries/*, the test of `sign`).
        let webhook = webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None);
        let headers = webhook.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        let headers = headers.expect("headers");
        assert_eq!(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(headers["webhook-id"], "msg_p5jXN8AQM9LWM0D4loKWxJek");
        assert_eq!(headers["webhook-timestamp"], "1614265330");
    }

    #[test]
    fn both_keys_sign_while_they_change() {
        let (new, old) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a key of one's own, long enough");
        let both = webhook(new, Some(old)).headers("id", 1, "{}").expect("headers");
        let alone = [new, old].map(|key| webhook(key, None).headers("id", 1, "{}").expect("headers"));
        let [first, second] = alone.map(|headers| headers["webhook-signature"].to_str().expect("ASCII").to_owned());
        assert_eq!(both["webhook-signature"], format!("{first} {second}"));
    }
}
